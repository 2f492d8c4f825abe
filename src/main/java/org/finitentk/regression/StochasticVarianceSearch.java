package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.logging.Logger;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.ConjugateGradients.Status;
import org.finitentk.internal.linalg.LowRank;
import org.finitentk.internal.linalg.StochasticTraces;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.util.Later;
import org.jspecify.annotations.Nullable;

/**
 * Solves for given λ and σ², or maximizes the marginal likelihood over them without the kernel matrix. As in
 * {@link VarianceSearch}, all searches are along ρ = σ²/λ. The preconditioner's spectrum gives the start; then the
 * derivative's zero is found by regula falsi, with the derivative's trace estimated from the same random numbers at
 * every point, so that it is a smooth function (Gardner et al. 2018, section 4).
 */
final class StochasticVarianceSearch {
    private static final Logger LOG = Logger.getLogger(StochasticVarianceSearch.class.getName());
    private static final int MOST_POINTS = 14;
    /** Change of log ρ that no longer matters: the traces' own error is larger. */
    private static final double CLOSE = 1e-3;

    private static final double FIRST_STEP = 0.5;
    /** Of the derivative by log ρ, in nats: nothing to be gained, as with a single example. */
    private static final double FLAT = 1e-6;
    /**
     * Estimates say nothing where the noise is less than so many times the kernel's rounding, or where solves would not
     * converge.
     */
    private static final double ABOVE_ROUNDING = 10;

    private static final double SOLVABLE = 1e-10;

    private final KernelSystem system;
    private final Targets targets;
    private final int column;
    private final RegressionSettings settings;
    private final double[] y;

    StochasticVarianceSearch(KernelSystem system, Targets targets, int column, RegressionSettings settings) {
        this.system = system;
        this.targets = targets;
        this.column = column;
        this.settings = settings;
        this.y = targets.column(column);
    }

    IterativeFit best() {
        IterativeFit best = bestOrGiven();
        if (best.ended().unsolved() > 0) {
            LOG.warning(best.ended().unsolved() + " of " + settings.iterative().probes()
                    + " random vectors' solves, from which the marginal likelihood is estimated, did not "
                    + "reach the tolerance; "
                    + "allow more iterations or a larger rank");
        }
        return best;
    }

    private IterativeFit bestOrGiven() {
        if (settings.variances().learning() == HyperparameterLearning.NONE) {
            return at(settings.variances().prior(), settings.variances().noise(), false);
        }
        VarianceSearch approximate = new VarianceSearch(
                approximate(), settings, Math.max(SOLVABLE, ABOVE_ROUNDING * system.precision()), LOG::warning);
        GaussianProcess.Column start = approximate.start();
        if (start.priorVariance() == settings.variances().prior()
                && start.noiseVariance() == settings.variances().noise()) {
            return at(settings.variances().prior(), settings.variances().noise(), true);
        }
        IterativeFit found = search(
                Math.log(start.noiseVariance() / start.priorVariance()),
                start.priorVariance(),
                approximate.least(),
                approximate.most());
        approximate.remarkOnEnd(found.lambda(), found.noise(), slope(found));
        return found;
    }

    /**
     * The likelihood with the preconditioner in place of the kernel: eigenvalues s in W's directions, and 0 in all
     * others.
     */
    private MarginalLikelihood approximate() {
        LowRank lowRank = system.lowRank();
        int vectors = 1 + targets.basisSize();
        double[] together = targets.withBasis(column);
        return EigenCoordinates.likelihood(lowRank.values(), lowRank.project(together, vectors), together, vectors);
    }

