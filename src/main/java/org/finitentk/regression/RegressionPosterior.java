package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.finitentk.internal.network.InputNumbers;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.protos.PosteriorProto;
import org.jspecify.annotations.Nullable;

/**
 * The posterior of the model f = m + J w, w ~ N(0, λI), y = f + noise of variance σ², after seeing n training examples:
 * an exact Gaussian process on the network's tangent kernel.
 *
 * <p>The mean at a new example is m + J ŵ with ŵ = λ Jᵀ α, one Jacobian-vector product whatever n was. Variances
 * compare with all training examples. Arrays of predictions are example-major: element i·D + d is dimension d of
 * example i. Immutable and thread safe; the network stays the caller's.
 */
public final class RegressionPosterior {
    private final LinearizedNetwork network;
    private final FittedPosterior fitted;
    private final VarianceFindings findings;
    private final Predictor predictor;

    /**
     * Posterior means and variances.
     *
     * @param mean m × D
     * @param variance m × D; NaN if none were asked for
     * @param varianceError m × D; no variance is too large by more than this, but for rounding: 0 but for conjugate
     *     gradients, NaN if none were asked for
     */
    public record Predictive(double[] mean, double[] variance, double[] varianceError) {}

    private RegressionPosterior(LinearizedNetwork network, FittedPosterior fitted, VarianceFindings findings) {
        this.network = network;
        this.fitted = fitted;
        this.findings = findings;
        this.predictor = new Predictor(network, fitted, findings);
    }

    RegressionPosterior(LinearizedNetwork network, FittedPosterior fitted) {
        this(network, fitted, new VarianceFindings());
    }

    /** The same posterior on another handle of the same network. */
    RegressionPosterior on(LinearizedNetwork other) {
        return other == network ? this : new RegressionPosterior(other, fitted, findings);
    }

    /**
     * Fits the posterior.
     *
     * @param network the linearized network
     * @param x n training examples
     * @param targets n × D values, which say what D is; under MATCHED and INDEPENDENT, dimension d belongs to network
     *     output d
     * @param weights a weight of at least 0 for each example, 0 to leave it out; null for 1. Where the noise variance
     *     σ² is given, an example's is σ² divided by its weight. Where it is learned, weights are relative precisions:
     *     only their ratios count, and σ² is that of an example of average weight. Rows with the same inputs and
     *     targets are folded into one of the sum of their weights, unless the settings keep them or some row has the
     *     same inputs and other targets
     * @param settings the choices
     * @param progress told how far it is
     * @return the posterior
     * @throws IllegalArgumentException if the data does not fit the network or the settings, or a target, weight or
     *     network output is not finite, naming the example
     */
    public static RegressionPosterior fit(
            LinearizedNetwork network,
            Examples x,
            double[] targets,
            double @Nullable [] weights,
            RegressionSettings settings,
            ProgressListener progress) {
        return fit(network, new GivenRows(x, targets, weights, new int[0]), settings, progress);
    }

    static RegressionPosterior fit(
            LinearizedNetwork network, GivenRows given, RegressionSettings settings, ProgressListener progress) {
        given.requireUsable(network);
        TrainingRows rows = TrainingRows.of(given, settings);
        return new RegressionPosterior(
                network, new RegressionFit(network, rows, given.dimensions(), settings, progress).run());
    }

    /**
     * The posterior mean by one Jacobian-vector product, whatever n is. In a float network the product rounds to about
     * 10⁻⁷ of |J| |ŵ|, which is more than 10⁻⁷ of the mean where the two cancel; {@link #predict} does not have that
     * loss, and takes longer. Where so little noise was given that the loss shows on the training examples, means are
     * those of {@link #predict}.
     *
     * @param z m examples
     * @return m × D
     * @throws IllegalArgumentException if the examples do not fit the network or have a value that is not finite, or
     *     the network's output is not, where the mean needs it, naming it
     */
    public double[] mean(Examples z) {
        return predictor.mean(z);
    }

    /**
     * Draws functions from the posterior, each by one solve with the training data. They vary as {@link #predict} says
     * for LATENT variances, jointly over all examples.
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
            samples.add(new FunctionSample(predictor, predictor.sample(random)));
        }
        return samples;
    }

    /**
     * The posterior variance.
     *
     * @param z m examples
     * @param kind of the function or of an observation of weight 1, or of average weight where noise was learned; NONE
     *     gives NaN
     * @return m × D, never negative; what rounding made negative is clipped to 0 and counted by
     *     {@link #clippedVariances()}
     * @throws IllegalArgumentException as {@link #predict} does
     */
    public double[] variance(Examples z, VarianceKind kind) {
        return predict(z, kind).variance();
    }

