package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.logging.Logger;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.SymmetricEigen;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.protos.GaussianProcessProto;

/**
 * A Gaussian process in parameter space, for fewer parameters than rows: the weights' posterior N(ŵ, λ(I + λ/σ² JᵀJ)⁻¹) from one eigendecomposition of JᵀJ, which is
 * summed up in one pass over the examples (Maddox et al. 2021, section 3.2). JJᵀ has the same eigenvalues but for zeros, so the marginal likelihood is that of the
 * function space.
 */
final class ParameterProcess extends GaussianProcess {
    private static final Logger LOG = Logger.getLogger(ParameterProcess.class.getName());
    /** Eigenvalues below this share of the largest, times their number, are rounding errors. */
    private static final double NEGLIGIBLE = 1e-15;

    private final int rows;
    private final SymmetricEigen eigen;
    private final double[] spectrum;

    private final double residual;

    private ParameterProcess(int rows, SymmetricEigen eigen, List<Column> columns, double residual) {
        super(columns);
        this.residual = residual;
        this.rows = rows;
        this.eigen = eigen;
        this.spectrum = spectrum(eigen);
    }

    private static double[] spectrum(SymmetricEigen eigen) {
        double[] values = eigen.values();
        double least = NEGLIGIBLE * values.length * values[values.length - 1];
        return Arrays.stream(values).map(value -> value > least ? value : 0).toArray();
    }

    /** A fitted process and its weights. */
    record Fitted(ParameterProcess process, List<Solution> solutions) {
    }

    /** Sums of one pass: JᵀJ, and Jᵀ[Y B] for the scaled targets and basis functions. */
    private record Sums(double[] gram, double[] products) {
    }

    static Fitted fit(Setting setting, Targets targets, RegressionSettings settings, ProgressListener progress) {
        LinearizedNetwork network = setting.network();
        if (settings.noiseVariance() == 0) {
            throw new IllegalArgumentException("the noise variance is 0 and there are fewer parameters (" + network.parameterCount() + ") than rows of the kernel matrix ("
                + targets.rows() + "), which is singular then; raise the noise variance");
        }
        int p = Math.toIntExact(network.parameterCount());
        Sums sums = sums(network, setting.training(), setting.outputs(), setting.rowScales(), targets, progress);
        if (!(Arrays.stream(sums.gram()).map(Math::abs).sum() > 0)) {
            throw new IllegalArgumentException("the kernel is zero on the training data: no parameter moves the network's output; choose another output");
        }
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(sums.gram(), p);
        int width = targets.columns() + targets.basisSize();
        double[] projected = eigen.project(sums.products(), width);
        List<Column> columns = new ArrayList<>();
        List<Solution> solutions = new ArrayList<>();
        WeightRefinement refinement = new WeightRefinement(setting, eigen, spectrum(eigen));
        double worst = 0;
        for (int c = 0; c < targets.columns(); c++) {
            Column column = new VarianceSearch(likelihood(spectrum(eigen), projected, width, c, targets), settings, VarianceSearch.precision(network.elementType())).bestOrGiven();
            columns.add(column);
            double[] weights = weights(eigen, projected, width, c, column, targets.columns());
            WeightRefinement.Refined refined = refinement.refine(weights, targets.residuals(c, column.coefficients()), column);
            WeightRefinement.requireSolved(refined.residual(), column);
            worst = Math.max(worst, refined.residual());
            solutions.add(new Solution(refined.weights(), new double[0]));
        }
        warnOfResidual(worst, settings.iterative().tolerance());
        return new Fitted(new ParameterProcess(targets.rows(), eigen, columns, worst), solutions);
    }

    private static void warnOfResidual(double residual, double tolerance) {
        if (residual > tolerance) {
            LOG.warning(String.format(Locale.ROOT, "the solve for the network's weights left a relative residual of %.2g, rounding of JᵀJ beside the noise included, so that variances have few digits; expected at most %s, "
                + "so raise the noise variance, lower the prior variance, or use the solver DENSE", residual, tolerance));
        }
    }

