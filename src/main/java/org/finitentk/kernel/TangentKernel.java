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
    /** Of the memory budget, for the gradients of both tiles. */
    private static final double SHARE = 0.5;
    /** The same two where gradients are large, so that making them anew is what takes the time. */
    private static final double LARGE_SHARE = 1;
    private static final int LARGE_LEFT_SHARE = 15;

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
            Tiles tiles = tiles(structure, r, x.size());
            List<Rows> all = Rows.cut(0, 0, x.size(), r, tiles.left());
            Count count = new Count("Gram matrix", all.stream().mapToLong(left -> 1L + left.after(x.size(), r, tiles.right()).size()).sum());
            for (Rows some : all) {
                List<Block> left = structure.blocks(x, some);
                try {
                    multiply(left, left, k, some.place(r), some.place(r), rows);
                    count.next();
                    for (Rows others : some.after(x.size(), r, tiles.right())) {
                        with(structure, x, left, others, k, some.place(r), others.place(r), rows);
                        count.next();
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
            Tiles tiles = tiles(structure, r, Integer.MAX_VALUE);
            List<Rows> all = Rows.cut(0, 0, x.size(), r, tiles.left());
            List<Rows> right = Rows.cut(0, 0, z.size(), r, tiles.right());
            Count count = new Count("cross-Gram matrix", (long) all.size() * right.size());
            for (Rows some : all) {
                List<Block> left = structure.blocks(x, some);
                try {
                    for (Rows others : right) {
                        with(structure, z, left, others, k, some.place(r), others.place(r), columns);
                        count.next();
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
        try (GradientStructure structure = new GradientStructure(network, outputs, new Costs((positions, in, out) -> positions == 1))) {
            for (Rows some : Rows.cut(0, 0, x.size(), r, right(structure, r))) {
                for (Block block : structure.blocks(x, some)) {
                    try (block) {
                        block.accumulateDiagonal(diagonal, some.place(r));
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
        return new Costs((positions, in, out) -> {
            double t2 = (double) positions * positions;
            double factored = t2 * (in + (double) r * r * (out + 1));
            double forming = (double) r * positions * in * out * (1.0 / n + 1.0 / m);
            return factored <= (double) r * r * in * out + forming;
        });
    }

    /**
     * How gradients of Gram matrices are kept; of a table, always its rows, since hardly any two examples have one in common.
     *
     * @param ofWeights the choice for weights
     */
    private record Costs(PerExample.Choice ofWeights) implements PerExample.Choice {
        @Override
        public boolean keepFactors(long positions, long inputWidth, long outputWidth) {
            return ofWeights.keepFactors(positions, inputWidth, outputWidth);
        }

        @Override
        public boolean keepRows() {
            return true;
        }
    }

    /**
     * Which rows are in memory together.
     *
     * @param left whose gradients stay while those of the right go by
     * @param right whose gradients are made anew for each part of the left
     */
    private record Tiles(Rows.Size left, Rows.Size right) {
    }

    /**
     * A share of the budget holds the gradients of both tiles, most of it those of the left one: the gradients of the right are made anew for every left tile. The n examples of
     * a symmetric matrix may all be on the left.
     */
    private Tiles tiles(GradientStructure structure, int r, int n) {
        Rows.Size right = right(structure, r);
        int share = leftShare(structure);
        if (right.combinations() < r) {
            // with all combinations of an only example on the left, none are left for the right
            int left = n == 1 && right.combinations() * (share + 1L) >= r ? r : (int) Math.min(r, (long) right.combinations() * share);
            return new Tiles(new Rows.Size(1, left), right);
        }
        long most = right.examples() * (share + (structure.isLarge() ? 1L : 0L));
        return new Tiles(new Rows.Size((int) Math.min(MAX_SIDE, most >= n ? n : (long) right.examples() * share), r), right);
    }

    private static int leftShare(GradientStructure structure) {
        return structure.isLarge() ? LARGE_LEFT_SHARE : LEFT_SHARE;
    }

    /** Rows of a right tile: some examples, or if not even one fits, some of its combinations. */
    private Rows.Size right(GradientStructure structure, int r) {
        double bytes = (structure.isLarge() ? LARGE_SHARE : SHARE) * network.settings().effectiveMemoryBudget() / (leftShare(structure) + 1);
        double examples = bytes / (structure.sharedBytes() + (double) r * structure.bytesPerCombination());
        if (examples >= 1 || r == 1) {
            return new Rows.Size((int) Math.max(1, Math.min(MAX_SIDE, examples)), r);
        }
        double combinations = (bytes - structure.sharedBytes()) / structure.bytesPerCombination();
        return new Rows.Size(1, (int) Math.max(1, Math.min(r, combinations)));
    }

    /** Tells how many of the products of two tiles are done. */
    private final class Count {
        private final String stage;
        private final long total;
        private long done;

        Count(String stage, long total) {
            this.stage = stage;
            this.total = total;
        }

        void next() {
            progress.progress(stage, ++done, total);
        }
    }

    private static void with(GradientStructure structure, Examples z, List<Block> left, Rows rows, double[] k, int rowOffset, int columnOffset, int leading) {
        List<Block> right = structure.blocks(z, rows);
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
