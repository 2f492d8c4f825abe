package org.finitentk.regression;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.finitentk.backbone.InputMapping;
import org.finitentk.backbone.RepeatableTrainer;
import org.finitentk.backbone.StorableModel;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.Findings;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.internal.tribuo.RegressionTargets;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.regression.Regressor;

/**
 * An exact Gaussian process with an RBF kernel on the features themselves, without a network: what a Gaussian process
 * on a network's kernel has to be compared with. Every dimension has a process of its own with a constant mean (by
 * generalized least squares), and a length scale for each feature, a signal and a noise variance that maximize the
 * marginal likelihood times log-normal priors of the length scales (Rasmussen and Williams, "Gaussian Processes for
 * Machine Learning", sections 2.7, 5.1 and 5.4). Features are standardized first; one that does not vary has no
 * influence. n rows take n² numbers and n³/3 operations; hyperparameters are learned on at most {@code learningRows} of
 * them, which the seed draws.
 *
 * <p>Example weights are relative precisions: doubling all of them changes nothing, and the noise variance is that of
 * an example of average weight. An example of weight 0 is left out, and repeated rows are one of more weight, as
 * {@link RepeatedRows#FOLD} says. The invocation count has no influence: what is random follows from the seed alone.
 * Safe for use from several threads.
 */
public final class RbfGaussianProcessTrainer extends RepeatableTrainer<Regressor, RbfGaussianProcessModel> {
    @Config(description = "Which features have a length scale of their own: PER_FEATURE or SHARED.")
    private RbfLengthScales lengthScales = RbfSettings.DEFAULT.lengthScales();

    @Config(
            description =
                    "Median of the log-normal prior of a length scale, in standard deviations of its feature, positive.")
    private double lengthScaleMedian = RbfSettings.DEFAULT.median();

    @Config(description = "Standard deviation of a length scale's logarithm in the prior, positive.")
    private double lengthScaleSpread = RbfSettings.DEFAULT.spread();

    @Config(
            description = "Searches for the hyperparameters, at least 1, of which the best counts; the first starts "
                    + "at the prior's medians, the others start at random.")
    private int starts = RbfSettings.DEFAULT.starts();

    @Config(description = "The most steps of a search, at least 1.")
    private int maxIterations = RbfSettings.DEFAULT.maxIterations();

    @Config(
            description = "Hyperparameters are learned on at most so many rows, drawn at random; 0 for all. The "
                    + "posterior is that of all rows.")
    private int learningRows = RbfSettings.DEFAULT.learningRows();

    @Config(
            description = "No noise variance below this is looked for, in the targets' unit squared, the same for all "
                    + "dimensions: few rows do not tell noise from function. 0 for none.")
    private double minimumNoiseVariance = RbfSettings.DEFAULT.minimumNoise();

    @Config(description = "The seed of the starts and of the rows that hyperparameters are learned on.")
    private long seed = RbfSettings.DEFAULT.seed();

    @Config(description = "What the predictions' variances are of: OBSERVATION, LATENT or NONE.")
    private VarianceKind variances = VarianceKind.OBSERVATION;

    /** A length scale for each feature, three starts, at most 1000 rows to learn on, variances of observations. */
    public RbfGaussianProcessTrainer() {}

    /**
     * The same with other length scales and another number of rows.
     *
     * @param lengthScales which features have one of their own
     * @param learningRows hyperparameters are learned on at most so many rows; 0 for all
     * @param seed of the starts and of the rows that hyperparameters are learned on
     */
    public RbfGaussianProcessTrainer(RbfLengthScales lengthScales, int learningRows, long seed) {
        this(lengthScales, learningRows, seed, RbfSettings.DEFAULT.minimumNoise());
    }

    /**
     * The same with a floor under the noise variance.
     *
     * @param lengthScales which features have one of their own
     * @param learningRows hyperparameters are learned on at most so many rows; 0 for all
     * @param seed of the starts and of the rows that hyperparameters are learned on
     * @param minimumNoiseVariance no noise variance below this is looked for, in the targets' unit squared; 0 for none
     */
    public RbfGaussianProcessTrainer(
            RbfLengthScales lengthScales, int learningRows, long seed, double minimumNoiseVariance) {
        this.lengthScales = lengthScales;
        this.learningRows = learningRows;
        this.seed = seed;
        this.minimumNoiseVariance = minimumNoiseVariance;
        postConfig();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(this::settings);
    }

    private RbfSettings settings() {
        return new RbfSettings(
                lengthScales,
                lengthScaleMedian,
                lengthScaleSpread,
                starts,
                maxIterations,
                learningRows,
                seed,
                minimumNoiseVariance);
    }

    @Override
    protected Supplier<RbfGaussianProcessModel> fit(Call<Regressor> call) {
        RbfSettings settings = settings();
        VarianceKind kind = variances;
        ProgressListener progress = progressListener();
        return () -> {
            Findings findings = new Findings(call.runProvenance());
            RbfProcesses processes = fit(call.examples(), settings, kind, progress, findings);
            ModelProvenance made = new ModelProvenance(
                    RbfGaussianProcessModel.class.getName(),
                    OffsetDateTime.now(ZoneId.systemDefault()),
                    call.examples().getProvenance(),
                    call.provenance(),
                    findings.values());
            return new RbfGaussianProcessModel(
                    new StorableModel.Metadata<>(
                            "rbf-gaussian-process",
                            made,
                            call.examples().getFeatureIDMap(),
                            call.examples().getOutputIDInfo()),
                    processes);
        };
    }

    private static RbfProcesses fit(
            Dataset<Regressor> examples,
            RbfSettings settings,
            VarianceKind kind,
            ProgressListener progress,
            Findings findings) {
        InputMapping mapping = InputMapping.ofNumbers(examples);
        Examples x = mapping.toExamples(List.copyOf(examples.getData()));
        List<String> dimensions = OutputNames.sorted(OutputNames.of(examples.getOutputInfo()));
        double[] targets = RegressionTargets.of(examples, dimensions);
        double[] weights =
                examples.getData().stream().mapToDouble(Example::getWeight).toArray();
        boolean weighted = Arrays.stream(weights).anyMatch(weight -> weight != 1);
        GivenRows given = new GivenRows(x, targets, weighted ? weights : null, SameExamples.of(examples));
        given.requireTargets();
        TrainingRows rows = TrainingRows.of(given, RegressionSettings.DEFAULT);
        RbfFit fit = new RbfFit(rows, dimensions);
        fit.requireFits();
        List<RbfSearch.Found> found = fit.learn(settings, progress);
        RbfPosterior posterior =
                fit.posterior(found.stream().map(RbfSearch.Found::best).toList(), progress);
        RbfProcesses processes = new RbfProcesses(mapping, dimensions, kind, posterior);
        findings.add("learning-rows", fit.learningRows(settings).length)
                .add("rows-used", rows.x().size())
                .add("rows-folded-same-example", rows.counts().sameExamples())
                .add("rows-folded-equal", rows.counts().equalRows())
                .add("rows-repeated-and-kept", rows.counts().repeatsKept());
        for (int d = 0; d < dimensions.size(); d++) {
            findings.add("best-start-" + dimensions.get(d), found.get(d).start())
                    .add("iterations-" + dimensions.get(d), found.get(d).iterations());
        }
        processes.record(findings);
        return processes;
    }

    @Override
    public String toString() {
        return "RbfGaussianProcessTrainer(settings=" + settings() + ", variances=" + variances + ")";
    }
}
