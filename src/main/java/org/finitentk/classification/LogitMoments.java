package org.finitentk.classification;

import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;

/**
 * What independent weights make of one example's logits, from its rows of the Jacobian: C × P, or 1 × P if classes
 * share them.
 */
final class LogitMoments {
    private LogitMoments() {}

    /** J w · factor, C numbers. */
    static double[] mean(LogitMap map, double[] jacobian, double[] w, double factor) {
        int c = map.classes();
        double[] mean = new double[c];
        if (map.isShared()) {
            Blas.gemm(
                    factor,
                    ArrayMatrix.of(w, c, jacobian.length),
                    ArrayMatrix.of(jacobian, jacobian.length, 1),
                    0,
                    ArrayMatrix.of(mean, c, 1));
        } else {
            Blas.gemm(
                    factor,
                    ArrayMatrix.of(jacobian, c, w.length),
                    ArrayMatrix.of(w, w.length, 1),
                    0,
                    ArrayMatrix.of(mean, c, 1));
        }
        return mean;
    }

    /** J diag(s²) Jᵀ · factor², C × C, from the deviations s. */
    static double[] covariance(LogitMap map, double[] jacobian, double[] deviations, double factor) {
        int c = map.classes();
        double[] covariance = new double[c * c];
        if (map.isShared()) {
            int p = jacobian.length;
            for (int a = 0; a < c; a++) {
                double sum = 0;
                for (int j = 0; j < p; j++) {
                    double scaled = deviations[a * p + j] * jacobian[j];
                    sum += scaled * scaled;
                }
                covariance[a * c + a] = factor * factor * sum;
            }
            return covariance;
        }
        int p = deviations.length;
        double[] scaled = new double[jacobian.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = factor * deviations[i % p] * jacobian[i];
        }
        Blas.gemm(
                ArrayMatrix.of(scaled, c, p),
                ArrayMatrix.of(scaled, c, p).transposed(),
                0,
                ArrayMatrix.of(covariance, c, c));
        return covariance;
    }
}
