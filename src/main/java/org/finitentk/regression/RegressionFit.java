package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;

/**
 * One fit. Example weights turn into scaled rows: with S = diag(√weight), S(λK + σ²S⁻²)S = λSKS + σ²I, so scaled kernel and targets have plain noise.
 */
final class RegressionFit {
    private static final Logger LOG = Logger.getLogger(RegressionFit.class.getName());
    private static final double[] UNSCALED = {};
    /** Sums of squares must be numbers of full precision. */
    private static final double LARGEST_TARGET = 1e151;
    private static final double SMALLEST_TARGET = 1e-153;

    private final LinearizedNetwork network;
    private final Examples x;
    /** Of the targets, for each dimension, where the mean is constant; they are taken off the residuals. */
    private final double[] averages;
    private final double[] residuals;
    private final int dimensions;
    private final RegressionSettings settings;
    private final ProgressListener progress;
    private final OutputPlan plan;
    private final double[] rowScales;
    private SolverChoice choice;
    private final TrainingRows.Counts counts;
    /** Whether some weights are lost in the network's rounding. */
    private boolean meansByCovariances;

    RegressionFit(LinearizedNetwork network, TrainingRows rows, int dimensions, RegressionSettings settings, ProgressListener progress) {
        this.network = network;
        this.x = rows.x();
        this.counts = rows.counts();
        this.dimensions = dimensions;
        this.settings = settings;
        this.progress = progress;
        this.plan = OutputPlan.of(settings, dimensions, network.outputSize());
        double[] targets = rows.targets();
        double[] weights = rows.weights();
        this.rowScales = weights == null ? UNSCALED : rowScales(weights, plan.rowsPerExample());
        this.choice = SolverChoice.of(network, x.size(), plan, settings);
        choice.log(LOG);
        double[] outputs = network.requireFinite(network.forward(x), x);
        this.residuals = plan.mean() == MeanFunction.NETWORK ? minus(targets, plan.networkMean(outputs)) : targets.clone();
        this.averages = plan.mean() == MeanFunction.CONSTANT ? takeAverages() : new double[0];
    }

    /** With a constant mean only differences of targets count. Numbers as they come, say years, would leave few digits for these, and tolerances would be relative to them. */
    private double[] takeAverages() {
        double[] averages = new double[dimensions];
        double total = 0;
        for (int i = 0; i < x.size(); i++) {
            double scale = scale(i * plan.rowsPerExample());
            total += scale * scale;
            for (int d = 0; d < dimensions; d++) {
                averages[d] += (residuals[i * dimensions + d] - averages[d]) * scale * scale / total;
            }
        }
        for (int i = 0; i < residuals.length; i++) {
            residuals[i] -= averages[i % dimensions];
        }
        return averages;
    }

    private static void requireTargets(double[] targets, int n, int dimensions) {
        if (targets.length != (long) n * dimensions) {
            throw new IllegalArgumentException("there are " + targets.length + " targets; expected " + dimensions + " for each of the " + n + " examples");
        }
        for (int i = 0; i < targets.length; i++) {
            if (!Double.isFinite(targets[i])) {
                throw new IllegalArgumentException("example " + i / dimensions + ": target " + i % dimensions + " is " + targets[i] + "; expected a finite number");
            }
        }
        double largest = Arrays.stream(targets).map(Math::abs).max().orElse(0);
        if (largest > LARGEST_TARGET || largest > 0 && largest < SMALLEST_TARGET) {
            throw new IllegalArgumentException("the largest target is " + largest + ", whose square is beyond what a double holds; scale the targets");
        }
    }

    static void requireUsable(LinearizedNetwork network, Examples x, double[] targets, int dimensions) {
        network.requireFit(x.requireFinite());
        if (x.size() == 0) {
            throw new IllegalArgumentException("there are no training examples; expected at least one");
        }
        requireTargets(targets, x.size(), dimensions);
        network.requireIndependentExamples(x);
    }

    private static double[] rowScales(double[] weights, int rowsPerExample) {
        double[] scales = new double[Math.multiplyExact(weights.length, rowsPerExample)];
        for (int row = 0; row < scales.length; row++) {
            scales[row] = Math.sqrt(weights[row / rowsPerExample]);
        }
        return scales;
    }

    private static double[] minus(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }

    /** What was chosen automatically gives way to another solver where it finds no answer. */
    RegressionPosterior run() {
        while (true) {
            try {
                return fitted();
            } catch (UnsolvedException e) {
                choice = choice.instead(e, network, x.size(), plan, settings);
                choice.log(LOG);
            }
        }
    }

    private RegressionPosterior fitted() {
        meansByCovariances = false;
        List<RegressionPosterior.Part> parts = new ArrayList<>();
        List<Outputs> kernels = plan.kernels();
        for (int p = 0; p < kernels.size(); p++) {
            RegressionPosterior.Part part = part(kernels.get(p), p);
            for (int column = 0; averages.length > 0 && column < plan.columns(); column++) {
                int own = p;
                int c = column;
                part.process().raise(column, IntStream.range(0, plan.rowsPerExample()).mapToDouble(r -> averages[plan.dimension(own, r, c)]).toArray());
            }
            parts.add(part);
        }
        return new RegressionPosterior(network, plan, x, rowScales, parts, choice.reason(), meansByCovariances, counts);
    }

