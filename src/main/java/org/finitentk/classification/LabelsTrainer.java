package org.finitentk.classification;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.List;
import org.finitentk.backbone.LastActivation;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.internal.backbone.OutputUse;
import org.finitentk.internal.backbone.TrainingData;
import org.finitentk.internal.backbone.TrainingTask;
import org.finitentk.internal.onnx.LogitForms;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.SharedOutput;
import org.tribuo.Model;
import org.tribuo.Output;

/**
 * The choices that all classifiers have: Bayesian inference of the weights of a linearized network under a likelihood
 * of its logits (Maddox et al., "Fast Adaptation with Linearized Neural Networks", AISTATS 2021, section 3).
 *
 * @param <T> Label or MultiLabel
 * @param <M> the models
 */
abstract sealed class LabelsTrainer<T extends Output<T>, M extends Model<T>> extends NetworkTrainer<T, M>
        permits FiniteNTKClassificationTrainer, FiniteNTKMultiLabelTrainer {
    @Config(description = "What is inferred of the weights: AUTO, MAP, MEAN_FIELD, FULL_COVARIANCE or LAPLACE.")
    private Inference inference = ClassificationSettings.DEFAULT.method().inference();

    @Config(description = "How classes relate to network outputs: AUTO, MATCHED or SHARED.")
    private ClassStructure structure = ClassificationSettings.DEFAULT.outputs().structure();

    /** A word, since OLCUT 5.3.1 takes two equal negative numbers for different when it compares configurations. */
    @Config(
            description = "Under SHARED, the network output that gives the kernel, from 0, or SUM for the sum of "
                    + "all outputs.")
    private String sharedOutput = SharedOutput.SUM;

    @Config(description = "The logits before anything was learned: AUTO, ZERO, FREQUENCIES or NETWORK.")
    private PriorLogits priorLogits = ClassificationSettings.DEFAULT.prior().logits();

    @Config(
            description = "Prior variance of a weight, or where learning it starts; 0 for 1 over the average of "
                    + "the kernel's diagonal.")
    private double priorVariance = ClassificationSettings.DEFAULT.prior().variance();

    @Config(description = "Whether the prior variance maximizes the marginal likelihood or its bound.")
    private boolean learnPriorVariance = ClassificationSettings.DEFAULT.prior().learned();

    @Config(
            description = "The least prior variance that is learned, 0 for none; where the marginal likelihood of few "
                    + "examples is highest at 0, predictions are those of the prior logits.")
    private double minimumPriorVariance = ClassificationSettings.DEFAULT.prior().minimum();

    @Config(
            description = "Where MAP's prior variance is learned: EVIDENCE for the one that LAPLACE learns, or GIVEN "
                    + "for the one that is given, as if it were not.")
    private MapPrior mapPrior = ClassificationSettings.DEFAULT.prior().map();

    @Config(description = "How the most probable weights are found: AUTO, NEWTON or ADAM.")
    private MapOptimizer mapOptimizer = ClassificationSettings.DEFAULT.method().mapOptimizer();

    @Config(description = "How the best independent weights of MEAN_FIELD are found: AUTO, NATURAL or ADAM.")
    private MeanFieldOptimizer meanFieldOptimizer = ClassificationSettings.Stochastic.DEFAULT.meanField();

    @Config(
            description = "Under ADAM, the most passes over the training data; 0 for as many as "
                    + "make 1000 steps, between 10 and 1000.")
    private int epochs = ClassificationSettings.Stochastic.DEFAULT.epochs();

    @Config(description = "Under ADAM, examples in a step.")
    private int batchSize = ClassificationSettings.Stochastic.DEFAULT.batchSize();

    @Config(
            description = "Under ADAM, how far the first step may move a logit, in prior standard "
                    + "deviations; falls by a half cosine.")
    private double learningRate = ClassificationSettings.Stochastic.DEFAULT.learningRate();

    @Config(description = "Under MEAN_FIELD by ADAM, weights drawn in a step, in opposite pairs if even.")
    private int draws = ClassificationSettings.Stochastic.DEFAULT.draws();

    @Config(description = "Under MEAN_FIELD by ADAM, how gradients are estimated: REPARAMETERIZED or LOCAL.")
    private GradientEstimator estimator = ClassificationSettings.Stochastic.DEFAULT.estimator();

    @Config(
            description = "Under FULL_COVARIANCE and LAPLACE, how the covariance is computed with: AUTO, DENSE, "
                    + "ITERATIVE, LOW_RANK or PARAMETER_SPACE.")
    private CovarianceSolver solver = ClassificationSettings.Covariance.DEFAULT.solver();

    @Config(
            description =
                    "Under FULL_COVARIANCE and MEAN_FIELD by NATURAL, points at which expectations over logits are taken, "
                            + "even; 0 for 512, and none for two labels, whose expectations are then exact.")
    private int quadratureDraws = ClassificationSettings.Covariance.DEFAULT.quadratureDraws();

    @Config(description = "Under ITERATIVE, random vectors for traces and expectations, at least 2.")
    private int probes = ClassificationSettings.Covariance.DEFAULT.probes();

    @Config(
            description =
                    "Under FULL_COVARIANCE, LAPLACE and MEAN_FIELD by NATURAL, the most steps for one prior variance.")
    private int maxSteps = ClassificationSettings.Covariance.DEFAULT.maxSteps();

    @Config(
            description =
                    "Under FULL_COVARIANCE and MEAN_FIELD by NATURAL the relative change of the bound, under LAPLACE the relative "
                            + "gradient norm, at which steps end; between 0 and 1.")
    private double tolerance = ClassificationSettings.Covariance.DEFAULT.tolerance();

    @Config(description = "Under LAPLACE by LOW_RANK, how many eigenvalues.")
    private int rank = ClassificationSettings.Covariance.DEFAULT.rank();

    @Config(description = "Under ITERATIVE, the relative residual at which conjugate gradients end, between 0 and 1.")
    private double solveTolerance = ClassificationSettings.Covariance.DEFAULT.solveTolerance();

    @Config(description = "Under AUTO, the most weights with which PARAMETER_SPACE is chosen; 0 for never.")
    private int mostWeights = ClassificationSettings.Covariance.DEFAULT.mostWeights();

    @Config(description = "How logits become probabilities: EXPECTED, MONTE_CARLO, PROBIT, PLUG_IN or AUTO.")
    private ClassProbabilities probabilities =
            ClassificationSettings.DEFAULT.predictions().probabilities();

    @Config(
            description = "Draws in opposite pairs, of logits for EXPECTED, of weights for MONTE_CARLO; an odd number "
                    + "counts as the next even one; 0 for as many as it takes.")
    private int samples = ClassificationSettings.DEFAULT.predictions().samples();

    @Config(
            description =
                    "What becomes of a last Sigmoid, Softmax or LogSoftmax of the network: TAKEN_OFF, so that its "
                            + "outputs are logits, or KEPT.")
    private LastActivation lastActivation = LastActivation.TAKEN_OFF;

    @Config(
            description =
                    "What becomes of one last Sigmoid of which the network makes 1 - p and p, or 1 - p: TAKEN_OFF "
                            + "if 'lastActivation' is, or KEPT.")
    private LastActivation oppositeSigmoid = LastActivation.TAKEN_OFF;

    @Config(description = "Seed of everything random.")
    private long seed = ClassificationSettings.DEFAULT.seed();

    /** For OLCUT. */
    LabelsTrainer() {}

    /** All settings that classifiers have in common. */
    LabelsTrainer(OnnxBackbone backbone, ClassificationSettings settings, List<String> outputNames) {
        super(backbone, outputNames);
        this.inference = settings.method().inference();
        this.structure = settings.outputs().structure();
        this.sharedOutput = SharedOutput.word(settings.outputs().shared());
        this.priorLogits = settings.prior().logits();
        this.priorVariance = settings.prior().variance();
        this.learnPriorVariance = settings.prior().learned();
        this.minimumPriorVariance = settings.prior().minimum();
        this.mapPrior = settings.prior().map();
        this.mapOptimizer = settings.method().mapOptimizer();
        this.meanFieldOptimizer = settings.method().stochastic().meanField();
        this.epochs = settings.method().stochastic().epochs();
        this.batchSize = settings.method().stochastic().batchSize();
        this.learningRate = settings.method().stochastic().learningRate();
        this.draws = settings.method().stochastic().draws();
        this.estimator = settings.method().stochastic().estimator();
        this.solver = settings.method().covariance().solver();
        this.quadratureDraws = settings.method().covariance().quadratureDraws();
        this.probes = settings.method().covariance().probes();
        this.maxSteps = settings.method().covariance().maxSteps();
        this.tolerance = settings.method().covariance().tolerance();
        this.rank = settings.method().covariance().rank();
        this.solveTolerance = settings.method().covariance().solveTolerance();
        this.mostWeights = settings.method().covariance().mostWeights();
        this.probabilities = settings.predictions().probabilities();
        this.samples = settings.predictions().samples();
        this.seed = settings.seed();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(this::settings);
    }

    /**
     * The settings in force.
     *
     * @return inference, outputs, prior and predictions
     */
    public final ClassificationSettings settings() {
        return new ClassificationSettings(
                new ClassificationSettings.Method(
                        inference,
                        mapOptimizer,
                        new ClassificationSettings.Stochastic(
                                epochs, batchSize, learningRate, draws, estimator, meanFieldOptimizer),
                        new ClassificationSettings.Covariance(
                                solver,
                                quadratureDraws,
                                probes,
                                maxSteps,
                                tolerance,
                                rank,
                                solveTolerance,
                                mostWeights)),
                new ClassificationSettings.Outputs(structure, SharedOutput.of(sharedOutput)),
                new ClassificationSettings.Prior(
                        priorLogits, priorVariance, learnPriorVariance, minimumPriorVariance, mapPrior),
                new ClassificationSettings.Predictions(probabilities, samples),
                seed);
    }

    /** The settings of one call of train. */
    final ClassificationSettings settings(TrainingTask<T> task) {
        return settings().withSeed(task.seed(seed));
    }

    /** Which activations that make probabilities of the network's outputs are taken off. */
    final LogitForms takenOff() {
        return new LogitForms(lastActivation == LastActivation.TAKEN_OFF, oppositeSigmoid == LastActivation.TAKEN_OFF);
    }

    /** Under SHARED labels have nothing to do with outputs, unless the network's own outputs are the prior logits. */
    final OutputUse use() {
        return switch (structure) {
            case AUTO -> OutputUse.AUTO;
            case MATCHED -> OutputUse.MATCHED;
            case SHARED -> priorLogits == PriorLogits.NETWORK ? OutputUse.MEAN : OutputUse.SHARED;
        };
    }

    /** Adds what inference found to a model's findings. */
    final void record(ClassificationPosterior posterior, TrainingData<?> data) {
        List<String> labels = data.outputNames();
        Inference.Report report = posterior.report();
        if (inference == Inference.AUTO) {
            data.record("inference", posterior.settings().method().inference().name());
        }
        data.record("solver", report.solver())
                .record("solver-reason", report.reason())
                .record("output-structure", posterior.structure().name())
                .record("likelihood", posterior.likelihood().name())
                .record("prior-logits", posterior.priorLogits().name())
                .record("probabilities", posterior.rule().name())
                .record("prior-variance", posterior.priorVariance())
                .record("objective", report.objective())
                .record("objective-error", report.objectiveError())
                .record("inference-steps", report.steps())
                .record("inference-converged", Boolean.toString(report.converged()));
        posterior.spread().record(data);
        if (!Double.isNaN(report.gradient())) {
            data.record("relative-gradient", report.gradient());
        }
        for (int c = 0; c < labels.size(); c++) {
            data.record("label-" + c, labels.get(c));
        }
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "(backbone=" + backbone().path() + ", settings=" + settings() + ")";
    }
}
