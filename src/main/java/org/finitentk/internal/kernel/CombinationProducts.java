package org.finitentk.internal.kernel;

import java.util.stream.IntStream;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NativeFloats;

/**
 * The products of {@link FactorProducts} for many combinations of outputs: some of the d columns of all combinations'
 * cotangents at a time, Σ_j D_j M D'_jᵀ, where D_j has a row for each combination and a column for each position. Each
 * number is widened once, and all matrices that are multiplied are large.
 */
final class CombinationProducts implements AutoCloseable {
    /** Combinations from which on this is quicker. */
    private static final int MANY = 16;
    /** Numbers of cotangents in double precision at a time: 64 MiB. */
    private static final long ELEMENTS = 1L << 23;
    /** Rows of a symmetric product that are made together: wide enough for a product's full speed. */
    private static final int BAND = 128;

    private final Block left;
    private final Block right;
    private final int columns;
    private final NativeDoubles inputs;
    private final NativeDoubles ofLeft;
    private final NativeDoubles ofRight;
    private final NativeDoubles carried;

    CombinationProducts(Block left, Block right) {
        this(left, right, ELEMENTS);
    }

    /**
     * Of one parameter, whose cotangents are in single precision.
     *
     * @param elements numbers of cotangents of either side in double precision at a time, roughly
     */
    CombinationProducts(Block left, Block right, long elements) {
        this.left = left;
        this.right = right;
        long ofLeftColumn = (long) left.positions() * left.combinations();
        long ofRightColumn = (long) right.positions() * right.combinations();
        long most = elements / Math.max(ofLeftColumn, ofRightColumn);
        this.columns = (int) Math.max(1, Math.min(left.width(), most));
        this.inputs = new NativeDoubles((long) left.positions() * right.positions());
        this.ofLeft = new NativeDoubles(columns * ofLeftColumn);
        this.ofRight = new NativeDoubles(columns * ofRightColumn);
        this.carried = new NativeDoubles((long) columns * left.positions() * right.combinations());
    }

    /** Whether both sides have so many combinations that this is quicker than {@link FactorProducts}. */
    static boolean isFor(Block left, Block right) {
        return Math.min(left.combinations(), right.combinations()) >= MANY;
    }

    /**
     * Adds the products of one example of the left with those of the right from {@code start} on.
     *
     * @param example of the left
     * @param start of the right; where both sides are the same, the example itself, whose products are only made on and
     *     right of the diagonal, but for a narrow band
     * @param sum one row a combination of the left, and as many columns as the right has rows from {@code start} on
     * @param sumRow of the first combination
     */
    void add(int example, int start, NativeDoubles sum, int sumRow) {
        int leading = (right.examples() - start) * right.combinations();
        for (int other = isSymmetric() ? Math.max(start, example) : start; other < right.examples(); other++) {
            Blas.gemm(
                    left.inputs(example, 1),
                    right.inputs(other, 1).transposed(),
                    0,
                    inputs.matrix(left.positions(), right.positions()));
            long first = (long) sumRow * leading + (long) (other - start) * right.combinations();
            boolean same = isSymmetric() && other == example;
            for (int from = 0; from < left.width(); from += columns) {
                int count = Math.min(columns, left.width() - from);
                widen(right, other, from, count, ofRight);
                carry(count);
                if (!same) {
                    widen(left, example, from, count, ofLeft);
                }
                multiply(same ? ofRight : ofLeft, count, same, new Target(sum, first, leading));
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very same gradients
    private boolean isSymmetric() {
        return left == right;
    }

    /** Columns [from, from + count) of an example's cotangents: [column × position × combination]. */
    private static void widen(Block block, int example, int from, int count, NativeDoubles target) {
        int positions = block.positions();
        int combinations = block.combinations();
        NativeFloats source = block.singles();
        IntStream.range(0, positions).parallel().forEach(t -> {
            float[] narrow = new float[count];
            double[][] wide = new double[count][combinations];
            for (int c = 0; c < combinations; c++) {
                long row = ((long) example * combinations + c) * positions + t;
                source.get(row * block.width() + from, narrow, 0, count);
                for (int j = 0; j < count; j++) {
                    wide[j][c] = narrow[j];
                }
            }
            for (int j = 0; j < count; j++) {
                target.put(((long) j * positions + t) * combinations, wide[j], 0, combinations);
            }
        });
    }

    /** M D'_jᵀ of each column. */
    private void carry(int count) {
        int combinations = right.combinations();
        for (int j = 0; j < count; j++) {
            Blas.gemm(
                    inputs.matrix(left.positions(), right.positions()),
                    ofRight.matrix((long) j * right.positions() * combinations, right.positions(), combinations),
                    0,
                    carried.matrix((long) j * left.positions() * combinations, left.positions(), combinations));
        }
    }

    /**
     * Where products are added.
     *
     * @param sum a matrix
     * @param first the place of the first product
     * @param leading elements between rows
     */
    private record Target(NativeDoubles sum, long first, int leading) {}

    /** Columns and positions are one long axis, over which products are summed up. */
    private void multiply(NativeDoubles own, int count, boolean same, Target target) {
        int combinations = left.combinations();
        int all = right.combinations();
        int length = count * left.positions();
        int band = same ? BAND : combinations;
        for (int row = 0; row < combinations; row += band) {
            int some = Math.min(band, combinations - row);
            int first = same ? row : 0;
            Blas.gemm(
                    own.part(row, length, some, combinations).transposed(),
                    carried.part(first, length, all - first, all),
                    1,
                    target.sum()
                            .part(
                                    target.first() + (long) row * target.leading() + first,
                                    some,
                                    all - first,
                                    target.leading()));
        }
    }

    @Override
    public void close() {
        inputs.close();
        ofLeft.close();
        ofRight.close();
        carried.close();
    }
}
