package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.logging.Logger;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.ConjugateGradients.Status;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.BoundToNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.finitentk.protos.GaussianProcessProto;
import org.jspecify.annotations.Nullable;

/**
 * A Gaussian process in parameter space where there are too many parameters for a P × P matrix: the weights' posterior has the mean ŵ = A⁻¹JᵀS(y - Bβ) and the covariance σ²A⁻¹,
 * A = JᵀS²J + σ²/λ I, and systems with A are solved by conjugate gradients with Fisher-vector products (Maddox et al. 2021, section 3.2).
 *
 * <p>A residual r of the weights is a residual S J r λ/σ² of the function-space system (λSKS + σ²I)α = y. The latter is what tolerances and reports are about, as for the iterative
 * solver: small residuals of the weights alone would promise much less.
 */
final class FisherProcess extends GaussianProcess {
    private static final Logger LOG = Logger.getLogger(FisherProcess.class.getName());
    /** How often a solve goes on with a smaller tolerance. */
    private static final int REFINEMENTS = 6;
    /** Of what would be enough if both residuals fell together. */
    private static final double SAFELY = 0.5;
    private static final double LEAST_TOLERANCE = 1e-13;
    /** Numbers in vectors of conjugate gradients, of which there are some for each right-hand side. */
    private static final long ELEMENTS = 1L << 24;

    private final int rows;
    private final IterativeSettings settings;
    private final IterativeReport report;
    private final UnsolvedVariances unsolvedVariances = new UnsolvedVariances();
    private final BoundToNetwork<WeightSystem> kept = new BoundToNetwork<>();

    private FisherProcess(int rows, IterativeSettings settings, IterativeReport report, List<Column> columns) {
        super(columns);
        this.rows = rows;
        this.settings = settings;
        this.report = report;
    }

    /** A fitted process and its weights. */
    record Fitted(FisherProcess process, List<Solution> solutions) {
    }

    /** What came out for one column. */
    private record ColumnFit(Column column, double[] weights, IterativeReport report) {
    }

    static Fitted fit(Setting setting, Targets targets, RegressionSettings settings, ProgressListener progress) {
        if (settings.noiseVariance() == 0) {
            throw new IllegalArgumentException("the noise variance is 0 and there are too many parameters (" + setting.network().parameterCount()
                + ") for a matrix: Fisher products need noise; raise the noise variance, or use the dense solver");
        }
        List<IterativeFit> learned = learned(setting, targets, settings, progress);
        WeightSystem system = new WeightSystem(setting, settings.iterative(), progress);
        if (system.rank() == 0) {
            throw new IllegalArgumentException("the kernel is zero on the training data: no parameter moves the network's output; choose another output");
        }
        List<ColumnFit> fits = new ArrayList<>();
        for (int c = 0; c < targets.columns(); c++) {
            fits.add(column(system, targets, c, learned.isEmpty() ? null : learned.get(c), settings));
        }
        IterativeReport worst = fits.stream().map(ColumnFit::report).reduce(IterativeReport::worse).orElseThrow();
        worst.requireSolved(settings.iterative(), IterativeProcess.variances(fits.stream().map(ColumnFit::column).toList()));
        if (worst.status() != Status.CONVERGED) {
            LOG.warning(worst.advice());
        }
        FisherProcess process = new FisherProcess(targets.rows(), settings.iterative(), worst, fits.stream().map(ColumnFit::column).toList());
        process.kept.put(system, setting.network());
        return new Fitted(process, fits.stream().map(fit -> new Solution(fit.weights(), new double[0])).toList());
    }

    /** The marginal likelihood is that of the function space, and so is its search. */
    private static List<IterativeFit> learned(Setting setting, Targets targets, RegressionSettings settings, ProgressListener progress) {
        List<IterativeFit> fits = new ArrayList<>();
        if (settings.hyperparameterLearning() != HyperparameterLearning.NONE) {
            try (KernelSystem system = KernelSystem.of(setting,
                    KernelSystem.cheapest(setting, IterativeProcess.expectedVectors(settings, targets), settings.iterative()), settings.iterative(), progress)) {
                for (int c = 0; c < targets.columns() && system.rank() > 0; c++) {
                    fits.add(new StochasticVarianceSearch(system, targets, c, settings).best());
                }
            }
        }
        return fits;
    }

    /** Targets and the mean's basis functions together; K⁻¹b = (b - S J A⁻¹JᵀS b)/σ² gives the basis's coefficients by generalized least squares. */
    private static ColumnFit column(WeightSystem system, Targets targets, int c, @Nullable IterativeFit learned, RegressionSettings settings) {
        double lambda = learned == null ? settings.priorVariance() : learned.lambda();
        double noise = learned == null ? settings.noiseVariance() : learned.noise();
        List<double[]> right = new ArrayList<>(List.of(targets.column(c)));
        for (int b = 0; b < targets.basisSize(); b++) {
            right.add(targets.basisFunction(b));
        }
        Weights solved = weights(system, noise / lambda, right, settings.iterative(), "Fisher products");
        double[] coefficients = coefficients(right, solved.explained());
        double[] weights = solved.weights().get(0).clone();
        for (int b = 0; b < coefficients.length; b++) {
            for (int i = 0; i < weights.length; i++) {
                weights[i] -= coefficients[b] * solved.weights().get(1 + b)[i];
            }
        }
        Column column = new Column(lambda, noise, coefficients, learned == null ? Double.NaN : learned.logMarginalLikelihood());
        return new ColumnFit(column, weights, new IterativeReport(solved.status(), solved.iterations(), solved.residual(), system.rank(), KernelProducts.NETWORK));
    }

