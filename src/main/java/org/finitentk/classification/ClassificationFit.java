package org.finitentk.classification;

import java.util.Locale;
import java.util.logging.Logger;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;

/** One fit. */
final class ClassificationFit {
    private static final Logger LOG = Logger.getLogger(ClassificationFit.class.getName());
    /** Examples whose kernel gives the automatic prior variance. */
    private static final int SCALE_EXAMPLES = 256;
    /** The most that the prior variance of a logit may be: float64 numbers have 16 digits. */
    private static final double LARGEST_SPREAD = 1e15;
    /** Where λ is learned, a prior standard deviation of a logit below which the data moved nothing. */
    private static final double COLLAPSED = 0.01;
    /** Examples up to which Newton's method is chosen. */
    private static final int NEWTON_EXAMPLES = 2000;
    /** Relative gradient norm that a float network's products resolve. */
    private static final double NEWTON_TOLERANCE = 1e-7;

    private final LogitMap map;
    private final Examples x;
    /** For all weight-space methods and all λ that are tried. */
    private final LinearizedExamples jacobian;

    private final LabelTargets targets;
    private final PriorMean prior;
    private final double[] priorLogits;
    private final ClassificationSettings settings;
    private final ProgressListener progress;

    private ClassificationFit(
            LogitMap map,
            LinearizedExamples jacobian,
            LabelTargets targets,
            ClassificationSettings settings,
            ProgressListener progress) {
        this.map = map;
        this.x = jacobian.examples();
        this.jacobian = jacobian;
        this.targets = targets;
        this.settings = settings;
        this.progress = progress;
        this.prior = PriorMean.of(settings.prior().logits(), map, targets);
        this.priorLogits = prior.of(map, x);
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
            return new ClassificationFit(map, jacobian, targets, settings, progress).run();
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
        if (prior.kind() == PriorLogits.NETWORK && targets.likelihood().lookLikeProbabilities(priorLogits)) {
            boolean one = targets.logits() == 1;
            LOG.warning("the network's outputs are between 0 and 1" + (one ? "" : " and sum to 1")
                    + ", so they seem to be probabilities; expected logits or log-probabilities, so remove the "
                    + "network's last " + (one ? "Sigmoid" : "Softmax"));
        }
    }

    private ClassificationPosterior run() {
        double lambda = settings.prior().variance() == ClassificationSettings.AUTOMATIC ? automaticVariance() : given();
        return switch (settings.method().inference()) {
            case MAP -> map(lambda);
            case MEAN_FIELD -> meanField(lambda);
            case FULL_COVARIANCE, LAPLACE -> covariance(lambda);
        };
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
        double moderate = moderateVariance();
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
        double variance = moderateVariance();
        if (Double.isInfinite(variance)) {
            throw new IllegalArgumentException(
                    "the kernel is zero on the training data: no parameter moves the network's output; "
                            + "choose another output");
        }
        return variance;
    }

    /**
     * 1 over the average of the kernel's diagonal: logits then vary by 1 under the prior. An example of weight 2 counts
     * like two here, too.
     */
    private double moderateVariance() {
        int examples = Math.min(x.size(), SCALE_EXAMPLES);
        double[] diagonal = new KernelTiles(map.network()).diagonal(x.slice(0, examples), map.outputs());
        double sum = 0;
        double total = 0;
        for (int row = 0; row < diagonal.length; row++) {
            double weight = targets.weights()[row / (diagonal.length / examples)];
            sum += weight * diagonal[row];
            total += weight;
        }
        return sum > 0 ? total / sum : Double.POSITIVE_INFINITY;
    }

