package org.finitentk.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.finitentk.internal.util.RejectedSetting;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Tensor;
import org.finitentk.regression.HyperparameterLearning;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.OutputStructure;
import org.finitentk.regression.PreconditionerMethod;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;
import org.finitentk.regression.VarianceKind;
import org.finitentk.regression.VarianceMethod;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code posterior}: Gaussian process regression on arrays. */
@Command(
        name = "posterior",
        mixinStandardHelpOptions = true,
        description = "Gaussian process regression with the tangent kernel: posterior mean and variance at test "
                + "examples, written as float64.")
final class PosteriorCommand implements Callable<Integer> {
    @Mixin
    private NetworkOptions network;

    @Option(
            names = "--inputs",
            paramLabel = "X.npy",
            required = true,
            description = "n training examples; for several inputs NAME=X.npy,NAME2=Z.npy")
    private String inputs;

    @Option(
            names = "--targets",
            paramLabel = "Y.npy",
            required = true,
            description = "targets (n) or (n, D), floats or integers")
    private Path targets;

    @Option(names = "--test", paramLabel = "T.npy", required = true, description = "m test examples, as --inputs")
    private String test;

    @Option(
            names = "--prior-variance",
            paramLabel = "L",
            description = "prior variance of a weight, above 0; needed unless it is learned, and then used only if the"
                    + " data say nothing about it")
    private @Nullable Double priorVariance;

    @Option(
            names = "--noise-variance",
            paramLabel = "S",
            description = "noise variance, at least 0; needed unless it is learned, and then used only if the data say"
                    + " nothing about it")
    private @Nullable Double noiseVariance;

    @Option(
            names = "--hyperparameter-learning",
            paramLabel = "none|both|prior|noise",
            description = "which of the two variances maximize the marginal likelihood (default: ${DEFAULT-VALUE})")
    private HyperparameterLearning hyperparameterLearning = HyperparameterLearning.NONE;

    @Option(
            names = "--mean-function",
            paramLabel = "zero|constant|network",
            description = "prior mean (default: if the network has as many outputs as the targets have columns, the one"
                    + " of constant and network that expects rows better that are left out; else constant)")
    private MeanFunction meanFunction = RegressionSettings.DEFAULT.mean().function();

    @Option(
            names = "--shared-output",
            paramLabel = "C",
            description = "use the kernel (and mean) of network output C alone, from 0")
    private @Nullable Integer sharedOutput;

    @Option(
            names = "--solver",
            paramLabel = "auto|dense|iterative|parameter-space",
            converter = SolverNames.class,
            description = "how it is solved (default: ${DEFAULT-VALUE})")
    private Solver solver = RegressionSettings.DEFAULT.solver();

    @Option(
            names = "--tolerance",
            paramLabel = "T",
            description = "iterative: relative residual to reach (default: ${DEFAULT-VALUE})")
    private double tolerance = RegressionSettings.Iterative.DEFAULT.tolerance();

    @Option(
            names = "--max-iterations",
            paramLabel = "I",
            description = "iterative: most iterations (default: ${DEFAULT-VALUE})")
    private int maxIterations = RegressionSettings.Iterative.DEFAULT.maxIterations();

    @Option(
            names = "--preconditioner",
            paramLabel = "nystroem|pivoted-cholesky",
            description = "iterative: columns of the kernel matrix that precondition it, at random, or those that the"
                    + " ones before explain least (default: ${DEFAULT-VALUE})")
    private PreconditionerMethod preconditioner =
            RegressionSettings.Iterative.DEFAULT.preconditioner().method();

