package org.finitentk.internal.backbone;

import java.util.Locale;

/**
 * Targets against outputs, by squared error. Both are taken in units of their own standard deviation around their own
 * mean: which output follows which dimension does not depend on the scale that the network was trained on.
 */
final class DimensionEvidence implements OutputEvidence {
    private final int rows;
    private final int names;
    private final int outputs;
    private final double[] targets;
    private final double[] predictions;

    private DimensionEvidence(int rows, int names, int outputs, double[] targets, double[] predictions) {
        this.rows = rows;
        this.names = names;
        this.outputs = outputs;
        this.targets = targets;
        this.predictions = predictions;
    }

    /**
     * Standardizes.
     *
     * @param targets n × names
     * @param names the number of names
     * @param f n × k
     * @param outputs k
     */
    static DimensionEvidence of(double[] targets, int names, double[] f, int outputs) {
        int rows = targets.length / names;
        return new DimensionEvidence(rows, names, outputs, standardized(targets, names), standardized(f, outputs));
    }

    /** A column without spread becomes zeros, which go with nothing. */
    private static double[] standardized(double[] values, int columns) {
        double[] result = new double[values.length];
        int n = values.length / columns;
        for (int c = 0; c < columns; c++) {
            double largest = 0;
            for (int i = 0; i < n; i++) {
                largest = Math.max(largest, Math.abs(values[i * columns + c]));
            }
            double mean = 0;
            for (int i = 0; i < n && largest > 0; i++) {
                mean += values[i * columns + c] / largest / n;
            }
            double square = 0;
            for (int i = 0; i < n && largest > 0; i++) {
                result[i * columns + c] = values[i * columns + c] / largest - mean;
                square += result[i * columns + c] * result[i * columns + c] / n;
            }
            // Spread that is rounding of a constant is none.
            double deviation = Math.sqrt(square) > 1e-12 ? Math.sqrt(square) : Double.POSITIVE_INFINITY;
            for (int i = 0; i < n; i++) {
                result[i * columns + c] /= deviation;
            }
        }
        return result;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public double[][] agreement() {
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++) {
            order[i] = i;
        }
        return agreement(order);
    }

    /** Sums of products: of squared errors all else is the same for every assignment to different outputs. */
    @Override
    public double[][] agreement(int[] order) {
        double[][] matrix = new double[names][outputs];
        for (int i = 0; i < rows; i++) {
            for (int d = 0; d < names; d++) {
                double target = targets[i * names + d];
                double[] row = matrix[d];
                int from = order[i] * outputs;
                for (int c = 0; c < outputs; c++) {
                    row[c] += target * predictions[from + c];
                }
            }
        }
        return matrix;
    }

    @Override
    public double agreement(int[] assignment, int[] order) {
        double sum = 0;
        for (int i = 0; i < rows; i++) {
            for (int d = 0; d < names; d++) {
                sum += targets[i * names + d] * predictions[order[i] * outputs + assignment[d]];
            }
        }
        return sum;
    }

    @Override
    public double bound(int[] order) {
        double sum = 0;
        for (double[] row : agreement(order)) {
            double greatest = row[0];
            for (double value : row) {
                greatest = Math.max(greatest, value);
            }
            sum += greatest;
        }
        return sum;
    }

    @Override
    public double effort() {
        return (double) rows * names;
    }

    @Override
    public double boundEffort() {
        return (double) rows * names * outputs;
    }

    /** Student's paired test of the rows' squared errors. */
    @Override
    public double better(int[] candidate, int[] current) {
        if (rows < 2) {
            return 1;
        }
        double mean = 0;
        double squares = 0;
        for (int i = 0; i < rows; i++) {
            double difference = error(i, current) - error(i, candidate);
            double step = difference - mean;
            mean += step / (i + 1);
            squares += step * (difference - mean);
        }
        double deviation = Math.sqrt(squares / (rows - 1.0) / rows);
        if (deviation == 0) {
            return mean > 0 ? 0 : 1;
        }
        return TailProbability.student(mean / deviation, rows - 1.0);
    }

    private double error(int row, int[] assignment) {
        double sum = 0;
        for (int d = 0; d < names; d++) {
            double residual = targets[row * names + d] - predictions[row * outputs + assignment[d]];
            sum += residual * residual;
        }
        return sum;
    }

    @Override
    public OutputEvidence select(int[] some) {
        double[] y = new double[some.length * names];
        double[] f = new double[some.length * outputs];
        for (int i = 0; i < some.length; i++) {
            System.arraycopy(targets, some[i] * names, y, i * names, names);
            System.arraycopy(predictions, some[i] * outputs, f, i * outputs, outputs);
        }
        return new DimensionEvidence(some.length, names, outputs, y, f);
    }

    @Override
    public String merit(int[] assignment) {
        double sum = 0;
        for (int i = 0; i < rows; i++) {
            sum += error(i, assignment);
        }
        return String.format(
                Locale.ROOT,
                "a mean squared error of %.3g on %d training rows (targets and outputs in standard deviations)",
                sum / rows / names,
                rows);
    }
}
