package org.finitentk.classification;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.ProgressListener;

/**
 * The Laplace approximation by sites on the training logits: Newton's method to the most probable logits (Rasmussen and
 * Williams 2006, algorithm 3.3), the sites being the likelihood's curvature there. λ, if learned, maximizes the
 * approximate log marginal likelihood log p(y | f̂) − ½ ‖ŵ‖²/λ − ½ log|B|.
 */
final class LaplaceSites {
    private static final double SMALLEST_STEP = 1e-4;
    /** What the objective may fall by relative to its size: at its top, rounding decides. */
    private static final double ROUNDING = 1e-12;
    /** How well log λ is known: the marginal likelihood is then within the square of it of its top. */
    private static final double WIDTH = 0.01;
    /** While λ is searched, the gradient norm at which Newton's method ends. */
    private static final double SEARCH_TOLERANCE = 1e-5;

    private final PriorCovariance covariance;
    private final LabelTargets targets;
    private final double[] prior;
    private final SiteFactory factory;
    private final ClassificationSettings.Covariance settings;
    private final ProgressListener progress;
    private double[] latest;
    /** Its λ; 0 before the first. */
    private double ended;

    private int searched;

    LaplaceSites(
            PriorCovariance covariance,
            LabelTargets targets,
            double[] prior,
            SiteFactory factory,
            ClassificationSettings.Covariance settings,
            ProgressListener progress) {
        this.covariance = covariance;
        this.targets = targets;
        this.prior = prior;
        this.factory = factory;
        this.settings = settings;
        this.progress = progress;
        this.latest = new double[prior.length];
    }

    /** At one λ, or at the best one. */
    SiteFit fit(double lambda, ClassificationSettings.Prior choices) {
        double best = choices.learned()
                ? new PriorVarianceSearch(
                                value -> at(value, Math.max(SEARCH_TOLERANCE, settings.tolerance()))
                                        .objective(),
                                WIDTH)
                        .from(lambda, choices.minimum())
                : lambda;
        return at(best, settings.tolerance());
    }

    /** Newton's method at one λ, from where the one before ended. */
    private SiteFit at(double lambda, double tolerance) {
        progress.progress("prior variances tried", searched++, -1);
        double[] alpha = ended == 0 ? latest : factory.start(latest, ended, lambda);
        double[] logits = logits(lambda, alpha);
        SiteSystem system = system(lambda, logits);
        double value = value(alpha, logits);
        double first = Vectors.norm(targets.residuals(prior));
        List<Double> history = new ArrayList<>(List.of(value));
        boolean converged = distance(alpha, targets.residuals(total(logits))) <= tolerance * first;
        int steps = 0;
        while (!converged && steps < settings.maxSteps()) {
            double[] full = newton(system, alpha, logits);
            double rho = 1;
            double[] next = full;
            double[] nextLogits = logits(lambda, next);
            while (!(value(next, nextLogits) >= value - ROUNDING * Math.abs(value)) && rho > SMALLEST_STEP) {
                rho /= 2;
                next = between(alpha, full, rho);
                nextLogits = logits(lambda, next);
            }
            alpha = next;
            logits = nextLogits;
            value = value(alpha, logits);
            history.add(value);
            steps++;
            system = system(lambda, logits);
            converged = distance(alpha, targets.residuals(total(logits))) <= tolerance * first;
        }
        latest = alpha;
        ended = lambda;
        return new SiteFit(
                system,
                alpha,
                logits,
                value - 0.5 * system.logDeterminant(),
                0.5 * system.divergenceError(),
                history,
                steps,
                converged);
    }

    private double[] logits(double lambda, double[] alpha) {
        double[] logits = covariance.multiply(alpha);
        Vectors.scale(logits, lambda);
        return logits;
    }

    private SiteSystem system(double lambda, double[] logits) {
        return factory.system(lambda, SitePrecision.at(targets, total(logits)));
    }

    /**
     * The algorithm's α(D f + r), which is α + α(r − α) where f = λ K α: what is solved for becomes small with the
     * gradient r − α, and with it the error of a solve that is right to some digits only.
     */
    private double[] newton(SiteSystem system, double[] alpha, double[] logits) {
        double[] gradient = LogPosterior.sum(targets.residuals(total(logits)), -1, alpha);
        return LogPosterior.sum(alpha, 1, system.step(gradient));
    }

    /** log p(y | f) − ½ ‖w‖²/λ. */
    private double value(double[] alpha, double[] logits) {
        return targets.logLikelihood(total(logits)) - 0.5 * Vectors.dot(alpha, logits);
    }

    private double[] total(double[] logits) {
        double[] total = logits.clone();
        Vectors.add(total, 1, prior);
        return total;
    }

    private static double[] between(double[] a, double[] b, double rho) {
        double[] between = new double[a.length];
        for (int i = 0; i < between.length; i++) {
            between[i] = a[i] + rho * (b[i] - a[i]);
        }
        return between;
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }
}
