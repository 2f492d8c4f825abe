package org.finitentk.kernel;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * An encoder in small: tokens [n, 5] and their positions are looked up, tokens twice in one table, and pass a nonlinear
 * layer to [n, 3].
 */
final class TableNetwork {
    private static final int TOKENS = 5;
    private static final int WIDTH = 4;

    private TableNetwork() {}

    static Graph of() {
        SplittableRandom random = new SplittableRandom(4);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("words", draw(random, 300, WIDTH));
        weights.put("places", draw(random, 70, WIDTH));
        weights.put("w", draw(random, WIDTH, 3));
        weights.put("positions", Tensor.ofLongs(new long[] {0, 1, -1, 3, 1}, 1, TOKENS));
        weights.put("axis", Tensor.vector(1));
        weights.put("less", Tensor.ofLongs(new long[] {300}, 1));
        List<Node> nodes = List.of(
                node("Gather", "e", "words", "ids"),
                node("Sub", "negative", "ids", "less"),
                node("Gather", "g", "words", "negative"),
                node("Gather", "p", "places", "positions"),
                node("Mul", "eg", "e", "g"),
                node("Add", "sum", "eg", "e"),
                node("Add", "h", "sum", "p"),
                node("Tanh", "t", "h"),
                node("MatMul", "m", "t", "w"),
                new Node(
                        "y",
                        "",
                        "ReduceSum",
                        List.of("m", "axis"),
                        List.of("y"),
                        new Attributes().integer("keepdims", 0).build()));
        return new Graph(
                "table",
                List.of(new ValueInfo("ids", ElementType.INT64, List.of("n", Integer.toString(TOKENS)))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", "3"))),
                weights,
                nodes);
    }

    private static Node node(String op, String output, String... inputs) {
        return new Node(output, "", op, List.of(inputs), List.of(output), Map.of());
    }

    private static Tensor draw(SplittableRandom random, long... shape) {
        float[] values = new float[(int) Tensor.count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.6 * random.nextGaussian());
        }
        return Tensor.ofFloats(values, shape);
    }
}
