package org.finitentk.internal.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * log|A| and tr(A⁻¹) of a positive definite matrix from solves with random right-hand sides z ~ N(0, M), M being the
 * preconditioner: log|A| = log|M| + tr log(M⁻¹A), whose trace is estimated by Lanczos quadrature from the coefficients
 * of conjugate gradients (Ubaru, Chen, Saad, "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature", 2017;
 * with the preconditioner's correction Gardner et al. 2018, "GPyTorch", section 4).
 *
 * <p>tr(A⁻¹) = tr(M⁻¹) + E[(A⁻¹z - M⁻¹z)ᵀ M⁻¹z], whose first term is known. The nearer M is to A, the smaller the
 * standard errors. With the same probes the estimates are smooth functions of A.
 *
 * @param logDeterminant log|A|
 * @param logDeterminantError its standard error
 * @param logDeterminantBias what it may be too large by because solves ended after so many steps and no more: how far
 *     Gauss quadrature is above Gauss-Radau quadrature, which is too small, as no eigenvalue of M⁻¹A is below 1 if M
 *     explains less than A
 * @param inverseTrace tr(A⁻¹)
 * @param inverseTraceError its standard error
 */
public record StochasticTraces(
        double logDeterminant,
        double logDeterminantError,
        double logDeterminantBias,
        double inverseTrace,
        double inverseTraceError) {
    /** Of the least eigenvalue, so that rounding does not put it above. */
    private static final double SAFELY = 0.999;

    /**
     * Random numbers that stay the same while A changes: probes for a preconditioner are drawn from them anew.
     *
     * @param m the preconditioner
     * @param count how many probes
     * @param seed of the random numbers
     * @return z ~ N(0, M), each of M's size
     */
    public static List<double[]> probes(LowRank.Sampled m, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<double[]> probes = new ArrayList<>();
        for (int j = 0; j < count; j++) {
            probes.add(m.sample(random.split()));
        }
        return probes;
    }

    /**
     * Reads the estimates off solves that are done.
     *
     * @param m the preconditioner of the solves
     * @param probes the right-hand sides, drawn from N(0, M)
     * @param solves what conjugate gradients found for them
     * @return the estimates
     */
    public static StochasticTraces of(Preconditioner m, List<double[]> probes, List<ConjugateGradients.Column> solves) {
        int n = probes.get(0).length;
        double[] logs = new double[probes.size()];
        double[] gaps = new double[probes.size()];
        double[] traces = new double[probes.size()];
        double[] inverse = new double[n];
        for (int j = 0; j < logs.length; j++) {
            Tridiagonal lanczos = solves.get(j).tridiagonal();
            logs[j] = n * lanczos.quadrature(StochasticTraces::log);
            gaps[j] = logs[j] - n * lanczos.radau(StochasticTraces::log, SAFELY * Math.min(1, lanczos.least()));
            m.solve(probes.get(j), 1, inverse);
            for (int i = 0; i < n; i++) {
                traces[j] += inverse[i] * (solves.get(j).solution()[i] - inverse[i]);
            }
        }
        return new StochasticTraces(
                m.logDeterminant() + mean(logs),
                error(logs),
                Math.max(0, mean(gaps)),
                m.inverseTrace() + mean(traces),
                error(traces));
    }

    private static double log(double theta) {
        return Math.log(Math.max(theta, Double.MIN_NORMAL));
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double error(double[] values) {
        double mean = mean(values);
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1) / values.length);
    }
}
