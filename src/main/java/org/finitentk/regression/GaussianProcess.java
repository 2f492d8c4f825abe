package org.finitentk.regression;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.SymmetricEigen;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.internal.util.Later;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.protos.GaussianProcessProto;
import org.jspecify.annotations.Nullable;

/**
 * A Gaussian process that was fitted to one kernel matrix and one or more columns of targets, each column with its own
 * variances and weights. Rows are the kernel matrix's; it and cross-covariances come for λ = 1. Immutable and thread
 * safe.
 */
abstract sealed class GaussianProcess permits DenseProcess, FisherProcess, IterativeProcess, ParameterProcess {
    private final Solver solver;
    private final int rows;
    private final List<Column> columns;

    GaussianProcess(Solver solver, int rows, List<Column> columns) {
        this.solver = solver;
        this.rows = rows;
        this.columns = List.copyOf(columns);
    }

    /**
     * What one column of targets led to.
     *
     * @param priorVariance λ
     * @param noiseVariance σ²
     * @param coefficients of the mean's basis functions, empty without a basis
     * @param evidence at these λ, σ² and mean; where random vectors estimate it, only if it is asked for
     */
    record Column(double priorVariance, double noiseVariance, double[] coefficients, Later<Evidence> evidence) {
        /** Noise below this share of a weight's prior variance. */
        private static final double LITTLE = 1e-5;

        boolean hasLittleNoise() {
            return noiseVariance < LITTLE * priorVariance;
        }

        /** Both variances times a factor. They maximized the evidence, so that the fit is one for each row at first. */
        Column widened(double factor, int rows) {
            double lost = 0.5 * rows * (Math.log(factor) + 1 / factor - 1);
            return new Column(
                    factor * priorVariance,
                    factor * noiseVariance,
                    coefficients,
                    Later.of(() -> evidence.get().plus(-lost)));
        }

        /** As messages name them. */
        String variances() {
            return String.format(Locale.ROOT, "noise %.4g, prior %.4g", noiseVariance, priorVariance);
        }
    }

    /** Adds to the coefficients of a column's mean what was taken off its targets before the fit. */
    final void raise(int column, double[] by) {
        for (int b = 0; b < by.length; b++) {
            columns.get(column).coefficients()[b] += by[b];
        }
    }

    final List<Column> columns() {
        return columns;
    }

    /**
     * The same with column c's variances multiplied by factors[c], at least 1: matrices become as much larger, weights
     * stay.
     */
    final GaussianProcess widened(List<Double> factors) {
        return with(IntStream.range(0, columns.size())
                .mapToObj(c -> columns.get(c).widened(factors.get(c), rows))
                .toList());
    }

    /** The same with other variances, where these were learned exactly. */
    GaussianProcess with(List<Column> others) {
        throw new IllegalStateException("the variances of " + getClass().getSimpleName() + " are in its factorization");
    }

    /** A solution whose matrix becomes larger by a factor. */
    Solution widened(Solution solution, double factor) {
        ConstantFit constant = solution.constant();
        return new Solution(
                solution.tangent(),
                Arrays.stream(solution.alpha()).map(value -> value / factor).toArray(),
                constant == null ? null : constant.scaled(factor));
    }

    /** Side of the kernel matrix. */
    final int rows() {
        return rows;
    }

    /**
     * What is known of one column at new rows.
     *
     * @param mean J ŵ
     * @param variance of the function there; rounding may make it negative
     * @param error no variance is too large by more than this, but for rounding
     */
    record Moments(double[] mean, double[] variance, double[] error) {
        /** Without an error of the method. */
        Moments(double[] mean, double[] variance) {
            this(mean, variance, new double[mean.length]);
        }
    }

    /**
     * What was found for one column: ŵ = λ Jᵀ α. α is empty where the solver needs none.
     *
     * @param constant of the mean's coefficients; null if there are none, or they are taken as known
     */
    record Solution(
            double[] tangent, double[] alpha, @Nullable ConstantFit constant) {
        /** The mean's coefficients taken as known. */
        Solution pluggedIn() {
            return new Solution(tangent, alpha, null);
        }
    }

    /** λ Kᵀ K⁻¹b at new rows for each of the mean's basis functions, from covariances for λ = 1. */
    final double[][] explained(ConstantFit constant, double[] cross, int m, int column) {
        double lambda = columns.get(column).priorVariance();
        double[][] explained = new double[constant.size()][];
        for (int b = 0; b < explained.length; b++) {
            explained[b] = products(cross, constant.solved()[b], m);
            for (int r = 0; r < m; r++) {
                explained[b][r] *= lambda;
            }
        }
        return explained;
    }

    /** λ Jᵀ S K⁻¹b of the mean's basis functions, each times its number; here from solutions that keep rows. */
    double[] weightsOf(TrainingKernel kernel, ConstantFit constant, double[] coefficients, int column) {
        return kernel.tangent(
                constant.combined(coefficients), columns.get(column).priorVariance());
    }

    /**
     * What leaving out each example takes; null where only approximations are known.
     *
     * @param residuals the column's targets less its mean, as they were fitted
     */
    @Nullable
    RowPrecision precision(TrainingKernel kernel, Targets targets, double[] residuals, Solution solution, int column) {
        return null;
    }

    /** J ŵ of each column at new examples from their covariances with the training rows, for solvers that know α. */
    List<double[]> means(TrainingKernel kernel, Examples z, List<Solution> solutions) {
        return means(cross(kernel, z), z.size() * kernel.rowsPerExample(), solutions);
    }

