package org.finitentk.kernel;

import java.util.List;
import org.finitentk.autodiff.Linearization;
import org.finitentk.autodiff.PerExample;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;

/**
 * The finite-width neural tangent kernel k(x, x') = J(x) J(x')ᵀ of a network, as dense float64 matrices.
 *
 * <p>Each parameter's share comes from structured derivatives (Novak, Sohl-Dickstein, Schoenholz, "Fast Finite Width Neural Tangent
 * Kernel", ICML 2022): from the factors of its outer products, or from gradients multiplied out, whichever costs less; parameters without
 * structure take one vector-Jacobian product an example and output. Examples are taken in chunks, so that per-example gradients never take
 * more than the memory budget. The network is not closed by this class. Thread safe if the network is.
 */
public final class TangentKernel {
    /** Largest matrix side: a Java array holds 2³¹ - 1 elements. */
    private static final long MAX_SIDE = 46_340;

    private final LinearizedNetwork network;
    private final ProgressListener progress;

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
        this.network = network;
        this.progress = progress;
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
        int r = outputs.count(network.outputSize());
        int rows = side(x.size(), r);
        double[] k = new double[rows * rows];
        try (GradientStructure structure = structure(outputs, r, x.size(), x.size())) {
            int chunk = chunk(r);
            long tiles = (x.size() + chunk - 1L) / chunk;
            long done = 0;
            for (int i = 0; i < x.size(); i += chunk) {
                List<Block> left = structure.blocks(x.slice(i, Math.min(x.size(), i + chunk)));
                for (int j = i; j < x.size(); j += chunk) {
                    List<Block> right = j == i ? left : structure.blocks(x.slice(j, Math.min(x.size(), j + chunk)));
                    accumulate(left, right, k, i * r, j * r, rows);
                    progress.progress("Gram matrix", ++done, tiles * (tiles + 1) / 2);
                }
            }
        }
        mirror(k, rows);
        return k;
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
        int r = outputs.count(network.outputSize());
        int columns = z.size() * r;
        double[] k = new double[Math.multiplyExact(x.size() * r, columns)];
        try (GradientStructure structure = structure(outputs, r, x.size(), z.size())) {
            int chunk = chunk(r);
            for (int i = 0; i < x.size(); i += chunk) {
                List<Block> left = structure.blocks(x.slice(i, Math.min(x.size(), i + chunk)));
                for (int j = 0; j < z.size(); j += chunk) {
                    List<Block> right = structure.blocks(z.slice(j, Math.min(z.size(), j + chunk)));
                    accumulate(left, right, k, i * r, j * r, columns);
                }
                progress.progress("cross-Gram matrix", Math.min(x.size(), i + chunk), x.size());
            }
        }
        return k;
    }

    /**
     * The diagonal of the Gram matrix, without the rest of it.
     *
     * @param x n examples
     * @param outputs which combinations of outputs, R of them
     * @return nR prior variances (for λ = 1), each at least 0
     */
    public double[] diagonal(Examples x, Outputs outputs) {
        int r = outputs.count(network.outputSize());
        double[] diagonal = new double[Math.multiplyExact(x.size(), r)];
        try (GradientStructure structure = new GradientStructure(network, outputs, (positions, in, out) -> positions == 1)) {
            int chunk = chunk(r);
            for (int i = 0; i < x.size(); i += chunk) {
                for (Block block : structure.blocks(x.slice(i, Math.min(x.size(), i + chunk)))) {
                    block.accumulateDiagonal(diagonal, i * r);
                }
            }
        }
        return diagonal;
    }

    private static int side(int n, int r) {
        long rows = (long) n * r;
        if (rows > MAX_SIDE) {
            throw new IllegalArgumentException("a Gram matrix of " + n + " examples and " + r + " outputs has " + rows + " rows; a dense one can have at most "
                + MAX_SIDE + "; use fewer examples or one output");
        }
        return (int) rows;
    }

    private GradientStructure structure(Outputs outputs, int r, int n, int m) {
        return new GradientStructure(network, outputs, choice(r, n, m));
    }

    /**
     * Multiplications an entry of the n × m block of examples: T² (d_in + R² d_out) from factors; R² d_in d_out, and forming
     * the gradients of both sides, multiplied out. Factors of more than one position also make products of T² entries.
     */
    static PerExample.Choice choice(int r, int n, int m) {
        return (positions, in, out) -> {
            double t2 = (double) positions * positions;
            double factored = t2 * (in + (double) r * r * (out + 1));
            double forming = (double) r * positions * in * out * (1.0 / n + 1.0 / m);
            return factored <= (double) r * r * in * out + forming;
        };
    }

    /** Examples a chunk, such that two chunks' gradients and the products' work space fit into half of the budget. */
    private int chunk(int r) {
        Linearization linearization = network.linearization();
        double gradients = 8.0 * r * network.parameterCount();
        double activations = linearization == null ? 0 : linearization.bytesPerExample();
        double perExample = 2 * gradients + 3 * activations + 1;
        double chunk = network.settings().effectiveMemoryBudget() / 2.0 / perExample;
        return (int) Math.max(1, Math.min(2048, chunk));
    }

    private static void accumulate(List<Block> left, List<Block> right, double[] k, int rowOffset, int columnOffset, int leading) {
        for (int b = 0; b < left.size(); b++) {
            left.get(b).accumulate(right.get(b), k, rowOffset, columnOffset, leading);
        }
    }

    private static void mirror(double[] k, int rows) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < i; j++) {
                k[i * rows + j] = k[j * rows + i];
            }
        }
    }
}