    private static double[] coefficients(List<double[]> right, List<double[]> explained) {
        int size = right.size() - 1;
        double[] beta = new double[size];
        double[] normal = new double[size * size];
        for (int a = 0; a < size; a++) {
            double[] function = right.get(1 + a);
            for (int i = 0; i < function.length; i++) {
                beta[a] += function[i] * (right.get(0)[i] - explained.get(0)[i]);
                for (int b = 0; b <= a; b++) {
                    normal[a * size + b] += function[i] * (right.get(1 + b)[i] - explained.get(1 + b)[i]);
                }
            }
        }
        if (size > 0) {
            Cholesky.factor(normal, size).solveInPlace(beta, 1);
        }
        return beta;
    }

    /**
     * Weights A⁻¹JᵀS b for some vectors b of rows.
     *
     * @param explained S J of them
     * @param residual the largest ‖Kα - b‖/‖b‖
     */
    private record Weights(List<double[]> weights, List<double[]> explained, Status status, int iterations, double residual) {
    }

    private static Weights weights(WeightSystem system, double shift, List<double[]> right, IterativeSettings settings, String what) {
        List<double[]> projected = List.of(system.weightsOf(right.toArray(double[][]::new)));
        List<double[]> solution = List.of();
        double tolerance = settings.tolerance();
        int iterations = 0;
        for (int refinement = 0;; refinement++) {
            List<ConjugateGradients.Column> solves = system.solve(shift, tolerance, projected, solution, what);
            solution = solves.stream().map(ConjugateGradients.Column::solution).toList();
            iterations += solves.stream().mapToInt(ConjugateGradients.Column::iterations).max().orElse(0);
            List<double[]> explained = List.of(system.rowsOf(solution.toArray(double[][]::new)));
            double residual = residual(system, shift, right, explained, projected, solution);
            boolean stuck = solves.stream().anyMatch(solve -> solve.status() != Status.CONVERGED);
            if (residual <= settings.tolerance() || stuck || refinement == REFINEMENTS || tolerance <= LEAST_TOLERANCE) {
                Status worst = solves.stream().map(ConjugateGradients.Column::status).filter(status -> status != Status.CONVERGED).findFirst().orElse(Status.STAGNATED);
                return new Weights(solution, explained, residual <= settings.tolerance() ? Status.CONVERGED : worst, iterations, residual);
            }
            tolerance = Math.max(LEAST_TOLERANCE, SAFELY * tolerance * settings.tolerance() / residual);
        }
    }

    /** ‖S J r‖/(c‖b‖) with r = JᵀS b - A w = JᵀS(b - S J w) - c w. */
    private static double residual(WeightSystem system, double shift, List<double[]> right, List<double[]> explained, List<double[]> projected, List<double[]> solution) {
        double[][] left = new double[right.size()][];
        double[][] inside = system.weightsOf(explained.toArray(double[][]::new));
        for (int j = 0; j < left.length; j++) {
            left[j] = new double[projected.get(j).length];
            for (int i = 0; i < left[j].length; i++) {
                left[j][i] = projected.get(j)[i] - inside[j][i] - shift * solution.get(j)[i];
            }
        }
        double[][] rows = system.rowsOf(left);
        double worst = 0;
        for (int j = 0; j < left.length; j++) {
            double norm = norm(right.get(j));
            worst = Math.max(worst, norm == 0 ? 0 : norm(rows[j]) / shift / norm);
        }
        return worst;
    }

    private static double norm(double[] vector) {
        return Math.sqrt(Arrays.stream(vector).map(value -> value * value).sum());
    }

    static FisherProcess read(GaussianProcessProto proto, List<Column> columns) {
        return new FisherProcess(proto.getRows(), StoredIterative.settings(proto.getIterative()), StoredIterative.report(proto.getIterative()), columns);
    }

    @Override
    IterativeReport report() {
        return report;
    }

