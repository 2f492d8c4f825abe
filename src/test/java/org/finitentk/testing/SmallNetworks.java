package org.finitentk.testing;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** Networks made in the tests. */
public final class SmallNetworks {
    private SmallNetworks() {}

    /** A multilayer perceptron x → y with tanh between Gemms, seeded weights. */
    public static Graph mlp(ElementType type, String batch, long... widths) {
        Random random = new Random(7);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        List<Node> nodes = new ArrayList<>();
        String value = "x";
        for (int layer = 0; layer + 1 < widths.length; layer++) {
            boolean last = layer + 2 == widths.length;
            weights.put(
                    "w" + layer,
                    Tensor.ofReals(
                            type,
                            gaussian(random, widths[layer] * widths[layer + 1], 1 / Math.sqrt((double) widths[layer])),
                            widths[layer],
                            widths[layer + 1]));
            weights.put("b" + layer, Tensor.ofReals(type, gaussian(random, widths[layer + 1], 0.1), widths[layer + 1]));
            nodes.add(node("Gemm", List.of(value, "w" + layer, "b" + layer), last ? "y" : "h" + layer));
            if (!last) {
                nodes.add(node("Tanh", List.of("h" + layer), "a" + layer));
            }
            value = "a" + layer;
        }
        return new Graph(
                "mlp",
                List.of(new ValueInfo("x", type, List.of(batch, Long.toString(widths[0])))),
                List.of(new ValueInfo("y", type, List.of(batch, Long.toString(widths[widths.length - 1])))),
                weights,
                nodes);
    }

    public static Node node(String op, List<String> inputs, String output) {
        return new Node(output, "", op, inputs, List.of(output), Map.of());
    }

    public static Node node(String op, List<String> inputs, String output, AttributeProto attribute) {
        return new Node(output, "", op, inputs, List.of(output), Map.of(attribute.getName(), attribute));
    }

    public static double[] gaussian(Random random, long count, double scale) {
        return random.doubles(count)
                .map(uniform -> scale * random.nextGaussian())
                .toArray();
    }

    public static Examples examples(ElementType type, int n, int features, long seed) {
        return Examples.of("x", Tensor.ofReals(type, gaussian(new Random(seed), (long) n * features, 1), n, features));
    }
}
