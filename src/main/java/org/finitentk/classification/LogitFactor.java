package org.finitentk.classification;

import java.util.stream.IntStream;
import org.finitentk.internal.kernel.KernelColumns;
import org.finitentk.internal.linalg.LowRank;
import org.finitentk.network.ProgressListener;

/**
 * A low-rank approximation of the training logits' prior covariance for λ = 1, K ≈ F Fᵀ, by pivoted Cholesky. Under
 * SHARED it is one factor of the n × n kernel for every class: column j of class c is the factor's column j C + c.
 * Close it.
 */
final class LogitFactor implements AutoCloseable {
    /** Columns of the kernel's factor. */
    private static final int KERNEL_RANK = 100;
    /** Columns of F: a matrix of as many rows is factorized for each system. */
    private static final int RANK = 500;
    /** In how many blocks pivots are chosen. */
    private static final int BLOCKS = 8;

    private final LowRank kernel;
    private final double[] lengths;
    /** How many classes share the kernel, one without sharing. */
    private final int classes;

    private LogitFactor(LowRank kernel, int classes) {
        this.kernel = kernel;
        this.classes = classes;
        this.lengths = kernel.values();
        for (int j = 0; j < lengths.length; j++) {
            lengths[j] = Math.sqrt(lengths[j]);
        }
    }

    static LogitFactor of(KernelColumns columns, int classes, ProgressListener progress) {
        int rank = Math.min(columns.size(), Math.max(1, Math.min(KERNEL_RANK, RANK / classes)));
        int block = Math.max(1, rank / columns.perExample() / BLOCKS);
        int[] done = new int[1];
        return new LogitFactor(
                LowRank.pivotedCholesky(columns.diagonal(), columns.perExample(), rank, block, pivots -> {
                    double[] transposed = columns.transposed(pivots);
                    done[0] += pivots.length;
                    progress.progress("preconditioner", Math.min(done[0], rank), rank);
                    return transposed;
                }),
                classes);
    }

    /** r. */
    int rank() {
        return lengths.length * classes;
    }

    /** Fᵀ X of n C × columns. */
    double[] project(double[] x, int columns) {
        return scaled(kernel.project(x, classes * columns), classes * columns);
    }

    /** F C of r × columns. */
    double[] expand(double[] coordinates, int columns) {
        return kernel.expand(scaled(coordinates.clone(), classes * columns), classes * columns);
    }

    private double[] scaled(double[] coordinates, int columns) {
        for (int i = 0; i < coordinates.length; i++) {
            coordinates[i] *= lengths[i / columns];
        }
        return coordinates;
    }

    /** Fᵀ D F, r × r. */
    double[] curvature(BlockDiagonal d) {
        int width = lengths.length;
        double[] identity = new double[width * width];
        for (int j = 0; j < width; j++) {
            identity[j * (width + 1)] = lengths[j];
        }
        double[] u = kernel.expand(identity, width);
        double[] curvature = new double[rank() * rank()];
        for (int c = 0; c < classes; c++) {
            double[] products = project(classes == 1 ? d.multiply(u, width) : column(d, c, u, width), width);
            for (int i = 0; i < rank(); i++) {
                for (int j = 0; j < width; j++) {
                    curvature[i * rank() + j * classes + c] = products[i * width + j];
                }
            }
        }
        return curvature;
    }

    /** D's columns of one class, times the kernel's factor U for it: n C × width. */
    private double[] column(BlockDiagonal d, int c, double[] u, int width) {
        double[] column = new double[d.blocks() * classes * width];
        IntStream.range(0, d.blocks()).parallel().forEach(i -> {
            for (int a = 0; a < classes; a++) {
                double element = d.values()[(i * classes + a) * classes + c];
                for (int j = 0; j < width; j++) {
                    column[(i * classes + a) * width + j] = element * u[i * width + j];
                }
            }
        });
        return column;
    }

    @Override
    public void close() {
        kernel.close();
    }
}
