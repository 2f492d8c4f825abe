package org.finitentk.kernel;

import org.finitentk.linalg.NativeDoubles;
import org.jspecify.annotations.Nullable;

/**
 * One parameter's per-example gradients for some examples: rows are (example, combination).
 *
 * <p>Either gradients multiplied out, {@code delta} [rows × width]; or factors: {@code input} [examples × T × d_in], shared by an example's combinations,
 * and {@code delta} [rows × T × d_out].
 *
 * @param examples how many
 * @param combinations of outputs
 * @param positions T, 0 for gradients
 * @param inputWidth d_in, 0 for gradients
 * @param width d_out, or elements of a gradient
 * @param input null for gradients
 * @param delta see above
 */
record Block(int examples, int combinations, int positions, int inputWidth, int width, @Nullable NativeDoubles input, NativeDoubles delta) implements AutoCloseable {
    int rows() {
        return examples * combinations;
    }

    /** Adds each row's squared norm; for gradients, and factors of one position. */
    void accumulateDiagonal(double[] diagonal, int offset) {
        double[] scale = input == null ? new double[0] : squaredNorms(input, examples, inputWidth);
        double[] own = squaredNorms(delta, rows(), width);
        for (int row = 0; row < own.length; row++) {
            diagonal[offset + row] += own[row] * (input == null ? 1 : scale[row / combinations]);
        }
    }

    private static double[] squaredNorms(NativeDoubles matrix, int rows, int width) {
        double[] norms = new double[rows];
        double[] row = new double[width];
        for (int i = 0; i < rows; i++) {
            matrix.get((long) i * width, row, 0, width);
            for (double element : row) {
                norms[i] += element * element;
            }
        }
        return norms;
    }

    @Override
    public void close() {
        if (input != null) {
            input.close();
        }
        delta.close();
    }
}
