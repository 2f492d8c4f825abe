package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.SymmetricEigen;
import org.finitentk.internal.linalg.SymmetricSum;
import org.finitentk.network.LinearizedNetwork;
import org.jspecify.annotations.Nullable;

/** PARAMETER_SPACE where there are no more parameters than rows: JᵀJ is summed up in one pass, and decomposed. */
final class WeightSpaceSolver implements PosteriorSolver {
    @Override
    public Solver solver() {
        return Solver.PARAMETER_SPACE;
    }

    @Override
    public Estimate estimate(Problem problem, int iterations) {
        double rows = problem.rows();
        double p = problem.parameters();
        int kernels = problem.kernels();
        double operations = kernels * (CostModel.squares(rows, p) + CostModel.eigendecomposition(p));
        double heap = Double.BYTES * p * p * (kernels + 3) + Double.BYTES * rows * 8;
        return new Estimate(CostModel.fit(operations, problem.network()), heap, limit(problem));
    }

    private static String limit(Problem problem) {
        if (problem.parameters() > problem.rows()) {
            return "more parameters than rows";
        }
        if (problem.parameters() > CostModel.MAX_SIDE) {
            return "at most " + CostModel.MAX_SIDE + " parameters";
        }
        return problem.isNoiseless() ? "needs noise" : "";
    }

    /** Sums of one pass: JᵀJ, and Jᵀ[Y B] for the scaled targets and basis functions, of each prior mean in turn. */
    private record Sums(double[] gram, double[] products) {}

    @Override
    public List<FittedProcess> fit(Problem problem, List<Targets> means) {
        int p = Math.toIntExact(problem.network().parameterCount());
        Sums sums = sums(problem, means);
        if (!(Arrays.stream(sums.gram()).map(Math::abs).sum() > 0)) {
            throw new IllegalArgumentException(
                    "the kernel is zero on the training data: no parameter moves the network's output; "
                            + "choose another output");
        }
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(sums.gram(), p);
        int width = width(means);
        double[] projected = eigen.project(sums.products(), width);
        List<FittedProcess> fitted = new ArrayList<>();
        int first = 0;
        for (Targets targets : means) {
            int own = targets.columns() + targets.basisSize();
            double[] some = new double[p * own];
            for (int i = 0; i < p; i++) {
                System.arraycopy(projected, i * width + first, some, i * own, own);
            }
            fitted.add(fitted(problem.with(targets), eigen, some));
            first += own;
        }
        return fitted;
    }

    private static int width(List<Targets> means) {
        return means.stream()
                .mapToInt(targets -> targets.columns() + targets.basisSize())
                .sum();
    }

    /** From Vᵀ Jᵀ[Y B]. */
    private static FittedProcess fitted(Problem problem, SymmetricEigen eigen, double[] projected) {
        TrainingKernel kernel = problem.kernel();
        Targets targets = problem.targets();
        RegressionSettings settings = problem.settings();
        LinearizedNetwork network = problem.network();
        double[] spectrum = ParameterProcess.spectrum(eigen);
        int width = targets.columns() + targets.basisSize();
        List<GaussianProcess.Column> columns = new ArrayList<>();
        List<GaussianProcess.Solution> solutions = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        WeightRefinement refinement = new WeightRefinement(kernel, eigen, spectrum);
        double worst = 0;
        for (int c = 0; c < targets.columns(); c++) {
            MarginalLikelihood likelihood = likelihood(spectrum, projected, width, c, targets);
            GaussianProcess.Column column = new VarianceSearch(
                            likelihood, settings, VarianceSearch.precision(network.elementType()), remarks::add)
                    .bestOrGiven();
            columns.add(column);
            double[] weights = weights(eigen, projected, width, c, column, targets.columns());
            WeightRefinement.Refined refined =
                    refinement.refine(weights, targets.residuals(c, column.coefficients()), column);
            WeightRefinement.requireSolved(refined.residual(), column);
            worst = Math.max(worst, refined.residual());
            solutions.add(new GaussianProcess.Solution(
                    refined.weights(), new double[0], constant(eigen, projected, targets, column)));
        }
        remarkOnResidual(worst, settings.iterative().tolerance(), remarks::add);
        return new FittedProcess(new ParameterProcess(targets.rows(), eigen, columns, worst), solutions, false)
                .with(remarks);
    }

    private static void remarkOnResidual(double residual, double tolerance, Consumer<String> remarks) {
        if (residual > tolerance) {
            remarks.accept(String.format(
                    Locale.ROOT,
                    "the solve for the network's weights left a relative residual of %.2g, rounding of JᵀJ "
                            + "beside the noise included, so that variances have few digits; expected at most %s, "
                            + "so raise the noise variance, lower the prior variance, or use the solver DENSE",
                    residual,
                    tolerance));
        }
    }

