package org.finitentk.classification;

import java.util.Locale;
import java.util.logging.Logger;
import org.finitentk.internal.kernel.CostModel;
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

    /** A network of these labels is hardly ever as wrong about them as so many guesses. */
    private static final double WORST_LOSS = 10;

    /** Passes over the Jacobian of all examples that natural-gradient steps of independent weights take, about. */
    private static final int NATURAL_PASSES = 100;

    private final LogitProblem problem;
    private final ClassificationSettings settings;
    private final PriorMean prior;
    private final InferenceChoice chosen;
    private final MostProbableWeights mostProbable;
    /** λ with which a logit varies by 1 under the prior; NaN until it is asked for. */
    private double moderate = Double.NaN;

    private ClassificationFit(LogitProblem problem, PriorMean prior, InferenceChoice chosen) {
        this.problem = problem;
        this.chosen = chosen;
        this.settings = problem.settings();
        this.prior = prior;
        this.mostProbable = new MostProbableWeights(problem);
        warnOfProbabilities();
        warnOfNumbers();
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
            InferenceChoice chosen = InferenceChoice.of(settings, map, prior.kind(), targets);
            return new ClassificationFit(
                            new LogitProblem(
                                    map,
                                    new LogitJacobian(map, jacobian, progress),
                                    targets,
                                    prior.of(map, x),
                                    settings.with(chosen.inference()),
                                    progress),
                            prior,
                            chosen)
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
            boolean odds = problem.targets().likelihood().areLogOdds();
            LOG.warning("the network's outputs are between 0 and 1" + (odds ? "" : " and sum to 1")
                    + ", so they seem to be probabilities; expected logits or log-probabilities, so remove the "
                    + "network's last " + (odds ? "Sigmoid" : "Softmax"));
        }
    }

    /** A network that was trained for numbers has outputs that are no log odds, and are hard to move as such. */
    private void warnOfNumbers() {
        double guessing = problem.targets().guessing();
        double loss = -problem.targets().logLikelihood(problem.priorLogits());
        if (prior.kind() == PriorLogits.NETWORK && loss > WORST_LOSS * guessing) {
            LOG.warning(String.format(
                    Locale.ROOT,
                    "the network's own outputs, taken for log odds of the labels, are %.3g times as wrong about the "
                            + "examples as guessing is (in log loss): either it is sure of what is wrong, or its outputs "
                            + "are numbers and no log odds, such as a price; structure SHARED (--structure shared) takes "
                            + "the network's kernel alone",
                    loss / guessing));
        }
    }

    private ClassificationPosterior run() {
        double lambda = settings.prior().variance() == ClassificationSettings.AUTOMATIC ? automaticVariance() : given();
        return posterior(
                switch (settings.method().inference()) {
                    case MAP -> map(lambda);
                    case MEAN_FIELD -> meanField(lambda);
                    case FULL_COVARIANCE, LAPLACE -> covariance(lambda);
                    case AUTO -> throw new IllegalStateException("AUTO is chosen before a problem is made");
                });
    }

    /**
     * Beyond this, the rounding of logits' prior covariances is more than what the data tell, and draws of independent
     * weights say that all is certain. A most probable point has no covariance: with a prior that says nothing it is
     * the most likely one.
     */
    private double given() {
        if (settings.method().inference() == Inference.MAP && !settings.learnsPriorVariance()) {
            return settings.prior().variance();
        }
        double most = LARGEST_SPREAD * moderate();
        if (!(settings.prior().variance() <= most)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "priorVariance is %s, with which a logit has a prior standard deviation of about %.2g, "
                            + "and rounding hides what the prior says; "
                            + "expected at most %.3g for these data, so lower priorVariance or leave it automatic",
                    settings.prior().variance(),
                    Math.sqrt(settings.prior().variance() / moderate()),
                    most));
        }
        return settings.prior().variance();
    }

    private double automaticVariance() {
        double variance = moderate();
        if (Double.isInfinite(variance)) {
            throw new IllegalArgumentException(
                    "the kernel is zero on the training data: no parameter moves the network's output; "
                            + "choose another output");
        }
        return variance;
    }

    private ClassificationPosterior posterior(InferredWeights inferred) {
        WeightPosterior weights = inferred.weights();
        Inference.Report report = inferred.report();
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
        PriorSpread spread = spread(weights.lambda());
        if (spread.hasCollapsed()) {
            warnOfCollapse(weights.lambda(), spread);
        }
        return new ClassificationPosterior(
                problem.targets().likelihood(),
                problem.map(),
                prior,
                new InferredWeights(weights, chosen.said(report)),
                settings,
                spread);
    }

    private double moderate() {
        if (Double.isNaN(moderate)) {
            moderate = problem.moderateVariance();
        }
        return moderate;
    }

    /** Where nobody asked for a moderate variance, its gradients are not computed either. */
    private PriorSpread spread(double lambda) {
        boolean learned = settings.learnsPriorVariance();
        boolean known = learned || !Double.isNaN(moderate);
        return new PriorSpread(known ? Math.sqrt(lambda / moderate()) : Double.NaN, learned);
    }

    /**
     * The evidence can be highest where no weight moves: that is an answer, but not one that anybody should overlook.
     */
    private void warnOfCollapse(double lambda, PriorSpread spread) {
        LOG.warning(String.format(
                Locale.ROOT,
                "inference %s found nothing in the %d examples that the prior logits (%s) do not say: the learned "
                        + "prior variance %.2g lets a logit vary by about %.1g, so that predictions are "
                        + "those of the prior logits; if the examples should count, set minimumPriorVariance to, "
                        + "say, %.2g, with which a logit varies by 1, or learnPriorVariance to false and "
                        + "priorVariance to as much",
                settings.method().inference(),
                problem.targets().size(),
                prior.kind(),
                lambda,
                spread.deviation(),
                moderate()));
    }

    /** For MAP with a λ that LAPLACE learns. */
    private InferredWeights map(double lambda) {
        problem.map().requireWeights("the search for the most probable weights", 8);
        if (!settings.learnsPriorVariance()) {
            return mostProbable.inferred(
                    mostProbable.at(lambda, new double[(int) problem.map().weightCount()]), lambda, "");
        }
        LogitProblem laplace = problem.with(settings.with(Inference.LAPLACE));
        CovarianceChoice choice = choice(Inference.MAP, laplace);
        if (choice.solver() == CovarianceSolver.LOW_RANK && !LowRankCovariance.fits(laplace)) {
            LOG.warning("LAPLACE, whose evidence tells the prior variance, does not fit into memory: MAP has the prior "
                    + "variance " + lambda + " as it is, with which a logit varies by "
                    + Math.sqrt(lambda / moderate()) + "; set priorVariance and mapPrior=GIVEN, or give Java more "
                    + "memory (-Xmx)");
            return mostProbable.inferred(
                    mostProbable.at(lambda, new double[(int) problem.map().weightCount()]),
                    lambda,
                    "; the prior variance is not learned, since LAPLACE does not fit into memory");
        }
        return mostProbable.from(choice.method().fit(laplace, lambda, choice.reason()), choice.solver());
    }

    private InferredWeights meanField(double lambda) {
        ClassificationSettings.Method method = settings.method();
        int n = problem.x().size();
        MeanFieldOptimizer asked = method.stochastic().meanField();
        if (asked == MeanFieldOptimizer.ADAM) {
            return meanField(batches().fit(lambda, settings.prior()), "as asked");
        }
        SiteCovariance<?> way = LogitRows.perExample(problem.map()) > IndependentWeights.LARGEST_JACOBIAN
                ? null
                : CovarianceChoice.sites(problem.targets().likelihood(), method.covariance(), problem.map(), n);
        double seconds = LogitRows.seconds(problem.map(), n, NATURAL_PASSES);
        if (way != null && (asked == MeanFieldOptimizer.NATURAL || CostModel.isPatient(seconds))) {
            return way.independent(
                    problem, lambda, (asked == MeanFieldOptimizer.NATURAL ? "as asked, " : "") + way.solver());
        }
        if (asked == MeanFieldOptimizer.NATURAL) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "meanFieldOptimizer is NATURAL, but the weights' mean cannot be solved for by the solver %s with %d "
                            + "examples of %d logits and %d parameters; set solver to AUTO, or meanFieldOptimizer to ADAM",
                    method.covariance().solver(),
                    n,
                    problem.map().classes(),
                    problem.map().network().parameterCount()));
        }
        WeightPosterior map = map(lambda).weights();
        double[] logits = problem.posterior(map.lambda()).logits(map.mean());
        return meanField(
                batches().fit(map.lambda(), map.mean(), logits),
                "from the most probable weights on, since NATURAL would take "
                        + (way == null
                                ? "too much memory or time"
                                : String.format(Locale.ROOT, "about %.0f s", seconds)));
    }

    private MeanField batches() {
        return new MeanField(problem.batches(), settings.method().stochastic(), settings.seed(), problem.progress());
    }

    private InferredWeights meanField(MeanField.Fit fit, String reason) {
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
                new Inference.Report(
                        fit.bound(),
                        fit.error(),
                        fit.history(),
                        fit.epochs(),
                        true,
                        settings.method().stochastic().estimator().name(),
                        reason,
                        Double.NaN));
    }

    private InferredWeights covariance(double lambda) {
        CovarianceChoice choice = choice(problem.settings().method().inference(), problem);
        return choice.method().fit(problem, lambda, choice.reason());
    }

    private static CovarianceChoice choice(Inference inference, LogitProblem problem) {
        ClassificationSettings.Method method = problem.settings().method();
        CovarianceChoice choice = CovarianceChoice.of(
                inference,
                problem.targets().likelihood(),
                method.covariance(),
                problem.map(),
                problem.x().size());
        LOG.fine(() -> method.inference() + " by " + choice.solver() + ": " + choice.reason());
        return choice;
    }
}
