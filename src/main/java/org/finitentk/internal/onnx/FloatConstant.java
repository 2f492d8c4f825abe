package org.finitentk.internal.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Tensor;

/**
 * A constant of floating-point numbers in a network, and whether it counts as a weight.
 *
 * @param name its name in the file: an initializer's, or the output of a Constant node
 * @param shape its dimensions
 * @param weight whether it is a tangent parameter
 * @param reason why, in plain words
 */
public record FloatConstant(String name, List<Long> shape, boolean weight, String reason) {
    /**
     * Copies the shape.
     *
     * @param name its name in the file
     * @param shape its dimensions
     * @param weight whether it is a tangent parameter
     * @param reason why, in plain words
     */
    public FloatConstant {
        shape = List.copyOf(shape);
    }

    static FloatConstant of(Graph graph, String name, boolean weight, String reason) {
        Tensor value = Objects.requireNonNull(graph.initializers().get(name), name);
        return new FloatConstant(name, Arrays.stream(value.shape()).boxed().toList(), weight, reason);
    }

    /** The same as no weight, for another reason. */
    FloatConstant left(String otherReason) {
        return new FloatConstant(name, shape, false, otherReason);
    }

    /**
     * The number of elements.
     *
     * @return product of the shape, 1 for a scalar
     */
    public long size() {
        return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }
}
