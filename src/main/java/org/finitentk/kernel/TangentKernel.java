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
    /** A left tile's examples for each of a right one. */
    private static final int LEFT_SHARE = 3;

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
        network.requireIndependentExamples(x);
        int r = outputs.count(network.outputSize());
        int rows = side(x.size(), r);
        double[] k = new double[rows * rows];
        try (GradientStructure structure = structure(outputs, r, x.size(), x.size())) {
            int step = step(structure);
            Tiles tiles = new Tiles(x.size(), x.size(), LEFT_SHARE * step, step, true);
            for (int i = 0; i < x.size(); i += tiles.left()) {
                List<Block> left = structure.blocks(x.slice(i, tiles.leftEnd(i)));
                try {
                    multiply(left, left, k, i * r, i * r, rows);
                    progress.progress("Gram matrix", tiles.done(), tiles.total());
                    for (int j = tiles.leftEnd(i); j < x.size(); j += step) {
                        with(structure, x, left, j, tiles.rightEnd(j), k, i * r, j * r, rows);
                        progress.progress("Gram matrix", tiles.done(), tiles.total());
                    }
                } finally {
                    left.forEach(Block::close);
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
        return gram(x, z, outputs, z.size());
    }

    /**
     * As above, from gradients that are rounded as in the Gram matrix of the first set: what the cheapest form of a gradient is depends on both sizes, and a product of two factors in
     * single precision is not the gradient that is multiplied out.
     *
     * @param x n examples
     * @param z m examples
     * @param outputs which combinations of outputs, R of them
     * @return nR × mR, row-major
     * @throws IllegalArgumentException if the matrix would not fit a Java array
     */
    public double[] consistent(Examples x, Examples z, Outputs outputs) {
        return gram(x, z, outputs, x.size());
    }

    private double[] gram(Examples x, Examples z, Outputs outputs, int secondSize) {
        network.requireIndependentExamples(x);
        int r = outputs.count(network.outputSize());
        int columns = z.size() * r;
        double[] k = new double[Math.multiplyExact(x.size() * r, columns)];
        try (GradientStructure structure = structure(outputs, r, x.size(), secondSize)) {
            int step = step(structure);
            Tiles tiles = new Tiles(x.size(), z.size(), LEFT_SHARE * step, step, false);
            for (int i = 0; i < x.size(); i += tiles.left()) {
                List<Block> left = structure.blocks(x.slice(i, tiles.leftEnd(i)));
                try {
                    for (int j = 0; j < z.size(); j += step) {
                        with(structure, z, left, j, tiles.rightEnd(j), k, i * r, j * r, columns);
                        progress.progress("cross-Gram matrix", tiles.done(), tiles.total());
                    }
                } finally {
                    left.forEach(Block::close);
                }
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
        network.requireIndependentExamples(x);
        int r = outputs.count(network.outputSize());
        double[] diagonal = new double[Math.multiplyExact(x.size(), r)];
        try (GradientStructure structure = new GradientStructure(network, outputs, (positions, in, out) -> positions == 1)) {
            int step = step(structure);
            for (int i = 0; i < x.size(); i += step) {
                for (Block block : structure.blocks(x.slice(i, Math.min(x.size(), i + step)))) {
                    try (block) {
                        block.accumulateDiagonal(diagonal, i * r);
                    }
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

    /**
     * Examples of a right tile. Half of the budget holds the gradients of both tiles, most of it those of the left one: the gradients of the right are made anew for
     * every left tile.
     */
    private int step(GradientStructure structure) {
        double bytesPerExample = 8.0 * Math.max(1, structure.numbersPerExample());
        double examples = network.settings().effectiveMemoryBudget() / 2.0 / bytesPerExample / (LEFT_SHARE + 1);
        return (int) Math.max(1, Math.min(MAX_SIDE, examples));
    }

    private static void with(GradientStructure structure, Examples z, List<Block> left, int from, int to, double[] k, int rowOffset, int columnOffset, int leading) {
        List<Block> right = structure.blocks(z.slice(from, to));
        try {
            multiply(left, right, k, rowOffset, columnOffset, leading);
        } finally {
            right.forEach(Block::close);
        }
    }

    private static void multiply(List<Block> left, List<Block> right, double[] k, int rowOffset, int columnOffset, int leading) {
        if (left.isEmpty()) {
            return;
        }
        try (GramProducts products = new GramProducts(left, right)) {
            products.accumulate(k, rowOffset, columnOffset, leading);
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
