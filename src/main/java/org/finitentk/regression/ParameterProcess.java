package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.internal.kernel.JacobianRows;
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

    private final int rows;
    private final SymmetricEigen eigen;
    private final double[] spectrum;

    private final double residual;

    ParameterProcess(int rows, SymmetricEigen eigen, List<Column> columns, double residual) {
        super(columns);
        this.residual = residual;
        this.rows = rows;
        this.eigen = eigen;
        this.spectrum = spectrum(eigen);
    }

    /** Eigenvalues; what is rounding is 0. */
    static double[] spectrum(SymmetricEigen eigen) {
        double[] values = eigen.values();
        double least = NEGLIGIBLE * values.length * values[values.length - 1];
        return Arrays.stream(values).map(value -> value > least ? value : 0).toArray();
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
    Solver solver() {
        return Solver.PARAMETER_SPACE;
    }

    @Override
    int rows() {
        return rows;
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
            moments.add(new Moments(
                    mean,
                    weightedSquares(
                            coordinates,
                            p,
                            m,
                            i -> column.priorVariance()
                                    * column.noiseVariance()
                                    / (column.priorVariance() * spectrum[i] + column.noiseVariance()))));
        }
        return moments;
    }

    @Override
    long storedNumbers() {
        return (long) spectrum.length * spectrum.length;
    }

    @Override
    GaussianProcessProto.Builder toProto() {
        int p = spectrum.length;
        return GaussianProcessProto.newBuilder()
                .setRows(rows)
                .setSolver(Solver.PARAMETER_SPACE.name())
                .setEigenvalues(StoredNumbers.write(eigen.values()))
                .setEigenvectors(StoredNumbers.write((long) p * p, sink -> {
                    for (int i = 0; i < p; i++) {
                        for (int j = 0; j < p; j++) {
                            sink.accept(eigen.vector(i, j));
                        }
                    }
                }));
    }
}
