package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;

/**
 * Checks that every value has one producer and that nodes can be ordered, and orders them, in file order where that is
 * one.
 */
final class TopologicalOrder {
    private final Graph graph;
    private final Map<String, Integer> producer = new HashMap<>();
    private final Set<String> given = new HashSet<>();

    private TopologicalOrder(Graph graph) {
        this.graph = graph;
    }

    static Graph sort(Graph graph) {
        TopologicalOrder order = new TopologicalOrder(graph);
        order.index();
        List<Node> nodes = order.sorted();
        order.requireOutputs();
        return graph.with(graph.initializers(), nodes);
    }

    private void index() {
        graph.inputs().forEach(i -> requireNew(i.name(), "input"));
        graph.initializers().keySet().forEach(i -> requireNew(i, "initializer"));
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node node = graph.nodes().get(i);
            for (String output : node.outputs()) {
                if (!output.isEmpty() && (given.contains(output) || producer.put(output, i) != null)) {
                    throw new InvalidModelException(node.describe() + " writes value '" + output
                            + "', which has another producer; expected one each");
                }
            }
        }
    }

    private void requireNew(String name, String kind) {
        if (!given.add(name)) {
            throw new InvalidModelException(kind + " '" + name + "' is declared twice");
        }
    }

    private List<Node> sorted() {
        int count = graph.nodes().size();
        List<Set<Integer>> users = new ArrayList<>();
        int[] waiting = new int[count];
        for (int i = 0; i < count; i++) {
            users.add(new LinkedHashSet<>());
        }
        for (int i = 0; i < count; i++) {
            for (int p : producers(graph.nodes().get(i))) {
                if (users.get(p).add(i)) {
                    waiting[i]++;
                }
            }
        }
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        for (int i = 0; i < count; i++) {
            if (waiting[i] == 0) {
                ready.add(i);
            }
        }
        List<Node> sorted = new ArrayList<>();
        while (!ready.isEmpty()) {
            int i = ready.remove();
            sorted.add(graph.nodes().get(i));
            for (int user : users.get(i)) {
                if (--waiting[user] == 0) {
                    ready.add(user);
                }
            }
        }
        if (sorted.size() < count) {
            Set<Node> done = new HashSet<>(sorted);
            Node stuck = graph.nodes().stream()
                    .filter(n -> !done.contains(n))
                    .findFirst()
                    .orElseThrow();
            throw new InvalidModelException(stuck.describe() + " is part of a cycle; expected an acyclic graph");
        }
        return sorted;
    }

    private Set<Integer> producers(Node node) {
        Set<Integer> found = new LinkedHashSet<>();
        for (String name : node.inputs()) {
            Integer p = producer.get(name);
            if (p != null) {
                found.add(p);
            } else if (!name.isEmpty() && !given.contains(name)) {
                throw new InvalidModelException(
                        node.describe() + " reads value '" + name + "', which nothing produces");
            }
        }
        // what a body of If or Loop takes from outside may also be its own: only known names order it
        for (String name : node.bodyNames()) {
            Integer p = producer.get(name);
            if (p != null) {
                found.add(p);
            }
        }
        return found;
    }

    private void requireOutputs() {
        for (ValueInfo output : graph.outputs()) {
            if (!producer.containsKey(output.name()) && !given.contains(output.name())) {
                throw new InvalidModelException("output '" + output.name() + "' is produced by no node");
            }
        }
    }
}
