package org.finitentk.internal.tabular;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.finitentk.internal.onnx.InputScales;
import org.jspecify.annotations.Nullable;

/**
 * The order in which a table's columns have the means and deviations that a network expects of its inputs. Columns of
 * different units that lie far from their places leave a network's units saturated, so that no exchange of two is a
 * gain: a search has to start here.
 */
final class ScaleOrder {
    /** Beyond this many deviations a mean is as wrong as can be. */
    private static final double FARTHEST = 20;

    /** The part of its mean that a column's deviation is by rounding. */
    private static final double CONSTANT = 1e-9;

    private final InputScales scales;
    private final double[] mean;
    private final double[] deviation;

    private ScaleOrder(InputScales scales, double[] mean, double[] deviation) {
        this.scales = scales;
        this.mean = mean;
        this.deviation = deviation;
    }

    /**
     * The order.
     *
     * @param scales what the network expects of each of m inputs
     * @param x n × m, the columns as they are given
     * @return the column for each input; null if a column is constant
     */
    static int @Nullable [] of(InputScales scales, double[] x) {
        int m = scales.factor().length;
        int n = x.length / m;
        double[] mean = new double[m];
        double[] deviation = new double[m];
        for (int i = 0; i < x.length; i++) {
            mean[i % m] += x[i] / n;
        }
        for (int i = 0; i < x.length; i++) {
            deviation[i % m] += (x[i] - mean[i % m]) * (x[i] - mean[i % m]) / n;
        }
        for (int j = 0; j < m; j++) {
            deviation[j] = Math.sqrt(deviation[j]);
        }
        boolean vary = IntStream.range(0, m)
                .allMatch(j -> deviation[j] > CONSTANT * Math.abs(mean[j]) && Double.isFinite(deviation[j]));
        return vary ? new ScaleOrder(scales, mean, deviation).nearest() : null;
    }

    /** By rank of deviations, then by exchanges of two as long as one of them is a gain. */
    private int[] nearest() {
        int m = mean.length;
        int[] columns = sorted(m, Comparator.comparingDouble(j -> deviation[j]));
        int[] inputs = sorted(m, Comparator.comparingDouble(i -> -Math.abs(scales.factor()[i])));
        int[] order = new int[m];
        for (int r = 0; r < m; r++) {
            order[inputs[r]] = columns[r];
        }
        boolean improves = scales.offset() != null;
        while (improves) {
            improves = false;
            for (int i = 0; i < m; i++) {
                for (int j = i + 1; j < m; j++) {
                    double now = distance(i, order[i]) + distance(j, order[j]);
                    if (distance(i, order[j]) + distance(j, order[i]) < now - 1e-9) {
                        order = ColumnOrders.exchanged(order, i, j);
                        improves = true;
                    }
                }
            }
        }
        return order;
    }

    private static int[] sorted(int m, Comparator<Integer> by) {
        return IntStream.range(0, m)
                .boxed()
                .sorted(by)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** How far a column is from mean 0 and deviation 1 at an input. */
    private double distance(int input, int column) {
        double factor = scales.factor()[input];
        double[] offset = scales.offset();
        double shift = offset == null ? 0 : Math.abs(factor * mean[column] + offset[input]);
        return Math.abs(Math.log(Math.abs(factor) * deviation[column])) + Math.min(FARTHEST, shift);
    }
}
