package org.finitentk.internal.kernel;

/**
 * Which rows of a kernel matrix are in memory together.
 *
 * @param left whose gradients stay while those of the right go by
 * @param right whose gradients are made anew for each part of the left
 */
public record Tiles(Rows.Size left, Rows.Size right) {
    /** A left tile's examples for each of a right one. */
    private static final int LEFT_SHARE = 3;
    /** Of the memory budget, for the gradients of both tiles. */
    private static final double SHARE = 0.5;
    /**
     * The same two where gradients are large. Those of the right are made n / left times, and become double precision
     * for each left tile, those of the left for each right one: each of these takes about as long for a row, so that
     * the sum of all, 2 / left + 1 / right, is about least at this share; at 15 it was three times as much.
     */
    private static final double LARGE_SHARE = 1;

    private static final int LARGE_LEFT_SHARE = 2;
    private static final int MAX_EXAMPLES = CostModel.MAX_SIDE;

    /**
     * A share of the budget holds the gradients of both tiles, most of it those of the left one: the gradients of the
     * right are made anew for every left tile. The n examples of a symmetric matrix may all be on the left.
     *
     * @param structure says what gradients take
     * @param r combinations of each example
     * @param n examples on the left at most
     * @param budget bytes
     * @throws IllegalArgumentException if the gradients of one row of each tile are more than the budget
     */
    public static Tiles of(GradientStructure structure, int r, int n, long budget) {
        requireTwoRows(structure, budget);
        Rows.Size right = right(structure, r, budget);
        int share = leftShare(structure);
        if (right.combinations() < r) {
            // with all combinations of an only example on the left, none are left for the right
            int left = n == 1 && isWhole(structure, r, budget)
                    ? r
                    : (int) Math.min(r, (long) right.combinations() * share);
            return new Tiles(new Rows.Size(1, left), right);
        }
        long most = right.examples() * (share + (structure.isLarge() ? 1L : 0L));
        return new Tiles(
                new Rows.Size((int) Math.min(MAX_EXAMPLES, most >= n ? n : (long) right.examples() * share), r), right);
    }

    /** Whether all combinations of an only example are on the left. */
    static boolean isWhole(GradientStructure structure, int r, long budget) {
        return right(structure, r, budget).combinations() * (leftShare(structure) + 1L) >= r;
    }

    /**
     * Large gradients of a row on the left and of one on the right; where they are small, as many as fit are few, but
     * take next to nothing.
     */
    private static void requireTwoRows(GradientStructure structure, long budget) {
        long needed = 2 * (structure.sharedBytes() + structure.bytesPerCombination());
        if (structure.isLarge() && needed > budget) {
            throw new IllegalArgumentException(
                    "two rows of the kernel matrix, which are multiplied by each other, have gradients of "
                            + (needed >> 20)
                            + " MiB, and the memory budget is " + (budget >> 20)
                            + " MiB; set a memory budget of more than " + (needed >> 20)
                            + " MiB (--memory, or memoryBudget of the backbone), or select fewer parameters");
        }
    }

    /**
     * Bytes of the gradients that are in memory together, of a symmetric matrix of n examples with r combinations:
     * where all are on the left, there is no right.
     */
    public long bytes(GradientStructure structure, int r, int n) {
        long ofLeft = bytes(structure, new Rows.Size(Math.min(n, left.examples()), left.combinations()));
        boolean all = left.examples() >= n && left.combinations() >= r;
        return all
                ? ofLeft
                : ofLeft + bytes(structure, new Rows.Size(Math.min(n, right.examples()), right.combinations()));
    }

    /** The same for a matrix of n examples and m others. */
    public long crossBytes(GradientStructure structure, int n, int m) {
        return bytes(structure, new Rows.Size(Math.min(n, left.examples()), left.combinations()))
                + bytes(structure, new Rows.Size(Math.min(m, right.examples()), right.combinations()));
    }

    private static long bytes(GradientStructure structure, Rows.Size size) {
        return size.examples() * (structure.sharedBytes() + size.combinations() * structure.bytesPerCombination());
    }

    private static int leftShare(GradientStructure structure) {
        return structure.isLarge() ? LARGE_LEFT_SHARE : LEFT_SHARE;
    }

    /** Rows of a right tile: some examples, or if not even one fits, some of its combinations. */
    public static Rows.Size right(GradientStructure structure, int r, long budget) {
        double bytes = (structure.isLarge() ? LARGE_SHARE : SHARE) * budget / (leftShare(structure) + 1);
        double examples = bytes / (structure.sharedBytes() + (double) r * structure.bytesPerCombination());
        if (examples >= 1 || r == 1) {
            return new Rows.Size((int) Math.max(1, Math.min(MAX_EXAMPLES, examples)), r);
        }
        double combinations = (bytes - structure.sharedBytes()) / structure.bytesPerCombination();
        return new Rows.Size(1, (int) Math.max(1, Math.min(r, combinations)));
    }
}
