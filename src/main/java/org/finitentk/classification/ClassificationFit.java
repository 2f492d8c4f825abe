package org.finitentk.classification;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.logging.Logger;
import org.finitentk.kernel.Outputs;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;

/** One fit. */
final class ClassificationFit {
    private static final Logger LOG = Logger.getLogger(ClassificationFit.class.getName());
    /** Examples whose kernel gives the automatic prior variance. */
    private static final int SCALE_EXAMPLES = 256;
    /** Examples up to which Newton's method is chosen. */
    private static final int NEWTON_EXAMPLES = 2000;
    /** Relative gradient norm that a float network's products resolve. */
    private static final double NEWTON_TOLERANCE = 1e-7;
    /** With eigenvalues only, updates of λ, and the change of log λ that ends them. */
    private static final int LAMBDA_UPDATES = 8;
    private static final double LAMBDA_TOLERANCE = 0.05;

    private final LogitMap map;
    private final Examples x;
    /** For all weight-space methods and all λ that are tried. */
    private final LinearizedExamples jacobian;
    private final SoftmaxTargets targets;
    private final PriorMean prior;
    private final double[] priorLogits;
    private final ClassificationSettings settings;
    private final ProgressListener progress;

    private ClassificationFit(LogitMap map, LinearizedExamples jacobian, SoftmaxTargets targets, ClassificationSettings settings, ProgressListener progress) {
        this.map = map;
        this.x = jacobian.examples();
        this.jacobian = jacobian;
        this.targets = targets;
        this.settings = settings;
        this.progress = progress;
        this.prior = PriorMean.of(settings.priorLogits(), map, targets);
        this.priorLogits = prior.of(map, x);
        warnOfProbabilities();
    }

    static ClassificationPosterior fit(LinearizedNetwork network, Examples x, SoftmaxTargets targets, ClassificationSettings settings, ProgressListener progress) {
        network.requireFit(x);
        LogitMap map = map(network, targets.classes(), settings);
        if (settings.priorLogits() != PriorLogits.NETWORK) {
            network.requireFinite(network.forward(x));
        }
        try (LinearizedExamples jacobian = network.keeping(x)) {
            return new ClassificationFit(map, jacobian, targets, settings, progress).run();
        }
    }

    static LogitMap map(LinearizedNetwork network, int classes, ClassificationSettings settings) {
        boolean equal = classes == network.outputSize();
        ClassStructure structure = settings.structure() != ClassStructure.AUTO ? settings.structure() : equal ? ClassStructure.MATCHED : ClassStructure.SHARED;
        if (structure == ClassStructure.MATCHED) {
            if (!equal) {
                throw new IllegalArgumentException("classes are MATCHED, but the data has " + classes + " classes and the network " + network.outputSize()
                    + " outputs; expected as many of each, or structure SHARED");
            }
            return new LogitMap(network, Outputs.all(), classes);
        }
        if (settings.sharedOutput() >= network.outputSize()) {
            throw new IllegalArgumentException("the shared output is " + settings.sharedOutput() + ", but the network has " + network.outputSize() + " outputs, numbered from 0");
        }
        return new LogitMap(network, settings.sharedOutput() == ClassificationSettings.SUM ? Outputs.summed() : Outputs.single(settings.sharedOutput()), classes);
    }

    /** A network that ends in Softmax would have its probabilities taken for logits. */
    private void warnOfProbabilities() {
        if (prior.kind() != PriorLogits.NETWORK || targets.classes() < 2) {
            return;
        }
        for (int i = 0; i < targets.size(); i++) {
            double sum = 0;
            for (int c = 0; c < targets.classes(); c++) {
                double value = priorLogits[i * targets.classes() + c];
                if (value < 0) {
                    return;
                }
                sum += value;
            }
            if (Math.abs(sum - 1) > 1e-4) {
                return;
            }
        }
        LOG.warning("the network's outputs are between 0 and 1 and sum to 1, so they seem to be probabilities; expected logits or log-probabilities, so remove the network's last Softmax");
    }

    private ClassificationPosterior run() {
        double lambda = settings.priorVariance() == ClassificationSettings.AUTOMATIC ? automaticVariance() : settings.priorVariance();
        return switch (settings.inference()) {
            case MAP -> map(lambda);
            case MEAN_FIELD -> meanField(lambda);
            case FULL_COVARIANCE, LAPLACE -> covariance(lambda);
        };
    }

    private double automaticVariance() {
        double variance = moderateVariance();
        if (Double.isInfinite(variance)) {
            throw new IllegalArgumentException("the kernel is zero on the training data: no parameter moves the network's output; choose another output");
        }
        return variance;
    }

    /** 1 over the average of the kernel's diagonal: logits then vary by 1 under the prior. An example of weight 2 counts like two here, too. */
    private double moderateVariance() {
        int examples = Math.min(x.size(), SCALE_EXAMPLES);
        double[] diagonal = new TangentKernel(map.network()).diagonal(x.slice(0, examples), map.outputs());
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
        if (!report.converged()) {
            LOG.warning("inference " + settings.inference() + " did not converge in " + report.steps() + " steps; raise maxSteps, or the tolerance");
        }
        return new ClassificationPosterior(map, prior, weights, settings, report);
    }

    private ClassificationPosterior map(double lambda) {
        map.requireWeights("the search for the most probable weights", 8);
        boolean newton = usesNewton();
        MapFit fit = mostProbable(lambda, new double[(int) map.weightCount()]);
        String reason = settings.mapOptimizer() != MapOptimizer.AUTO ? "as asked" : targets.size() + " examples, Newton up to " + NEWTON_EXAMPLES;
        return posterior(new PointWeights(fit.weights(), lambda),
            new InferenceReport(fit.objective(), 0, fit.history(), fit.steps(), fit.converged(), (newton ? MapOptimizer.NEWTON : MapOptimizer.ADAM).name(), reason, fit.gradient()));
    }

