package org.finitentk.internal.kernel;

import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NativeFloats;

/**
 * Products of gradients Σ_t a_t ⊗ δ_t of many examples and one combination of outputs, whose factors are kept and whose
 * gradients are multiplied out a few columns at a time: 2 d_in d_out operations a pair of examples, as for gradients
 * that are kept multiplied out, in the memory of the factors. The network is so run once for each example, where a
 * matrix of gradients would not fit the memory.
 */
final class FormedProducts implements AutoCloseable {
    /** Numbers of gradients that are multiplied out at a time, of all examples together: 128 MiB. */
    private static final long ELEMENTS = 1L << 24;

    private final Block left;
    private final Block right;
    private final int columns;
    private final NativeDoubles ofLeft;
    private final NativeDoubles ofRight;

    /** Of one parameter, whose cotangents are in single precision. */
    FormedProducts(Block left, Block right) {
        this(left, right, ELEMENTS);
    }

    /** With so many numbers of gradients at a time, or those of one column if these are more. */
    FormedProducts(Block left, Block right, long elements) {
        this.left = left;
        this.right = right;
        long perColumn = (long) (left.examples() + right.examples()) * left.inputWidth();
        this.columns = (int) Math.max(1, Math.min(left.width(), elements / perColumn));
        this.ofLeft = new NativeDoubles((long) columns * left.examples() * left.inputWidth());
        this.ofRight = new NativeDoubles((long) columns * right.examples() * right.inputWidth());
    }

    /** Whether this takes fewer operations than {@link FactorProducts}, for n × m pairs of examples. */
    static boolean isCheaper(Block left, Block right, int n, int m) {
        if (left.combinations() > 1 || right.combinations() > 1) {
            return false;
        }
        return operations(left.positions(), left.inputWidth(), left.width(), n, m)
                < FactorProducts.operations(left.positions(), left.inputWidth(), left.width());
    }

    /** Multiplications a pair of examples: of the gradients, and a share of those that make them. */
    static double operations(long positions, long inputWidth, long width, int n, int m) {
        return (double) inputWidth * width * (1 + positions * (1.0 / n + 1.0 / m));
    }

    /**
     * Adds the products of examples of the left with those of the right.
     *
     * @param from first example of the left
     * @param count examples of the left
     * @param start first example of the right
     * @param sum count rows, a column for each example of the right from {@code start} on
     */
    void add(int from, int count, int start, NativeDoubles sum) {
        int others = right.examples() - start;
        for (int column = 0; column < left.width(); column += columns) {
            int some = Math.min(columns, left.width() - column);
            int width = Math.multiplyExact(left.inputWidth(), some);
            form(left, from, count, column, some, ofLeft);
            form(right, start, others, column, some, ofRight);
            Blas.gemm(
                    ofLeft.matrix(count, width),
                    ofRight.matrix(others, width).transposed(),
                    1,
                    sum.matrix(count, others));
        }
    }

    /** Columns of the gradients of some examples: d_in × some numbers each. */
    private static void form(Block block, int from, int count, int column, int some, NativeDoubles target) {
        int positions = block.positions();
        NativeFloats cotangents = block.singles();
        int width = block.inputWidth() * some;
        double[] wide = new double[positions * some];
        float[] narrow = new float[some];
        try (NativeDoubles delta = new NativeDoubles(wide.length)) {
            for (int i = 0; i < count; i++) {
                for (int t = 0; t < positions; t++) {
                    cotangents.get(((long) (from + i) * positions + t) * block.width() + column, narrow, 0, some);
                    for (int j = 0; j < some; j++) {
                        wide[t * some + j] = narrow[j];
                    }
                }
                delta.put(0, wide, 0, wide.length);
                Blas.gemm(
                        block.inputs(from + i, 1).transposed(),
                        delta.matrix(positions, some),
                        0,
                        target.matrix((long) i * width, block.inputWidth(), some));
            }
        }
    }

    @Override
    public void close() {
        ofLeft.close();
        ofRight.close();
    }
}
