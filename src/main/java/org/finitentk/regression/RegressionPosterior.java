package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.logging.Logger;
import org.finitentk.network.Examples;
import org.finitentk.network.Linearized;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.protos.PosteriorProto;
import org.jspecify.annotations.Nullable;

/**
 * The posterior of the model f = m + J w, w ~ N(0, λI), y = f + noise of variance σ², after seeing n training examples: an exact Gaussian process on the network's
 * tangent kernel.
 *
 * <p>The mean at a new example is m + J ŵ with ŵ = λ Jᵀ α, one Jacobian-vector product whatever n was. Variances compare with all training examples. Arrays of
 * predictions are example-major: element i·D + d is dimension d of example i. Immutable and thread safe; the network stays the caller's.
 */
public final class RegressionPosterior {
    private static final Logger LOG = Logger.getLogger(RegressionPosterior.class.getName());
    /** Elements of a cross-covariance matrix that is made at once: 64 MiB. */
    private static final long CROSS_ELEMENTS = 1L << 23;

    private final LinearizedNetwork network;
    private final OutputPlan plan;
    private final Examples training;
    private final double[] rowScales;
    private final List<Part> parts;
    private final String reason;
    /** Where weights are lost in the network's rounding, α is not. */
    private final boolean meansByCovariances;
    private final TrainingRows.Counts counts;
    private final AtomicLong clipped;
    private final DoubleAccumulator largestError;

    /**
     * One factorized process.
     *
     * @param outputs which network outputs its kernel is of
     * @param process the Gaussian process
     * @param solutions what was found for each of its columns
     */
    record Part(Outputs outputs, GaussianProcess process, List<GaussianProcess.Solution> solutions) {
        Part {
            solutions = List.copyOf(solutions);
        }
    }

    /**
     * Posterior means and variances.
     *
     * @param mean m × D
     * @param variance m × D; NaN if none were asked for
     * @param varianceError m × D; no variance is too large by more than this, but for rounding: 0 but for conjugate gradients, NaN if none were asked for
     */
    public record Predictive(double[] mean, double[] variance, double[] varianceError) {
    }

    RegressionPosterior(LinearizedNetwork network, OutputPlan plan, Examples training, double[] rowScales, List<Part> parts, String reason, boolean meansByCovariances,
                        TrainingRows.Counts counts) {
        this(network, plan, training, rowScales, parts, reason, meansByCovariances, counts, new AtomicLong(), new DoubleAccumulator(Math::max, 0));
    }

    private RegressionPosterior(LinearizedNetwork network, OutputPlan plan, Examples training, double[] rowScales, List<Part> parts, String reason, boolean meansByCovariances,
                                TrainingRows.Counts counts, AtomicLong clipped, DoubleAccumulator largestError) {
        this.network = network;
        this.plan = plan;
        this.training = training;
        this.rowScales = rowScales;
        this.parts = List.copyOf(parts);
        this.reason = reason;
        this.meansByCovariances = meansByCovariances;
        this.counts = counts;
        this.clipped = clipped;
        this.largestError = largestError;
    }

    /** The same posterior on another handle of the same network. */
    RegressionPosterior on(LinearizedNetwork other) {
        if (other == network) {
            return this;
        }
        return new RegressionPosterior(other, plan, training, rowScales, parts, reason, meansByCovariances, counts, clipped, largestError);
    }

    /**
     * Fits the posterior.
     *
     * @param network the linearized network
     * @param x n training examples
     * @param targets n × D values; under MATCHED and INDEPENDENT, dimension d belongs to network output d
     * @param dimensions D
     * @param weights a weight of at least 0 for each example, 0 to leave it out; null for 1. Where the noise variance σ² is given, an example's is σ² divided by its weight. Where it is learned, weights are
     *     relative precisions: only their ratios count, and σ² is that of an example of average weight. Rows with the same inputs and targets are folded into one of the sum of their
     *     weights, unless the settings keep them or some row has the same inputs and other targets
     * @param settings the choices
     * @param progress told how far it is
     * @return the posterior
     * @throws IllegalArgumentException if the data does not fit the network or the settings, or a target, weight or network output is not finite, naming the example
     */
    public static RegressionPosterior fit(LinearizedNetwork network, Examples x, double[] targets, int dimensions, double @Nullable [] weights,
                                          RegressionSettings settings, ProgressListener progress) {
        return fit(network, x, targets, dimensions, weights, new int[0], settings, progress);
    }

