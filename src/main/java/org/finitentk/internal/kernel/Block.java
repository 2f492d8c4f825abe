package org.finitentk.internal.kernel;

import java.util.HashMap;
import java.util.Map;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NativeFloats;
import org.finitentk.internal.linalg.NativeMatrix;
import org.jspecify.annotations.Nullable;

/**
 * One parameter's per-example gradients for some examples: rows are (example, combination).
 *
 * <p>Either gradients multiplied out, {@code delta} or {@code single} [rows × width]; or factors: {@code input}
 * [examples × T × d_in], shared by an example's combinations, and {@code delta} [rows × T × d_out]; or rows of a table:
 * {@code input} [examples × T] says which, and {@code delta} has their cotangents.
 *
 * @param examples how many
 * @param combinations of outputs
 * @param positions T, 0 for gradients
 * @param inputWidth d_in, 0 for gradients and for rows of a table
 * @param width d_out, or elements of a gradient
 * @param input null for gradients
 * @param delta see above; null where there is {@code single}
 * @param single gradients or cotangents in the network's own precision, where they are so many that they are kept in
 *     half the memory
 */
public record Block(
        int examples,
        int combinations,
        int positions,
        int inputWidth,
        int width,
        @Nullable NativeDoubles input,
        @Nullable NativeDoubles delta,
        @Nullable NativeFloats single)
        implements AutoCloseable {
    public int rows() {
        return examples * combinations;
    }

    /** Whether it is of a table, of which examples look rows up. */
    public boolean isTable() {
        return input != null && inputWidth == 0;
    }

    /** Gradients or cotangents in double precision. */
    public NativeDoubles doubles() {
        if (delta == null) {
            throw new IllegalStateException("these gradients are kept in single precision");
        }
        return delta;
    }

    /** Gradients or cotangents in single precision. */
    public NativeFloats singles() {
        if (single == null) {
            throw new IllegalStateException("these gradients are kept in double precision");
        }
        return single;
    }

    /** Some rows' gradients, or their δ, T rows each. */
    NativeMatrix<NativeDoubles> deltas(int from, int count) {
        int t = Math.max(1, positions);
        return doubles().matrix((long) from * t * width, count * t, width);
    }

    /** Some examples' factors a, T rows each. */
    NativeMatrix<NativeDoubles> inputs(int from, int count) {
        if (input == null) {
            throw new IllegalStateException("these gradients are no factors");
        }
        return input.matrix((long) from * positions * inputWidth, count * positions, inputWidth);
    }

    /** The rows of the table that some examples look up, T each. */
    double[] lookedUp(int from, int count) {
        if (input == null) {
            throw new IllegalStateException("these gradients are of no table");
        }
        double[] rows = new double[count * positions];
        input.get((long) from * positions, rows, 0, rows.length);
        return rows;
    }

    /** Adds each row's squared norm; for gradients, factors of one position, and tables. */
    public void accumulateDiagonal(double[] diagonal, int offset) {
        if (isTable()) {
            for (int row = 0; row < rows(); row++) {
                diagonal[offset + row] += squaredNormOfTable(row);
            }
            return;
        }
        double[] scale = input == null ? new double[0] : squaredNorms(input, examples, inputWidth);
        double[] own = single != null ? squaredNorms(single, rows(), width) : squaredNorms(doubles(), rows(), width);
        for (int row = 0; row < own.length; row++) {
            diagonal[offset + row] += own[row] * (input == null ? 1 : scale[row / combinations]);
        }
    }

    /** A row of the table that was looked up several times has the sum of its cotangents. */
    private double squaredNormOfTable(int row) {
        double[] cotangent = new double[width];
        Map<Double, double[]> sums = new HashMap<>();
        for (int t = 0; t < positions; t++) {
            doubles().get(((long) row * positions + t) * width, cotangent, 0, width);
            double[] sum = sums.computeIfAbsent(index(row / combinations, t), unseen -> new double[width]);
            for (int j = 0; j < width; j++) {
                sum[j] += cotangent[j];
            }
        }
        double norm = 0;
        for (double[] sum : sums.values()) {
            for (double element : sum) {
                norm += element * element;
            }
        }
        return norm;
    }

    private double index(int example, int position) {
        double[] index = new double[1];
        if (input != null) {
            input.get((long) example * positions + position, index, 0, 1);
        }
        return index[0];
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

    private static double[] squaredNorms(NativeFloats matrix, int rows, int width) {
        double[] norms = new double[rows];
        float[] row = new float[width];
        for (int i = 0; i < rows; i++) {
            matrix.get((long) i * width, row, 0, width);
            for (float element : row) {
                norms[i] += (double) element * element;
            }
        }
        return norms;
    }

    @Override
    public void close() {
        if (input != null) {
            input.close();
        }
        if (delta != null) {
            delta.close();
        }
        if (single != null) {
            single.close();
        }
    }
}
