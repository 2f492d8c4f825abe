package org.finitentk.internal.kernel;

import java.util.List;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.kernel.GramProducts.Corner;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.network.SegmentedGradients;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * Gram matrices and diagonals of {@code TangentKernel}, tile by tile: rows are taken in pieces whose gradients fit the
 * memory budget. Thread safe if the network is.
 */
public final class KernelTiles {
    /** Largest matrix side: a Java array holds 2³¹ - 1 elements. */
    private static final long MAX_SIDE = CostModel.MAX_SIDE;

    private final LinearizedNetwork network;
    private final ProgressListener progress;

    /** Without telling how far it is. */
    public KernelTiles(LinearizedNetwork network) {
        this(network, ProgressListener.NONE);
    }

    public KernelTiles(LinearizedNetwork network, ProgressListener progress) {
        this.network = network;
        this.progress = progress;
    }

    /** nR × nR, row-major, symmetric. */
    public double[] gram(Examples x, Outputs outputs) {
        network.requireIndependentExamples(x);
        int r = outputs.count(network.outputSize());
        int rows = side(x.size(), r);
        try (Gradients gradients = gradients(outputs, x, x.size())) {
            double[] k = gradients.expand(symmetric(x, gradients.structure(), gradients.combinations()), network, x, x);
            mirror(k, rows);
            return k;
        }
    }

    /**
     * What a Gram matrix will take, as far as sizes tell.
     *
     * @param rows of the matrix
     * @param gradients of single rows that are made
     * @param gradientBytes of all gradients that are in memory together
     * @param operations that make the gradients, and of their products
     */
    public record Estimate(long rows, long gradients, long gradientBytes, double operations) {}

    /** What the Gram matrix of one set of examples will take. */
    public Estimate estimate(Examples x, Outputs outputs) {
        int rows = side(x.size(), outputs.count(network.outputSize()));
        try (Gradients gradients = gradients(outputs, x, x.size())) {
            int r = gradients.combinations();
            long budget = network.settings().effectiveMemoryBudget();
            if (SegmentedGram.gradients(gradients.structure(), x.size(), r, budget) != null) {
                double operations = r * gradients.structure().operationsPerRow()
                        + gradients.structure().productOperations() / 2;
                return new Estimate(rows, r, budget, operations);
            }
            Tiles tiles = Tiles.of(gradients.structure(), r, x.size(), budget);
            long made = Rows.cut(0, 0, x.size(), r, tiles.left()).stream()
                    .mapToLong(left -> left.count()
                            + left.after(x.size(), r, tiles.right()).stream()
                                    .mapToLong(Rows::count)
                                    .sum())
                    .sum();
            double products = gradients.structure().productOperations() * x.size() * x.size() / 2;
            return new Estimate(
                    rows,
                    made,
                    tiles.bytes(gradients.structure(), r, x.size()),
                    made * gradients.structure().operationsPerRow() + products);
        }
    }

    /** What the kernel of one set of examples and another will take. */
    public Estimate estimate(Examples x, Examples z, Outputs outputs) {
        long rows = (long) x.size() * outputs.count(network.outputSize());
        try (Gradients gradients = gradients(outputs, x, z.size())) {
            GradientStructure structure = gradients.structure();
            int r = gradients.combinations();
            Tiles tiles =
                    Tiles.of(structure, r, Integer.MAX_VALUE, network.settings().effectiveMemoryBudget());
            List<Rows> left = Rows.cut(0, 0, x.size(), r, tiles.left());
            long made = (long) x.size() * r + (long) left.size() * z.size() * r;
            double products = structure.productOperations() * x.size() * z.size();
            return new Estimate(
                    rows,
                    made,
                    tiles.crossBytes(structure, x.size(), z.size()),
                    made * structure.operationsPerRow() + products);
        }
    }