    /** The root of the derivative by log ρ, or the end of the range to which it points. */
    private IterativeFit search(double startLog, double startLambda, double least, double most) {
        double at = Math.max(least, Math.min(most, startLog));
        double step = FIRST_STEP;
        double low = Double.NaN;
        double high = Double.NaN;
        double lowSlope = 0;
        double highSlope = 0;
        IterativeFit fit = onPath(at, startLambda);
        for (int point = 1; point < MOST_POINTS; point++) {
            double slope = slope(fit);
            if (slope > 0) {
                highSlope *= at > low ? 0.5 : 1;
                low = at;
                lowSlope = slope;
            } else {
                lowSlope *= at < high ? 0.5 : 1;
                high = at;
                highSlope = slope;
            }
            // the end that stays counts half (Illinois), or the other would creep
            boolean bracketed = low < high;
            double next = bracketed
                    ? low + (high - low) * lowSlope / (lowSlope - highSlope)
                    : slope > 0 ? at + step : at - step;
            next = Math.max(least, Math.min(most, next));
            if (Math.abs(slope) < FLAT
                    || next == at
                    || bracketed && (high - low < CLOSE || Math.abs(next - at) < CLOSE)) {
                return fit;
            }
            step *= 2;
            at = next;
            fit = onPath(at, fit.bestLambda());
        }
        LOG.warning("the search for the variances ended after " + MOST_POINTS
                + " points, at a ratio of noise to prior variance of " + Math.exp(at)
                + ", where the marginal likelihood's derivative is still " + slope(fit)
                + "; look at the data, or give the variances");
        return fit;
    }

    /**
     * At ρ with the λ that the settings ask for: where both are learned the best one, which is known only after a
     * solve.
     */
    private IterativeFit onPath(double logRatio, double lambdaGuess) {
        double ratio = Math.exp(logRatio);
        return switch (settings.variances().learning()) {
            case PRIOR ->
                at(settings.variances().noise() / ratio, settings.variances().noise(), true);
            case NOISE ->
                at(settings.variances().prior(), ratio * settings.variances().prior(), true);
            default -> rescaled(at(lambdaGuess, ratio * lambdaGuess, true));
        };
    }

    /** The same ratio at its best λ: everything scales. */
    private IterativeFit rescaled(IterativeFit fit) {
        double factor = fit.bestLambda() / fit.lambda();
        int n = y.length;
        double fitTerm = n * factor;
        Evidence before = fit.evidence().get();
        double logDeterminant = -2 * before.logMarginalLikelihood() - fitTerm - n * Math.log(2 * Math.PI);
        double value = -0.5 * (n + logDeterminant + n * Math.log(factor) + n * Math.log(2 * Math.PI));
        // αᵀα σ² and tr(K⁻¹) σ², of which the derivative is made, at the new scale
        double traceTerm = fitNoiseTerm(fit) - 2 * fit.byLogNoise();
        double byLogNoise = 0.5 * (fitNoiseTerm(fit) / factor - traceTerm);
        double[] alpha = Arrays.stream(fit.alpha()).map(a -> a / factor).toArray();
        return new IterativeFit(
                fit.bestLambda(),
                fit.noise() * factor,
                fit.coefficients(),
                alpha,
                fit.constant() == null ? null : fit.constant().scaled(factor),
                fit.ended(),
                Later.known(new Evidence(value, before.standardError(), before.bias())),
                0,
                byLogNoise,
                fit.bestLambda());
    }

    private static double fitNoiseTerm(IterativeFit fit) {
        return fit.noise() * Vectors.dot(fit.alpha(), fit.alpha());
    }

    private double slope(IterativeFit fit) {
        return settings.variances().learning() == HyperparameterLearning.PRIOR ? -fit.byLogLambda() : fit.byLogNoise();
    }

