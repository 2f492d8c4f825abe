package org.finitentk.evaluation;

import java.util.Arrays;
import java.util.List;
import org.tribuo.Output;
import org.tribuo.Prediction;

/** What each example counts in a mean over examples. */
final class ExampleWeights {
    private ExampleWeights() {}

    /** Checked weights: none negative or not finite, and not all of them 0, or no mean would be one. */
    static <T extends Output<T>> double[] of(List<Prediction<T>> predictions, boolean useExampleWeights) {
        double[] weights = new double[predictions.size()];
        Arrays.fill(weights, 1);
        for (int i = 0; useExampleWeights && i < weights.length; i++) {
            weights[i] = predictions.get(i).getExample().getWeight();
            if (!(weights[i] >= 0 && weights[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("the weight of example " + i + " is " + weights[i]
                        + "; expected a finite number that is not negative");
            }
        }
        if (weights.length > 0 && Arrays.stream(weights).sum() == 0) {
            throw new IllegalArgumentException(
                    "the weights of all examples are 0; expected at least one that is greater");
        }
        return weights;
    }
}