    /**
     * Mean and variance together, both from the covariances with the training examples, in float64.
     *
     * @param z m examples
     * @param kind of the function or of an observation of weight 1, or of average weight where noise was learned; for
     *     NONE, the mean is that of {@link #mean} and the variances are NaN
     * @return m × D each; variances are never negative, as {@link #variance} says
     * @throws IllegalArgumentException if the examples do not fit the network or have a value that is not finite, or
     *     the network's output is not, where the mean needs it, naming it
     */
    public Predictive predict(Examples z, VarianceKind kind) {
        if (kind == VarianceKind.NONE) {
            double[] mean = mean(z);
            double[] none = new double[mean.length];
            Arrays.fill(none, Double.NaN);
            return new Predictive(mean, none, none.clone());
        }
        GaussianProcess.Moments all = predictor.predict(z, kind == VarianceKind.OBSERVATION);
        return new Predictive(all.mean(), all.variance(), all.error());
    }

    /** {@return how many latent variances rounding made negative, so that 0 was returned, since the fit or loading} */
    public long clippedVariances() {
        return findings.clipped();
    }

    /** {@return how variances are computed: CACHED only if the iterative solver was used and told so} */
    public VarianceMethod varianceMethod() {
        return predictor.varianceMethod();
    }

    /** {@return the dimension of the subspace of CACHED variances, the smallest over the kernels; 0 if EXACT} */
    public int varianceRank() {
        return predictor.varianceRank();
    }

    /**
     * {@return the largest {@link Predictive#varianceError()} since the fit or loading; 0 but for conjugate gradients}
     */
    public double largestVarianceError() {
        return findings.largestError();
    }

    /** {@return the number D of dimensions, at least 1} */
    public int dimensions() {
        return fitted.plan().dimensions();
    }

    /** {@return the number n of training examples, at least 1} */
    public int trainingSize() {
        return fitted.trainingSize();
    }

    /**
     * λ of a dimension.
     *
     * @param dimension 0 to D - 1
     * @return the prior variance of a weight
     */
    public double priorVariance(int dimension) {
        return fitted.columnOf(dimension).priorVariance();
    }

    /**
     * σ² of a dimension.
     *
     * @param dimension 0 to D - 1
     * @return the noise variance
     */
    public double noiseVariance(int dimension) {
        return fitted.columnOf(dimension).noiseVariance();
    }

    /**
     * The constant mean of a dimension.
     *
     * @param dimension 0 to D - 1
     * @return the constant, 0 unless the mean is CONSTANT
     */
    public double constantMean(int dimension) {
        double[] coefficients = fitted.columnOf(dimension).coefficients();
        return coefficients.length == 0
                ? 0
                : coefficients[fitted.plan().structure() == OutputStructure.MATCHED ? dimension : 0];
    }

    /**
     * {@return the logarithm of the training targets' marginal likelihood, summed over dimensions ({@link #evidence})}
     */
    public double logMarginalLikelihood() {
        return evidence().logMarginalLikelihood();
    }

    /**
     * {@return the same, and how well it is known: ITERATIVE and PARAMETER_SPACE by Fisher products estimate it, at
     * given variances when it is first asked for, by some more solves on the network, which must be open}
     */
    public Evidence evidence() {
        return fitted.evidence();
    }

    /** {@return what had to be added to a kernel matrix's diagonal to factorize it, the largest of all; mostly 0} */
    public double jitter() {
        return fitted.largest(GaussianProcess::jitter);
    }

    /** {@return the prior mean in force: ZERO, CONSTANT or NETWORK} */
    public MeanFunction meanFunction() {
        return fitted.plan().mean();
    }

    /** {@return the solver that was used, never AUTO} */
    public Solver solver() {
        return fitted.parts().get(0).process().solver();
    }

    /** {@return why that solver, with its estimated cost, in a few words} */
    public String solverReason() {
        return fitted.reason();
    }