    private ClassificationPosterior posterior(WeightPosterior weights, InferenceReport report) {
        if (!usesNewton() && report.gradient() > UnsolvedException.LARGEST_RESIDUAL) {
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
                                    + NEWTON_TOLERANCE
                                    + " and next to nothing left to gain, which the network's precision "
                                    + "hides at a prior variance of "
                                    + weights.lambda() + ", so lower it, or the greatest weights"));
        }
        warnOfCollapse(weights.lambda());
        return new ClassificationPosterior(targets.likelihood(), map, prior, weights, settings, report);
    }

    /** The evidence can be highest where no weight moves: that is an answer, but not one that anybody should overlook. */
    private void warnOfCollapse(double lambda) {
        if (!settings.learnPriorVariance() || settings.inference() == Inference.MAP) {
            return;
        }
        double moderate = moderateVariance();
        double deviation = Math.sqrt(lambda / moderate);
        if (deviation < COLLAPSED) {
            LOG.warning(String.format(
                    Locale.ROOT,
                    "inference %s found nothing in the %d examples that the prior logits (%s) do not say: the learned "
                            + "prior variance %.2g lets a logit vary by about %.1g, so that predictions are those of the "
                            + "prior logits; if the examples should count, set learnPriorVariance to false and "
                            + "priorVariance to, say, %.2g, with which a logit varies by 1",
                    settings.inference(),
                    targets.size(),
                    prior.kind(),
                    lambda,
                    deviation,
                    moderate));
        }
    }

    private ClassificationPosterior map(double lambda) {
        map.requireWeights("the search for the most probable weights", 8);
        boolean newton = usesNewton();
        MapFit fit = mostProbable(lambda, new double[(int) map.weightCount()]);
        String reason = settings.method().mapOptimizer() != MapOptimizer.AUTO
                ? "as asked"
                : targets.size() + " examples, Newton up to " + NEWTON_EXAMPLES;
        return posterior(
                new PointWeights(fit.weights(), lambda),
                new InferenceReport(
                        fit.objective(),
                        0,
                        fit.history(),
                        fit.steps(),
                        fit.converged(),
                        (newton ? MapOptimizer.NEWTON : MapOptimizer.ADAM).name(),
                        reason,
                        fit.gradient()));
    }

    private boolean usesNewton() {
        return settings.method().mapOptimizer() == MapOptimizer.NEWTON
                || settings.method().mapOptimizer() == MapOptimizer.AUTO && targets.size() <= NEWTON_EXAMPLES;
    }

    private MapFit mostProbable(double lambda, double[] start) {
        if (usesNewton()) {
            return new NewtonMap(
                            new LogPosterior(map, jacobian, targets, priorLogits, lambda), NEWTON_TOLERANCE, progress)
                    .from(start);
        }
        return new StochasticMap(batches(), lambda, settings.method().stochastic(), settings.seed(), progress)
                .from(start);
    }

    private Batches batches() {
        return new Batches(
                map,
                x,
                targets,
                priorLogits,
                Math.min(targets.size(), settings.method().stochastic().batchSize()));
    }

    private ClassificationPosterior meanField(double lambda) {
        MeanField.Fit fit = new MeanField(batches(), settings.method().stochastic(), settings.seed(), progress)
                .fit(lambda, settings.prior().learned());
        MeanFieldState q = fit.state();
        double scale = q.scale();
        double[] deviations = q.ratios();
        double[] mean = q.mean();
        for (int i = 0; i < mean.length; i++) {
            deviations[i] *= scale;
            mean[i] *= scale;
        }
        return posterior(
                new IndependentWeights(mean, scale * scale, deviations),
                new InferenceReport(
                        fit.bound(),
                        fit.error(),
                        fit.history(),
                        fit.epochs(),
                        true,
                        settings.method().stochastic().estimator().name(),
                        "as asked",
                        Double.NaN));
    }

    private ClassificationPosterior covariance(double lambda) {
        SolverPlan plan = SolverPlan.of(
                settings.method().inference(), settings.method().covariance().solver(), map, x.size());
        LOG.fine(() -> settings.method().inference() + " by " + plan.solver() + ": " + plan.reason());
        return plan.solver() == CovarianceSolver.LOW_RANK ? lowRank(lambda, plan) : sites(lambda, plan);
    }

    private ClassificationPosterior sites(double lambda, SolverPlan plan) {
        map.requireWeights("a Gaussian posterior's mean", 2);
        boolean dense = plan.solver() == CovarianceSolver.DENSE;
        CovarianceSettings own = settings.method().covariance();
        try (LogitKernel kernel = dense ? LogitKernel.dense(map, x, progress) : SolverPlan.kernel(map, x, progress)) {
            SiteFactory factory = dense ? exact(kernel) : estimated(kernel, settings.seed());
            SiteFit fit;
            if (settings.method().inference() == Inference.LAPLACE) {
                fit = new LaplaceSites(kernel, targets, priorLogits, factory, own, progress)
                        .fit(lambda, settings.prior().learned());
            } else {
                ConjugateVariational variational =
                        new ConjugateVariational(targets, priorLogits, factory, moderateVariance(), own, progress);
                SiteFit found = variational.fit(lambda, settings.prior().learned());
                fit = dense ? found : variational.scored(found, estimated(kernel, ~settings.seed()));
            }
            return posterior(
                    weights(fit),
                    new InferenceReport(
                            fit.objective(),
                            fit.objectiveError(),
                            fit.history(),
                            fit.steps(),
                            fit.converged(),
                            plan.solver().name(),
                            plan.reason(),
                            Double.NaN));
        }
    }

    private SiteFactory exact(LogitKernel kernel) {
        LogitDraws draws =
                LogitDraws.of(settings.method().covariance().quadratureDraws(), map.classes(), settings.seed());
        return (variance, root) -> new DenseSites(kernel, variance, root, draws);
    }

    private SiteFactory estimated(LogitKernel kernel, long seed) {
        RandomWeights random =
                RandomWeights.of(map, x, settings.method().covariance().probes(), seed, progress);
        return (variance, root) -> new IterativeSites(
                kernel, variance, root, random, settings.method().covariance().solveTolerance());
    }

    private SiteWeights weights(SiteFit fit) {
        double[] mean = map.transposed(x, fit.alpha());
        Vectors.scale(mean, fit.lambda());
        return new SiteWeights(
                mean,
                fit.lambda(),
                x,
                fit.system().root(),
                fit.system() instanceof DenseSites sites ? sites.cholesky() : null,
                settings.method().covariance());
    }

    private ClassificationPosterior lowRank(double start, SolverPlan plan) {
        int rank = settings.method().covariance().rank();
        int length = map.requireWeights("a Gauss-Newton matrix's " + rank + " eigenvectors", 2L * rank + 32);
        LowRankLaplace laplace = new LowRankLaplace(
                this::mostProbable,
                lambda -> new LogPosterior(map, jacobian, targets, priorLogits, lambda),
                length,
                rank,
                settings.seed(),
                progress);
        LowRankLaplace.Fit fit = laplace.fit(start, settings.prior().learned());
        return posterior(
                fit.weights(),
                new InferenceReport(
                        fit.evidence(),
                        fit.error(),
                        laplace.history(),
                        laplace.history().size(),
                        fit.map().converged(),
                        plan.solver().name(),
                        plan.reason() + "; " + fit.words(),
                        fit.map().gradient()));
    }
}