    private boolean usesNewton() {
        return settings.mapOptimizer() == MapOptimizer.NEWTON || settings.mapOptimizer() == MapOptimizer.AUTO && targets.size() <= NEWTON_EXAMPLES;
    }

    private MapFit mostProbable(double lambda, double[] start) {
        if (usesNewton()) {
            return new NewtonMap(new LogPosterior(map, jacobian, targets, priorLogits, lambda), NEWTON_TOLERANCE, progress).from(start);
        }
        return new StochasticMap(batches(), lambda, settings.stochastic(), settings.seed(), progress).from(start);
    }

    private Batches batches() {
        return new Batches(map, x, targets, priorLogits, Math.min(targets.size(), settings.stochastic().batchSize()));
    }

    private ClassificationPosterior meanField(double lambda) {
        MeanField.Fit fit = new MeanField(batches(), settings.stochastic(), settings.seed(), progress).fit(lambda, settings.learnPriorVariance());
        MeanFieldState q = fit.state();
        double scale = q.scale();
        double[] deviations = q.ratios();
        double[] mean = q.mean();
        for (int i = 0; i < mean.length; i++) {
            deviations[i] *= scale;
            mean[i] *= scale;
        }
        return posterior(new IndependentWeights(mean, scale * scale, deviations),
            new InferenceReport(fit.bound(), fit.error(), fit.history(), fit.epochs(), true, settings.stochastic().estimator().name(), "as asked", Double.NaN));
    }

    private ClassificationPosterior covariance(double lambda) {
        SolverPlan plan = SolverPlan.of(settings.inference(), settings.covariance().solver(), map, x.size());
        LOG.fine(() -> settings.inference() + " by " + plan.solver() + ": " + plan.reason());
        return plan.solver() == CovarianceSolver.LOW_RANK ? lowRank(lambda, plan) : sites(lambda, plan);
    }

    private ClassificationPosterior sites(double lambda, SolverPlan plan) {
        map.requireWeights("a Gaussian posterior's mean", 2);
        boolean dense = plan.solver() == CovarianceSolver.DENSE;
        CovarianceSettings own = settings.covariance();
        try (LogitKernel kernel = dense ? LogitKernel.dense(map, x, progress) : SolverPlan.kernel(map, x, progress)) {
            SiteFactory factory;
            if (dense) {
                LogitDraws draws = LogitDraws.of(own.quadratureDraws(), map.classes(), settings.seed());
                factory = (variance, root) -> new DenseSites(kernel, variance, root, draws);
            } else {
                RandomWeights random = RandomWeights.of(map, x, own.probes(), settings.seed(), progress);
                factory = (variance, root) -> new IterativeSites(kernel, variance, root, random, own.solveTolerance());
            }
            SiteFit fit = settings.inference() == Inference.LAPLACE
                ? new LaplaceSites(kernel, targets, priorLogits, factory, own, progress).fit(lambda, settings.learnPriorVariance())
                : new ConjugateVariational(targets, priorLogits, factory, moderateVariance(), own, progress).fit(lambda, settings.learnPriorVariance());
            return posterior(weights(fit), new InferenceReport(fit.objective(), 0, fit.history(), fit.steps(), fit.converged(), plan.solver().name(), plan.reason(), Double.NaN));
        }
    }

    private SiteWeights weights(SiteFit fit) {
        double[] mean = map.transposed(x, fit.alpha());
        for (int i = 0; i < mean.length; i++) {
            mean[i] *= fit.lambda();
        }
        return new SiteWeights(mean, fit.lambda(), x, fit.system().root(), fit.system() instanceof DenseSites sites ? sites.cholesky() : null, settings.covariance());
    }

    /** λ, if learned, follows MacKay's λ = ‖ŵ‖² / γ with the γ that the eigenvalues show. */
    private ClassificationPosterior lowRank(double start, SolverPlan plan) {
        int rank = settings.covariance().rank();
        double[] w = new double[map.requireWeights("a Gauss-Newton matrix's " + rank + " eigenvectors", 2L * rank + 8)];
        double lambda = start;
        List<Double> history = new ArrayList<>();
        for (int update = 0;; update++) {
            MapFit fit = mostProbable(lambda, w);
            w = fit.weights();
            LogPosterior objective = new LogPosterior(map, jacobian, targets, priorLogits, lambda);
            LanczosCurvature curvature = LanczosCurvature.of(objective.scaledCurvature(fit.logits()), rank, settings.seed(), progress);
            LowRankWeights weights = LowRankWeights.of(w, lambda, curvature);
            double evidence = fit.objective() - 0.5 * Arrays.stream(curvature.values()).map(Math::log1p).sum();
            history.add(evidence);
            double better = SiteSystem.dot(w, w) / Arrays.stream(weights.explained()).sum();
            boolean settled = !settings.learnPriorVariance() || !(better > 0) || Math.abs(Math.log(better / lambda)) < LAMBDA_TOLERANCE;
            if (settled || update == LAMBDA_UPDATES) {
                String reason = plan.reason() + String.format(Locale.ROOT, "; %d eigenvalues of the prior precision's size down to %.2g, remainder %.2g", curvature.values().length,
                    curvature.values().length == 0 ? 0 : curvature.values()[curvature.values().length - 1], curvature.remainder());
                return posterior(weights, new InferenceReport(evidence, 0, history, update + 1, settled && fit.converged(), plan.solver().name(), reason, fit.gradient()));
            }
            lambda = better;
        }
    }
}
