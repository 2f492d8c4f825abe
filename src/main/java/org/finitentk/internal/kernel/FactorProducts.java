package org.finitentk.internal.kernel;

import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NativeFloats;

/**
 * Products of gradients Σ_t a_t ⊗ δ_t of two examples with many combinations of outputs. The inputs are the same for
 * all of these, so that the products M of the inputs of all pairs of positions, T × T', are multiplied by the
 * cotangents of the right once, and what results is multiplied by those of the left: R T² d + R² T d operations in the
 * place of the R² d_in d of gradients that are multiplied out, which a convolution has many times more of wherever it
 * has fewer positions than inputs a position.
 */
public final class FactorProducts implements AutoCloseable {
    /**
     * Numbers of cotangents in double precision at a time: 64 MiB, so that reading those of the left again for each of
     * these takes little of the time.
     */
    private static final long ELEMENTS = 1L << 23;

    private final Block left;
    private final Block right;
    private final NativeFloats leftDelta;
    private final NativeFloats rightDelta;
    private final long leftSize;
    private final long rightSize;
    private final int rows;
    private final int columns;
    private final NativeDoubles inputs;
    private final NativeDoubles ofLeft;
    private final NativeDoubles ofRight;
    private final NativeDoubles carried;
    private final NativeDoubles products;

    /** Of one parameter, whose cotangents are in single precision. */
    public FactorProducts(Block left, Block right) {
        this.left = left;
        this.right = right;
        this.leftDelta = left.singles();
        this.rightDelta = right.singles();
        this.leftSize = (long) left.positions() * left.width();
        this.rightSize = (long) right.positions() * right.width();
        this.rows = (int) Math.max(1, Math.min(left.combinations(), ELEMENTS / leftSize));
        this.columns = (int) Math.max(1, Math.min(right.combinations(), ELEMENTS / Math.max(leftSize, rightSize)));
        this.inputs = new NativeDoubles((long) left.positions() * right.positions());
        this.ofLeft = new NativeDoubles(rows * leftSize);
        this.ofRight = new NativeDoubles(columns * rightSize);
        this.carried = new NativeDoubles(columns * leftSize);
        this.products = new NativeDoubles((long) rows * columns);
    }

    /** Multiplications a pair of examples, of one combination. */
    static double operations(long positions, long inputWidth, long width) {
        return (double) positions * positions * (inputWidth + width) + (double) positions * width;
    }

    /**
     * Adds the products of one example of the left with those of the right from {@code start} on.
     *
     * @param example of the left
     * @param start of the right; where both sides are the same, the example itself, whose products are only made on and
     *     right of the diagonal
     * @param sum one row a combination of the left, and as many columns as the right has rows from {@code start} on
     * @param sumRow of the first combination
     */
    public void add(int example, int start, NativeDoubles sum, int sumRow) {
        for (int other = isSymmetric() ? Math.max(start, example) : start; other < right.examples(); other++) {
            Blas.gemm(
                    left.inputs(example, 1),
                    right.inputs(other, 1).transposed(),
                    0,
                    inputs.matrix(left.positions(), right.positions()));
            for (int from = 0; from < right.combinations(); from += columns) {
                int count = Math.min(columns, right.combinations() - from);
                carry(other, from, count);
                int end = isSymmetric() && other == example ? from + count : left.combinations();
                int leading = (right.examples() - start) * right.combinations();
                long first = (long) sumRow * leading + (long) (other - start) * right.combinations() + from;
                add(example, end, count, new Target(sum, first, leading));
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very same gradients
    private boolean isSymmetric() {
        return left == right;
    }

    /** M δ' of some combinations of an example of the right. */
    private void carry(int other, int from, int count) {
        ExactProducts.widen(
                rightDelta, ((long) other * right.combinations() + from) * rightSize, count * rightSize, ofRight);
        for (int c = 0; c < count; c++) {
            Blas.gemm(
                    inputs.matrix(left.positions(), right.positions()),
                    ofRight.matrix(c * rightSize, right.positions(), right.width()),
                    0,
                    carried.matrix(c * leftSize, left.positions(), right.width()));
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

    /** Multiplies these by the cotangents of the left, of combinations before {@code end}. */
    private void add(int example, int end, int count, Target target) {
        double[] row = new double[count];
        double[] own = new double[count];
        for (int from = 0; from < end; from += rows) {
            int some = Math.min(rows, end - from);
            ExactProducts.widen(
                    leftDelta, ((long) example * left.combinations() + from) * leftSize, some * leftSize, ofLeft);
            Blas.gemm(
                    ofLeft.matrix(some, Math.toIntExact(leftSize)),
                    carried.matrix(count, Math.toIntExact(leftSize)).transposed(),
                    0,
                    products.matrix(some, count));
            for (int i = 0; i < some; i++) {
                long at = target.first() + (long) (from + i) * target.leading();
                target.sum().get(at, row, 0, count);
                products.get((long) i * count, own, 0, count);
                for (int j = 0; j < count; j++) {
                    row[j] += own[j];
                }
                target.sum().put(at, row, 0, count);
            }
        }
    }

    @Override
    public void close() {
        inputs.close();
        ofLeft.close();
        ofRight.close();
        carried.close();
        products.close();
    }
}