    /** As above, knowing for each row the first one that is the same example. */
    static RegressionPosterior fit(LinearizedNetwork network, Examples x, double[] targets, int dimensions, double @Nullable [] weights, int[] identities,
                                   RegressionSettings settings, ProgressListener progress) {
        RegressionFit.requireUsable(network, x, targets, dimensions);
        TrainingRows rows = TrainingRows.of(x, targets, dimensions, weights, identities, settings);
        return new RegressionFit(network, rows, dimensions, settings, progress).run();
    }

    /**
     * The posterior mean by one Jacobian-vector product, whatever n is. In a float network the product rounds to about 10⁻⁷ of |J| |ŵ|, which is more than 10⁻⁷ of the mean
     * where the two cancel; {@link #predict} does not have that loss, and takes longer. Where so little noise was given that the loss shows on the training examples, means are those of
     * {@link #predict}.
     *
     * @param z m examples
     * @return m × D
     * @throws IllegalArgumentException if the examples do not fit the network or have a value that is not finite, naming it
     */
    public double[] mean(Examples z) {
        if (meansByCovariances) {
            return meanByCovariances(z);
        }
        return linear(z, parts.stream().map(part -> part.solutions().stream().map(GaussianProcess.Solution::tangent).toList()).toList());
    }

    private double[] meanByCovariances(Examples z) {
        network.requireFit(z.requireFinite());
        double[] mean = plan.mean() == MeanFunction.NETWORK ? plan.networkMean(network.forward(z)).clone() : new double[Math.multiplyExact(z.size(), plan.dimensions())];
        int rows = plan.rowsPerExample();
        int chunk = chunk(z);
        for (int from = 0; from < z.size(); from += chunk) {
            Examples some = z.slice(from, Math.min(z.size(), from + chunk));
            for (int p = 0; p < parts.size(); p++) {
                List<double[]> means = parts.get(p).process().means(setting(parts.get(p)), some, parts.get(p).solutions());
                for (int c = 0; c < means.size(); c++) {
                    double[] constants = parts.get(p).process().columns().get(c).coefficients();
                    for (int r = 0; r < means.get(c).length; r++) {
                        mean[(from + r / rows) * plan.dimensions() + plan.dimension(p, r % rows, c)] += (constants.length == 0 ? 0 : constants[r % rows]) + means.get(c)[r];
                    }
                }
            }
        }
        return mean;
    }

    /** Examples of which covariances are made at once. */
    private int chunk(Examples z) {
        int rows = plan.rowsPerExample();
        long perExample = (long) rows * rows * parts.stream().mapToLong(part -> part.process().numbersPerRow()).max().orElse(1);
        return (int) Math.max(1, Math.min(z.size(), CROSS_ELEMENTS / Math.max(1, perExample)));
    }

    private GaussianProcess.Setting setting(Part part) {
        return new GaussianProcess.Setting(network, training, rowScales, part.outputs(), parts.size());
    }

    /** What became of the rows that were given; of a loaded posterior, those that it has. */
    TrainingRows.Counts rowCounts() {
        return counts;
    }

    boolean meansByCovariances() {
        return meansByCovariances;
    }

    /** m + J w for a weight vector of each column of each part. */
    double[] linear(Examples z, List<List<double[]>> weights) {
        network.requireFit(z.requireFinite());
        double[] values = new double[Math.multiplyExact(z.size(), plan.dimensions())];
        if (plan.structure() == OutputStructure.MATCHED) {
            addMatched(z, weights.get(0).get(0), values);
        } else {
            addSeparate(z, weights, values);
        }
        return values;
    }