    @Override
    double residual() {
        return residual;
    }

    private static Sums sums(LinearizedNetwork network, Examples x, Outputs outputs, double[] rowScales, Targets targets, ProgressListener progress) {
        int p = Math.toIntExact(network.parameterCount());
        int r = targets.rows() / x.size();
        int width = targets.columns() + targets.basisSize();
        try (NativeDoubles gram = zeros((long) p * p); NativeDoubles products = zeros((long) p * width)) {
            new JacobianRows(network, progress).forEach(x, outputs, (from, to, jacobian) -> {
                int count = (to - from) * r;
                scaleRows(jacobian, from * r, count, p, rowScales);
                try (NativeDoubles right = new NativeDoubles((long) count * width)) {
                    right.put(0, rightHandSides(targets, from * r, count), 0, count * width);
                    Blas.addSquare(p, count, jacobian, gram);
                    Blas.gemm(true, false, p, width, count, jacobian, 0, right, 0, 1, products, 0);
                }
            });
            Sums sums = new Sums(new double[p * p], new double[p * width]);
            gram.get(0, sums.gram(), 0, p * p);
            mirror(sums.gram(), p);
            products.get(0, sums.products(), 0, p * width);
            return sums;
        }
    }

    private static void mirror(double[] lower, int side) {
        for (int i = 0; i < side; i++) {
            for (int j = 0; j < i; j++) {
                lower[j * side + i] = lower[i * side + j];
            }
        }
    }

    private static NativeDoubles zeros(long size) {
        NativeDoubles memory = new NativeDoubles(size);
        double[] zeros = new double[(int) Math.min(size, 1 << 16)];
        for (long at = 0; at < size; at += zeros.length) {
            memory.put(at, zeros, 0, (int) Math.min(zeros.length, size - at));
        }
        return memory;
    }

    private static void scaleRows(NativeDoubles jacobian, int firstRow, int count, int p, double[] rowScales) {
        if (rowScales.length == 0) {
            return;
        }
        double[] row = new double[p];
        for (int i = 0; i < count; i++) {
            jacobian.get((long) i * p, row, 0, p);
            for (int j = 0; j < p; j++) {
                row[j] *= rowScales[firstRow + i];
            }
            jacobian.put((long) i * p, row, 0, p);
        }
    }

    /** Rows of [Y B]. */
    private static double[] rightHandSides(Targets targets, int from, int count) {
        int width = targets.columns() + targets.basisSize();
        double[] right = new double[count * width];
        for (int i = 0; i < count; i++) {
            System.arraycopy(targets.values(), (from + i) * targets.columns(), right, i * width, targets.columns());
            System.arraycopy(targets.basis(), (from + i) * targets.basisSize(), right, i * width + targets.columns(), targets.basisSize());
        }
        return right;
    }

    /** What of targets and basis lies in the range of J has the coordinates Vᵀ Jᵀ y / √e. */
    private static MarginalLikelihood likelihood(double[] spectrum, double[] projected, int width, int c, Targets targets) {
        int vectors = 1 + targets.basisSize();
        int positive = (int) Arrays.stream(spectrum).filter(value -> value > 0).count();
        int first = spectrum.length - positive;
        double[] coordinates = new double[positive * vectors];
        for (int i = 0; i < positive; i++) {
            for (int v = 0; v < vectors; v++) {
                int source = v == 0 ? c : targets.columns() + v - 1;
                coordinates[i * vectors + v] = projected[(first + i) * width + source] / Math.sqrt(spectrum[first + i]);
            }
        }
        return EigenCoordinates.likelihood(Arrays.copyOfRange(spectrum, first, spectrum.length), coordinates, targets.withBasis(c), vectors);
    }

