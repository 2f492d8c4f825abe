package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.SymmetricEigen;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.finitentk.protos.GaussianProcessProto;

/**
 * A Gaussian process in parameter space, for fewer parameters than rows: the weights' posterior N(ŵ, λ(I + λ/σ² JᵀJ)⁻¹)
 * from one eigendecomposition of JᵀJ, which is summed up in one pass over the examples (Maddox et al. 2021, section
 * 3.2). JJᵀ has the same eigenvalues but for zeros, so the marginal likelihood is that of the function space.
 */
final class ParameterProcess extends GaussianProcess {
    /** Eigenvalues below this share of the largest, times their number, are rounding errors. */
    private static final double NEGLIGIBLE = 1e-15;

    private final SymmetricEigen eigen;
    private final double[] spectrum;

    private final double residual;

    ParameterProcess(int rows, SymmetricEigen eigen, List<Column> columns, double residual) {
        super(Solver.PARAMETER_SPACE, rows, columns);
        this.residual = residual;
        this.eigen = eigen;
        this.spectrum = spectrum(eigen);
    }

    /** Eigenvalues; what is rounding is 0. */
    static double[] spectrum(SymmetricEigen eigen) {
        double[] values = eigen.values();
        double least = NEGLIGIBLE * values.length * values[values.length - 1];
        return Arrays.stream(values).map(value -> value > least ? value : 0).toArray();
    }

    /** λ / (λe + σ²). */
    private static double share(double eigenvalue, Column column) {
        return column.priorVariance() / (column.priorVariance() * eigenvalue + column.noiseVariance());
    }