    /** One run gives the network's outputs and the product. */
    private void addMatched(Examples z, double[] weights, double[] values) {
        Linearized both = network.linearized(z, weights);
        double[] constants = parts.get(0).process().columns().get(0).coefficients();
        for (int i = 0; i < values.length; i++) {
            double prior = switch (plan.mean()) {
                case NETWORK -> both.outputs()[i];
                case CONSTANT -> constants[i % constants.length];
                default -> 0;
            };
            values[i] = prior + both.products()[i];
        }
    }

    private void addSeparate(Examples z, List<List<double[]>> weights, double[] values) {
        if (plan.mean() == MeanFunction.NETWORK) {
            System.arraycopy(plan.networkMean(network.forward(z)), 0, values, 0, values.length);
        }
        for (int p = 0; p < parts.size(); p++) {
            Part part = parts.get(p);
            for (int column = 0; column < part.process().columns().size(); column++) {
                double[] product = part.outputs().of(network.jvp(z, weights.get(p).get(column)), network.outputSize());
                double[] constants = part.process().columns().get(column).coefficients();
                double constant = constants.length == 0 ? 0 : constants[0];
                int dimension = plan.dimension(p, 0, column);
                for (int i = 0; i < product.length; i++) {
                    values[i * plan.dimensions() + dimension] += constant + product[i];
                }
            }
        }
    }

    /**
     * Draws functions from the posterior, each by one solve with the training data. They vary as {@link #predict} says for LATENT variances, jointly over all examples.
     *
     * @param count how many, at least 1
     * @param seed of the random numbers; the same seed gives the same functions
     * @return the functions
     * @throws IllegalArgumentException if the count is less than 1
     */
    public List<FunctionSample> sample(int count, long seed) {
        if (count < 1) {
            throw new IllegalArgumentException(count + " samples were asked for; expected at least 1");
        }
        SplittableRandom random = new SplittableRandom(seed);
        List<FunctionSample> samples = new ArrayList<>();
        for (int s = 0; s < count; s++) {
            List<List<double[]>> weights = new ArrayList<>();
            for (Part part : parts) {
                GaussianProcess.Setting setting = setting(part);
                List<double[]> own = new ArrayList<>();
                for (int c = 0; c < part.solutions().size(); c++) {
                    own.add(part.process().sampleWeights(setting, part.solutions().get(c), c, random.split()));
                }
                weights.add(own);
            }
            samples.add(new FunctionSample(this, weights));
        }
        return samples;
    }

    /**
     * The posterior variance.
     *
     * @param z m examples
     * @param kind of the function or of an observation of weight 1, or of average weight where noise was learned; NONE gives NaN
     * @return m × D, never negative; what rounding made negative is clipped to 0 and counted by {@link #clippedVariances()}
     * @throws IllegalArgumentException as {@link #predict} does
     */
    public double[] variance(Examples z, VarianceKind kind) {
        return predict(z, kind).variance();
    }

    /**
     * Mean and variance together, both from the covariances with the training examples, in float64.
     *
     * @param z m examples
     * @param kind of the function or of an observation of weight 1, or of average weight where noise was learned; for NONE, the mean is that of {@link #mean} and the variances are NaN
     * @return m × D each; variances are never negative, as {@link #variance} says
     * @throws IllegalArgumentException if the examples do not fit the network or have a value that is not finite, naming it
     */
    public Predictive predict(Examples z, VarianceKind kind) {
        network.requireFit(z.requireFinite());
        double[] variance = new double[Math.multiplyExact(z.size(), plan.dimensions())];
        if (kind == VarianceKind.NONE) {
            Arrays.fill(variance, Double.NaN);
            return new Predictive(mean(z), variance, variance.clone());
        }
        double[] mean = new double[variance.length];
        if (plan.mean() == MeanFunction.NETWORK) {
            System.arraycopy(plan.networkMean(network.forward(z)), 0, mean, 0, mean.length);
        }
        Predictive all = new Predictive(mean, variance, new double[variance.length]);
        int chunk = chunk(z);
        for (int from = 0; from < z.size(); from += chunk) {
            Examples some = z.slice(from, Math.min(z.size(), from + chunk));
            for (int p = 0; p < parts.size(); p++) {
                add(some, p, kind, all, from);
            }
        }
        reportError(Arrays.stream(all.varianceError()).max().orElse(0));
        return all;
    }

