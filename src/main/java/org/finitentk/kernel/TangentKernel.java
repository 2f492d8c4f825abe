package org.finitentk.kernel;

import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;

/**
 * The finite-width neural tangent kernel k(x, x') = J(x) J(x')ᵀ of a network, as dense float64 matrices.
 *
 * <p>Each parameter's share comes from structured derivatives (Novak, Sohl-Dickstein, Schoenholz, "Fast Finite Width
 * Neural Tangent Kernel", ICML 2022): from the factors of its outer products, or from gradients multiplied out,
 * whichever costs less; parameters without structure take one vector-Jacobian product an example and output. Examples
 * are taken in chunks, so that per-example gradients never take more than the memory budget. The network is not closed
 * by this class. Thread safe if the network is.
 */
public final class TangentKernel {
    private final KernelTiles tiles;

    /**
     * The kernel of a network.
     *
     * @param network the linearized network; stays the caller's to close
     */
    public TangentKernel(LinearizedNetwork network) {
        this(network, ProgressListener.NONE);
    }

    /**
     * The kernel of a network, telling how far long computations are.
     *
     * @param network the linearized network; stays the caller's to close
     * @param progress told after each tile of a Gram matrix
     */
    public TangentKernel(LinearizedNetwork network, ProgressListener progress) {
        this.tiles = new KernelTiles(network, progress);
    }

    /**
     * The Gram matrix of one set of examples.
     *
     * @param x n examples
     * @param outputs which combinations of outputs, R of them
     * @return nR × nR, row-major, symmetric, row = example · R + combination
     * @throws IllegalArgumentException if the matrix would have more than 46340 rows
     */
    public double[] gram(Examples x, Outputs outputs) {
        return tiles.gram(x, outputs);
    }

    /**
     * What {@link #gram(Examples, Outputs)} will take.
     *
     * @param x n examples
     * @param outputs which combinations of outputs, R of them
     * @return the estimate; 0 operations for a network whose graphs were made elsewhere
     * @throws IllegalArgumentException if the matrix would have more than 46340 rows, or not even two of its rows fit
     *     the memory budget
     */
    public Estimate estimate(Examples x, Outputs outputs) {
        return estimate(tiles.estimate(x, outputs));
    }

    /**
     * What {@link #gram(Examples, Examples, Outputs)} will take.
     *
     * @param x n examples
     * @param z m examples
     * @param outputs which combinations of outputs, R of them
     * @return the estimate, of nR rows; 0 operations for a network whose graphs were made elsewhere
     * @throws IllegalArgumentException if not even one row of each set fits the memory budget
     */
    public Estimate estimate(Examples x, Examples z, Outputs outputs) {
        return estimate(tiles.estimate(x, z, outputs));
    }

    private static Estimate estimate(KernelTiles.Estimate estimate) {
        return new Estimate(estimate.rows(), estimate.gradients(), estimate.gradientBytes(), estimate.operations());
    }

    /**
     * The cross-Gram matrix of two sets of examples.
     *
     * @param x n examples
     * @param z m examples
     * @param outputs which combinations of outputs, R of them
     * @return nR × mR, row-major
     * @throws IllegalArgumentException if the matrix would not fit a Java array
     */
    public double[] gram(Examples x, Examples z, Outputs outputs) {
        return tiles.gram(x, z, outputs);
    }

    /**
     * The diagonal of the Gram matrix, without the rest of it.
     *
     * @param x n examples
     * @param outputs which combinations of outputs, R of them
     * @return nR prior variances (for λ = 1), each at least 0
     */
    public double[] diagonal(Examples x, Outputs outputs) {
        return tiles.diagonal(x, outputs);
    }

    /**
     * What a Gram matrix will take, as far as sizes tell.
     *
     * @param rows of the matrix
     * @param gradients of single examples and combinations of outputs that are made; more than there are rows where not
     *     all fit the memory budget, fewer where the last layer has fewer features than outputs
     * @param gradientBytes of all gradients that are in memory together
     * @param operations of the network that make the gradients, and of their products: floating-point operations
     */
    public record Estimate(long rows, long gradients, long gradientBytes, double operations) {}
}
