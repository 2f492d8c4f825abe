package org.finitentk.regression;

import java.util.Locale;
import java.util.logging.Logger;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.NotPositiveDefiniteException;

/**
 * The Cholesky factorization of λK + σ²I. K comes from a network that may compute in float32, so rounding can make the
 * sum indefinite when σ² is tiny; then jitter is added, reported, and recorded. With σ² = 0 a singular matrix is a
 * question without an answer and is refused.
 *
 * @param factor the factor
 * @param jitter what was added to the diagonal besides σ²
 */
record DenseFactorization(Cholesky factor, double jitter) {
    private static final Logger LOG = Logger.getLogger(DenseFactorization.class.getName());

    /** Jitter relative to the mean of the diagonal: what float32 rounding of K can cost at most. */
    private static final double[] RELATIVE_JITTERS = {0, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6};

    /** A pivot this small against the diagonal, and rounding, are the same. */
    private static final double SINGULAR = 1e-13;

    static DenseFactorization of(double[] gram, int n, double lambda, double noise) {
        double scale = meanDiagonal(gram, n) * lambda;
        for (double relative : RELATIVE_JITTERS) {
            double jitter = relative * scale;
            try {
                Cholesky factor = Cholesky.factor(shifted(gram, n, lambda, noise + jitter), n);
                if (noise > 0 || !isSingular(factor, scale)) {
                    report(n, jitter, noise);
                    return new DenseFactorization(factor, jitter);
                }
            } catch (NotPositiveDefiniteException e) {
                // Tried again with more on the diagonal.
            }
            if (noise == 0) {
                break;
            }
        }
        throw new IllegalArgumentException(String.format(
                Locale.ROOT,
                "the %d × %d kernel matrix with prior variance %g and noise variance %g is not positive "
                        + "definite; raise the noise variance, or remove examples that repeat",
                n,
                n,
                lambda,
                noise));
    }

    private static void report(int n, double jitter, double noise) {
        if (jitter > 0) {
            LOG.warning(String.format(
                    Locale.ROOT,
                    "%g was added to the diagonal of the %d × %d kernel matrix, whose noise variance %g is "
                            + "below the network's rounding",
                    jitter,
                    n,
                    n,
                    noise));
        }
    }

    private static double[] shifted(double[] gram, int n, double lambda, double shift) {
        double[] a = new double[gram.length];
        for (int i = 0; i < gram.length; i++) {
            a[i] = lambda * gram[i];
        }
        for (int i = 0; i < n; i++) {
            a[i * n + i] += shift;
        }
        return a;
    }

    private static boolean isSingular(Cholesky factor, double scale) {
        for (int i = 0; i < factor.size(); i++) {
            double pivot = factor.element(i, i);
            if (pivot * pivot < SINGULAR * factor.size() * scale) {
                return true;
            }
        }
        return false;
    }

    private static double meanDiagonal(double[] gram, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += gram[i * n + i];
        }
        return sum / n;
    }
}
