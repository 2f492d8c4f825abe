package org.finitentk.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Names of nodes: ONNX Runtime refuses a graph in which two nodes have the same, whoever gave it; nothing refers to a
 * node by it.
 */
final class NodeNames {
    private NodeNames() {}

    /**
     * The nodes with names of their own: the first that has a name keeps it.
     *
     * @param nodes nodes of one graph
     * @return the same nodes where nothing is twice
     */
    static List<Node> unique(List<Node> nodes) {
        Set<String> given = new HashSet<>();
        nodes.forEach(node -> given.add(node.name()));
        if (given.size() == nodes.size()) {
            return nodes;
        }
        Set<String> used = new HashSet<>();
        List<Node> unique = new ArrayList<>();
        for (Node node : nodes) {
            String name = node.name();
            for (int i = 2; !used.add(name); i++) {
                String next = node.name() + "_" + i;
                name = given.contains(next) ? name : next;
            }
            unique.add(
                    name.equals(node.name())
                            ? node
                            : new Node(
                                    name, node.domain(), node.op(), node.inputs(), node.outputs(), node.attributes()));
        }
        return unique;
    }
}
