package org.finitentk.evaluation;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.evaluation.metrics.MetricContext;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/** Predictions laid out by regression dimension, checked once, from which every metric is computed. */
final class PredictiveRegressionContext extends MetricContext<Regressor> {
    private final Map<String, PredictedDimension> dimensions;

    /**
     * Lays predictions out by dimension.
     *
     * @param model the model that made them
     * @param predictions the predictions, each with its example, whose output is the observation
     * @param useExampleWeights whether means over examples are weighted by the examples' weights
     * @throws IllegalArgumentException if an observation or prediction is Tribuo's unknown output or has other
     *     dimensions than the model, a variance is negative, or weights are asked for and one is negative or not
     *     finite, or all are 0
     */
    public PredictiveRegressionContext(
            Model<Regressor> model, List<Prediction<Regressor>> predictions, boolean useExampleWeights) {
        super(model, List.copyOf(predictions));
        String[] names = Regressor.extractNames(model.getOutputIDInfo());
        Arrays.sort(names);
        double[][] observed = new double[names.length][predictions.size()];
        double[][] mean = new double[names.length][predictions.size()];
        double[][] variance = new double[names.length][predictions.size()];
        double[] weight = ExampleWeights.of(predictions, useExampleWeights);
        for (int i = 0; i < predictions.size(); i++) {
            Prediction<Regressor> prediction = predictions.get(i);
            Regressor truth = prediction.getExample().getOutput();
            Regressor predicted = prediction.getOutput();
            requireDimensions(truth, names, "observation", i);
            requireDimensions(predicted, names, "prediction", i);
            for (int d = 0; d < names.length; d++) {
                observed[d][i] = truth.getValues()[d];
                mean[d][i] = predicted.getValues()[d];
                variance[d][i] = requireVariance(predicted.getVariances()[d], names[d], i);
            }
        }
        this.dimensions = new LinkedHashMap<>();
        for (int d = 0; d < names.length; d++) {
            dimensions.put(names[d], new PredictedDimension(observed[d], mean[d], variance[d], weight));
        }
    }

    List<String> names() {
        return List.copyOf(dimensions.keySet());
    }

    PredictedDimension dimension(String name) {
        return Objects.requireNonNull(
                dimensions.get(name),
                () -> "No regression dimension is called \"" + name + "\": " + dimensions.keySet());
    }

    /** Names come sorted out of a Regressor, so equal sets of names are equal arrays. */
    private static void requireDimensions(Regressor output, String[] names, String what, int index) {
        if (output.equals(RegressionFactory.UNKNOWN_REGRESSOR)) {
            throw new IllegalArgumentException(
                    "the " + what + " of example " + index + " is Tribuo's unknown output; expected its value");
        }
        if (!Arrays.equals(output.getNames(), names)) {
            throw new IllegalArgumentException("the " + what + " of example " + index + " has the dimensions "
                    + Arrays.toString(output.getNames()) + "; expected those of the model, " + Arrays.toString(names));
        }
    }

    private static double requireVariance(double variance, String name, int index) {
        if (variance < 0) {
            throw new IllegalArgumentException("the predicted variance of dimension " + name + " of example " + index
                    + " is " + variance + "; expected a number that is not negative");
        }
        return variance;
    }
}