    /** Solves at given variances; with estimates of the likelihood and its derivatives at once if asked for. */
    private IterativeFit at(double lambda, double noise, boolean estimates) {
        LowRank.Sampled m = system.preconditioner(lambda, noise);
        List<double[]> probes = estimates
                ? StochasticTraces.probes(
                        m, settings.iterative().probes(), settings.iterative().seed())
                : List.of();
        List<double[]> right = new ArrayList<>(List.of(y));
        for (int b = 0; b < targets.basisSize(); b++) {
            right.add(targets.basisFunction(b));
        }
        right.addAll(probes);
        List<ConjugateGradients.Column> solves = system.solve(lambda, noise, right, null, "conjugate gradients");
        int basis = targets.basisSize();
        ConstantFit constant = constant(solves.subList(1, 1 + basis));
        double[] coefficients = coefficients(solves.get(0), constant);
        double[] alpha = combined(solves, coefficients, ConjugateGradients.Column::solution);
        double[] residuals = targets.residuals(column, coefficients);
        IterativeFit.Ended ended = ended(solves, coefficients);
        double fit = Vectors.dot(residuals, alpha);
        int n = y.length;
        if (!estimates) {
            return new IterativeFit(
                    lambda,
                    noise,
                    coefficients,
                    alpha,
                    constant,
                    ended,
                    Later.of(() -> evidence(lambda, noise, fit)),
                    Double.NaN,
                    Double.NaN,
                    lambda * fit / n);
        }
        StochasticTraces traces = StochasticTraces.of(m, probes, solves.subList(1 + basis, solves.size()));
        double noiseFit = noise * Vectors.dot(alpha, alpha);
        double noiseTrace = noise * traces.inverseTrace();
        return new IterativeFit(
                lambda,
                noise,
                coefficients,
                alpha,
                constant,
                ended,
                Later.known(evidence(fit, n, traces)),
                0.5 * (fit - noiseFit - (n - noiseTrace)),
                0.5 * (noiseFit - noiseTrace),
                lambda * fit / n);
    }

    /**
     * At given variances, by random vectors alone.
     *
     * @param fit (y - B β)ᵀ (λSKS + σ²I)⁻¹ (y - B β)
     */
    Evidence evidence(double lambda, double noise, double fit) {
        LowRank.Sampled m = system.preconditioner(lambda, noise);
        List<double[]> probes = StochasticTraces.probes(
                m, settings.iterative().probes(), settings.iterative().seed());
        return evidence(
                fit,
                y.length,
                StochasticTraces.of(m, probes, system.solve(lambda, noise, probes, null, "marginal likelihood")));
    }

    private static Evidence evidence(double fit, int n, StochasticTraces traces) {
        return new Evidence(
                -0.5 * (fit + traces.logDeterminant() + n * Math.log(2 * Math.PI)),
                0.5 * traces.logDeterminantError(),
                0.5 * traces.logDeterminantBias());
    }

    /** What belongs to y - B β, from what belongs to y and B. */
    private static double[] combined(
            List<ConjugateGradients.Column> solves,
            double[] coefficients,
            Function<ConjugateGradients.Column, double[]> part) {
        double[] combined = part.apply(solves.get(0)).clone();
        for (int b = 0; b < coefficients.length; b++) {
            double[] own = part.apply(solves.get(1 + b));
            Vectors.add(combined, -coefficients[b], own);
        }
        return combined;
    }

    private IterativeFit.Ended ended(List<ConjugateGradients.Column> solves, double[] coefficients) {
        double[] left = combined(solves, coefficients, ConjugateGradients.Column::remainder);
        double norm = Vectors.norm(y);
        ConjugateGradients.Column worst = Collections.max(
                solves.subList(0, 1 + coefficients.length),
                Comparator.comparing((ConjugateGradients.Column solve) -> solve.status() != Status.CONVERGED)
                        .thenComparing(ConjugateGradients.Column::residual));
        int unsolved = (int) solves.stream()
                .skip(1 + coefficients.length)
                .filter(solve -> solve.status() != Status.CONVERGED)
                .count();
        return new IterativeFit.Ended(
                Solver.Iterations.Status.of(worst.status()),
                worst.iterations(),
                norm == 0 ? 0 : Vectors.norm(left) / norm,
                unsolved);
    }

    /** What the solves for the basis functions tell of their coefficients; null without any. */
    private @Nullable ConstantFit constant(List<ConjugateGradients.Column> solves) {
        return solves.isEmpty()
                ? null
                : ConstantFit.ofRows(
                        solves.stream().map(ConjugateGradients.Column::solution).toArray(double[][]::new), targets);
    }

    /** Generalized least squares: (Bᵀ K⁻¹ B) β = Bᵀ K⁻¹ y. */
    private double[] coefficients(ConjugateGradients.Column solve, @Nullable ConstantFit constant) {
        double[] right = new double[targets.basisSize()];
        for (int b = 0; b < right.length; b++) {
            right[b] = Vectors.dot(targets.basisFunction(b), solve.solution());
        }
        return constant == null ? right : constant.coefficients(right);
    }
}
