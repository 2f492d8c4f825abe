package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * The graph that yields each example's own gradient, parameter by parameter, from a cotangent [n, k] (Novak et al.
 * 2022, "Fast Finite Width Neural Tangent Kernel").
 *
 * @param graph the network's inputs and {@code cotangent} to the outputs named by {@code parts}
 * @param parts one entry a parameter, in the parameters' order
 */
public record PerExample(Graph graph, List<Part> parts) {
    /**
     * Copies the list.
     *
     * @param graph the graph
     * @param parts one entry a parameter
     */
    public PerExample {
        parts = List.copyOf(parts);
    }

    /** How one parameter's gradient is given. */
    public enum Kind {
        /** Two outputs: a [n, T, d_in] and δ [n, T, d_out]; the gradient of example i is Σ_t a_it ⊗ δ_it. */
        FACTORS,
        /**
         * Two outputs: i [n, T] of whole numbers and δ [n, T, d]; the gradient of an example has the sum of its δ_t in
         * row i_t, for each t, and zeros elsewhere: a table's.
         */
        ROWS,
        /** One output [n, size]: the gradient of each example. */
        GRADIENTS,
        /** The output does not depend on the parameter. */
        ZERO,
        /** Not in this graph: run the vjp graph example by example. */
        UNSTRUCTURED
    }

    /**
     * One parameter's outputs.
     *
     * @param parameter the parameter
     * @param kind how its gradient is given
     * @param outputs names of the graph's outputs: a and δ, or rows and δ, or the gradients, or none
     */
    public record Part(Parameter parameter, Kind kind, List<String> outputs) {
        /**
         * Copies the list.
         *
         * @param parameter the parameter
         * @param kind how its gradient is given
         * @param outputs names of the graph's outputs
         */
        public Part {
            outputs = List.copyOf(outputs);
        }

        static Part unstructured(Parameter parameter) {
            return new Part(parameter, Kind.UNSTRUCTURED, List.of());
        }
    }

    /** Whether a weight's gradient is better left as factors than multiplied out. */
    @FunctionalInterface
    public interface Choice {
        /**
         * Decides for one weight.
         *
         * @param positions T, outer products in one example's gradient
         * @param inputWidth d_in
         * @param outputWidth d_out
         * @return true to keep a and δ
         */
        boolean keepFactors(long positions, long inputWidth, long outputWidth);

        /**
         * Decides for tables from which rows are looked up.
         *
         * @return true to have the gradient as rows; false to leave it out of the graph
         */
        default boolean keepRows() {
            return false;
        }
    }

    /** Direct gradients, or factors, or rows of a table and their cotangents, or (all null) a zero gradient. */
    record Gradient(
            @Nullable Value direct,
            @Nullable Value rows,
            @Nullable Value input,
            @Nullable Value delta) {
        static Gradient of(@Nullable Value direct) {
            return new Gradient(direct, null, null, null);
        }

        /** The values that it is made of, in the order of {@link Part#outputs}. */
        List<Value> values() {
            List<Value> values = new ArrayList<>();
            for (Value value : new @Nullable Value[] {direct, rows, input, delta}) {
                if (value != null) {
                    values.add(value);
                }
            }
            return values;
        }

        Kind kind() {
            return rows != null
                    ? Kind.ROWS
                    : input != null ? Kind.FACTORS : direct != null ? Kind.GRADIENTS : Kind.ZERO;
        }
    }
}