    private double[] symmetric(Examples x, GradientStructure structure, int r) {
        int rows = x.size() * r;
        double[] k = new double[rows * rows];
        long budget = network.settings().effectiveMemoryBudget();
        SegmentedGradients segments = SegmentedGram.gradients(structure, x.size(), r, budget);
        if (segments != null) {
            SegmentedGram.add(x, structure, segments, r, k, progress);
            mirror(k, rows);
            return k;
        }
        Tiles tiles = Tiles.of(structure, r, x.size(), budget);
        List<Rows> all = Rows.cut(0, 0, x.size(), r, tiles.left());
        GramCount count = new GramCount(
                progress, "Gram matrix", structure, all, left -> left.after(x.size(), r, tiles.right()), 1);
        for (Rows some : all) {
            List<Block> left = structure.blocks(x, some, count::gradients);
            try {
                multiply(left, left, new Corner(k, some.place(r), some.place(r), rows));
                count.product();
                for (Rows others : some.after(x.size(), r, tiles.right())) {
                    Corner corner = new Corner(k, some.place(r), others.place(r), rows);
                    with(structure, x, left, others, corner, count);
                }
            } finally {
                left.forEach(Block::close);
            }
        }
        mirror(k, rows);
        return k;
    }

    /** nR × mR, row-major. */
    public double[] gram(Examples x, Examples z, Outputs outputs) {
        return gram(x, z, outputs, z.size());
    }

    /**
     * The same, from gradients that are rounded as in the Gram matrix of the first set: what the cheapest form of a
     * gradient is depends on both sizes, and a product of two factors in single precision is not the gradient that is
     * multiplied out.
     */
    public double[] consistent(Examples x, Examples z, Outputs outputs) {
        return gram(x, z, outputs, x.size());
    }

    private double[] gram(Examples x, Examples z, Outputs outputs, int secondSize) {
        network.requireIndependentExamples(x);
        if (!RunningNetwork.of(network).haveEqualSizes(x, z)) {
            return ofTwoSizes(x, z, outputs);
        }
        try (Gradients gradients = gradients(outputs, x, secondSize)) {
            GradientStructure structure = gradients.structure();
            return gradients.expand(cross(x, z, structure, structure, gradients.combinations()), network, x, z);
        }
    }

    private double[] ofTwoSizes(Examples x, Examples z, Outputs outputs) {
        network.requireIndependentExamples(z);
        List<GradientStructure> both = GradientStructure.ofTwoSizes(network, outputs, x, z);
        try {
            return cross(x, z, both.get(0), both.get(1), outputs.count(network.outputSize()));
        } finally {
            both.forEach(GradientStructure::close);
        }
    }

    private double[] cross(Examples x, Examples z, GradientStructure structure, GradientStructure ofRight, int r) {
        int columns = z.size() * r;
        double[] k = new double[Math.multiplyExact(x.size() * r, columns)];
        GradientStructure larger = structure.numbersPerExample() > ofRight.numbersPerExample() ? structure : ofRight;
        Tiles tiles = Tiles.of(larger, r, Integer.MAX_VALUE, network.settings().effectiveMemoryBudget());
        List<Rows> all = Rows.cut(0, 0, x.size(), r, tiles.left());
        List<Rows> right = Rows.cut(0, 0, z.size(), r, tiles.right());
        GramCount count = new GramCount(progress, "cross-Gram matrix", structure, all, left -> right, 0);
        for (Rows some : all) {
            List<Block> left = structure.blocks(x, some, count::gradients);
            try {
                for (Rows others : right) {
                    Corner corner = new Corner(k, some.place(r), others.place(r), columns);
                    with(ofRight, z, left, others, corner, count);
                }
            } finally {
                left.forEach(Block::close);
            }
        }
        return k;
    }

    /** The Gram matrix's diagonal: nR numbers, each at least 0. */
    public double[] diagonal(Examples x, Outputs outputs) {
        network.requireIndependentExamples(x);
        int r = outputs.count(network.outputSize());
        double[] diagonal = new double[Math.multiplyExact(x.size(), r)];
        try (GradientStructure structure =
                new GradientStructure(network, outputs, x, new Costs((positions, in, out) -> positions == 1))) {
            long budget = network.settings().effectiveMemoryBudget();
            List<Rows> all = Rows.cut(0, 0, x.size(), r, Tiles.right(structure, r, budget));
            GramCount count = new GramCount(progress, "diagonal", structure, all, some -> List.of(), 1);
            for (Rows some : all) {
                for (Block block : structure.blocks(x, some, count::gradients)) {
                    try (block) {
                        block.accumulateDiagonal(diagonal, some.place(r));
                    }
                }
                count.product();
            }
        }
        return diagonal;
    }

