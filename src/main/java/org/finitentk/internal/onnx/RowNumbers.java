package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** Inputs that are numbers of rows in tables of a network, such as ids of tokens in an embedding. */
public final class RowNumbers {
    /** What leaves all numbers the numbers that they are. */
    private static final Set<String> KEEPS =
            Set.of("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose", "Expand", "Tile");

    /** What picks some of the numbers, or makes others valid. */
    private static final Set<String> PICKS = Set.of("Slice", "Split", "Gather", "Clip", "Concat", "Mod");

    /**
     * A table.
     *
     * @param input whose numbers are rows of it
     * @param name of its weights, or of the node that turns numbers into rows of zeros and a one
     * @param size how many rows it has
     * @param isLookedUp whether any number of the input that is no row is an error
     */
    public record Table(String input, String name, long size, boolean isLookedUp) {}

    private final Graph graph;
    private final Map<String, String> origins = new HashMap<>();
    /** Values that have all numbers of an input. */
    private final Set<String> whole = new HashSet<>();

    private final List<Table> tables = new ArrayList<>();

    /**
     * Finds the tables of a network.
     *
     * @param graph the network
     */
    public RowNumbers(Graph graph) {
        this.graph = graph;
        for (ValueInfo input : graph.inputs()) {
            origins.put(input.name(), input.name());
            whole.add(input.name());
        }
        for (Node node : graph.nodes()) {
            if (node.domain().isEmpty() && !node.inputs().isEmpty()) {
                visit(node);
            }
        }
    }

    private void visit(Node node) {
        String origin = origins.get(node.input(0));
        boolean keeps = KEEPS.contains(node.op());
        if (origin != null && (keeps || PICKS.contains(node.op()))) {
            for (String output : node.outputs()) {
                origins.put(output, origin);
                if (keeps && whole.contains(node.input(0))) {
                    whole.add(output);
                }
            }
        }
        Tensor table = graph.initializers().get(node.input(0));
        String indices = node.op().equals("Gather") ? origins.get(node.input(1)) : null;
        if (table != null && indices != null && table.shape().length > 0 && node.integer("axis", 0) == 0) {
            tables.add(new Table(indices, node.input(0), table.shape()[0], whole.contains(node.input(1))));
        }
        Tensor depth = node.op().equals("OneHot") ? graph.initializers().get(node.input(1)) : null;
        if (origin != null && depth != null) {
            tables.add(new Table(origin, node.name(), (long) depth.toDoubles()[0], false));
        }
        if (node.op().equals("Equal")) {
            compared(node, 0, 1);
            compared(node, 1, 0);
        }
    }

    /** Numbers that are compared with 0, 1, 2, … become a one at their place. */
    private void compared(Node node, int numbers, int counted) {
        String origin = origins.get(node.input(numbers));
        Tensor constant = graph.initializers().get(node.input(counted));
        if (origin == null || constant == null || constant.size() < 2) {
            return;
        }
        double[] values = constant.toDoubles();
        for (int i = 0; i < values.length; i++) {
            if (values[i] != i) {
                return;
            }
        }
        tables.add(new Table(origin, node.name(), values.length, false));
    }

    /**
     * All tables.
     *
     * @return in the order of the network's nodes
     */
    public List<Table> tables() {
        return List.copyOf(tables);
    }

    /**
     * The numbers that an input takes.
     *
     * @param input a name
     * @return how many rows the smallest of its tables has; empty if it has none
     */
    public OptionalLong rows(String input) {
        return tables.stream()
                .filter(table -> table.input().equals(input))
                .mapToLong(Table::size)
                .filter(size -> size > 0)
                .min();
    }
}
