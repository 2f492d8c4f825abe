package org.finitentk.internal.kernel;

import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;

/**
 * How products with the kernel of some examples are had: the one place where that is decided, by what is cheapest for
 * so many products and fits the memory budget.
 *
 * @param network the network
 * @param examples n
 * @param outputs whose kernel
 * @param sharing how many kernels share the memory budget
 * @param together vectors that are multiplied at once
 * @param rounded whether products in single precision are enough to begin with
 */
public record KernelAccess(
        LinearizedNetwork network, int examples, Outputs outputs, int sharing, double together, boolean rounded) {

    /** How the kernel is multiplied with; names are those that stored models have. */
    public enum Form {
        /** The matrix is made once and kept. */
        MATRIX,
        /** Per-example gradients are kept. */
        GRADIENTS,
        /** The network is run for each product. */
        NETWORK
    }

    /**
     * Products with a kernel that is at hand.
     *
     * @param operator multiplies; to be closed
     * @param form how
     */
    public record Opened(LinearOperator operator, Form form) {}

    /**
     * The cheapest form of those that fit the memory budget.
     *
     * @param vectors that will be multiplied
     * @return MATRIX or GRADIENTS; where the latter do not fit, {@link #open} runs the network
     */
    public Form cheapest(double vectors) {
        double rows = rows();
        boolean fits = Double.BYTES * rows * rows <= (double) network.settings().effectiveMemoryBudget() / sharing;
        return fits
                        && matrix(vectors)
                                < CostModel.gradientProduct(rows, (double) network.parameterCount(), rounded) * vectors
                ? Form.MATRIX
                : Form.GRADIENTS;
    }

    /**
     * What the products take in the form that is the cheapest, its making included.
     *
     * @param expected vectors by whose number the form is chosen
     * @param vectors that are multiplied, rounded where that is enough
     * @param exact vectors that are multiplied in float64 besides
     * @return operations
     */
    public double operations(double expected, double vectors, double exact) {
        if (cheapest(expected) == Form.MATRIX) {
            return matrix(vectors + exact);
        }
        long bytes = TangentOperator.bytesToHold(network, examples, outputs);
        if (bytes < 0 || bytes > network.settings().effectiveMemoryBudget()) {
            return (vectors + exact) * CostModel.networkProduct(examples, network);
        }
        double parameters = (double) network.parameterCount();
        return vectors * CostModel.gradientProduct(examples, parameters, rounded)
                + exact * CostModel.gradientProduct(examples, parameters, false);
    }

    private double rows() {
        return (double) examples * outputs.count(network.outputSize());
    }

    private double matrix(double vectors) {
        return CostModel.gram(rows(), (double) network.parameterCount())
                + CostModel.matrixProduct(rows(), together) * vectors;
    }

    /**
     * Makes what products need.
     *
     * @param form MATRIX, or the other two, of which GRADIENTS are taken where they fit the memory budget
     * @param network the network
     * @param x the examples
     * @param outputs whose kernel
     * @param progress told how far it is
     * @return the products, in the form that they have
     */
    public static Opened open(
            Form form, LinearizedNetwork network, Examples x, Outputs outputs, ProgressListener progress) {
        if (form == Form.MATRIX) {
            return new Opened(GramMatrix.of(network, x, outputs, progress), Form.MATRIX);
        }
        TangentOperator operator = TangentOperator.of(network, x, outputs, progress);
        return new Opened(operator, operator.isHeld() ? Form.GRADIENTS : Form.NETWORK);
    }
}
