package org.finitentk.fisher;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;

/**
 * The Fisher information of a network's parameters, F = (1/n) Σ_i J(x_i)ᵀ H_i J(x_i) over n examples, as an operator on
 * vectors of length P: JᵀJ / n for a Gaussian likelihood, Jᵀ (diag p − p pᵀ) J / n for a softmax (Maddox, Tang, Moreno,
 * Wilson, Damianou, "Fast Adaptation with Linearized Neural Networks", AISTATS 2021). For both it is the generalized
 * Gauss-Newton matrix too. Neither F nor J is ever stored: what an operator holds are n·k numbers and, if it is exact
 * and they fit the memory budget, the network's own values; what a product needs besides are a few vectors of length P.
 *
 * <p>The network and the examples stay the caller's and must live as long as the operator. Closing it frees what an
 * exact one keeps, which the garbage collector would do too. Thread safe.
 */
public abstract sealed class FisherOperator implements AutoCloseable permits ExactFisher, DifferenceFisher {
    private final LinearizedNetwork network;
    private final Examples examples;
    private final Likelihood likelihood;

    FisherOperator(LinearizedNetwork network, Examples examples, Likelihood likelihood) {
        network.requireFit(examples);
        if (examples.size() == 0) {
            throw new IllegalArgumentException(
                    "a Fisher matrix is an average over examples, and there is none; give at least one");
        }
        this.network = network;
        this.examples = examples;
        this.likelihood = likelihood;
    }

    /**
     * Exact products: J v, the output Hessians, Jᵀ.
     *
     * @param network the network at θ
     * @param examples n examples
     * @param likelihood of the targets
     * @return the operator
     * @throws IllegalArgumentException if the examples do not fit the network, there is none, or an output of theirs is
     *     not finite
     */
    public static FisherOperator exact(LinearizedNetwork network, Examples examples, Likelihood likelihood) {
        network.requireIndependentExamples(examples);
        return new ExactFisher(network, examples, likelihood);
    }

    /**
     * Approximate products: the gradient of the divergence KL(p_θ ‖ p_θ') at θ' = θ + εv, divided by ε (Maddox et al.
     * 2021). The gradient at θ is zero and F its derivative there, so that the quotient is F v + O(ε). No forward-mode
     * derivative is needed: a product is a pass forward and back at θ'.
     *
     * @param network the network at θ
     * @param examples n examples
     * @param likelihood of the targets
     * @param difference one reverse pass a product, or two
     * @return the operator, which is linear and symmetric only up to its error
     * @throws IllegalArgumentException if the examples do not fit the network, there is none, or an output of theirs is
     *     not finite
     */
    public static FisherOperator approximate(
            LinearizedNetwork network, Examples examples, Likelihood likelihood, Difference difference) {
        network.requireIndependentExamples(examples);
        return new DifferenceFisher(network, examples, likelihood, difference);
    }

    final LinearizedNetwork network() {
        return network;
    }

    final Examples examples() {
        return examples;
    }

    final Likelihood likelihood() {
        return likelihood;
    }

    /** F times each vector; none is zero, all are finite and of moderate size. */
    abstract double[][] products(double[][] vectors);

    /**
     * The number of parameters.
     *
     * @return P
     */
    public final int size() {
        return Math.toIntExact(network.parameterCount());
    }

    /**
     * F times a vector.
     *
     * @param v a vector of length P
     * @return F v, in a new array; zeros for the zero vector
     * @throws IllegalArgumentException if the length is not P, or an element is not finite
     */
    public final double[] multiply(double[] v) {
        double[] product = new double[size()];
        multiply(v, 1, product);
        return product;
    }

    /**
     * F times a block of vectors.
     *
     * @param x P × columns, row-major
     * @param columns how many vectors
     * @param y receives F x, P × columns
     * @throws IllegalArgumentException if an array has another length, or an element of x is not finite
     */
    public final void multiply(double[] x, int columns, double[] y) {
        requireBlock("vectors", x, columns);
        requireBlock("products", y, columns);
        List<ScaledColumn> scaled = IntStream.range(0, columns)
                .mapToObj(j -> ScaledColumn.of(x, columns, j))
                .filter(column -> !column.isZero())
                .toList();
        Arrays.fill(y, 0);
        if (!scaled.isEmpty()) {
            double[][] products =
                    products(scaled.stream().map(ScaledColumn::values).toArray(double[][]::new));
            for (int i = 0; i < products.length; i++) {
                scaled.get(i).restore(products[i], y, columns);
            }
        }
    }

    private void requireBlock(String what, double[] block, int columns) {
        if (columns < 1 || block.length != (long) size() * columns) {
            throw new IllegalArgumentException(
                    "a Fisher product of " + columns + " columns got an array for the " + what + " of " + block.length
                            + " elements; expected P = " + size() + " for each of at least one column");
        }
    }

    /** Frees what is kept; by default nothing. */
    @Override
    public void close() {}

    /** The finite difference by which an approximate Fisher product is taken. */
    public enum Difference {
        /**
         * ∇KL(θ + εv) / ε: one reverse pass; the error falls in proportion to ε until rounding takes over. In single
         * precision that leaves some 1e-4 to 1e-3 along random vectors and gradients, more where v hardly changes the
         * outputs (4e-3 along a single weight of a 5-200-2000-200-1 network).
         */
        FORWARD,
        /**
         * (∇KL(θ + εv) − ∇KL(θ − εv)) / 2ε: two reverse passes; the error falls with ε², so that a longer step, which
         * rounding disturbs less, is affordable. It gains nothing where the network has kinks, as max pooling does.
         */
        CENTRAL
    }
}