    private RegressionPosterior.Part part(Outputs outputs, int p) {
        return switch (choice.solver()) {
            case ITERATIVE -> iterative(outputs, p);
            case PARAMETER_SPACE -> {
                if (choice.fisherProducts()) {
                    FisherProcess.Fitted fitted = FisherProcess.fit(setting(outputs), targetsOf(p), settings, progress);
                    yield new RegressionPosterior.Part(outputs, fitted.process(), fitted.solutions());
                }
                ParameterProcess.Fitted fitted = ParameterProcess.fit(setting(outputs), targetsOf(p), settings, progress);
                yield new RegressionPosterior.Part(outputs, fitted.process(), fitted.solutions());
            }
            default -> dense(outputs, p);
        };
    }

    private RegressionPosterior.Part dense(Outputs outputs, int p) {
        double[] gram = new KernelTiles(network, progress).gram(x, outputs);
        int rows = x.size() * plan.rowsPerExample();
        requireSensible(gram, rows, p);
        scaleRowsAndColumns(gram, rows);
        Targets targets = targetsOf(p);
        DenseProcess process = DenseSolver.fit(gram, targets, settings, VarianceSearch.precision(network.elementType()));
        progress.progress("factorization", p + 1L, plan.kernels().size());
        List<GaussianProcess.Solution> solutions = new ArrayList<>();
        for (int column = 0; column < targets.columns(); column++) {
            double[] alpha = process.solve(targets.residuals(column, process.columns().get(column).coefficients()), column);
            solutions.add(solution(alpha, process, targets, column, outputs));
        }
        return new RegressionPosterior.Part(outputs, process, solutions);
    }

    private RegressionPosterior.Part iterative(Outputs outputs, int p) {
        Targets targets = targetsOf(p);
        IterativeProcess.Fitted fitted = IterativeProcess.fit(setting(outputs), targets, settings, progress);
        List<GaussianProcess.Solution> solutions = new ArrayList<>();
        for (int column = 0; column < fitted.alphas().size(); column++) {
            solutions.add(solution(fitted.alphas().get(column), fitted.process(), targets, column, outputs));
        }
        return new RegressionPosterior.Part(outputs, fitted.process(), solutions);
    }

    private GaussianProcess.Setting setting(Outputs outputs) {
        return new GaussianProcess.Setting(network, x, rowScales, outputs, plan.kernels().size());
    }

    private GaussianProcess.Solution solution(double[] alpha, GaussianProcess process, Targets targets, int c, Outputs outputs) {
        GaussianProcess.Column column = process.columns().get(c);
        WeightsOfRows found = WeightsOfRows.of(setting(outputs), alpha, targets.residuals(c, column.coefficients()), column.priorVariance(), column.noiseVariance() + process.jitter());
        // what the solve itself left is no fault of the sum
        meansByCovariances |= found.error() > WeightsOfRows.GOOD + 2 * process.residual();
        return new GaussianProcess.Solution(found.weights(), alpha);
    }

    /** A kernel of zeros means that no parameter moves the chosen output, e.g. the sum of softmax probabilities. */
    private void requireSensible(double[] gram, int rows, int p) {
        double sum = 0;
        for (double entry : gram) {
            sum += Math.abs(entry);
        }
        if (!Double.isFinite(sum)) {
            throw new IllegalArgumentException("the kernel matrix " + p + " of the training data is not finite; look for extreme features or broken weights");
        }
        double largest = 0;
        for (int i = 0; i < rows; i++) {
            largest = Math.max(largest, gram[i * rows + i]);
        }
        if (!(largest > 0)) {
            boolean summed = plan.structure() == OutputStructure.SHARED && plan.shared() == RegressionSettings.SUM;
            throw new IllegalArgumentException("the kernel is zero on the training data: no parameter moves the network's "
                + (summed ? "summed outputs; choose one output instead of the sum" : "output"));
        }
    }

    private void scaleRowsAndColumns(double[] gram, int rows) {
        if (rowScales.length == 0) {
            return;
        }
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
                gram[i * rows + j] *= rowScales[i] * rowScales[j];
            }
        }
    }

    /** Targets and basis of a process, rows scaled. */
    private Targets targetsOf(int p) {
        int rowsPerExample = plan.rowsPerExample();
        int columns = plan.columns();
        int rows = x.size() * rowsPerExample;
        double[] y = new double[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int dimension = plan.dimension(p, row % rowsPerExample, column);
                y[row * columns + column] = scale(row) * residuals[row / rowsPerExample * dimensions + dimension];
            }
        }
        return new Targets(y, columns, basis(), plan.mean() == MeanFunction.CONSTANT ? rowsPerExample : 0);
    }

    /** One constant for each row of an example, rows × rowsPerExample, scaled; empty without a constant mean. */
    private double[] basis() {
        if (plan.mean() != MeanFunction.CONSTANT) {
            return new double[0];
        }
        int constants = plan.rowsPerExample();
        int rows = x.size() * constants;
        double[] basis = new double[rows * constants];
        for (int row = 0; row < rows; row++) {
            basis[row * constants + row % constants] = scale(row);
        }
        return basis;
    }

    private double scale(int row) {
        return rowScales.length == 0 ? 1 : rowScales[row];
    }
}
