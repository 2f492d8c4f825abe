package org.finitentk.classification;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.backbone.LastActivation;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OutputOrder;
import org.finitentk.backbone.OutputUse;
import org.finitentk.backbone.TrainingData;
import org.finitentk.backbone.TrainingTask;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.SharedOutput;
import org.finitentk.internal.util.RejectedSetting;
import org.tribuo.Dataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.WeightedLabels;

/**
 * Adapts a trained network to a classification task: Bayesian inference of the weights of the linearized network under
 * a softmax likelihood, or a Bernoulli one where the network's only output is the log odds of one of two labels (Maddox
 * et al., "Fast Adaptation with Linearized Neural Networks", AISTATS 2021, section 3). The network's own weights stay
 * as they are. A Sigmoid or Softmax that it ends in is taken off. Without other settings: Laplace's method with a
 * learned prior variance, and probabilities that are expectations over each example's logits.
 *
 * <p>Example weights and label weights multiply log-likelihoods: an example of weight 2, or one of weight 1 with a
 * label of weight 2, counts like two examples, and one of weight 0 is left out. Every call of train draws other random
 * numbers, by its invocation count. Safe for use from several threads.
 */
public final class FiniteNTKClassificationTrainer extends NetworkTrainer<Label, FiniteNTKClassificationModel>
        implements WeightedLabels {
    private static final Logger LOG = Logger.getLogger(FiniteNTKClassificationTrainer.class.getName());

    @Config(description = "What is inferred of the weights: MAP, MEAN_FIELD, FULL_COVARIANCE or LAPLACE.")
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
    private MeanFieldOptimizer meanFieldOptimizer = StochasticSettings.DEFAULT.meanField();

    @Config(
            description = "Under ADAM, the most passes over the training data; 0 for as many as "
                    + "make 1000 steps, between 10 and 1000.")
    private int epochs = StochasticSettings.DEFAULT.epochs();

    @Config(description = "Under ADAM, examples in a step.")
    private int batchSize = StochasticSettings.DEFAULT.batchSize();

    @Config(
            description = "Under ADAM, how far the first step may move a logit, in prior standard "
                    + "deviations; falls by a half cosine.")
    private double learningRate = StochasticSettings.DEFAULT.learningRate();

    @Config(description = "Under MEAN_FIELD by ADAM, weights drawn in a step, in opposite pairs if even.")
    private int draws = StochasticSettings.DEFAULT.draws();

    @Config(description = "Under MEAN_FIELD by ADAM, how gradients are estimated: REPARAMETERIZED or LOCAL.")
    private GradientEstimator estimator = StochasticSettings.DEFAULT.estimator();

    @Config(
            description = "Under FULL_COVARIANCE and LAPLACE, how the covariance is computed with: AUTO, DENSE, "
                    + "ITERATIVE or LOW_RANK.")
    private CovarianceSolver solver = CovarianceSettings.DEFAULT.solver();

    @Config(description = "Under FULL_COVARIANCE by DENSE and MEAN_FIELD by NATURAL, points at which expectations over logits are taken, even.")
    private int quadratureDraws = CovarianceSettings.DEFAULT.quadratureDraws();

    @Config(description = "Under ITERATIVE, random vectors for traces and expectations, at least 2.")
    private int probes = CovarianceSettings.DEFAULT.probes();

    @Config(description = "Under FULL_COVARIANCE, LAPLACE and MEAN_FIELD by NATURAL, the most steps for one prior variance.")
    private int maxSteps = CovarianceSettings.DEFAULT.maxSteps();

    @Config(
            description = "Under FULL_COVARIANCE and MEAN_FIELD by NATURAL the relative change of the bound, under LAPLACE the relative "
                    + "gradient norm, at which steps end; between 0 and 1.")
    private double tolerance = CovarianceSettings.DEFAULT.tolerance();

    @Config(description = "Under LOW_RANK, how many eigenvalues.")
    private int rank = CovarianceSettings.DEFAULT.rank();

    @Config(description = "Under ITERATIVE, the relative residual at which conjugate gradients end, between 0 and 1.")
    private double solveTolerance = CovarianceSettings.DEFAULT.solveTolerance();

    @Config(description = "How logits become probabilities: EXPECTED, MONTE_CARLO, PROBIT, PLUG_IN or AUTO.")
    private ClassProbabilities probabilities =
            ClassificationSettings.DEFAULT.predictions().probabilities();

    @Config(
            description = "Draws in opposite pairs, of logits for EXPECTED, of weights for MONTE_CARLO; an odd number "
                    + "counts as the next even one; 0 for as many as it takes.")
    private int samples = ClassificationSettings.DEFAULT.predictions().samples();

    @Config(
            description = "For a network with one output and two labels, the label whose log odds the output is; empty "
                    + "for 'outputNames', the network's file, or what the labels and the training data say.")
    private String positiveLabel = "";

    @Config(
            description =
                    "What becomes of a last Sigmoid, Softmax or LogSoftmax of the network: TAKEN_OFF, so that its "
                            + "outputs are logits, or KEPT.")
    private LastActivation lastActivation = LastActivation.TAKEN_OFF;

    @Config(description = "Seed of everything random.")
    private long seed = ClassificationSettings.DEFAULT.seed();

    @Config(description = "What an example of a label counts, times its own weight; 1 for labels that are not listed.")
    private Map<String, Double> labelWeights = new HashMap<>();

    private FiniteNTKClassificationTrainer() {}

    /**
     * Laplace's method, everything chosen automatically.
     *
     * @param backbone the trained network
     */
    public FiniteNTKClassificationTrainer(OnnxBackbone backbone) {
        this(backbone, ClassificationSettings.DEFAULT);
    }

    /**
     * With settings; which output is which label must be {@link OutputOrder#EVIDENT}.
     *
     * @param backbone the trained network
     * @param settings inference, outputs, prior and predictions
     */
    public FiniteNTKClassificationTrainer(OnnxBackbone backbone, ClassificationSettings settings) {
        this(backbone, settings, List.of());
    }

    /**
     * All settings.
     *
     * @param backbone the trained network
     * @param settings inference, outputs, prior and predictions
     * @param outputNames labels of all outputs of the network in their order, those included that the data lacks; for
     *     its only output and two labels, the label whose log odds that is, or the negative label and then this one;
     *     empty if the order is {@link OutputOrder#EVIDENT}; under SHARED the data's labels in any order
     */
    public FiniteNTKClassificationTrainer(
            OnnxBackbone backbone, ClassificationSettings settings, List<String> outputNames) {
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
        this.probabilities = settings.predictions().probabilities();
        this.samples = settings.predictions().samples();
        this.seed = settings.seed();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            settings();
            labelWeights.forEach(FiniteNTKClassificationTrainer::requireWeight);
        });
    }

    private static void requireWeight(String label, double weight) {
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new RejectedSetting(
                    "labelWeights",
                    "the weight of the label " + label + " is " + weight + "; expected a positive finite number");
        }
    }

    /**
     * Sets what an example of a label counts, times its own weight, in models that are trained from now on; part of the
     * configuration.
     *
     * @param weights positive finite numbers; a label that is not listed has 1, and one that the data does not have is
     *     ignored
     * @throws IllegalArgumentException if a weight is not positive and finite
     */
    @Override
    public synchronized void setLabelWeights(Map<Label, Float> weights) {
        Map<String, Double> byName = new HashMap<>();
        weights.forEach((label, weight) -> byName.put(label.getLabel(), weight.doubleValue()));
        byName.forEach(FiniteNTKClassificationTrainer::requireWeight);
        labelWeights = byName;
    }

    /**
     * The settings in force.
     *
     * @return inference, outputs, prior and predictions
     */
    public ClassificationSettings settings() {
        return new ClassificationSettings(
                new ClassificationSettings.Method(
                        inference,
                        mapOptimizer,
                        new StochasticSettings(
                                epochs, batchSize, learningRate, draws, estimator, meanFieldOptimizer),
                        new CovarianceSettings(
                                solver, quadratureDraws, probes, maxSteps, tolerance, rank, solveTolerance)),
                new ClassificationSettings.Outputs(structure, SharedOutput.of(sharedOutput)),
                new ClassificationSettings.Prior(
                        priorLogits, priorVariance, learnPriorVariance, minimumPriorVariance, mapPrior),
                new ClassificationSettings.Predictions(probabilities, samples),
                seed);
    }

    @Override
    protected Function<TrainingTask<Label>, FiniteNTKClassificationModel> fit() {
        Map<String, Double> ownWeights = labelWeights;
        return task -> fit(task, ownWeights);
    }

    private FiniteNTKClassificationModel fit(TrainingTask<Label> task, Map<String, Double> byLabel) {
        Dataset<Label> examples = task.dataset();
        try (TrainingData<Label> data = task.open(use())) {
            List<String> labels = data.outputNames();
            int[] classes = examples.getData().stream()
                    .mapToInt(example -> data.outputOf(example.getOutput().getLabel()))
                    .toArray();
            double[] weights = data.weights();
            for (int i = 0; i < weights.length; i++) {
                weights[i] *= byLabel.getOrDefault(labels.get(classes[i]), 1.0);
            }
            ClassificationPosterior posterior = ClassificationPosterior.fit(
                    data.network(),
                    data.inputs(),
                    classes,
                    data.isOneLogit() ? new BernoulliLikelihood() : new SoftmaxLikelihood(labels.size()),
                    weights,
                    settings().withSeed(task.seed(seed)),
                    task.listener());
            LOG.log(
                    Level.FINE,
                    () -> "adapted " + backbone().path() + " to " + examples.size() + " examples: "
                            + posterior.report());
            record(posterior, data);
            return new FiniteNTKClassificationModel(
                    data.metadata("finite-ntk-classifier", FiniteNTKClassificationModel.class),
                    new AdaptedClassifier(data.serve(), posterior));
        }
    }

    @Override
    protected LastActivation lastActivation() {
        return lastActivation;
    }

    @Override
    protected String positiveLabel() {
        return positiveLabel;
    }

    /** Under SHARED labels have nothing to do with outputs, unless the network's own outputs are the prior logits. */
    private OutputUse use() {
        return switch (structure) {
            case AUTO -> OutputUse.AUTO;
            case MATCHED -> OutputUse.MATCHED;
            case SHARED -> priorLogits == PriorLogits.NETWORK ? OutputUse.MEAN : OutputUse.SHARED;
        };
    }

    private static void record(ClassificationPosterior posterior, TrainingData<Label> data) {
        List<String> labels = data.outputNames();
        InferenceReport report = posterior.report();
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
    public String toString() {
        return "FiniteNTKClassificationTrainer(backbone=" + backbone().path() + ", settings=" + settings() + ")";
    }
}
