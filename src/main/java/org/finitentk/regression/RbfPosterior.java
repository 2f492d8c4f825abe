package org.finitentk.regression;

import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.util.Later;
import org.jspecify.annotations.Nullable;

/**
 * Gaussian processes with RBF kernels after seeing n training rows, one for each dimension, each with hyperparameters
 * of its own. Immutable and thread safe.
 *
 * @param features how features become rows
 * @param x n × d training rows, standardized
 * @param noise the rows' scales
 * @param parts one for each dimension
 * @param leaveOneOut null for a single row
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares posteriors.
record RbfPosterior(
        Standardization features,
        double[] x,
        RowNoise noise,
        List<Part> parts,
        @Nullable LeaveOneOut leaveOneOut) {
    /** Covariances that are computed at once. */
    private static final int ELEMENTS = 1 << 22;

    /**
     * The process of one dimension.
     *
     * @param lengthScales one for each standardized feature
     * @param fitted with one column, whose λ is the signal variance
     */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares parts.
    record Part(double[] lengthScales, FittedProcess fitted) {
        DenseProcess process() {
            return (DenseProcess) fitted.process();
        }

        GaussianProcess.Column column() {
            return fitted.process().columns().get(0);
        }
    }

    RbfPosterior {
        parts = List.copyOf(parts);
    }

    int rows() {
        return x.length / features.features();
    }

    /** Mean and variance at m rows of raw features. */
    RegressionPosterior.Predictive predict(double[] z, VarianceKind kind) {
        int d = features.features();
        int m = z.length / d;
        int dimensions = parts.size();
        double[] mean = new double[Math.multiplyExact(m, dimensions)];
        double[] variance = new double[m * dimensions];
        Arrays.fill(variance, kind == VarianceKind.NONE ? Double.NaN : 0);
        int chunk = Math.max(1, ELEMENTS / rows());
        for (int from = 0; from < m; from += chunk) {
            int to = Math.min(m, from + chunk);
            double[] some = features.apply(Arrays.copyOfRange(z, from * d, to * d));
            for (int p = 0; p < dimensions; p++) {
                GaussianProcess.Moments moments = moments(parts.get(p), some, kind);
                for (int i = from; i < to; i++) {
                    mean[i * dimensions + p] = moments.mean()[i - from];
                    variance[i * dimensions + p] += moments.variance()[i - from];
                }
            }
        }
        return new RegressionPosterior.Predictive(mean, variance, new double[mean.length]);
    }

    private GaussianProcess.Moments moments(Part part, double[] z, VarianceKind kind) {
        int m = z.length / features.features();
        double[] cross = new RbfKernel(part.lengthScales()).cross(x, z);
        noise.scaleInPlace(cross, m);
        double[] ones = new double[m];
        Arrays.fill(ones, 1);
        List<GaussianProcess.Solution> solutions = part.fitted().solutions();
        GaussianProcess.Moments moments = kind == VarianceKind.NONE
                ? new GaussianProcess.Moments(
                        part.process().means(cross, m, solutions).get(0), new double[m])
                : part.process().moments(ones, cross, solutions).get(0);
        double added = kind == VarianceKind.OBSERVATION ? part.column().noiseVariance() : 0;
        for (int i = 0; i < m; i++) {
            moments.mean()[i] += part.column().coefficients()[0];
            moments.variance()[i] = Math.max(0, moments.variance()[i]) + added;
        }
        return moments;
    }

    Evidence evidence() {
        return parts.stream()
                .map(part -> part.column().evidence())
                .map(Later::get)
                .reduce(Evidence.NONE, Evidence::plus)
                .plus(noise.logScales() * parts.size());
    }

    double jitter() {
        return parts.stream().mapToDouble(part -> part.process().jitter()).max().orElse(0);
    }
}
