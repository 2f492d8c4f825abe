package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.finitentk.internal.kernel.BoundToNetwork;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.ConjugateGradients.Status;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.finitentk.protos.GaussianProcessProto;

/**
 * A Gaussian process in parameter space where there are too many parameters for a P × P matrix: the weights' posterior
 * has the mean ŵ = A⁻¹JᵀS(y - Bβ) and the covariance σ²A⁻¹, A = JᵀS²J + σ²/λ I, and systems with A are solved by
 * conjugate gradients with Fisher-vector products (Maddox et al. 2021, section 3.2).
 */
final class FisherProcess extends GaussianProcess {
    /** Numbers in vectors of conjugate gradients, of which there are some for each right-hand side. */
    private static final long ELEMENTS = 1L << 24;

    private final RegressionSettings.Iterative settings;
    private final Solver.Iterations report;
    private final UnsolvedVariances unsolvedVariances = new UnsolvedVariances();
    private final BoundToNetwork<WeightSystem> kept = new BoundToNetwork<>();

    private FisherProcess(
            int rows, RegressionSettings.Iterative settings, Solver.Iterations report, List<Column> columns) {
        super(Solver.PARAMETER_SPACE, rows, columns);
        this.settings = settings;
        this.report = report;
    }

    /** A fitted one, for which the system is kept. */
    FisherProcess(Problem problem, WeightSystem system, Solver.Iterations report, List<Column> columns) {
        this(problem.targets().rows(), problem.settings().iterative(), report, columns);
        kept.put(system, problem.network());
    }

    static FisherProcess read(GaussianProcessProto proto, List<Column> columns) {
        return new FisherProcess(
                proto.getRows(),
                StoredIterative.settings(proto.getIterative()),
                StoredIterative.report(proto.getIterative()),
                columns);
    }

    @Override
    Solver.Iterations report() {
        return report;
    }

    private WeightSystem system(TrainingKernel kernel) {
        return kept.get(kernel.network(), () -> new WeightSystem(kernel, settings, ProgressListener.NONE));
    }

    @Override
    int solutionLength() {
        return 0;
    }

    /** ŵ + A⁻¹(JᵀS ε + √c ε'), where ε and ε' have variance σ²: what A⁻¹ is applied to has the covariance σ²A. */
    @Override
    double[] sampleWeights(TrainingKernel kernel, Solution solution, int column, SplittableRandom random) {
        double noise = columns().get(column).noiseVariance();
        double shift = noise / columns().get(column).priorVariance();
        WeightSystem system = system(kernel);
        double[] right = system.weightsOf(new double[][] {gaussian(rows(), Math.sqrt(noise), random)})[0];
        double[] own = gaussian(right.length, Math.sqrt(noise * shift), random);
        Vectors.add(right, 1, own);
        double[] weights = drawn(system, shift, right, columns().get(column)).clone();
        Vectors.add(weights, 1, solution.tangent());
        return weights;
    }

    /**
     * A⁻¹ of a draw from N(0, σ²A). What a residual r does to it is at most ‖r‖/√c in the norm in which draws from the
     * posterior have the length σ√P; a share of that as large as a residual may be is asked for.
     */
    private double[] drawn(WeightSystem system, double shift, double[] right, Column column) {
        double allowed = UnsolvedException.LARGEST_RESIDUAL * Math.sqrt(column.noiseVariance() * right.length * shift);
        double norm = SolvedWeights.norm(right);
        double tolerance = settings.tolerance();
        List<double[]> start = List.of();
        while (true) {
            ConjugateGradients.Column solved = system.solve(shift, tolerance, List.of(right), start, "samples")
                    .get(0);
            UnsolvedException.require(
                    solved.ending("a sample"),
                    solved.residual(),
                    Convergence.change(settings, Solver.Iterations.Status.of(solved.status()), column.variances()));
            if (solved.residual() * norm <= allowed) {
                return solved.solution();
            }
            if (solved.status() != Status.CONVERGED || tolerance <= SolvedWeights.LEAST_TOLERANCE) {
                throw new UnsolvedException(String.format(
                        Locale.ROOT,
                        "a sample's weights are off by up to %.2g of their posterior deviation (%s after "
                                + "%d iterations); expected at most %s, so %s",
                        solved.residual() * norm / allowed * UnsolvedException.LARGEST_RESIDUAL,
                        solved.status(),
                        solved.iterations(),
                        UnsolvedException.LARGEST_RESIDUAL,
                        Convergence.change(
                                settings, Solver.Iterations.Status.of(solved.status()), column.variances())));
            }
            start = List.of(solved.solution());
            tolerance = Math.max(
                    SolvedWeights.LEAST_TOLERANCE, Math.min(0.5 * tolerance, SolvedWeights.SAFELY * allowed / norm));
        }
    }

