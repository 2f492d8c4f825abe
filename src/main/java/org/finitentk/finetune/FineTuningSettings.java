package org.finitentk.finetune;

import java.util.List;
import org.tribuo.Trainer;

/**
 * What fine-tuning trains, and how. The trainers check the values, as they do those of a configuration file.
 *
 * @param optimizer the rule of one step
 * @param epochs passes over the training data, at least 1
 * @param batchSize examples in one step, at least 1
 * @param trainedParameters which of the backbone's parameters are trained
 * @param outputNames the targets of all outputs of the network in their order, as the trainers say; empty if the
 *     network's file, names or the data tell
 * @param seed of the order of the examples, and of which are held out
 */
public record FineTuningSettings(
        Optimizer optimizer,
        int epochs,
        int batchSize,
        TrainedParameters trainedParameters,
        List<String> outputNames,
        long seed) {
    /**
     * Copies the names.
     *
     * @param optimizer the rule of one step
     * @param epochs passes over the training data
     * @param batchSize examples in one step
     * @param trainedParameters which parameters are trained
     * @param outputNames the targets of the outputs in their order, or empty
     * @param seed of the order of the examples
     */
    public FineTuningSettings {
        outputNames = List.copyOf(outputNames);
    }

    /**
     * Trains all parameters, with Tribuo's default seed.
     *
     * @param optimizer the rule of one step
     * @param epochs passes over the training data, at least 1
     * @param batchSize examples in one step, at least 1
     */
    public FineTuningSettings(Optimizer optimizer, int epochs, int batchSize) {
        this(optimizer, epochs, batchSize, TrainedParameters.ALL, List.of(), Trainer.DEFAULT_SEED);
    }
}
