package org.finitentk.classification;

import java.util.Locale;
import java.util.logging.Logger;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;

/** One fit. */
final class ClassificationFit {
    private static final Logger LOG = Logger.getLogger(ClassificationFit.class.getName());
    /** The most that the prior variance of a logit may be: float64 numbers have 16 digits. */
    private static final double LARGEST_SPREAD = 1e15;
    /** Where λ is learned, a prior standard deviation of a logit below which the data moved nothing. */
    private static final double COLLAPSED = 0.01;

    private final LogitProblem problem;
    private final ClassificationSettings settings;
    private final PriorMean prior;
    private final MostProbableWeights mostProbable;

    private ClassificationFit(LogitProblem problem, PriorMean prior) {
        this.problem = problem;
        this.settings = problem.settings();
        this.prior = prior;
        this.mostProbable = new MostProbableWeights(problem);
        warnOfProbabilities();
    }

    static ClassificationPosterior fit(
            LinearizedNetwork network,
            Examples x,
            LabelTargets targets,
            ClassificationSettings settings,
            ProgressListener progress) {
        network.requireIndependentExamples(x);
        LogitMap map = map(network, targets.likelihood(), settings);
        if (settings.prior().logits() != PriorLogits.NETWORK) {
            network.requireFinite(network.forward(x), x);
        }
        try (LinearizedExamples jacobian = network.keeping(x)) {
            PriorMean prior = PriorMean.of(settings.prior().logits(), map, targets);
            return new ClassificationFit(
                            new LogitProblem(map, jacobian, targets, prior.of(map, x), settings, progress), prior)
                    .run();
        }
    }

    static LogitMap map(LinearizedNetwork network, Likelihood likelihood, ClassificationSettings settings) {
        int logits = likelihood.logits();
        boolean equal = logits == network.outputSize();
        ClassStructure structure = settings.outputs().structure() != ClassStructure.AUTO
                ? settings.outputs().structure()
                : equal ? ClassStructure.MATCHED : ClassStructure.SHARED;
        if (structure == ClassStructure.MATCHED) {
            if (!equal) {
                throw new IllegalArgumentException(
                        "classes are MATCHED, but the data has " + likelihood.classes() + " classes and the network "
                                + network.outputSize() + " outputs; expected as many of each, or structure SHARED");
            }
            return new LogitMap(network, Outputs.all(), logits);
        }
        if (settings.outputs().shared() >= network.outputSize()) {
            throw new IllegalArgumentException(
                    "the shared output is " + settings.outputs().shared() + ", but the network has "
                            + network.outputSize() + " outputs, numbered from 0");
        }
        return new LogitMap(
                network,
                settings.outputs().shared() == ClassificationSettings.SUM
                        ? Outputs.summed()
                        : Outputs.single(settings.outputs().shared()),
                logits);
    }

    /** A network that ends in Softmax or Sigmoid would have its probabilities taken for logits. */
    private void warnOfProbabilities() {
        if (prior.kind() == PriorLogits.NETWORK
                && problem.targets().likelihood().lookLikeProbabilities(problem.priorLogits())) {
            boolean one = problem.targets().logits() == 1;
            LOG.warning("the network's outputs are between 0 and 1" + (one ? "" : " and sum to 1")
                    + ", so they seem to be probabilities; expected logits or log-probabilities, so remove the "
                    + "network's last " + (one ? "Sigmoid" : "Softmax"));
        }
    }

    private ClassificationPosterior run() {
        double lambda = settings.prior().variance() == ClassificationSettings.AUTOMATIC ? automaticVariance() : given();
        return posterior(
                switch (settings.method().inference()) {
                    case MAP -> map(lambda);
                    case MEAN_FIELD -> meanField(lambda);
                    case FULL_COVARIANCE, LAPLACE -> covariance(lambda);
                });
    }

