package org.finitentk.onnx;

import java.util.List;
import java.util.Objects;

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

    /**
     * The dimensions, as tensors have them.
     *
     * @return a new array
     */
    public long[] dims() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * The values of parameters, as a graph's initializers hold them.
     *
     * @param parameters in the order of θ
     * @param graph has an initializer for each
     * @return θ
     */
    public static double[] vector(List<Parameter> parameters, Graph graph) {
        Parameter last = parameters.get(parameters.size() - 1);
        double[] theta = new double[Math.toIntExact(last.offset() + last.size())];
        for (Parameter parameter : parameters) {
            double[] values = Objects.requireNonNull(graph.initializers().get(parameter.name()), parameter.name())
                    .toDoubles();
            System.arraycopy(values, 0, theta, (int) parameter.offset(), values.length);
        }
        return theta;
    }
}
