package org.finitentk.kernel;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * Dense layers on each position of a sequence [n, T, d]; the first two take the network's input as it comes, so that it
 * is a factor of their weights' gradients.
 */
public final class SequenceNetwork {
    private static final int WIDTH = 5;
    private static final int HIDDEN = 30;
    private static final int OUTPUTS = 2;

    private SequenceNetwork() {}

    /** tanh(x w + b) + x s, then times v: [n, T, 2]. */
    public static Graph of(int positions) {
        SplittableRandom random = new SplittableRandom(9);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("w", draw(random, WIDTH, HIDDEN));
        weights.put("b", draw(random, HIDDEN));
        weights.put("s", draw(random, WIDTH, HIDDEN));
        weights.put("v", draw(random, HIDDEN, OUTPUTS));
        List<Node> nodes = List.of(
                node("MatMul", "x", "w", "xw"),
                node("Add", "xw", "b", "h"),
                new Node("t", "", "Tanh", List.of("h"), List.of("t"), Map.of()),
                node("MatMul", "x", "s", "xs"),
                node("Add", "t", "xs", "sum"),
                node("MatMul", "sum", "v", "y"));
        String t = Integer.toString(positions);
        return new Graph(
                "sequence",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", t, Integer.toString(WIDTH)))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", t, Integer.toString(OUTPUTS)))),
                weights,
                nodes);
    }

    private static Node node(String op, String left, String right, String output) {
        return new Node(output, "", op, List.of(left, right), List.of(output), Map.of());
    }

    private static Tensor draw(SplittableRandom random, long... shape) {
        float[] values = new float[(int) Tensor.count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.4 * random.nextGaussian());
        }
        return Tensor.ofFloats(values, shape);
    }
}
