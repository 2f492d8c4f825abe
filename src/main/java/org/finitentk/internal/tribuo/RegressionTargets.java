package org.finitentk.internal.tribuo;

import java.util.Arrays;
import java.util.List;
import org.tribuo.Dataset;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.Regressor.DimensionTuple;

/** The dimensions of a regression dataset as numbers. */
public final class RegressionTargets {
    /** Ratio of standard deviations from which on dimensions have no noise variance in common. */
    private static final double APART = 3;

    private RegressionTargets() {}

    /**
     * The targets of a dataset.
     *
     * @param data n examples
     * @param names D dimensions in the order wanted
     * @return n × D
     * @throws IllegalArgumentException if an example lacks a dimension or has a value that is not finite, naming both
     */
    public static double[] of(Dataset<?> data, List<String> names) {
        int d = names.size();
        double[] targets = new double[Math.multiplyExact(data.size(), d)];
        for (int i = 0; i < data.size(); i++) {
            Regressor output = (Regressor) data.getExample(i).getOutput();
            if (output.size() != d) {
                throw new IllegalArgumentException("training example " + i + " has the dimensions "
                        + Arrays.toString(output.getNames()) + "; expected " + names);
            }
            for (DimensionTuple dimension : output) {
                if (!Double.isFinite(dimension.getValue())) {
                    throw new IllegalArgumentException("dimension '" + dimension.getName() + "' of training example "
                            + i + " is " + dimension.getValue()
                            + "; expected a finite number, so correct the value or remove the example");
                }
                targets[i * d + OutputNames.indexOf(dimension.getName(), names)] = dimension.getValue();
            }
        }
        return targets;
    }

    /**
     * Whether one noise variance for all dimensions would be that of the one that spreads most.
     *
     * @param deviations standard deviations of the dimensions; those that are 0 are left out
     */
    public static boolean areApart(double[] deviations) {
        double[] sorted = Arrays.stream(deviations)
                .filter(deviation -> deviation > 0)
                .sorted()
                .toArray();
        return sorted.length > 1 && sorted[sorted.length - 1] > APART * sorted[0];
    }

    /**
     * The standard deviation of each dimension.
     *
     * @param targets n × D
     * @param dimensions D
     */
    public static double[] deviations(double[] targets, int dimensions) {
        int n = targets.length / dimensions;
        double[] deviations = new double[dimensions];
        for (int d = 0; d < dimensions; d++) {
            double mean = 0;
            double square = 0;
            for (int i = 0; i < n; i++) {
                double step = targets[i * dimensions + d] - mean;
                mean += step / (i + 1);
                square += step * (targets[i * dimensions + d] - mean);
            }
            deviations[d] = Math.sqrt(square / n);
        }
        return deviations;
    }
}
