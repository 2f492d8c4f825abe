package org.finitentk.internal.tribuo;

import java.util.Arrays;
import java.util.List;
import org.tribuo.Dataset;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.Regressor.DimensionTuple;

/** The dimensions of a regression dataset as numbers. */
public final class RegressionTargets {
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
}
