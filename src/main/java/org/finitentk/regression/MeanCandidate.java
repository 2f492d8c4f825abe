package org.finitentk.regression;

import java.util.stream.IntStream;

/**
 * The training targets under one prior mean.
 *
 * @param plan with that mean
 * @param noise the rows' noise
 * @param residuals n × D, what the process is of: targets less the network's outputs, or less their averages
 * @param averages of the targets, for each dimension, where the mean is constant; else empty
 */
record MeanCandidate(OutputPlan plan, RowNoise noise, double[] residuals, double[] averages) {
    /**
     * Takes the mean off the targets.
     *
     * @param outputs the network's, n × k
     */
    static MeanCandidate of(OutputPlan plan, RowNoise noise, double[] targets, double[] outputs) {
        double[] residuals = targets.clone();
        if (plan.mean() == MeanFunction.NETWORK) {
            double[] mean = plan.networkMean(outputs);
            for (int i = 0; i < residuals.length; i++) {
                residuals[i] -= mean[i];
            }
        }
        boolean constant = plan.mean() == MeanFunction.CONSTANT;
        return new MeanCandidate(
                plan,
                noise,
                residuals,
                constant ? takeAverages(plan.dimensions(), plan.rowsPerExample(), noise, residuals) : new double[0]);
    }

    /**
     * With a constant mean only differences of targets count. Numbers as they come, say years, would leave few digits
     * for these, and tolerances would be relative to them.
     */
    static double[] takeAverages(int dimensions, int rowsPerExample, RowNoise noise, double[] residuals) {
        double[] averages = new double[dimensions];
        double total = 0;
        for (int i = 0; i < residuals.length / dimensions; i++) {
            double scale = noise.scale(i * rowsPerExample);
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

    /** Gives the averages back to the constant means. */
    void raise(GaussianProcess process, int p) {
        for (int column = 0; averages.length > 0 && column < plan.columns(); column++) {
            int c = column;
            double[] by = IntStream.range(0, plan.rowsPerExample())
                    .mapToDouble(r -> averages[plan.dimension(p, r, c)])
                    .toArray();
            process.raise(column, by);
        }
    }

    /** Targets and basis of a process, rows scaled. */
    Targets targets(int p) {
        int rowsPerExample = plan.rowsPerExample();
        int columns = plan.columns();
        int dimensions = plan.dimensions();
        int rows = residuals.length / dimensions * rowsPerExample;
        double[] y = new double[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int dimension = plan.dimension(p, row % rowsPerExample, column);
                y[row * columns + column] = noise.scale(row) * residuals[row / rowsPerExample * dimensions + dimension];
            }
        }
        boolean constant = plan.mean() == MeanFunction.CONSTANT;
        return new Targets(y, columns, constant ? basis(rows) : new double[0], constant ? rowsPerExample : 0);
    }

    /** One constant for each row of an example, rows × rowsPerExample, scaled. */
    private double[] basis(int rows) {
        int constants = plan.rowsPerExample();
        double[] basis = new double[rows * constants];
        for (int row = 0; row < rows; row++) {
            basis[row * constants + row % constants] = noise.scale(row);
        }
        return basis;
    }
}