    private static int side(int n, int r) {
        long rows = (long) n * r;
        if (rows > MAX_SIDE) {
            throw new IllegalArgumentException("a Gram matrix of " + n + " examples and " + r + " outputs has " + rows
                    + " rows; a dense one can have at most " + MAX_SIDE + "; use fewer examples or one output");
        }
        return (int) rows;
    }

    /**
     * How the gradients of all rows are had.
     *
     * @param structure gives those of the combinations
     * @param combinations of outputs, of each example
     * @param head makes the kernel of all outputs from that of the combinations, if these are not the outputs that are
     *     wanted
     */
    private record Gradients(
            GradientStructure structure,
            int combinations,
            @Nullable LinearHead head) implements AutoCloseable {
        double[] expand(double[] k, LinearizedNetwork network, Examples x, Examples z) {
            return head == null ? k : head.expand(k, network, x, z);
        }

        @Override
        public void close() {
            structure.close();
        }
    }

    /** Large gradients of all outputs go through the features of the last layer where these are fewer. */
    private Gradients gradients(Outputs outputs, Examples x, int m) {
        int n = x.size();
        int r = outputs.count(network.outputSize());
        GradientStructure structure =
                GradientStructure.of(network, outputs, x, choice(r, n, m), choiceIfLarge(r, n, m));
        LinearHead head = structure.isLarge() && outputs.isAll() ? LinearHead.of(network) : null;
        if (head == null) {
            return new Gradients(structure, r, null);
        }
        structure.close();
        int features = head.features().count(network.outputSize());
        return new Gradients(
                GradientStructure.large(network, head.features(), x, choiceIfLarge(features, n, m), p -> !head.owns(p)),
                features,
                head);
    }

    /**
     * Multiplications an entry of the n × m block of examples: T² (d_in + R² d_out) from factors; R² d_in d_out, and
     * forming the gradients of both sides, multiplied out. Factors of more than one position also make products of T²
     * entries.
     */
    public static PerExample.Choice choice(int r, int n, int m) {
        return new Costs((positions, in, out) -> {
            double t2 = (double) positions * positions;
            double factored = t2 * (in + (double) r * r * (out + 1));
            double forming = (double) r * positions * in * out * (1.0 / n + 1.0 / m);
            return factored <= (double) r * r * in * out + forming;
        });
    }

    /**
     * The same for large gradients of many combinations, whose products are those of {@link FactorProducts}: T² (d_in +
     * R d_out) + R² T d_out from factors. Those of one combination are kept in whichever form is smaller, since factors
     * can be multiplied out a part at a time ({@link FormedProducts}).
     */
    static PerExample.Choice choiceIfLarge(int r, int n, int m) {
        return new Costs((positions, in, out) -> {
            if (r == 1) {
                return positions * (2.0 * in + out) < (double) in * out;
            }
            double carrying = positions == 1 ? r : (double) positions * (in + (double) r * out);
            double factored = positions * (carrying + (double) r * r * out);
            double forming = (double) r * positions * in * out * (1.0 / n + 1.0 / m);
            return factored <= (double) r * r * in * out + forming;
        });
    }

    /**
     * How gradients of Gram matrices are kept; of a table, always its rows, since hardly any two examples have one in
     * common.
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

    private static void with(
            GradientStructure structure, Examples z, List<Block> left, Rows rows, Corner corner, GramCount count) {
        List<Block> right = structure.blocks(z, rows, count::gradients);
        try {
            multiply(left, right, corner);
        } finally {
            right.forEach(Block::close);
        }
        count.product();
    }

    private static void multiply(List<Block> left, List<Block> right, Corner corner) {
        if (left.isEmpty()) {
            return;
        }
        try (GramProducts products = new GramProducts(left, right)) {
            products.accumulate(corner);
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