    private WeightSystem system(Setting setting) {
        return kept.get(setting.network(), () -> new WeightSystem(setting, settings, ProgressListener.NONE));
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

    /** ŵ + A⁻¹(JᵀS ε + √c ε'), where ε and ε' have variance σ²: what A⁻¹ is applied to has the covariance σ²A. */
    @Override
    double[] sampleWeights(Setting setting, Solution solution, int column, SplittableRandom random) {
        double noise = columns().get(column).noiseVariance();
        double shift = noise / columns().get(column).priorVariance();
        WeightSystem system = system(setting);
        double[] right = system.weightsOf(new double[][] {gaussian(rows, Math.sqrt(noise), random)})[0];
        double[] own = gaussian(right.length, Math.sqrt(noise * shift), random);
        for (int i = 0; i < right.length; i++) {
            right[i] += own[i];
        }
        double[] weights = drawn(system, shift, right, columns().get(column)).clone();
        for (int i = 0; i < weights.length; i++) {
            weights[i] += solution.tangent()[i];
        }
        return weights;
    }

    /**
     * A⁻¹ of a draw from N(0, σ²A). What a residual r does to it is at most ‖r‖/√c in the norm in which draws from the posterior have the length σ√P; a share of that as large as a
     * residual may be is asked for.
     */
    private double[] drawn(WeightSystem system, double shift, double[] right, Column column) {
        double allowed = UnsolvedException.LARGEST_RESIDUAL * Math.sqrt(column.noiseVariance() * right.length * shift);
        double norm = norm(right);
        double tolerance = settings.tolerance();
        List<double[]> start = List.of();
        while (true) {
            ConjugateGradients.Column solved = system.solve(shift, tolerance, List.of(right), start, "samples").get(0);
            UnsolvedException.require(solved.ending("a sample"), solved.residual(), IterativeReport.change(settings, solved.status(), column.variances()));
            if (solved.residual() * norm <= allowed) {
                return solved.solution();
            }
            if (solved.status() != Status.CONVERGED || tolerance <= LEAST_TOLERANCE) {
                throw new UnsolvedException(String.format(Locale.ROOT, "a sample's weights are off by up to %.2g of their posterior deviation (%s after %d iterations); expected at most %s, so %s",
                    solved.residual() * norm / allowed * UnsolvedException.LARGEST_RESIDUAL, solved.status(), solved.iterations(), UnsolvedException.LARGEST_RESIDUAL,
                    IterativeReport.change(settings, solved.status(), column.variances())));
            }
            start = List.of(solved.solution());
            tolerance = Math.max(LEAST_TOLERANCE, Math.min(0.5 * tolerance, SAFELY * allowed / norm));
        }
    }

    @Override
    double[] solve(Setting setting, double[] right, int column) {
        Column own = columns().get(column);
        Weights solved = weights(system(setting), own.noiseVariance() / own.priorVariance(), List.of(right), settings, "samples");
        UnsolvedException.require("conjugate gradients for a sample (" + solved.status() + " after " + solved.iterations() + " iterations)", solved.residual(),
            IterativeReport.change(settings, solved.status(), own.variances()));
        double[] inside = solved.explained().get(0);
        double[] solution = new double[right.length];
        for (int i = 0; i < solution.length; i++) {
            solution[i] = (right[i] - inside[i]) / own.noiseVariance();
        }
        return solution;
    }

    @Override
    long numbersPerRow() {
        return 1;
    }

    @Override
    double jitter() {
        return 0;
    }

    @Override
    List<Moments> moments(Setting setting, Examples z, List<Solution> solutions) {
        int perExample = setting.outputs().count(setting.network().outputSize());
        int m = z.size() * perExample;
        List<Moments> moments = columns().stream().map(column -> new Moments(new double[m], new double[m], new double[m])).toList();
        int p = Math.toIntExact(setting.network().parameterCount());
        new JacobianRows(setting.network(), ProgressListener.NONE).forEach(z, setting.outputs(), (from, to, jacobian) -> {
            int count = (to - from) * perExample;
            int together = (int) Math.max(1, Math.min(count, ELEMENTS / p));
            for (int first = 0; first < count; first += together) {
                List<double[]> some = gradients(jacobian, first, Math.min(count, first + together), p);
                for (int c = 0; c < moments.size(); c++) {
                    fill(system(setting), columns().get(c), solutions.get(c), some, moments.get(c), from * perExample + first);
                }
            }
        });
        return moments;
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

    /** σ² jᵀA⁻¹j = σ²(jᵀx + xᵀr + rᵀA⁻¹r) for what is left over by a solve, r = j - A x. The last of these is at most λ rᵀr, which is added. */
    private void fill(WeightSystem system, Column column, Solution solution, List<double[]> gradients, Moments moments, int at) {
        double shift = column.noiseVariance() / column.priorVariance();
        List<ConjugateGradients.Column> solves = system.solve(shift, settings.tolerance(), gradients, List.of(), "variances");
        for (ConjugateGradients.Column solve : solves) {
            UnsolvedException.require(solve.ending("a variance"), solve.residual(), IterativeReport.change(settings, solve.status(), column.variances()));
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
            moments.variance()[at + j] = Math.min(column.noiseVariance() * form + bound, column.priorVariance() * squares);
            moments.error()[at + j] = bound;
        }
    }

    @Override
    long storedNumbers() {
        return 0;
    }

    @Override
    GaussianProcessProto.Builder toProto() {
        return GaussianProcessProto.newBuilder().setRows(rows).setSolver(Solver.PARAMETER_SPACE.name()).setIterative(StoredIterative.write(settings, report));
    }
}
