package org.finitentk.internal.kernel;

import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;

/**
 * The tangent kernel's Gram matrix as an operator that is made once and kept, in float64 outside the Java heap. Where
 * it fits, products are much cheaper than those of a {@link TangentOperator} for a network of many parameters: 2n²
 * operations a vector instead of 4nP. Close it.
 */
public final class GramMatrix implements LinearOperator {
    /** Elements of a panel of rows while the matrix is made: 64 MiB. */
    private static final long PANEL_ELEMENTS = 1L << 23;

    private final NativeDoubles matrix;
    private final int size;

    private GramMatrix(NativeDoubles matrix, int size) {
        this.matrix = matrix;
        this.size = size;
    }

    /**
     * Makes the matrix.
     *
     * @param network the linearized network; stays the caller's
     * @param x n examples
     * @param outputs which combinations of outputs, R of them
     * @param progress told after each panel of rows
     * @return the operator, of size n · R
     */
    public static GramMatrix of(LinearizedNetwork network, Examples x, Outputs outputs, ProgressListener progress) {
        int r = outputs.count(network.outputSize());
        return of(network, x, outputs, (int) Math.max(1, PANEL_ELEMENTS / x.size() / r / r), progress);
    }

    /** As above, with so many examples to a panel. */
    public static GramMatrix of(
            LinearizedNetwork network, Examples x, Outputs outputs, int panel, ProgressListener progress) {
        int r = outputs.count(network.outputSize());
        int size = Math.multiplyExact(x.size(), r);
        NativeDoubles matrix = new NativeDoubles((long) size * size);
        try {
            KernelTiles kernel = new KernelTiles(network);
            for (int from = 0; from < x.size(); from += panel) {
                int to = Math.min(x.size(), from + panel);
                // what lies left of the diagonal is known
                double[] rows = kernel.gram(x.slice(from, to), x.slice(from, x.size()), outputs);
                place(matrix, size, rows, from * r, (to - from) * r);
                progress.progress("kernel matrix", to, x.size());
            }
            return new GramMatrix(matrix, size);
        } catch (RuntimeException | Error e) {
            matrix.close();
            throw e;
        }
    }

    /** Rows from the diagonal on, and below the diagonal their transpose. */
    private static void place(NativeDoubles matrix, int size, double[] rows, int first, int count) {
        int width = size - first;
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < i; j++) {
                // the two halves of a block on the diagonal are rounded differently
                rows[i * width + j] = rows[j * width + i];
            }
            matrix.put((long) (first + i) * size + first, rows, i * width, width);
        }
        double[] mirrored = new double[count];
        for (int j = count; j < width; j++) {
            for (int i = 0; i < count; i++) {
                mirrored[i] = rows[i * width + j];
            }
            matrix.put((long) (first + j) * size + first, mirrored, 0, count);
        }
    }

    /**
     * Elements of some columns.
     *
     * @param from first row
     * @param to end of the rows
     * @param columns which columns
     * @return (to - from) × columns, row-major
     */
    public double[] columns(int from, int to, int[] columns) {
        double[] row = new double[size];
        double[] chosen = new double[Math.multiplyExact(to - from, columns.length)];
        for (int i = from; i < to; i++) {
            matrix.get((long) i * size, row, 0, size);
            for (int j = 0; j < columns.length; j++) {
                chosen[(i - from) * columns.length + j] = row[columns[j]];
            }
        }
        return chosen;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public double[] diagonal() {
        double[] diagonal = new double[size];
        for (int i = 0; i < size; i++) {
            matrix.get((long) i * size + i, diagonal, i, 1);
        }
        return diagonal;
    }

    @Override
    public void multiply(double[] x, int columns, double[] y) {
        if (x.length != Math.multiplyExact(size, columns) || y.length != x.length) {
            throw new IllegalArgumentException(
                    "blocks of " + x.length + " and " + y.length + " elements are not " + size + " x " + columns);
        }
        try (NativeDoubles in = NativeDoubles.of(x);
                NativeDoubles out = new NativeDoubles(x.length)) {
            Blas.gemm(matrix.matrix(size, size), in.matrix(size, columns), 0, out.matrix(size, columns));
            out.get(0, y, 0, y.length);
        }
    }

    @Override
    public void close() {
        matrix.close();
    }
}