    private static Sums sums(Problem problem, List<Targets> means) {
        TrainingKernel kernel = problem.kernel();
        int p = Math.toIntExact(kernel.parameters());
        int r = kernel.rowsPerExample();
        int width = width(means);
        try (SymmetricSum gram = new SymmetricSum(p);
                NativeDoubles products = new NativeDoubles((long) p * width)) {
            products.clear();
            new JacobianRows(kernel.network(), problem.progress())
                    .forEach(kernel.training(), kernel.outputs(), (from, to, jacobian) -> {
                        int count = (to - from) * r;
                        scaleRows(jacobian, from * r, count, p, kernel.noise());
                        try (NativeDoubles right = new NativeDoubles((long) count * width)) {
                            right.put(0, rightHandSides(means, from * r, count), 0, count * width);
                            gram.addSquare(jacobian, count);
                            Blas.gemm(
                                    jacobian.matrix(count, p).transposed(),
                                    right.matrix(count, width),
                                    1,
                                    products.matrix(p, width));
                        }
                    });
            Sums sums = new Sums(gram.toArray(), new double[p * width]);
            products.get(0, sums.products(), 0, p * width);
            return sums;
        }
    }

    private static void scaleRows(NativeDoubles jacobian, int firstRow, int count, int p, RowNoise noise) {
        if (noise.isEqual()) {
            return;
        }
        double[] row = new double[p];
        for (int i = 0; i < count; i++) {
            jacobian.get((long) i * p, row, 0, p);
            for (int j = 0; j < p; j++) {
                row[j] *= noise.scale(firstRow + i);
            }
            jacobian.put((long) i * p, row, 0, p);
        }
    }

    /** Rows of [Y B] of each prior mean in turn. */
    private static double[] rightHandSides(List<Targets> means, int from, int count) {
        int width = width(means);
        double[] right = new double[count * width];
        for (int i = 0; i < count; i++) {
            int at = i * width;
            for (Targets targets : means) {
                int columns = targets.columns();
                int size = targets.basisSize();
                System.arraycopy(targets.values(), (from + i) * columns, right, at, columns);
                System.arraycopy(targets.basis(), (from + i) * size, right, at + columns, size);
                at += columns + size;
            }
        }
        return right;
    }

    /** What of targets and basis lies in the range of J has the coordinates Vᵀ Jᵀ y / √e. */
    private static MarginalLikelihood likelihood(
            double[] spectrum, double[] projected, int width, int c, Targets targets) {
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
        return EigenCoordinates.likelihood(
                Arrays.copyOfRange(spectrum, first, spectrum.length), coordinates, targets.withBasis(c), vectors);
    }

    /**
     * ŵ = V diag(λ / (λe + σ²)) Vᵀ Jᵀ (y - B β). Where e is 0, so is VᵀJᵀ, but for rounding, which little noise would
     * make much of.
     */
    private static double[] weights(
            SymmetricEigen eigen, double[] projected, int width, int c, GaussianProcess.Column column, int columns) {
        double[] residuals = new double[eigen.size()];
        for (int i = 0; i < residuals.length; i++) {
            residuals[i] = projected[i * width + c];
            for (int b = 0; b < column.coefficients().length; b++) {
                residuals[i] -= projected[i * width + columns + b] * column.coefficients()[b];
            }
        }
        return weights(eigen, residuals, column);
    }

    private static double[] weights(SymmetricEigen eigen, double[] projected, GaussianProcess.Column column) {
        double[] spectrum = ParameterProcess.spectrum(eigen);
        double[] coordinates = new double[spectrum.length];
        for (int i = 0; i < coordinates.length; i++) {
            coordinates[i] = spectrum[i] == 0
                    ? 0
                    : projected[i]
                            * column.priorVariance()
                            / (column.priorVariance() * spectrum[i] + column.noiseVariance());
        }
        return eigen.expand(coordinates);
    }

    /** BᵀK⁻¹B = (BᵀB - (VᵀJᵀB)ᵀ diag(λ / (λe + σ²)) VᵀJᵀB)/σ²; null without basis functions. */
    private static @Nullable ConstantFit constant(
            SymmetricEigen eigen, double[] projected, Targets targets, GaussianProcess.Column column) {
        int size = targets.basisSize();
        int width = targets.columns() + size;
        double[] spectrum = ParameterProcess.spectrum(eigen);
        double[] precision = new double[size * size];
        for (int i = 0; i < targets.rows(); i++) {
            for (int a = 0; a < size; a++) {
                for (int b = 0; b < size; b++) {
                    precision[a * size + b] += targets.basis()[i * size + a] * targets.basis()[i * size + b];
                }
            }
        }
        double[][] solved = new double[size][spectrum.length];
        for (int a = 0; a < size; a++) {
            for (int i = 0; i < spectrum.length; i++) {
                solved[a][i] = projected[i * width + targets.columns() + a];
            }
        }
        for (int a = 0; a < size; a++) {
            for (int b = 0; b < size; b++) {
                for (int i = 0; i < spectrum.length; i++) {
                    double share = spectrum[i] == 0
                            ? 0
                            : column.priorVariance() / (column.priorVariance() * spectrum[i] + column.noiseVariance());
                    precision[a * size + b] -= solved[a][i] * share * solved[b][i];
                }
                precision[a * size + b] /= column.noiseVariance();
            }
        }
        return size == 0
                ? null
                : ConstantFit.of(
                        Arrays.stream(solved)
                                .map(own -> weights(eigen, own, column))
                                .toArray(double[][]::new),
                        precision);
    }
}
