package org.finitentk.internal.onnx;

import java.util.Arrays;
import java.util.List;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What numbers a network expects of each element of its only input, by its own constants: factor · x + offset is of the
 * order of 1. A scaler inside the network says factors and offsets; without one, the first layer's weights are the
 * greater, the smaller the numbers are.
 *
 * @param factor of each element, above 0
 * @param offset of each element; null if only the weights speak, which say factors but for a common one
 */
public record InputScales(double[] factor, double @Nullable [] offset) {
    /**
     * Reads them off a network.
     *
     * @param graph with one input of m numbers an example
     * @param m the numbers
     * @return null if the network says nothing of their scales
     */
    public static @Nullable InputScales of(Graph graph, int m) {
        double[] factor = new double[m];
        double[] offset = new double[m];
        Arrays.fill(factor, 1);
        String value = graph.inputs().get(0).name();
        boolean scaled = false;
        while (true) {
            String at = value;
            List<Node> users = graph.nodes().stream()
                    .filter(node -> node.inputs().contains(at))
                    .toList();
            if (users.size() != 1) {
                break;
            }
            Node node = users.get(0);
            if (node.op().equals("MatMul") || node.op().equals("Gemm")) {
                if (!scaled) {
                    double[] norms = norms(graph, node, at, m);
                    return norms == null ? null : usable(norms, null);
                }
                break;
            }
            if (!node.op().equals("Identity") && !apply(graph, node, at, factor, offset)) {
                break;
            }
            scaled |= !node.op().equals("Identity");
            value = node.output();
        }
        return scaled ? usable(factor, offset) : null;
    }

    private static @Nullable InputScales usable(double[] factor, double @Nullable [] offset) {
        double[] sizes = Arrays.stream(factor).map(Math::abs).toArray();
        boolean differ = Arrays.stream(sizes).distinct().count() > 1;
        boolean sound = Arrays.stream(sizes).allMatch(size -> size > 0 && Double.isFinite(size));
        return differ && sound ? new InputScales(factor, offset) : null;
    }

    /** One step of a scaler: a constant for all elements, or one for each. */
    private static boolean apply(Graph graph, Node node, String value, double[] factor, double[] offset) {
        if (node.inputs().size() != 2) {
            return false;
        }
        boolean first = node.input(0).equals(value);
        Tensor constant = graph.initializers().get(node.input(first ? 1 : 0));
        if (constant == null
                || !constant.type().isDifferentiable()
                || constant.size() != 1 && constant.size() != factor.length) {
            return false;
        }
        double[] numbers = constant.toDoubles();
        boolean known = true;
        for (int i = 0; i < factor.length; i++) {
            double c = numbers[numbers.length == 1 ? 0 : i];
            switch (node.op()) {
                case "Add" -> offset[i] += c;
                case "Sub" -> {
                    factor[i] = first ? factor[i] : -factor[i];
                    offset[i] = first ? offset[i] - c : c - offset[i];
                }
                case "Mul" -> {
                    factor[i] *= c;
                    offset[i] *= c;
                }
                case "Div" -> {
                    factor[i] /= c;
                    offset[i] /= c;
                    known = first;
                }
                default -> known = false;
            }
        }
        return known;
    }

    /** The lengths of the first layer's rows of weights. */
    private static double @Nullable [] norms(Graph graph, Node node, String value, int m) {
        Tensor weights = graph.initializers().get(node.input(1));
        if (!node.input(0).equals(value) || weights == null || weights.shape().length != 2) {
            return null;
        }
        boolean transposed = node.integer("transB", 0) == 1;
        int columns = Math.toIntExact(weights.shape()[1]);
        if (weights.shape()[transposed ? 1 : 0] != m) {
            return null;
        }
        double[] norms = new double[m];
        double[] w = weights.toDoubles();
        for (int i = 0; i < w.length; i++) {
            norms[transposed ? i % columns : i / columns] += w[i] * w[i];
        }
        return Arrays.stream(norms).map(Math::sqrt).toArray();
    }
}
