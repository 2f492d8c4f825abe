package org.finitentk.testing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** Float networks as double ones, so that algebra can be tested without single-precision rounding. */
public final class DoubleNetworks {
    private DoubleNetworks() {}

    /** The same network with double weights, inputs and outputs. */
    public static Graph of(Graph graph) {
        Map<String, Tensor> initializers = new LinkedHashMap<>();
        graph.initializers()
                .forEach((name, tensor) -> initializers.put(
                        name,
                        tensor.type() == ElementType.FLOAT
                                ? Tensor.ofDoubles(tensor.toDoubles(), tensor.shape())
                                : tensor));
        return new Graph(graph.name(), retyped(graph.inputs()), retyped(graph.outputs()), initializers, graph.nodes());
    }

    private static List<ValueInfo> retyped(List<ValueInfo> values) {
        return values.stream()
                .map(v -> v.type() == ElementType.FLOAT ? new ValueInfo(v.name(), ElementType.DOUBLE, v.dims()) : v)
                .toList();
    }
}
