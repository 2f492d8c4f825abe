package org.finitentk.classification;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.RowSums;
import org.finitentk.internal.linalg.SmallEigen;
import org.finitentk.internal.linalg.SymmetricEigen;

/**
 * A symmetric matrix of one C × C block an example.
 *
 * @param blocks n
 * @param size C
 * @param values n × C × C
 */
record BlockDiagonal(int blocks, int size, double[] values) {
    /** Columns from which on it is worth to copy rows, so that sums run along them. */
    private static final int LONG = 8;

    static BlockDiagonal zeros(int blocks, int size) {
        return new BlockDiagonal(blocks, size, new double[Math.multiplyExact(Math.multiplyExact(blocks, size), size)]);
    }

    /** The sum of all diagonals. */
    double trace() {
        double trace = 0;
        for (int row = 0; row < blocks * size; row++) {
            trace += values[row * size + row % size];
        }
        return trace;
    }

    /** (1 − ρ) this + ρ other. */
    BlockDiagonal mixed(BlockDiagonal other, double rho) {
        double[] mixed = new double[values.length];
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = (1 - rho) * values[i] + rho * other.values[i];
        }
        return new BlockDiagonal(blocks, size, mixed);
    }

    /** Times a block of vectors, n C × columns. */
    double[] multiply(double[] x, int columns) {
        double[] y = new double[x.length];
        IntStream.range(0, blocks).parallel().forEach(i -> {
            int at = i * size * columns;
            if (columns < LONG) {
                multiply(i, x, at, columns, y);
                return;
            }
            double[][] product = multiply(i, RowSums.of(x, at, size, columns));
            for (int c = 0; c < size; c++) {
                System.arraycopy(product[c], 0, y, at + c * columns, columns);
            }
        });
        return y;
    }

    private void multiply(int block, double[] x, int at, int columns, double[] y) {
        for (int c = 0; c < size; c++) {
            for (int d = 0; d < size; d++) {
                double factor = values[(block * size + c) * size + d];
                for (int j = 0; j < columns; j++) {
                    y[at + c * columns + j] += factor * x[at + d * columns + j];
                }
            }
        }
    }

    /** A block times C rows. */
    double[][] multiply(int block, double[][] rows) {
        double[][] product = new double[size][rows[0].length];
        for (int c = 0; c < size; c++) {
            RowSums.add(values, (block * size + c) * size, rows, product[c]);
        }
        return product;
    }

    /**
     * The columns of I + λ R K R that belong to the examples from a first one on, R being this, in the lower triangle
     * of a square matrix.
     *
     * @param left R K at these columns, by rows
     * @param first the first of the examples
     * @param lambda λ
     * @param target n C × n C
     */
    void sandwich(double[][] left, int first, double lambda, NativeDoubles target) {
        double[][][] right = IntStream.range(0, left[0].length / size)
                .mapToObj(j -> rows(first + j))
                .toArray(double[][][]::new);
        IntStream.range(first, blocks).parallel().forEach(i -> {
            double[] sums = new double[size];
            double[] values = new double[Math.min(right.length, i - first + 1) * size];
            for (int row = i * size; row < (i + 1) * size; row++) {
                for (int at = 0; at < values.length; at += size) {
                    Arrays.fill(sums, 0);
                    RowSums.add(left[row], at, right[at / size], sums);
                    for (int b = 0; b < size; b++) {
                        values[at + b] = lambda * sums[b];
                    }
                }
                if (i < first + right.length) {
                    values[row - first * size] += 1;
                }
                target.put((long) row * left.length + (long) first * size, values, 0, values.length);
            }
        });
    }

    /** The rows of a block. */
    double[][] rows(int block) {
        return RowSums.of(values, block * size * size, size, size);
    }

    /** The symmetric square root of a positive semidefinite one; what rounding made negative counts as 0. */
    BlockDiagonal root() {
        return Blas.undivided(() -> {
            BlockDiagonal root = zeros(blocks, size);
            IntStream.range(0, blocks).parallel().forEach(i -> {
                double[] block = new double[size * size];
                System.arraycopy(values, i * size * size, block, 0, block.length);
                addRoot(block, root.values, i * size * size);
            });
            return root;
        });
    }

    private void addRoot(double[] block, double[] root, int at) {
        if (size > SmallEigen.NATIVE_UNTIL && size < SmallEigen.NATIVE_FROM) {
            SmallEigen eigen = SmallEigen.of(block, size);
            addRoot(IntStream.range(0, size).mapToDouble(eigen::value).toArray(), eigen::vector, root, at);
        } else {
            SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(block, size);
            addRoot(eigen.values(), eigen::vector, root, at);
        }
    }

    /** Element c of eigenvector e. */
    private interface Vectors {
        double element(int e, int c);
    }

    private void addRoot(double[] eigenvalues, Vectors eigenvectors, double[] root, int at) {
        double[][] vectors = new double[size][size];
        double[] lengths = new double[size];
        for (int e = 0; e < size; e++) {
            double length = Math.sqrt(Math.max(0, eigenvalues[e]));
            lengths[e] = length > 0 ? length : 0;
            for (int c = 0; c < size; c++) {
                vectors[e][c] = eigenvectors.element(e, c);
            }
        }
        double[] factors = new double[size];
        for (int c = 0; c < size; c++) {
            for (int e = 0; e < size; e++) {
                factors[e] = lengths[e] * vectors[e][c];
            }
            double[] row = new double[size];
            RowSums.add(factors, 0, vectors, row);
            System.arraycopy(row, 0, root, at + c * size, size);
        }
    }

    /** This times this. */
    BlockDiagonal square() {
        BlockDiagonal square = zeros(blocks, size);
        IntStream.range(0, blocks).parallel().forEach(i -> {
            double[][] product = multiply(i, rows(i));
            for (int c = 0; c < size; c++) {
                System.arraycopy(product[c], 0, square.values, (i * size + c) * size, size);
            }
        });
        return square;
    }

    /** Σ of the products of the elements: the trace of this times another. */
    double traceOfProduct(BlockDiagonal other) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i] * other.values[i];
        }
        return sum;
    }
}
