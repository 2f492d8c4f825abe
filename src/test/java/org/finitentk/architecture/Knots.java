package org.finitentk.architecture;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Strongly connected components (Tarjan, "Depth-first search and linear graph algorithms", 1972) of more than one node.
 */
final class Knots {
    private final Map<String, Set<String>> uses;
    private final Map<String, Integer> order = new HashMap<>();
    private final Map<String, Integer> lowest = new HashMap<>();
    private final Deque<String> open = new ArrayDeque<>();
    private final List<Set<String>> found = new ArrayList<>();

    private Knots(Map<String, Set<String>> uses) {
        this.uses = uses;
    }

    static List<Set<String>> of(Map<String, Set<String>> uses) {
        Knots knots = new Knots(uses);
        for (String node : uses.keySet()) {
            if (!knots.order.containsKey(node)) {
                knots.visit(node);
            }
        }
        return knots.found;
    }

    private void visit(String node) {
        order.put(node, order.size());
        lowest.put(node, order.get(node));
        open.push(node);
        for (String next : uses.getOrDefault(node, Set.of())) {
            if (!order.containsKey(next)) {
                visit(next);
                lowest.merge(node, lowest.get(next), Math::min);
            } else if (open.contains(next)) {
                lowest.merge(node, order.get(next), Math::min);
            }
        }
        if (lowest.get(node).equals(order.get(node))) {
            Set<String> knot = new TreeSet<>();
            String member;
            do {
                member = open.pop();
                knot.add(member);
            } while (!member.equals(node));
            if (knot.size() > 1) {
                found.add(knot);
            }
        }
    }
}