    @Option(
            names = "--preconditioner-rank",
            paramLabel = "R",
            description = "iterative: rank of the preconditioner; 0 grows with the square root of the rows"
                    + " (default: ${DEFAULT-VALUE})")
    private int preconditionerRank =
            RegressionSettings.Iterative.DEFAULT.preconditioner().rank();

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "iterative: seed of the preconditioner and of the probes (default: ${DEFAULT-VALUE})")
    private long seed = RegressionSettings.Iterative.DEFAULT.seed();

    @Option(
            names = "--variance-method",
            paramLabel = "exact|cached",
            description = "iterative: variances by a solve for each test example, or from a subspace, with a bound of"
                    + " their error (default: ${DEFAULT-VALUE})")
    private VarianceMethod varianceMethod =
            RegressionSettings.Iterative.DEFAULT.variances().method();

    @Option(
            names = "--variance-rank",
            paramLabel = "R",
            description =
                    "iterative, cached: dimension of the subspace; 0 goes by what it leaves of the prior variances"
                            + " (default: ${DEFAULT-VALUE})")
    private int varianceRank = RegressionSettings.Iterative.DEFAULT.variances().rank();

    @Option(
            names = "--variance-kind",
            paramLabel = "latent|observation",
            description = "variance of the function, or of an observation, which adds the noise"
                    + " (default: ${DEFAULT-VALUE})")
    private VarianceKind varianceKind = VarianceKind.LATENT;

    @Option(
            names = "--out-mean",
            paramLabel = "M.npy",
            required = true,
            description = "write the mean, (m) or (m, D) as the targets")
    private Path outMean;

    @Option(names = "--out-variance", paramLabel = "V.npy", description = "write the variance, of the mean's shape")
    private @Nullable Path outVariance;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    PosteriorCommand() {}

    // What version 0.1.0 called some options; picocli hands null to those that are not given.

    @Option(names = "--learn", hidden = true)
    void learn(@Nullable Boolean value) {
        hyperparameterLearning = value != null && value ? HyperparameterLearning.BOTH : hyperparameterLearning;
    }

    @Option(names = "--mean", hidden = true)
    void mean(@Nullable MeanFunction value) {
        meanFunction = value == null ? meanFunction : value;
    }

    @Option(names = "--output-index", hidden = true)
    void outputIndex(@Nullable Integer value) {
        sharedOutput = value == null ? sharedOutput : value;
    }

    @Option(names = "--rank", hidden = true)
    void rank(@Nullable Integer value) {
        preconditionerRank = value == null ? preconditionerRank : value;
    }

    @Option(names = "--variances", hidden = true)
    void variances(@Nullable VarianceMethod value) {
        varianceMethod = value == null ? varianceMethod : value;
    }

    @Option(names = "--variance", hidden = true)
    void variance(@Nullable VarianceKind value) {
        varianceKind = value == null ? varianceKind : value;
    }

    @Override
    public Integer call() {
        if (varianceKind == VarianceKind.NONE) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--variance-kind is 'none'; expected latent or observation, or no --out-variance for "
                            + "the mean alone");
        }
        requireVariances();
        OutputFiles files = new OutputFiles(spec)
                .reads("MODEL", network.model().path())
                .reads("--inputs", inputs)
                .reads("--test", test)
                .reads("--targets", targets)
                .writes("--out-mean", outMean)
                .writes("--out-variance", outVariance);
        try (LinearizedNetwork opened = network.open();
                ProgressBars progress = ProgressBars.onStandardError()) {
            Examples x = network.examples(opened, "--inputs", inputs);
            Examples z = network.examples(opened, "--test", test);
            Tensor y = Inputs.targets("--targets", targets, x.size());
            int dimensions = y.shape().length == 1 ? 1 : (int) y.shape()[1];
            RegressionPosterior posterior = RegressionPosterior.fit(
                    opened, x, y.toDoubles(), null, settings(dimensions, opened.outputSize()), progress);
            long[] shape = y.shape();
            shape[0] = z.size();
            boolean meanOnly = outVariance == null && posterior.iterations() != null;
            RegressionPosterior.Predictive predictive =
                    posterior.predict(z, meanOnly ? VarianceKind.NONE : varianceKind);
            files.put(outMean, Tensor.ofDoubles(predictive.mean(), shape));
            if (outVariance != null) {
                files.put(outVariance, Tensor.ofDoubles(predictive.variance(), shape));
            }
            files.write();
            new PosteriorReport(posterior, spec.commandLine().getOut())
                    .print(hyperparameterLearning != HyperparameterLearning.NONE, outVariance != null);
        }
        return CommandLine.ExitCode.OK;
    }

    /** What is not learned is given. */
    private void requireVariances() {
        boolean learnsPrior = hyperparameterLearning == HyperparameterLearning.BOTH
                || hyperparameterLearning == HyperparameterLearning.PRIOR;
        boolean learnsNoise = hyperparameterLearning == HyperparameterLearning.BOTH
                || hyperparameterLearning == HyperparameterLearning.NOISE;
        if (priorVariance == null && !learnsPrior || noiseVariance == null && !learnsNoise) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    (priorVariance == null && !learnsPrior ? "--prior-variance" : "--noise-variance")
                            + " is missing; give it, or have it learned with --hyperparameter-learning both");
        }
    }

    private RegressionSettings settings(int dimensions, int networkOutputs) {
        RegressionSettings settings = RegressionSettings.DEFAULT;
        MeanFunction mean = meanFunction;
        if (sharedOutput != null) {
            if (sharedOutput < 0 || sharedOutput >= networkOutputs) {
                throw new IllegalArgumentException("--shared-output is " + sharedOutput + ", but the network has "
                        + networkOutputs + " outputs, numbered from 0");
            }
            settings = settings.withOutputs(OutputStructure.SHARED, sharedOutput);
            mean = mean == MeanFunction.AUTO && dimensions == 1 ? MeanFunction.NETWORK : mean;
        }
        try {
            RegressionSettings.Iterative iterative = new RegressionSettings.Iterative(
                    tolerance,
                    maxIterations,
                    new RegressionSettings.Iterative.Preconditioner(preconditioner, preconditionerRank),
                    settings.iterative().probes(),
                    seed,
                    new RegressionSettings.Iterative.PredictedVariances(varianceMethod, varianceRank));
            return settings.withFixedVariances(
                            priorVariance == null ? settings.variances().prior() : priorVariance,
                            noiseVariance == null ? settings.variances().noise() : noiseVariance)
                    .withLearning(hyperparameterLearning)
                    .withMean(mean)
                    .withSolver(solver, iterative);
        } catch (RejectedSetting e) {
            throw new IllegalArgumentException(inOptions(e), e);
        }
    }

    /** Options have the settings' names, with hyphens. */
    private static String inOptions(RejectedSetting refusal) {
        String names = Pattern.quote(refusal.setting()) + "|\\b[a-z]+(?:[A-Z][a-z]+)+\\b";
        return Pattern.compile(names)
                .matcher(String.valueOf(refusal.getMessage()))
                .replaceAll(
                        name -> "--" + name.group().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
    }

    /** Solvers in any case, with hyphens or underscores; version 0.1.0 called one of them "parameter". */
    static final class SolverNames implements ITypeConverter<Solver> {
        @Override
        public Solver convert(String name) {
            String upper = name.replace('-', '_').toUpperCase(Locale.ROOT);
            for (Solver solver : Solver.values()) {
                if (solver.name().equals(upper.equals("PARAMETER") ? Solver.PARAMETER_SPACE.name() : upper)) {
                    return solver;
                }
            }
            throw new TypeConversionException("'" + name + "'; expected auto, dense, iterative or parameter-space");
        }
    }
}
