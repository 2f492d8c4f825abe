package org.finitentk.regression;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.List;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OutputOrder;
import org.finitentk.internal.backbone.OutputUse;
import org.finitentk.internal.backbone.TrainingData;
import org.finitentk.internal.backbone.TrainingTask;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.RegressionTargets;
import org.finitentk.internal.tribuo.SharedOutput;
import org.tribuo.Dataset;
import org.tribuo.regression.Regressor;

/**
 * Adapts a trained network to a regression task in closed form: an exact Gaussian process on the network's finite-width
 * neural tangent kernel (Maddox et al., "Fast Adaptation with Linearized Neural Networks", AISTATS 2021, section 3).
 * The network's own weights stay as they are.
 *
 * <p>Where the noise variance is given, an example's is that divided by its weight. Where it is learned, weights are
 * relative precisions: doubling all of them changes nothing, and the noise variance is that of an example of average
 * weight. An example of weight 0 is left out. The same example several times, as in a bootstrap's view, is one row of
 * more weight, and so are rows with equal inputs and targets unless repeated inputs of the table have differing targets
 * ({@link RepeatedRows}). The invocation count has no influence: what is random follows from the seed alone. Safe for
 * use from several threads.
 */
public final class FiniteNTKRegressionTrainer extends NetworkTrainer<Regressor, FiniteNTKRegressionModel> {
    private static final Logger LOG = Logger.getLogger(FiniteNTKRegressionTrainer.class.getName());

    @Config(description = "How the posterior is computed: AUTO, DENSE, ITERATIVE or PARAMETER_SPACE.")
    private Solver solver = RegressionSettings.DEFAULT.solver();

    @Config(
            description =
                    "Prior mean: AUTO (CONSTANT or NETWORK), ZERO, CONSTANT or NETWORK (the network's own output).")
    private MeanFunction meanFunction = RegressionSettings.DEFAULT.mean().function();

    @Config(
            description = "How the prior mean is found: INTEGRATED, where variances include that a constant is an "
                    + "estimate and AUTO goes by leave-one-out densities, or PLUG_IN, as before version 0.3.0.")
    private MeanTreatment meanTreatment = RegressionSettings.DEFAULT.mean().treatment();

    @Config(description = "How dimensions relate to network outputs: AUTO, MATCHED, INDEPENDENT or SHARED.")
    private OutputStructure outputStructure =
            RegressionSettings.DEFAULT.outputs().structure();

    /** A word, since OLCUT 5.3.1 takes two equal negative numbers for different when it compares configurations. */
    @Config(
            description = "Under SHARED, the network output that gives the kernel, from 0, or SUM for the sum of "
                    + "all outputs.")
    private String sharedOutput = SharedOutput.SUM;

    @Config(
            description = "Prior variance of a weight, positive; if it is learned, used only when the data say "
                    + "nothing about it.")
    private double priorVariance = RegressionSettings.DEFAULT.variances().prior();

    @Config(
            description = "Variance of an observation's noise, at least 0; if it is learned, used only when the "
                    + "data say nothing about it.")
    private double noiseVariance = RegressionSettings.DEFAULT.variances().noise();

    @Config(description = "Which of the two variances maximize the marginal likelihood: NONE, BOTH, PRIOR or NOISE.")
    private HyperparameterLearning hyperparameterLearning =
            RegressionSettings.DEFAULT.variances().learning();

    @Config(
            description = "What both variances together are scaled by if both are learned: EVIDENCE, as the marginal "
                    + "likelihood has them, or LEAVE_ONE_OUT, more where training rows, left out one at a time by an "
                    + "exact solver, are farther from their predictions than that allows.")
    private VarianceScale varianceScale = RegressionSettings.DEFAULT.variances().scale();

    @Config(
            description = "Under ITERATIVE, the relative residual of the training targets at which conjugate "
                    + "gradients end, between 0 and 1.")
    private double tolerance = RegressionSettings.Iterative.DEFAULT.tolerance();

    @Config(description = "Under ITERATIVE, the most iterations of conjugate gradients.")
    private int maxIterations = RegressionSettings.Iterative.DEFAULT.maxIterations();

    @Config(
            description = "Under ITERATIVE, which columns of the kernel matrix precondition it: NYSTROEM, at "
                    + "random, or PIVOTED_CHOLESKY, one block after the other.")
    private PreconditionerMethod preconditioner =
            RegressionSettings.Iterative.DEFAULT.preconditioner().method();

    @Config(
            description = "Under ITERATIVE, the rank of the preconditioner; 0 for a number that grows with the "
                    + "square root of the rows.")
    private int preconditionerRank =
            RegressionSettings.Iterative.DEFAULT.preconditioner().rank();

    @Config(
            description = "Under ITERATIVE, the random vectors that estimate the likelihood while variances are "
                    + "learned, at least 2.")
    private int probes = RegressionSettings.Iterative.DEFAULT.probes();

