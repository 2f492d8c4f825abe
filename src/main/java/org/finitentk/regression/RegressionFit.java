package org.finitentk.regression;

import java.util.Arrays;
import java.util.List;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;

/**
 * One fit: what the task's rows are as problems, which solver, and what it found. Example weights turn into scaled rows
 * ({@link RowNoise}).
 */
final class RegressionFit {
    private static final Logger LOG = Logger.getLogger(RegressionFit.class.getName());
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
    private final RowNoise noise;
    private final TrainingRows.Counts counts;

    RegressionFit(
            LinearizedNetwork network,
            TrainingRows rows,
            int dimensions,
            RegressionSettings settings,
            ProgressListener progress) {
        this.network = network;
        this.x = rows.x();
        this.counts = rows.counts();
        this.dimensions = dimensions;
        this.settings = settings;
        this.progress = progress;
        this.plan = OutputPlan.of(settings, dimensions, network.outputSize());
        double[] targets = rows.targets();
        this.noise = RowNoise.of(rows.weights(), plan.rowsPerExample());
        double[] outputs = network.requireFinite(network.forward(x), x);
        this.residuals =
                plan.mean() == MeanFunction.NETWORK ? minus(targets, plan.networkMean(outputs)) : targets.clone();
        this.averages = plan.mean() == MeanFunction.CONSTANT ? takeAverages() : new double[0];
    }

    /**
     * With a constant mean only differences of targets count. Numbers as they come, say years, would leave few digits
     * for these, and tolerances would be relative to them.
     */
    private double[] takeAverages() {
        double[] averages = new double[dimensions];
        double total = 0;
        for (int i = 0; i < x.size(); i++) {
            double scale = noise.scale(i * plan.rowsPerExample());
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
            throw new IllegalArgumentException("there are " + targets.length + " targets; expected " + dimensions
                    + " for each of the " + n + " examples");
        }
        for (int i = 0; i < targets.length; i++) {
            if (!Double.isFinite(targets[i])) {
                throw new IllegalArgumentException("example " + i / dimensions + ": target " + i % dimensions + " is "
                        + targets[i] + "; expected a finite number");
            }
        }
        double largest = Arrays.stream(targets).map(Math::abs).max().orElse(0);
        if (largest > LARGEST_TARGET || largest > 0 && largest < SMALLEST_TARGET) {
            throw new IllegalArgumentException("the largest target is " + largest
                    + ", whose square is beyond what a double holds; scale the targets");
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

    private static double[] minus(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }

    /** What was chosen automatically gives way to another solver where it finds no answer. */
    FittedPosterior run() {
        List<Problem> problems = problems();
        SolverChoice choice = SolverChoice.of(problems.get(0));
        while (true) {
            choice.log(LOG);
            try {
                PosteriorSolver solver = choice.method();
                List<FittedProcess> parts = problems.stream().map(solver::fit).toList();
                IntStream.range(0, parts.size()).forEach(p -> raise(parts.get(p).process(), p));
                return new FittedPosterior(plan, x, noise, parts, choice.reason(), counts);
            } catch (UnsolvedException e) {
                choice = choice.instead(e, problems.get(0));
            }
        }
    }

    /** Gives the averages back to the constant means. */
    private void raise(GaussianProcess process, int p) {
        for (int column = 0; averages.length > 0 && column < plan.columns(); column++) {
            int c = column;
            double[] by = IntStream.range(0, plan.rowsPerExample())
                    .mapToDouble(r -> averages[plan.dimension(p, r, c)])
                    .toArray();
            process.raise(column, by);
        }
    }

    /** One for each kernel. */
    private List<Problem> problems() {
        List<Outputs> kernels = plan.kernels();
        return IntStream.range(0, kernels.size())
                .mapToObj(p -> {
                    TrainingKernel kernel = new TrainingKernel(network, x, noise, kernels.get(p), kernels.size());
                    return new Problem(List.of(kernel), noise, targetsOf(p), plan, p, settings, progress);
                })
                .toList();
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
                y[row * columns + column] = noise.scale(row) * residuals[row / rowsPerExample * dimensions + dimension];
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
            basis[row * constants + row % constants] = noise.scale(row);
        }
        return basis;
    }
}
