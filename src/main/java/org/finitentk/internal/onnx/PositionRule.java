package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.WeightRule;

/**
 * The rule of version 0.1.0 ({@link WeightRule#POSITION}), as it was: what was stored and recorded by it is made again
 * by it.
 */
final class PositionRule {
    /**
     * Input positions that hold learned weights, by operator, as version 0.1.0 knew them: not {@link OperatorTraits},
     * which may learn of others.
     */
    private static final Map<String, Set<Integer>> WEIGHT_POSITIONS = Map.ofEntries(
            Map.entry("Conv", Set.of(1, 2)),
            Map.entry("ConvTranspose", Set.of(1, 2)),
            Map.entry("Gemm", Set.of(0, 1, 2)),
            Map.entry("MatMul", Set.of(0, 1)),
            Map.entry("BatchNormalization", Set.of(1, 2)),
            Map.entry("InstanceNormalization", Set.of(1, 2)),
            Map.entry("GroupNormalization", Set.of(1, 2)),
            Map.entry("LayerNormalization", Set.of(1, 2)),
            Map.entry("RMSNormalization", Set.of(1)),
            Map.entry("PRelu", Set.of(1)),
            Map.entry("Gather", Set.of(0)),
            Map.entry("LSTM", Set.of(1, 2, 3, 7)),
            Map.entry("GRU", Set.of(1, 2, 3)),
            Map.entry("RNN", Set.of(1, 2, 3)));

    private static final Set<String> ELEMENTWISE = Set.of("Add", "Sub", "Mul", "Div");

    private final Graph graph;
    private final Map<String, String> initializerOf = new HashMap<>();

    PositionRule(Graph graph) {
        this.graph = graph;
        graph.initializers().keySet().forEach(name -> initializerOf.put(name, name));
        for (Node node : graph.nodes()) {
            String source = initializerOf.get(node.input(0));
            if (ConstantValues.arranges(node) && source != null) {
                initializerOf.put(node.output(), source);
            }
        }
    }

    List<FloatConstant> judge() {
        Map<String, FloatConstant> weights = new LinkedHashMap<>();
        Map<String, FloatConstant> others = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            for (int i = 0; !ConstantValues.arranges(node) && i < node.inputs().size(); i++) {
                String name = initializerOf.get(node.input(i));
                Tensor value = name == null ? null : graph.initializers().get(name);
                if (name != null && value != null && value.type().isDifferentiable()) {
                    boolean weight = isWeight(node, i, value);
                    String reason = "input " + i + " of " + node.describe()
                            + (weight ? ", a weight's" : ", no weight's") + " position by the rule of version 0.1.0";
                    (weight ? weights : others).putIfAbsent(name, FloatConstant.of(graph, name, weight, reason));
                }
            }
        }
        List<FloatConstant> all = new ArrayList<>(weights.values());
        others.forEach((name, constant) -> {
            if (!weights.containsKey(name)) {
                all.add(constant);
            }
        });
        return all;
    }

    private static boolean isWeight(Node node, int position, Tensor value) {
        if (!node.domain().isEmpty()) {
            return false;
        }
        if (node.op().equals("Einsum")) {
            return true;
        }
        return ELEMENTWISE.contains(node.op())
                ? value.size() > 1
                : WEIGHT_POSITIONS.getOrDefault(node.op(), Set.of()).contains(position);
    }
}
