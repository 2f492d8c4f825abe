package org.finitentk.classification;

import java.util.stream.IntStream;
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
    static BlockDiagonal zeros(int blocks, int size) {
        return new BlockDiagonal(blocks, size, new double[Math.multiplyExact(Math.multiplyExact(blocks, size), size)]);
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
            for (int c = 0; c < size; c++) {
                int row = (i * size + c) * columns;
                for (int d = 0; d < size; d++) {
                    double factor = values[(i * size + c) * size + d];
                    int from = (i * size + d) * columns;
                    for (int j = 0; j < columns; j++) {
                        y[row + j] += factor * x[from + j];
                    }
                }
            }
        });
        return y;
    }

    /** The symmetric square root of a positive semidefinite one; what rounding made negative counts as 0. */
    BlockDiagonal root() {
        BlockDiagonal root = zeros(blocks, size);
        IntStream.range(0, blocks).parallel().forEach(i -> {
            double[] block = new double[size * size];
            System.arraycopy(values, i * size * size, block, 0, block.length);
            addRoot(block, root.values, i * size * size);
        });
        return root;
    }

    private void addRoot(double[] block, double[] root, int at) {
        if (size > SmallEigen.NATIVE_UNTIL && size < SmallEigen.NATIVE_FROM) {
            SmallEigen eigen = SmallEigen.of(block, size);
            for (int e = 0; e < size; e++) {
                addRoot(eigen.value(e), e, eigen::vector, root, at);
            }
            return;
        }
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(block, size);
        double[] lengths = eigen.values();
        for (int e = 0; e < size; e++) {
            addRoot(lengths[e], e, eigen::vector, root, at);
        }
    }

    /** Element c of eigenvector e. */
    private interface Vectors {
        double element(int e, int c);
    }

    private void addRoot(double value, int e, Vectors vectors, double[] root, int at) {
        double length = Math.sqrt(Math.max(0, value));
        for (int c = 0; c < size && length > 0; c++) {
            double factor = length * vectors.element(e, c);
            for (int d = 0; d < size; d++) {
                root[at + c * size + d] += factor * vectors.element(e, d);
            }
        }
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