    /**
     * The rows of J go by once more. With w = λJᵀSK⁻¹b, K⁻¹b = (b - S J w)/σ², and K⁻¹ = (I - S J A⁻¹ Jᵀ S)/σ², of
     * which only the blocks on the diagonal are made.
     */
    @Override
    RowPrecision precision(TrainingKernel kernel, Targets targets, double[] residuals, Solution solution, int column) {
        Column own = columns().get(column);
        ConstantFit constant = solution.constant();
        int size = constant == null ? 0 : constant.size();
        int side = kernel.rowsPerExample();
        int p = spectrum.length;
        double[] alpha = residuals.clone();
        double[][] basis = new double[size][];
        for (int b = 0; b < size; b++) {
            basis[b] = targets.basisFunction(b);
        }
        double[] blocks = new double[Math.multiplyExact(rows(), side)];
        double[] shares = Arrays.stream(spectrum)
                .map(value -> value == 0 ? 0 : share(value, own))
                .toArray();
        new JacobianRows(kernel.network(), ProgressListener.NONE)
                .forEach(kernel.training(), kernel.outputs(), (from, to, jacobian) -> {
                    double[] transposed =
                            transposed(jacobian, (to - from) * side, p, r -> kernel.scale(from * side + r));
                    int count = (to - from) * side;
                    subtract(alpha, transposed, solution.tangent(), from * side, count);
                    for (int b = 0; constant != null && b < size; b++) {
                        subtract(basis[b], transposed, constant.solved()[b], from * side, count);
                    }
                    addBlocks(blocks, eigen.project(transposed, count), shares, from * side, side);
                });
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = ((i / side % side == i % side ? 1 : 0) - blocks[i]) / own.noiseVariance();
        }
        for (int i = 0; i < rows(); i++) {
            alpha[i] /= own.noiseVariance();
            for (double[] solved : basis) {
                solved[i] /= own.noiseVariance();
            }
        }
        return new RowPrecision(blocks, alpha, basis);
    }

    private static void subtract(double[] rows, double[] transposed, double[] weights, int at, int count) {
        double[] products = products(transposed, weights, count);
        for (int i = 0; i < count; i++) {
            rows[at + i] -= products[i];
        }
    }

    /** Inner products of the rows of each example, each coordinate times its share. */
    private static void addBlocks(double[] blocks, double[] coordinates, double[] shares, int at, int side) {
        int count = coordinates.length / shares.length;
        for (int l = 0; l < shares.length; l++) {
            for (int i = 0; i < count; i++) {
                double weighted = shares[l] * coordinates[l * count + i];
                int first = i - i % side;
                for (int j = 0; j < side; j++) {
                    blocks[(at + i) * side + j] += weighted * coordinates[l * count + first + j];
                }
            }
        }
    }

    /** Rows of the Jacobian as columns, each times its scale. */
    private static double[] transposed(NativeDoubles jacobian, int count, int p, IntToDoubleFunction scale) {
        double[] transposed = new double[Math.multiplyExact(p, count)];
        double[] row = new double[p];
        for (int i = 0; i < count; i++) {
            jacobian.get((long) i * p, row, 0, p);
            double s = scale.applyAsDouble(i);
            for (int j = 0; j < p; j++) {
                transposed[j * count + i] = s * row[j];
            }
        }
        return transposed;
    }

    @Override
    ParameterProcess with(List<Column> others) {
        return new ParameterProcess(rows(), eigen, others, residual);
    }

    /** Solutions for the mean's basis functions are weights here, and stay. */
    @Override
    Solution widened(Solution solution, double factor) {
        ConstantFit constant = solution.constant();
        return new Solution(
                solution.tangent(),
                solution.alpha(),
                constant == null
                        ? null
                        : new ConstantFit(
                                constant.solved(), constant.scaled(factor).covariance()));
    }

    @Override
    double residual() {
        return residual;
    }

    static ParameterProcess read(GaussianProcessProto proto, List<Column> columns, long parameters) {
        double[] values = StoredNumbers.read("eigenvalues", proto.getEigenvalues(), parameters);
        return new ParameterProcess(
                proto.getRows(),
                SymmetricEigen.of(
                        values, StoredNumbers.read("eigenvectors", proto.getEigenvectors(), parameters * parameters)),
                columns,
                0);
    }

    @Override
    int solutionLength() {
        return 0;
    }

    /** The posterior is Gaussian with covariance λσ² V diag(1 / (λe + σ²)) Vᵀ. */
    @Override
    double[] sampleWeights(TrainingKernel kernel, Solution solution, int column, SplittableRandom random) {
        Column own = columns().get(column);
        double[] coordinates = gaussian(spectrum.length, Math.sqrt(own.priorVariance() * own.noiseVariance()), random);
        for (int i = 0; i < coordinates.length; i++) {
            coordinates[i] /= Math.sqrt(own.priorVariance() * spectrum[i] + own.noiseVariance());
        }
        double[] weights = eigen.expand(coordinates);
        Vectors.add(weights, 1, solution.tangent());
        return weights;
    }

    /**
     * By the identity of Woodbury: (r - λ J (λJᵀJ + σ²I)⁻¹ Jᵀ r) / σ², for which the training data is gone through once
     * more.
     */
    @Override
    double[] solve(TrainingKernel kernel, double[] right, int column) {
        Column own = columns().get(column);
        double[] coordinates = eigen.project(kernel.tangent(right, 1));
        for (int i = 0; i < coordinates.length; i++) {
            coordinates[i] *= spectrum[i] == 0
                    ? 0
                    : own.priorVariance() / (own.priorVariance() * spectrum[i] + own.noiseVariance());
        }
        double[] inside = kernel.products(eigen.expand(coordinates));
        double[] solution = new double[right.length];
        for (int i = 0; i < right.length; i++) {
            solution[i] = (right[i] - kernel.scale(i) * inside[i]) / own.noiseVariance();
        }
        return solution;
    }

    @Override
    double[] weightsOf(TrainingKernel kernel, ConstantFit constant, double[] coefficients, int column) {
        return constant.combined(coefficients);
    }

    @Override
    long numbersPerRow() {
        return spectrum.length;
    }

    @Override
    List<Moments> moments(TrainingKernel kernel, Examples z, List<Solution> solutions) {
        int p = spectrum.length;
        int m = z.size() * kernel.rowsPerExample();
        double[] transposed = new double[Math.multiplyExact(p, m)];
        int r = m / z.size();
        new JacobianRows(kernel.network(), ProgressListener.NONE).forEach(z, kernel.outputs(), (from, to, rows) -> {
            double[] row = new double[p];
            for (int i = 0; i < (to - from) * r; i++) {
                rows.get((long) i * p, row, 0, p);
                for (int j = 0; j < p; j++) {
                    transposed[j * m + from * r + i] = row[j];
                }
            }
        });
        double[] coordinates = eigen.project(transposed, m);
        List<Moments> moments = new ArrayList<>();
        for (int c = 0; c < columns().size(); c++) {
            Column column = columns().get(c);
            double[] mean = products(transposed, solutions.get(c).tangent(), m);
            double[] variance =
                    weightedSquares(coordinates, p, m, i -> column.noiseVariance() * share(spectrum[i], column));
            ConstantFit constant = solutions.get(c).constant();
            if (constant != null) {
                constant.addTo(
                        variance,
                        Arrays.stream(constant.solved())
                                .map(weights -> products(transposed, weights, m))
                                .toArray(double[][]::new));
            }
            moments.add(new Moments(mean, variance));
        }
        return moments;
    }

    /** All that the examples say is in JᵀJ and the weights. */
    @Override
    boolean needsRows() {
        return false;
    }

    @Override
    long storedNumbers() {
        return (long) spectrum.length * spectrum.length;
    }

    @Override
    GaussianProcessProto.Builder toProto() {
        return GaussianProcessProto.newBuilder()
                .setRows(rows())
                .setSolver(Solver.PARAMETER_SPACE.name())
                .setEigenvalues(StoredNumbers.write(eigen.values()))
                .setEigenvectors(eigenvectors(eigen));
    }
}
