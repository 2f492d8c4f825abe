package org.finitentk.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which initializers are tangent parameters (DESIGN section 3).
 *
 * @param include if given, every float initializer that some node uses and in whose name the expression is found
 *     (never a running mean or variance); if null, those that the rule takes for learned weights
 * @param exclude if given, initializers in whose name the expression is found are left out
 * @param rule what a learned weight is; a stored model or a provenance that does not say means {@link WeightRule#POSITION}, the rule of version 0.1.0
 * @param names if not empty, exactly these initializers in this order, whatever the expressions and the rule say: what a stored model was trained with
 */
public record ParameterSelection(@Nullable Pattern include, @Nullable Pattern exclude, WeightRule rule, List<String> names) {
    /** The weights, nothing narrowed. */
    public static final ParameterSelection DEFAULT = new ParameterSelection(null, null);

    /** Input positions that hold learned weights, by operator. */
    private static final Map<String, Set<Integer>> WEIGHT_POSITIONS = Map.ofEntries(
        Map.entry("Conv", Set.of(1, 2)), Map.entry("ConvTranspose", Set.of(1, 2)), Map.entry("Gemm", Set.of(0, 1, 2)),
        Map.entry("MatMul", Set.of(0, 1)), Map.entry("BatchNormalization", Set.of(1, 2)),
        Map.entry("InstanceNormalization", Set.of(1, 2)), Map.entry("GroupNormalization", Set.of(1, 2)),
        Map.entry("LayerNormalization", Set.of(1, 2)), Map.entry("RMSNormalization", Set.of(1)),
        Map.entry("PRelu", Set.of(1)), Map.entry("Gather", Set.of(0)),
        Map.entry("LSTM", Set.of(1, 2, 3, 7)), Map.entry("GRU", Set.of(1, 2, 3)), Map.entry("RNN", Set.of(1, 2, 3)));

    /** What a weight may go through before its layer: exporters transpose, reshape and cast weights. */
    private static final Set<String> TRANSPARENT = Set.of("Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Cast");

    private static final Set<String> ELEMENTWISE = Set.of("Add", "Sub", "Mul", "Div");

    /**
     * A selection.
     *
     * @param include expression of names to take, or null
     * @param exclude expression of names to leave out, or null
     * @param rule what a learned weight is
     * @param names if not empty, exactly these
     */
    public ParameterSelection {
        names = List.copyOf(names);
    }

    /**
     * By expressions and the present rule.
     *
     * @param include expression of names to take, or null
     * @param exclude expression of names to leave out, or null
     */
    public ParameterSelection(@Nullable Pattern include, @Nullable Pattern exclude) {
        this(include, exclude, WeightRule.DEFAULT, List.of());
    }

    /**
     * Exactly some initializers.
     *
     * @param names in the order of the parameters
     * @return the selection
     */
    public static ParameterSelection exactly(List<String> names) {
        return DEFAULT.withNames(names);
    }

    /**
     * The same selection settled: the parameters that it once gave.
     *
     * @param settled their names in their order
     * @return a selection that gives these, and keeps the rest for those who ask how they were chosen
     */
    public ParameterSelection withNames(List<String> settled) {
        return new ParameterSelection(include, exclude, rule, settled);
    }

    /**
     * The parameters of a graph, in the order in which its nodes first use them, or in which they are named.
     *
     * @param graph a normalized graph
     * @return parameters with consecutive offsets from 0
     * @throws InvalidModelException if nothing is selected, or a name is no float initializer
     */
    public List<Parameter> select(Graph graph) {
        if (!names.isEmpty()) {
            names.forEach(name -> requireFloat(graph, name));
            return layout(graph, names);
        }
        Map<String, String> initializerOf = aliases(graph);
        Set<String> running = runningStatistics(graph, initializerOf);
        Set<String> chosen = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            if (isTransparent(node)) {
                continue;
            }
            for (int i = 0; i < node.inputs().size(); i++) {
                String name = initializerOf.get(node.input(i));
                if (name != null && !running.contains(name) && isSelected(node, i, name, graph.initializers().get(name))) {
                    chosen.add(name);
                }
            }
        }
        if (chosen.isEmpty()) {
            throw new InvalidModelException("graph '" + graph.name() + "' has no tangent parameters" + filterHint()
                + "; expected at least one float initializer in a weight position");
        }
        return layout(graph, chosen);
    }

    private static void requireFloat(Graph graph, String name) {
        Tensor value = graph.initializers().get(name);
        if (value == null || !value.type().isDifferentiable()) {
            throw new InvalidModelException("graph '" + graph.name() + "' has no float initializer '" + name + "', which is named as a tangent parameter");
        }
    }

    private String filterHint() {
        return include == null && exclude == null ? "" : " under include=" + include + ", exclude=" + exclude;
    }

    private boolean isSelected(Node node, int position, String name, @Nullable Tensor value) {
        if (value == null || !value.type().isDifferentiable() || exclude != null && exclude.matcher(name).find()) {
            return false;
        }
        if (include != null) {
            return include.matcher(name).find();
        }
        return switch (rule) {
            case POSITION -> isInWeightPosition(node, position, value);
        };
    }

    private static boolean isInWeightPosition(Node node, int position, Tensor value) {
        if (!node.domain().isEmpty()) {
            return false;
        }
        if (node.op().equals("Einsum")) {
            return true;
        }
        return ELEMENTWISE.contains(node.op()) ? value.size() > 1
            : WEIGHT_POSITIONS.getOrDefault(node.op(), Set.of()).contains(position);
    }

    private static boolean isTransparent(Node node) {
        return node.domain().isEmpty() && TRANSPARENT.contains(node.op());
    }

    /** Every name under which an initializer's value is reachable but for its arrangement, mapped to the initializer. */
    private static Map<String, String> aliases(Graph graph) {
        Map<String, String> of = new HashMap<>();
        graph.initializers().keySet().forEach(name -> of.put(name, name));
        for (Node node : graph.nodes()) {
            String source = of.get(node.input(0));
            if (isTransparent(node) && source != null) {
                of.put(node.output(), source);
            }
        }
        return of;
    }

    private static Set<String> runningStatistics(Graph graph, Map<String, String> initializerOf) {
        Set<String> names = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (node.op().equals("BatchNormalization")) {
                for (int i : new int[] {3, 4}) {
                    String name = initializerOf.get(node.input(i));
                    if (name != null) {
                        names.add(name);
                    }
                }
            }
        }
        return names;
    }

    private static List<Parameter> layout(Graph graph, Collection<String> names) {
        List<Parameter> parameters = new ArrayList<>();
        long offset = 0;
        for (String name : names) {
            Tensor value = graph.initializers().get(name);
            if (value == null) {
                continue;
            }
            parameters.add(new Parameter(name, Arrays.stream(value.shape()).boxed().toList(), offset));
            offset = Math.addExact(offset, value.size());
        }
        return List.copyOf(parameters);
    }
}