    /** ŵ = V diag(λ / (λe + σ²)) Vᵀ Jᵀ (y - B β). Where e is 0, so is VᵀJᵀ, but for rounding, which little noise would make much of. */
    private static double[] weights(SymmetricEigen eigen, double[] projected, int width, int c, Column column, int columns) {
        double[] spectrum = spectrum(eigen);
        double[] coordinates = new double[spectrum.length];
        for (int i = 0; i < coordinates.length; i++) {
            double residual = projected[i * width + c];
            for (int b = 0; b < column.coefficients().length; b++) {
                residual -= projected[i * width + columns + b] * column.coefficients()[b];
            }
            coordinates[i] = spectrum[i] == 0 ? 0 : residual * column.priorVariance() / (column.priorVariance() * spectrum[i] + column.noiseVariance());
        }
        return eigen.expand(coordinates);
    }

    static ParameterProcess read(GaussianProcessProto proto, List<Column> columns, long parameters) {
        double[] values = StoredNumbers.read("eigenvalues", proto.getEigenvalues(), parameters);
        return new ParameterProcess(proto.getRows(), SymmetricEigen.of(values, StoredNumbers.read("eigenvectors", proto.getEigenvectors(), parameters * parameters)), columns, 0);
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
    double[] sampleWeights(Setting setting, Solution solution, int column, SplittableRandom random) {
        Column own = columns().get(column);
        double[] coordinates = gaussian(spectrum.length, Math.sqrt(own.priorVariance() * own.noiseVariance()), random);
        for (int i = 0; i < coordinates.length; i++) {
            coordinates[i] /= Math.sqrt(own.priorVariance() * spectrum[i] + own.noiseVariance());
        }
        double[] weights = eigen.expand(coordinates);
        for (int i = 0; i < weights.length; i++) {
            weights[i] += solution.tangent()[i];
        }
        return weights;
    }

    /** By the identity of Woodbury: (r - λ J (λJᵀJ + σ²I)⁻¹ Jᵀ r) / σ², for which the training data is gone through once more. */
    @Override
    double[] solve(Setting setting, double[] right, int column) {
        Column own = columns().get(column);
        double[] coordinates = eigen.project(setting.tangent(right, 1));
        for (int i = 0; i < coordinates.length; i++) {
            coordinates[i] *= spectrum[i] == 0 ? 0 : own.priorVariance() / (own.priorVariance() * spectrum[i] + own.noiseVariance());
        }
        double[] inside = setting.outputs().of(setting.network().jvp(setting.training(), eigen.expand(coordinates)), setting.network().outputSize());
        double[] solution = new double[right.length];
        for (int i = 0; i < right.length; i++) {
            solution[i] = (right[i] - setting.scale(i) * inside[i]) / own.noiseVariance();
        }
        return solution;
    }

    @Override
    long numbersPerRow() {
        return spectrum.length;
    }

    @Override
    double jitter() {
        return 0;
    }

    @Override
    List<Moments> moments(Setting setting, Examples z, List<Solution> solutions) {
        int p = spectrum.length;
        int m = z.size() * setting.outputs().count(setting.network().outputSize());
        double[] transposed = new double[Math.multiplyExact(p, m)];
        int r = m / z.size();
        new JacobianRows(setting.network(), ProgressListener.NONE).forEach(z, setting.outputs(), (from, to, rows) -> {
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
            double[] mean = DenseProcess.products(transposed, solutions.get(c).tangent(), m);
            moments.add(new Moments(mean, weightedSquares(coordinates, p, m,
                i -> column.priorVariance() * column.noiseVariance() / (column.priorVariance() * spectrum[i] + column.noiseVariance()))));
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
        return GaussianProcessProto.newBuilder().setRows(rows).setSolver(Solver.PARAMETER_SPACE.name()).setEigenvalues(StoredNumbers.write(eigen.values()))
            .setEigenvectors(StoredNumbers.write((long) p * p, sink -> {
                for (int i = 0; i < p; i++) {
                    for (int j = 0; j < p; j++) {
                        sink.accept(eigen.vector(i, j));
                    }
                }
            }));
    }
}
