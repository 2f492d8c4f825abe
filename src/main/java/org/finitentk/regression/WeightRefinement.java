package org.finitentk.regression;

import java.util.Arrays;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.SymmetricEigen;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.ProgressListener;

/**
 * Makes weights w = (JᵀS²J + c I)⁻¹ JᵀS b right where little noise makes much of the rounding of JᵀS²J: residuals JᵀS(b
 * - S J w) - c w come from the rows of J themselves, one pass over the examples each, and the eigenvectors of JᵀS²J
 * solve for what is missing (iterative refinement: Golub, Van Loan, "Matrix Computations", 4th ed., section 3.5.3).
 * What a residual r is measured by is the error that it means, A⁻¹r, in the norm of A = JᵀS²J + c I, relative to ‖b‖:
 * that bounds what fitted values are off by, and at any new example what the mean is off by, in units of its own
 * posterior deviation times ‖b‖/σ.
 */
final class WeightRefinement {
    /** c below this share of the largest eigenvalue, for each of them, is where rounding may be seen. */
    private static final double DANGEROUS = 1e-9;

    private static final int MOST_PASSES = 8;
    /** Of a float64 number. */
    private static final double ROUNDING = 0x1p-52;
    /** A pass that is not needed. */
    private static final double ENOUGH = 1e-10;
    /** A pass that leaves more than this of the residual has met the limits of float64. */
    private static final double PROGRESS = 0.5;

    private final TrainingKernel kernel;
    private final SymmetricEigen eigen;
    private final double[] spectrum;

    WeightRefinement(TrainingKernel kernel, SymmetricEigen eigen, double[] spectrum) {
        this.kernel = kernel;
        this.eigen = eigen;
        this.spectrum = spectrum;
    }

    /**
     * What came out.
     *
     * @param weights the best that were found
     * @param residual that they leave, or what rounding takes from the variances; 0 where there is so much noise that
     *     it was not looked at
     */
    record Refined(double[] weights, double residual) {}

    /**
     * Refines where the noise is little.
     *
     * @param weights a first solution; not changed
     * @param right b
     * @param column whose variances they are for
     */
    Refined refine(double[] weights, double[] right, GaussianProcess.Column column) {
        double shift = column.noiseVariance() / column.priorVariance();
        double norm = Math.sqrt(Arrays.stream(right).map(value -> value * value).sum());
        if (shift >= DANGEROUS * spectrum.length * spectrum[spectrum.length - 1] || norm == 0) {
            return new Refined(weights, 0);
        }
        Refined best = new Refined(new double[weights.length], 1);
        double[] current = weights;
        double before = Double.POSITIVE_INFINITY;
        for (int pass = 0; pass < MOST_PASSES; pass++) {
            double[] left = left(current, right, shift);
            double[] coordinates = eigen.project(left);
            double squares = 0;
            for (int i = 0; i < coordinates.length; i++) {
                squares += coordinates[i] * coordinates[i] / (spectrum[i] + shift);
            }
            double residual = Math.sqrt(squares) / norm;
            best = residual < best.residual() ? new Refined(current, residual) : best;
            if (residual <= ENOUGH || !(residual <= PROGRESS * before)) {
                break;
            }
            before = residual;
            current = corrected(current, coordinates, shift);
        }
        return new Refined(best.weights(), Math.max(best.residual(), hidden(shift)));
    }

    /** What the rounding of JᵀS²J is of c: as much do variances lose, and no refinement brings it back. */
    private double hidden(double shift) {
        return ROUNDING * spectrum.length * spectrum[spectrum.length - 1] / shift;
    }

    private double[] corrected(double[] weights, double[] coordinates, double shift) {
        for (int i = 0; i < coordinates.length; i++) {
            coordinates[i] /= spectrum[i] + shift;
        }
        double[] corrected = eigen.expand(coordinates);
        Vectors.add(corrected, 1, weights);
        return corrected;
    }

    /** JᵀS(b - S J w) - c w. */
    private double[] left(double[] weights, double[] right, double shift) {
        int p = weights.length;
        int r = right.length / kernel.training().size();
        try (NativeDoubles sums = new NativeDoubles(p);
                NativeDoubles w = new NativeDoubles(p)) {
            double[] left = new double[p];
            for (int i = 0; i < p; i++) {
                left[i] = -shift * weights[i];
            }
            sums.put(0, left, 0, p);
            w.put(0, weights, 0, p);
            new JacobianRows(kernel.network(), ProgressListener.NONE)
                    .forEach(kernel.training(), kernel.outputs(), (from, to, rows) -> {
                        int count = (to - from) * r;
                        try (NativeDoubles fitted = new NativeDoubles(count)) {
                            Blas.gemm(rows.matrix(count, p), w.matrix(p, 1), 0, fitted.matrix(count, 1));
                            double[] rest = new double[count];
                            fitted.get(0, rest, 0, count);
                            for (int i = 0; i < count; i++) {
                                double scale = kernel.scale(from * r + i);
                                rest[i] = scale * (right[from * r + i] - scale * rest[i]);
                            }
                            fitted.put(0, rest, 0, count);
                            Blas.gemm(
                                    rows.matrix(count, p).transposed(), fitted.matrix(count, 1), 1, sums.matrix(p, 1));
                        }
                    });
            sums.get(0, left, 0, p);
            return left;
        }
    }

    /** As messages name the system. */
    static void requireSolved(double residual, GaussianProcess.Column column) {
        UnsolvedException.require(
                "the solve for the network's weights, by squares of which little noise shows the rounding,",
                residual,
                "raise the noise variance or lower the prior variance (" + column.variances()
                        + "), or use the solver DENSE or AUTO");
    }
}