    @Override
    double[] solve(TrainingKernel kernel, double[] right, int column) {
        Column own = columns().get(column);
        SolvedWeights solved = SolvedWeights.of(
                system(kernel), own.noiseVariance() / own.priorVariance(), List.of(right), settings, "samples");
        UnsolvedException.require(
                "conjugate gradients for a sample (" + solved.status() + " after " + solved.iterations()
                        + " iterations)",
                solved.residual(),
                Convergence.change(settings, solved.status(), own.variances()));
        double[] inside = solved.explained().get(0);
        double[] solution = new double[right.length];
        for (int i = 0; i < solution.length; i++) {
            solution[i] = (right[i] - inside[i]) / own.noiseVariance();
        }
        return solution;
    }

    @Override
    double[] weightsOf(TrainingKernel kernel, ConstantFit constant, double[] coefficients, int column) {
        return constant.combined(coefficients);
    }

    @Override
    long numbersPerRow() {
        return 1;
    }

    @Override
    List<Moments> moments(TrainingKernel kernel, Examples z, List<Solution> solutions) {
        int perExample = kernel.rowsPerExample();
        int m = z.size() * perExample;
        List<Moments> moments = columns().stream()
                .map(column -> new Moments(new double[m], new double[m], new double[m]))
                .toList();
        List<double[][]> explained = columns().stream()
                .map(column -> new double[column.coefficients().length][m])
                .toList();
        int p = Math.toIntExact(kernel.parameters());
        new JacobianRows(kernel.network(), ProgressListener.NONE).forEach(z, kernel.outputs(), (from, to, jacobian) -> {
            int count = (to - from) * perExample;
            int together = (int) Math.max(1, Math.min(count, ELEMENTS / p));
            for (int first = 0; first < count; first += together) {
                List<double[]> some = gradients(jacobian, first, Math.min(count, first + together), p);
                for (int c = 0; c < moments.size(); c++) {
                    fill(
                            system(kernel),
                            columns().get(c),
                            solutions.get(c),
                            some,
                            moments.get(c),
                            from * perExample + first);
                    explain(solutions.get(c), some, explained.get(c), from * perExample + first);
                }
            }
        });
        for (int c = 0; c < moments.size(); c++) {
            ConstantFit constant = solutions.get(c).constant();
            if (constant != null) {
                constant.addTo(moments.get(c).variance(), explained.get(c));
            }
        }
        return moments;
    }

    /** kᵀK⁻¹b of the mean's basis functions, from their weights. */
    private static void explain(Solution solution, List<double[]> gradients, double[][] explained, int at) {
        ConstantFit constant = solution.constant();
        for (int b = 0; constant != null && b < constant.size(); b++) {
            double[] weights = constant.solved()[b];
            for (int j = 0; j < gradients.size(); j++) {
                double sum = 0;
                for (int i = 0; i < weights.length; i++) {
                    sum += gradients.get(j)[i] * weights[i];
                }
                explained[b][at + j] = sum;
            }
        }
    }

    private static List<double[]> gradients(NativeDoubles jacobian, int from, int to, int p) {
        List<double[]> gradients = new ArrayList<>();
        for (int i = from; i < to; i++) {
            double[] gradient = new double[p];
            jacobian.get((long) i * p, gradient, 0, p);
            gradients.add(gradient);
        }
        return gradients;
    }

    /**
     * σ² jᵀA⁻¹j = σ²(jᵀx + xᵀr + rᵀA⁻¹r) for what is left over by a solve, r = j - A x. The last of these is at most λ
     * rᵀr, which is added.
     */
    private void fill(
            WeightSystem system, Column column, Solution solution, List<double[]> gradients, Moments moments, int at) {
        double shift = column.noiseVariance() / column.priorVariance();
        List<ConjugateGradients.Column> solves =
                system.solve(shift, settings.tolerance(), gradients, List.of(), "variances");
        for (ConjugateGradients.Column solve : solves) {
            UnsolvedException.require(
                    solve.ending("a variance"),
                    solve.residual(),
                    Convergence.change(settings, Solver.Iterations.Status.of(solve.status()), column.variances()));
            unsolvedVariances.report(solve);
        }
        for (int j = 0; j < gradients.size(); j++) {
            double[] gradient = gradients.get(j);
            double[] solved = solves.get(j).solution();
            double mean = 0;
            double form = 0;
            double squares = 0;
            double left = 0;
            for (int i = 0; i < gradient.length; i++) {
                double rest = solves.get(j).remainder()[i];
                mean += gradient[i] * solution.tangent()[i];
                form += (gradient[i] + rest) * solved[i];
                squares += gradient[i] * gradient[i];
                left += rest * rest;
            }
            double bound = column.priorVariance() * left;
            requireUseful(bound, column.priorVariance() * squares, column, settings);
            moments.mean()[at + j] = mean;
            moments.variance()[at + j] =
                    Math.min(column.noiseVariance() * form + bound, column.priorVariance() * squares);
            moments.error()[at + j] = bound;
        }
    }

    @Override
    long storedNumbers() {
        return 0;
    }

    @Override
    GaussianProcessProto.Builder toProto() {
        return GaussianProcessProto.newBuilder()
                .setRows(rows())
                .setSolver(Solver.PARAMETER_SPACE.name())
                .setIterative(StoredIterative.write(settings, report));
    }
}