    /**
     * Beyond this, the rounding of logits' prior covariances is more than what the data tell, and draws of independent
     * weights say that all is certain. A most probable point has no covariance: with a prior that says nothing it is
     * the most likely one.
     */
    private double given() {
        if (settings.method().inference() == Inference.MAP) {
            return settings.prior().variance();
        }
        double moderate = problem.moderateVariance();
        double most = LARGEST_SPREAD * moderate;
        if (!(settings.prior().variance() <= most)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "priorVariance is %s, with which a logit has a prior standard deviation of about %.2g, "
                            + "and rounding hides what the prior says; "
                            + "expected at most %.3g for these data, so lower priorVariance or leave it automatic",
                    settings.prior().variance(),
                    Math.sqrt(settings.prior().variance() / moderate),
                    most));
        }
        return settings.prior().variance();
    }

    private double automaticVariance() {
        double variance = problem.moderateVariance();
        if (Double.isInfinite(variance)) {
            throw new IllegalArgumentException(
                    "the kernel is zero on the training data: no parameter moves the network's output; "
                            + "choose another output");
        }
        return variance;
    }

    private ClassificationPosterior posterior(InferredWeights inferred) {
        WeightPosterior weights = inferred.weights();
        InferenceReport report = inferred.report();
        if (mostProbable.optimizer() == MapOptimizer.ADAM && report.gradient() > UnsolvedException.LARGEST_RESIDUAL) {
            // steps of mini-batches end when they were asked to: that is no failure, and ending early is a choice
            LOG.warning(String.format(
                    Locale.ROOT,
                    "the most probable weights were searched for by ADAM, whose steps ended where the "
                            + "gradient is %.2g of that at w = 0; expected at most %s, so raise "
                            + "epochs, or set mapOptimizer to NEWTON",
                    report.gradient(),
                    UnsolvedException.LARGEST_RESIDUAL));
        } else if (report.gradient() > UnsolvedException.LARGEST_RESIDUAL) {
            UnsolvedException.require(
                    "the search for the most probable weights, by its gradient relative to that at w = 0,",
                    report.gradient(),
                    "lower the prior variance " + weights.lambda() + ", or the greatest weights of examples");
        }
        if (!report.converged()) {
            LOG.warning("inference " + settings.method().inference()
                    + (Double.isNaN(report.gradient())
                            ? " did not converge in " + report.steps() + " steps; raise maxSteps, or the tolerance"
                            : " ended where the gradient is " + report.gradient() + " of that at w = 0; expected "
                                    + MostProbableWeights.NEWTON_TOLERANCE
                                    + " and next to nothing left to gain, which the network's precision "
                                    + "hides at a prior variance of "
                                    + weights.lambda() + ", so lower it, or the greatest weights"));
        }
        warnOfCollapse(weights.lambda());
        return new ClassificationPosterior(
                problem.targets().likelihood(), problem.map(), prior, weights, settings, report);
    }

    /**
     * The evidence can be highest where no weight moves: that is an answer, but not one that anybody should overlook.
     */
    private void warnOfCollapse(double lambda) {
        if (!settings.prior().learned() || settings.method().inference() == Inference.MAP) {
            return;
        }
        double moderate = problem.moderateVariance();
        double deviation = Math.sqrt(lambda / moderate);
        if (deviation < COLLAPSED) {
            LOG.warning(String.format(
                    Locale.ROOT,
                    "inference %s found nothing in the %d examples that the prior logits (%s) do not say: the learned "
                            + "prior variance %.2g lets a logit vary by about %.1g, so that predictions are "
                            + "those of the "
                            + "prior logits; if the examples should count, set learnPriorVariance to false and "
                            + "priorVariance to, say, %.2g, with which a logit varies by 1",
                    settings.method().inference(),
                    problem.targets().size(),
                    prior.kind(),
                    lambda,
                    deviation,
                    moderate));
        }
    }

    private InferredWeights map(double lambda) {
        problem.map().requireWeights("the search for the most probable weights", 8);
        MapFit fit = mostProbable.at(lambda, new double[(int) problem.map().weightCount()]);
        return new InferredWeights(
                new PointWeights(fit.weights(), lambda),
                new InferenceReport(
                        fit.objective(),
                        0,
                        fit.history(),
                        fit.steps(),
                        fit.converged(),
                        mostProbable.optimizer().name(),
                        mostProbable.reason(),
                        fit.gradient()));
    }

    private InferredWeights meanField(double lambda) {
        StochasticSettings stochastic = settings.method().stochastic();
        MeanField.Fit fit = new MeanField(problem.batches(), stochastic, settings.seed(), problem.progress())
                .fit(lambda, settings.prior().learned());
        MeanFieldState q = fit.state();
        double scale = q.scale();
        double[] deviations = q.ratios();
        double[] mean = q.mean();
        for (int i = 0; i < mean.length; i++) {
            deviations[i] *= scale;
            mean[i] *= scale;
        }
        return new InferredWeights(
                new IndependentWeights(mean, scale * scale, deviations),
                new InferenceReport(
                        fit.bound(),
                        fit.error(),
                        fit.history(),
                        fit.epochs(),
                        true,
                        stochastic.estimator().name(),
                        "as asked",
                        Double.NaN));
    }

    private InferredWeights covariance(double lambda) {
        Inference inference = settings.method().inference();
        CovarianceChoice choice = CovarianceChoice.of(
                inference,
                settings.method().covariance().solver(),
                problem.map(),
                problem.x().size());
        LOG.fine(() -> inference + " by " + choice.solver() + ": " + choice.reason());
        return choice.method().fit(problem, lambda, choice.reason());
    }
}