    /**
     * How conjugate gradients ended.
     *
     * @return the worst of all solves of the training targets; null where none were used: under DENSE, and under
     *     PARAMETER_SPACE with a matrix of all parameters
     */
    public Solver.@Nullable Iterations iterations() {
        return fitted.parts().stream()
                .map(part -> part.process().report())
                .filter(Objects::nonNull)
                .reduce(Solver.Iterations::worse)
                .orElse(null);
    }

    /**
     * The true relative residual ‖K α - y‖ / ‖y‖ that the solve of the training targets left, as far as it is not known
     * to be rounding.
     *
     * @return the largest over the kernels, at most 0.1; 0 under DENSE, and under PARAMETER_SPACE with a matrix of all
     *     parameters where noise is not little, or after loading
     */
    public double residual() {
        return fitted.largest(GaussianProcess::residual);
    }

    /** {@return the output structure in force: MATCHED, INDEPENDENT or SHARED} */
    public OutputStructure outputStructure() {
        return fitted.plan().structure();
    }

    /**
     * The weights ŵ of the linear model.
     *
     * @param dimension 0 to D - 1; all dimensions have the same under MATCHED
     * @return a copy, of length P
     */
    public double[] weights(int dimension) {
        return fitted.partOf(dimension)
                .solutions()
                .get(fitted.columnIndex(dimension))
                .tangent()
                .clone();
    }

    /**
     * Whether it is known what the posterior would say of each training example without it. Asked for the first time,
     * it is computed, which takes about as long as the factorization of a fit.
     *
     * @return false under ITERATIVE and under PARAMETER_SPACE by Fisher products, which know only approximations, with
     *     a single training example, for a posterior that a version before 0.3.0 stored, and for a loaded one under
     *     PARAMETER_SPACE with a matrix of all parameters, whose file has no training example
     */
    public boolean hasLeaveOneOut() {
        return fitted.leaveOneOut() != null;
    }

    /**
     * What the posterior would say of each training example without it.
     *
     * @return means, variances and log densities
     * @throws IllegalStateException if it is not known, as {@link #hasLeaveOneOut} says
     */
    public LeaveOneOut leaveOneOut() {
        return fitted.requireLeaveOneOut();
    }

    /**
     * The training examples that matter most for the posterior mean at an example.
     *
     * @param example one example
     * @param dimension of the mean, 0 to D - 1
     * @param count how many at most
     * @return those that would change the mean most if they were left out, the greatest first
     * @throws IllegalArgumentException if it is not one example, does not fit the network, or the dimension or count is
     *     out of range
     * @throws IllegalStateException if the solver keeps no solution for each training row, which DENSE does, or the
     *     posterior does not know what it would be without an example ({@link #hasLeaveOneOut})
     */
    public List<LeaveOneOut.Influence> influences(Examples example, int dimension, int count) {
        network.requireFit(InputNumbers.require(network, example));
        return Influences.of(network, fitted, example, dimension, count);
    }

    /**
     * As above, for dimension 0.
     *
     * @param example one example
     * @param count how many at most
     * @return the influences on the mean of the first dimension
     */
    public List<LeaveOneOut.Influence> influences(Examples example, int count) {
        return influences(example, 0, count);
    }

    /** {@return how {@link MeanFunction#AUTO} chose the mean; null if it did not compare, or after loading} */
    public MeanFunction.@Nullable Comparison meanComparison() {
        return fitted.findings().comparison();
    }

    @Override
    public String toString() {
        return "RegressionPosterior(trainingSize=" + trainingSize() + ", dimensions=" + dimensions() + ", solver="
                + solver() + ", meanFunction=" + meanFunction() + ", outputStructure=" + outputStructure() + ")";
    }

    FittedPosterior fitted() {
        return fitted;
    }

    List<FittedProcess> parts() {
        return fitted.parts();
    }

    /**
     * This posterior for storing, without the network.
     *
     * @throws IllegalStateException if it would have more than 2 GiB, with the estimate
     */
    PosteriorProto toProto() {
        return StoredPosterior.write(fitted);
    }

    /**
     * Reads a stored posterior, which predicts the same bit for bit.
     *
     * @param proto what {@link #toProto()} gave
     * @param network the network that it was fitted on
     * @throws IllegalArgumentException if the message is damaged or does not fit the network
     */
    static RegressionPosterior fromProto(PosteriorProto proto, LinearizedNetwork network) {
        return new RegressionPosterior(network, StoredPosterior.read(proto, network));
    }
}