    private void add(Examples z, int p, VarianceKind kind, Predictive all, int from) {
        Part part = parts.get(p);
        List<GaussianProcess.Moments> moments = part.process().moments(setting(part), z, part.solutions());
        int rows = plan.rowsPerExample();
        for (int c = 0; c < moments.size(); c++) {
            GaussianProcess.Column column = part.process().columns().get(c);
            double noise = kind == VarianceKind.OBSERVATION ? column.noiseVariance() : 0;
            for (int r = 0; r < moments.get(c).mean().length; r++) {
                int at = (from + r / rows) * plan.dimensions() + plan.dimension(p, r % rows, c);
                double constant = column.coefficients().length == 0 ? 0 : column.coefficients()[r % rows];
                all.mean()[at] += constant + moments.get(c).mean()[r];
                double latent = clip(moments.get(c).variance()[r]);
                all.variance()[at] = latent + noise;
                all.varianceError()[at] = Math.min(latent, moments.get(c).error()[r]);
            }
        }
    }

    /** One line, again only where it gets much worse: many predictions are of one example. */
    private void reportError(double largest) {
        if (largest > 2 * largestError.get()) {
            LOG.fine(() -> varianceMethod() == VarianceMethod.CACHED
                ? String.format(Locale.ROOT, "variances from a subspace of dimension %d: none is too large by more than %.3g; a larger variance rank makes it less", varianceRank(), largest)
                : String.format(Locale.ROOT, "variances by solves: none is too large by more than %.3g; a smaller tolerance makes it less", largest));
        }
        largestError.accumulate(largest);
    }

    private double clip(double latent) {
        if (latent < 0) {
            clipped.incrementAndGet();
            return 0;
        }
        return latent;
    }

    /**
     * How many latent variances rounding made negative so far; they were returned as 0.
     *
     * @return a count since this posterior was fitted or loaded
     */
    public long clippedVariances() {
        return clipped.get();
    }

    /**
     * How variances are computed.
     *
     * @return CACHED only if the iterative solver was used and told so
     */
    public VarianceMethod varianceMethod() {
        return parts.get(0).process().varianceMethod();
    }

    /**
     * The dimension of the subspace from which CACHED variances come.
     *
     * @return the smallest over the kernels; 0 if {@link #varianceMethod()} is EXACT
     */
    public int varianceRank() {
        return parts.stream().mapToInt(part -> part.process() instanceof IterativeProcess process ? process.varianceRank() : 0).min().orElse(0);
    }

    /**
     * The largest {@link Predictive#varianceError()} of all predictions so far.
     *
     * @return since this posterior was fitted or loaded; 0 but for conjugate gradients
     */
    public double largestVarianceError() {
        return largestError.get();
    }

    /**
     * The number D of dimensions.
     *
     * @return at least 1
     */
    public int dimensions() {
        return plan.dimensions();
    }

    /**
     * The number n of training examples.
     *
     * @return at least 1
     */
    public int trainingSize() {
        return training.size();
    }

    /**
     * λ of a dimension.
     *
     * @param dimension 0 to D - 1
     * @return the prior variance of a weight
     */
    public double priorVariance(int dimension) {
        return columnOf(dimension).priorVariance();
    }

    /**
     * σ² of a dimension.
     *
     * @param dimension 0 to D - 1
     * @return the noise variance
     */
    public double noiseVariance(int dimension) {
        return columnOf(dimension).noiseVariance();
    }

    /**
     * The constant mean of a dimension.
     *
     * @param dimension 0 to D - 1
     * @return the constant, 0 unless the mean is CONSTANT
     */
    public double constantMean(int dimension) {
        double[] coefficients = columnOf(dimension).coefficients();
        return coefficients.length == 0 ? 0 : coefficients[plan.structure() == OutputStructure.MATCHED ? dimension : 0];
    }

