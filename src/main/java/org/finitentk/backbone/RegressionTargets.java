package org.finitentk.backbone;

import java.util.Arrays;
import java.util.List;
import org.tribuo.Dataset;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.Regressor.DimensionTuple;

/** The dimensions of a regression dataset as numbers. */
public final class RegressionTargets {
    private RegressionTargets() {
    }

    /**
     * The names of all dimensions that occur.
     *
     * @param domain the dataset's outputs
     * @return the names, in Tribuo's order
     */
    public static List<String> names(ImmutableOutputInfo<Regressor> domain) {
        return domain.getDomain().stream().flatMap(r -> Arrays.stream(r.getNames())).toList();
    }

    /**
     * The targets of a dataset.
     *
     * @param data n examples
     * @param outputs D names in the order wanted
     * @return n × D
     * @throws IllegalArgumentException if an example lacks a dimension or has a value that is not finite, naming both
     */
    public static double[] of(Dataset<Regressor> data, OutputMapping outputs) {
        int d = outputs.names().size();
        double[] targets = new double[Math.multiplyExact(data.size(), d)];
        for (int i = 0; i < data.size(); i++) {
            Regressor output = data.getExample(i).getOutput();
            if (output.size() != d) {
                throw new IllegalArgumentException("training example " + i + " has the dimensions " + Arrays.toString(output.getNames()) + "; expected " + outputs.names());
            }
            for (DimensionTuple dimension : output) {
                if (!Double.isFinite(dimension.getValue())) {
                    throw new IllegalArgumentException("dimension '" + dimension.getName() + "' of training example " + i + " is " + dimension.getValue()
                        + "; expected a finite number, so correct the value or remove the example");
                }
                targets[i * d + outputs.outputOf(dimension.getName())] = dimension.getValue();
            }
        }
        return targets;
    }
}