    /** J ŵ of each column from the n × m covariances of the training rows with new ones. */
    final List<double[]> means(double[] cross, int m, List<Solution> solutions) {
        List<double[]> means = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
            double[] mean = products(cross, solutions.get(c).alpha(), m);
            for (int r = 0; r < m; r++) {
                mean[r] *= columns.get(c).priorVariance();
            }
            means.add(mean);
        }
        return means;
    }

    /** Covariances of the training rows, scaled, with new ones; for λ = 1. */
    final double[] cross(TrainingKernel kernel, Examples z) {
        return kernel.cross(z, columns.stream().anyMatch(Column::hasLittleNoise));
    }

    /** The transposed n × m matrix times a vector. */
    static double[] products(double[] matrix, double[] vector, int m) {
        double[] products = new double[m];
        for (int i = 0; i < vector.length; i++) {
            for (int j = 0; j < m; j++) {
                products[j] += matrix[i * m + j] * vector[i];
            }
        }
        return products;
    }

    /** Moments of each column at new examples; rows as in the kernel matrix. */
    abstract List<Moments> moments(TrainingKernel kernel, Examples z, List<Solution> solutions);

    /**
     * Draws weights from a column's posterior. Here by pathwise conditioning: prior weights w and noise ε are drawn,
     * and what the targets would have told of them is replaced by what they tell, w + λ Jᵀ S (λSKS + σ²I)⁻¹ (y - S J w
     * - ε), all of which is ŵ + w - λ Jᵀ S (λSKS + σ²I)⁻¹ (S J w + ε).
     */
    double[] sampleWeights(TrainingKernel kernel, Solution solution, int column, SplittableRandom random) {
        double lambda = columns.get(column).priorVariance();
        double[] weights = gaussian(solution.tangent().length, Math.sqrt(lambda), random);
        double[] drawn = kernel.products(weights);
        double[] noise = gaussian(drawn.length, Math.sqrt(columns.get(column).noiseVariance()), random);
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = kernel.scale(i) * drawn[i] + noise[i];
        }
        WeightsOfRows correction = WeightsOfRows.of(
                kernel,
                solve(kernel, drawn, column),
                drawn,
                lambda,
                columns.get(column).noiseVariance() + jitter());
        UnsolvedException.require(
                "the weights of a sample",
                correction.error(),
                "raise the noise variance or lower the prior variance ("
                        + columns.get(column).variances()
                        + "): with so little noise they are lost in the network's rounding");
        for (int i = 0; i < weights.length; i++) {
            weights[i] += solution.tangent()[i] - correction.weights()[i];
        }
        return weights;
    }

    static double[] gaussian(int size, double deviation, SplittableRandom random) {
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = deviation * random.nextGaussian();
        }
        return values;
    }

    /**
     * A bound above the prior variance says less than the prior does.
     *
     * @throws UnsolvedException if a bound exceeds its prior variance
     */
    static void requireUseful(double bound, double prior, Column column, RegressionSettings.Iterative settings) {
        if (!(bound <= prior)) {
            throw new UnsolvedException(String.format(
                    Locale.ROOT,
                    "a variance may be too large by %.3g, which is more than its prior variance of %.3g, "
                            + "so that nothing is known of it; raise the noise variance or lower the prior variance "
                            + "(%s), " + "lower the tolerance, which is %s, raise the variance rank if variances are "
                            + "CACHED, or use the solver DENSE or AUTO",
                    bound,
                    prior,
                    column.variances(),
                    settings.tolerance()));
        }
    }

    /** (λSKS + σ²I)⁻¹ of a vector. */
    abstract double[] solve(TrainingKernel kernel, double[] right, int column);

    /** How many numbers a row of new examples takes while its moments are computed. */
    abstract long numbersPerRow();

    /** How this was computed. */
    final Solver solver() {
        return solver;
    }

    /** How conjugate gradients ended, if that is how it was solved. */
    Solver.@Nullable Iterations report() {
        return null;
    }

    /** The true relative residual that a solve of the targets left; 0 where it is known to be rounding. */
    double residual() {
        Solver.Iterations report = report();
        return report == null ? 0 : report.residual();
    }

    /** How variances are computed. */
    VarianceMethod varianceMethod() {
        return VarianceMethod.EXACT;
    }

    /** Dimension of the subspace that variances come from; 0 if they are exact. */
    int varianceRank() {
        return 0;
    }

    /** The length of α in a {@link Solution}. */
    int solutionLength() {
        return rows();
    }

    /** What had to be added to the diagonal before the matrix could be factorized; usually 0. */
    double jitter() {
        return 0;
    }

    /** How many numbers a stored factorization has. */
    abstract long storedNumbers();

    /** Whether predictions compare with the training examples. */
    boolean needsRows() {
        return true;
    }

    /** Eigenvectors for storing, element by element. */
    static ByteString eigenvectors(SymmetricEigen eigen) {
        int n = eigen.values().length;
        return StoredNumbers.write((long) n * n, sink -> {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    sink.accept(eigen.vector(i, j));
                }
            }
        });
    }

    /** The factorization for storing; columns are added by the caller. */
    abstract GaussianProcessProto.Builder toProto();

    /** Sums of squares of the columns of a rows × m matrix, row i weighted. */
    static double[] weightedSquares(double[] matrix, int rows, int m, IntToDoubleFunction weight) {
        double[] sums = new double[m];
        for (int i = 0; i < rows; i++) {
            double w = weight.applyAsDouble(i);
            for (int j = 0; j < m; j++) {
                double value = matrix[i * m + j];
                sums[j] += w * value * value;
            }
        }
        return sums;
    }
}