    /**
     * The logarithm of the training targets' marginal likelihood.
     *
     * @return the sum over all dimensions; from ITERATIVE, and PARAMETER_SPACE by Fisher products, an estimate if variances were learned, and otherwise NaN
     */
    public double logMarginalLikelihood() {
        double sum = 0;
        for (Part part : parts) {
            for (int column = 0; column < part.process().columns().size(); column++) {
                sum += part.process().columns().get(column).logMarginalLikelihood();
            }
        }
        // The density of the scaled targets times the scale is that of the targets.
        for (double scale : rowScales) {
            sum += Math.log(scale) * (plan.structure() == OutputStructure.MATCHED ? 1 : plan.dimensions());
        }
        return sum;
    }

    /**
     * What had to be added to a kernel matrix's diagonal to factorize it.
     *
     * @return the largest over the factorizations; 0 when none was needed
     */
    public double jitter() {
        return parts.stream().mapToDouble(part -> part.process().jitter()).max().orElse(0);
    }

    /**
     * The prior mean in force.
     *
     * @return ZERO, CONSTANT or NETWORK
     */
    public MeanFunction meanFunction() {
        return plan.mean();
    }

    /**
     * The solver that was used.
     *
     * @return never AUTO
     */
    public Solver solver() {
        return parts.get(0).process().solver();
    }

    /**
     * Why that solver, with its estimated cost.
     *
     * @return a few words
     */
    public String solverReason() {
        return reason;
    }

    /**
     * How conjugate gradients ended.
     *
     * @return the worst of all solves of the training targets; null where none were used: under DENSE, and under PARAMETER_SPACE with a matrix of all parameters
     */
    public @Nullable IterativeReport iterations() {
        return parts.stream().map(part -> part.process().report()).filter(Objects::nonNull)
            .reduce(IterativeReport::worse).orElse(null);
    }

    /**
     * The true relative residual ‖K α - y‖ / ‖y‖ that the solve of the training targets left, as far as it is not known to be rounding.
     *
     * @return the largest over the kernels, at most 0.1; 0 under DENSE, and under PARAMETER_SPACE with a matrix of all parameters where noise is not little, or after loading
     */
    public double residual() {
        return parts.stream().mapToDouble(part -> part.process().residual()).max().orElse(0);
    }

    /**
     * The output structure in force.
     *
     * @return MATCHED, INDEPENDENT or SHARED
     */
    public OutputStructure outputStructure() {
        return plan.structure();
    }

    /**
     * The weights ŵ of the linear model.
     *
     * @param dimension 0 to D - 1; all dimensions have the same under MATCHED
     * @return a copy, of length P
     */
    public double[] weights(int dimension) {
        return partOf(dimension).solutions().get(columnIndex(dimension)).tangent().clone();
    }

    private Part partOf(int dimension) {
        return parts.get(plan.structure() == OutputStructure.INDEPENDENT ? dimension : 0);
    }

    private int columnIndex(int dimension) {
        return plan.structure() == OutputStructure.SHARED ? dimension : 0;
    }

    private GaussianProcess.Column columnOf(int dimension) {
        return partOf(dimension).process().columns().get(columnIndex(dimension));
    }

    OutputPlan plan() {
        return plan;
    }

    Examples training() {
        return training;
    }

    double[] rowScales() {
        return rowScales;
    }

    List<Part> parts() {
        return parts;
    }

    /**
     * This posterior for storing, without the network.
     *
     * @return the message
     * @throws IllegalStateException if it would have more than 2 GiB, with the estimate
     */
    public PosteriorProto toProto() {
        return StoredPosterior.write(this);
    }

    /**
     * Reads a stored posterior.
     *
     * @param proto what {@link #toProto()} gave
     * @param network the network that it was fitted on
     * @return the posterior, which predicts the same bit for bit
     * @throws IllegalArgumentException if the message is damaged or does not fit the network
     */
    public static RegressionPosterior fromProto(PosteriorProto proto, LinearizedNetwork network) {
        return StoredPosterior.read(proto, network);
    }
}