    @Config(description = "Under ITERATIVE, the seed of the preconditioner's columns and of the random vectors.")
    private long seed = RegressionSettings.Iterative.DEFAULT.seed();

    @Config(
            description = "Under ITERATIVE, how variances are computed: EXACT, by a solve for each example, or "
                    + "CACHED, from a subspace, with a bound of the error.")
    private VarianceMethod varianceMethod =
            RegressionSettings.Iterative.DEFAULT.variances().method();

    @Config(
            description = "Under ITERATIVE and CACHED, the dimension of the subspace; 0 for one that leaves "
                    + "little of the prior variances beside the noise.")
    private int varianceRank = RegressionSettings.Iterative.DEFAULT.variances().rank();

    @Config(
            description = "What repeated rows and example weights mean: FOLD makes repeats one row of more "
                    + "weight, and weights relative where noise is learned; KEEP uses rows and weights as "
                    + "they are given.")
    private RepeatedRows repeatedRows = RegressionSettings.DEFAULT.repeatedRows();

    @Config(description = "What the predictions' variances are of: OBSERVATION, LATENT or NONE.")
    private VarianceKind variances = VarianceKind.OBSERVATION;

    private FiniteNTKRegressionTrainer() {}

    /**
     * Everything chosen automatically, both variances learned, variances of observations.
     *
     * @param backbone the trained network
     */
    public FiniteNTKRegressionTrainer(OnnxBackbone backbone) {
        this(backbone, RegressionSettings.DEFAULT);
    }

    /**
     * With settings; variances of observations; which output is which dimension must be {@link OutputOrder#EVIDENT}.
     *
     * @param backbone the trained network
     * @param settings solver, mean, outputs and variances
     */
    public FiniteNTKRegressionTrainer(OnnxBackbone backbone, RegressionSettings settings) {
        this(backbone, settings, VarianceKind.OBSERVATION, List.of());
    }

    /**
     * All settings.
     *
     * @param backbone the trained network
     * @param settings solver, mean, outputs and variances
     * @param variances what the predictions' variances are of
     * @param outputNames dimensions in the order of the network's outputs, or empty if it is
     *     {@link OutputOrder#EVIDENT}
     */
    public FiniteNTKRegressionTrainer(
            OnnxBackbone backbone, RegressionSettings settings, VarianceKind variances, List<String> outputNames) {
        super(backbone, outputNames);
        this.solver = settings.solver();
        this.meanFunction = settings.mean().function();
        this.meanTreatment = settings.mean().treatment();
        this.outputStructure = settings.outputs().structure();
        this.sharedOutput = SharedOutput.word(settings.outputs().shared());
        this.priorVariance = settings.variances().prior();
        this.noiseVariance = settings.variances().noise();
        this.hyperparameterLearning = settings.variances().learning();
        this.varianceScale = settings.variances().scale();
        this.tolerance = settings.iterative().tolerance();
        this.maxIterations = settings.iterative().maxIterations();
        this.preconditionerRank = settings.iterative().preconditioner().rank();
        this.probes = settings.iterative().probes();
        this.seed = settings.iterative().seed();
        this.preconditioner = settings.iterative().preconditioner().method();
        this.varianceMethod = settings.iterative().variances().method();
        this.varianceRank = settings.iterative().variances().rank();
        this.repeatedRows = settings.repeatedRows();
        this.variances = variances;
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(this::settings);
    }

    /**
     * The settings in force.
     *
     * @return solver, mean, outputs and variances
     */
    public RegressionSettings settings() {
        return new RegressionSettings(
                solver,
                new RegressionSettings.Iterative(
                        tolerance,
                        maxIterations,
                        new RegressionSettings.Iterative.Preconditioner(preconditioner, preconditionerRank),
                        probes,
                        seed,
                        new RegressionSettings.Iterative.PredictedVariances(varianceMethod, varianceRank)),
                new RegressionSettings.Mean(meanFunction, meanTreatment),
                new RegressionSettings.Outputs(outputStructure, SharedOutput.of(sharedOutput)),
                new RegressionSettings.Variances(priorVariance, noiseVariance, hyperparameterLearning, varianceScale),
                repeatedRows);
    }

    @Override
    protected Supplier<FiniteNTKRegressionModel> fit(Call<Regressor> call) {
        TrainingTask<Regressor> task = new TrainingTask<>(this, call);
        return () -> fit(task);
    }

    private FiniteNTKRegressionModel fit(TrainingTask<Regressor> task) {
        Dataset<Regressor> examples = task.dataset();
        try (TrainingData<Regressor> data = task.open(use())) {
            List<String> dimensions = data.outputNames();
            double[] targets = RegressionTargets.of(examples, dimensions);
            RegressionPosterior posterior = RegressionPosterior.fit(
                    data.network(),
                    new GivenRows(
                            data.inputs(),
                            targets,
                            data.isWeighted() ? data.weights() : null,
                            SameExamples.of(examples)),
                    settings(data),
                    task.listener());
            LOG.log(
                    Level.FINE,
                    () -> "adapted " + backbone().path() + " to " + examples.size() + " examples: "
                            + posterior.solverReason() + ", log marginal likelihood "
                            + posterior.logMarginalLikelihood());
            warnOfSpreads(posterior, targets, dimensions);
            record(posterior, data);
            return new FiniteNTKRegressionModel(
                    data.metadata("finite-ntk-regression", FiniteNTKRegressionModel.class),
                    new AdaptedNetwork(data.serve(), variances, posterior));
        }
    }

