package org.finitentk.onnx;

import java.util.List;

/**
 * One tangent parameter and its place in the flat vector θ.
 *
 * @param name initializer name
 * @param shape dimensions
 * @param offset first element's position in θ and in every tangent
 */
public record Parameter(String name, List<Long> shape, long offset) {
    /**
     * Copies the shape.
     *
     * @param name initializer name
     * @param shape dimensions
     * @param offset position in θ
     */
    public Parameter {
        shape = List.copyOf(shape);
    }

    /**
     * The number of elements.
     *
     * @return product of the dimensions
     */
    public long size() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
