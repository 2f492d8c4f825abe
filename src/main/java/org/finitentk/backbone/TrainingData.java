package org.finitentk.backbone;

import java.util.List;
import org.finitentk.network.Examples;
import org.tribuo.Dataset;
import org.tribuo.Example;

/**
 * A Tribuo dataset as a network takes it.
 *
 * @param inputs n examples
 * @param weights one for each example
 */
public record TrainingData(Examples inputs, double[] weights) {
    /**
     * Refuses data that no trainer can use.
     *
     * @param data the dataset
     * @throws IllegalArgumentException if it is empty or has unknown outputs
     */
    public static void requireUsable(Dataset<?> data) {
        if (data.size() == 0) {
            throw new IllegalArgumentException("the dataset is empty; expected at least one example");
        }
        long unknown = data.getOutputInfo().getUnknownCount();
        if (unknown > 0) {
            throw new IllegalArgumentException("the dataset has " + unknown + " examples with unknown outputs; remove them, training needs the outputs");
        }
    }

    /**
     * Converts a whole dataset.
     *
     * @param data the dataset
     * @param mapping its features' places in the network's inputs
     * @return inputs and weights
     * @throws IllegalArgumentException if the inputs have more than 2 GiB, or a value is not finite, naming example and feature
     */
    public static TrainingData of(Dataset<?> data, InputMapping mapping) {
        double bytes = (double) data.size() * mapping.bytesPerExample();
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(data.size() + " examples of " + mapping.bytesPerExample() + " bytes make an input tensor of "
                + (long) bytes + " bytes; at most " + Integer.MAX_VALUE + " can be trained on at once");
        }
        return new TrainingData(mapping.toExamples(List.copyOf(data.getData())), data.getData().stream().mapToDouble(Example::getWeight).toArray());
    }

    /**
     * Whether weights make a difference.
     *
     * @return false if every example has weight 1
     */
    public boolean isWeighted() {
        for (double weight : weights) {
            if (weight != 1) {
                return true;
            }
        }
        return false;
    }
}
