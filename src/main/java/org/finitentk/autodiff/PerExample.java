package org.finitentk.autodiff;

import java.util.List;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Value;
import org.jspecify.annotations.Nullable;

/**
 * The graph that yields each example's own gradient, parameter by parameter, from a cotangent [n, k] (DESIGN section 5; Novak et al. 2022,
 * "Fast Finite Width Neural Tangent Kernel").
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
     * @param outputs names of the graph's outputs: a and δ, or the gradients, or none
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
    }

    /** Direct gradients, or factors, or (all null) a zero gradient. */
    record Gradient(@Nullable Value direct, @Nullable Value input, @Nullable Value delta) {
    }
}