    /** Where nobody asked for one noise variance, and dimensions have different units. */
    private void warnOfSpreads(RegressionPosterior posterior, double[] targets, List<String> dimensions) {
        if (outputStructure == OutputStructure.AUTO
                && posterior.outputStructure() == OutputStructure.MATCHED
                && RegressionTargets.areApart(RegressionTargets.deviations(targets, dimensions.size()))) {
            LOG.warning("the spreads of the dimensions " + dimensions + " are far apart, and outputStructure MATCHED, "
                    + "which AUTO chose, has one noise variance for all: the least of them may be predicted badly; set "
                    + "outputStructure to INDEPENDENT, or scale the targets alike");
        }
    }

    /** Under SHARED dimensions have nothing to do with outputs, unless the network's own outputs are the mean. */
    private OutputUse use() {
        return switch (outputStructure) {
            case AUTO -> OutputUse.AUTO;
            case MATCHED, INDEPENDENT -> OutputUse.MATCHED;
            case SHARED -> meanFunction == MeanFunction.NETWORK ? OutputUse.MEAN : OutputUse.SHARED;
        };
    }

    /** Several outputs of which nobody knows which dimensions they are can be no mean of them. */
    private RegressionSettings settings(TrainingData<Regressor> data) {
        return data.isOrderUnknown() && meanFunction == MeanFunction.AUTO
                ? settings().withMean(MeanFunction.CONSTANT)
                : settings();
    }

    private void record(RegressionPosterior posterior, TrainingData<Regressor> data) {
        List<String> dimensions = data.outputNames();
        TrainingRows.Counts counts = posterior.fitted().findings().counts();
        if (counts.withoutWeight() > 0) {
            data.record("rows-without-weight", counts.withoutWeight());
        }
        if (repeatedRows == RepeatedRows.FOLD) {
            data.record("rows-used", posterior.trainingSize())
                    .record("rows-folded-same-example", counts.sameExamples())
                    .record("rows-folded-equal", counts.equalRows())
                    .record("rows-repeated-and-kept", counts.repeatsKept());
        }
        data.record("solver", posterior.solver().name())
                .record("solver-reason", posterior.solverReason())
                .record("mean-function", posterior.meanFunction().name())
                .record("output-structure", posterior.outputStructure().name())
                .record("log-marginal-likelihood", posterior.logMarginalLikelihood())
                .record("jitter", posterior.jitter());
        recordDensities(posterior, data);
        Solver.Iterations report = posterior.iterations();
        if (report != null) {
            data.record("solver-status", report.status().name())
                    .record("solver-iterations", report.iterations())
                    .record("solver-residual", report.residual())
                    .record("preconditioner-rank", report.rank())
                    .record("kernel-products", report.products().name())
                    .record("variance-method", posterior.varianceMethod().name())
                    .record("variance-rank", posterior.varianceRank());
        }
        if (report == null && posterior.residual() > 0) {
            data.record("solver-residual", posterior.residual());
        }
        for (int d = 0; d < dimensions.size(); d++) {
            String name = dimensions.get(d);
            data.record("dimension-" + d, name)
                    .record("prior-variance-" + name, posterior.priorVariance(d))
                    .record("noise-variance-" + name, posterior.noiseVariance(d));
            if (settings().variances().isScaledByLeavingOut()) {
                data.record("variance-factor-" + name, posterior.fitted().factor(d));
            }
            if (posterior.meanFunction() == MeanFunction.CONSTANT) {
                data.record("constant-mean-" + name, posterior.constantMean(d));
            }
        }
    }

    private static void recordDensities(RegressionPosterior posterior, TrainingData<Regressor> data) {
        Evidence evidence = posterior.evidence();
        if (evidence.standardError() > 0) {
            data.record("log-marginal-likelihood-error", evidence.standardError())
                    .record("log-marginal-likelihood-bias", evidence.bias());
        }
        if (posterior.hasLeaveOneOut()) {
            LeftOutRows.record(posterior.leaveOneOut(), data::record);
        }
        MeanFunction.Comparison comparison = posterior.meanComparison();
        if (comparison != null) {
            data.record("mean-constant-loo-log-density", comparison.constant())
                    .record("mean-network-loo-log-density", comparison.network())
                    .record("mean-difference-error", comparison.standardError())
                    .record("mean-compared-rows", comparison.rows());
        }
    }

    @Override
    public String toString() {
        return "FiniteNTKRegressionTrainer(backbone=" + backbone().path() + ", settings=" + settings() + ", variances="
                + variances + ")";
    }
}
