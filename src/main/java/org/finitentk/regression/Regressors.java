package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tribuo.Example;
import org.tribuo.Prediction;
import org.tribuo.regression.Regressor;

/** Means and variances as Tribuo's predictions. */
final class Regressors {
    private Regressors() {}

    /**
     * One prediction for each example.
     *
     * @param dimensions their names
     * @param used for each example, how many of its features count
     */
    static List<Prediction<Regressor>> of(
            List<String> dimensions,
            RegressionPosterior.Predictive predictive,
            int[] used,
            List<Example<Regressor>> examples) {
        String[] names = dimensions.toArray(String[]::new);
        List<Prediction<Regressor>> predictions = new ArrayList<>(used.length);
        for (int i = 0; i < used.length; i++) {
            predictions.add(new Prediction<>(
                    new Regressor(
                            names,
                            row(predictive.mean(), i, names.length),
                            row(predictive.variance(), i, names.length)),
                    used[i],
                    examples.get(i)));
        }
        return predictions;
    }

    private static double[] row(double[] values, int i, int width) {
        return Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }
}
