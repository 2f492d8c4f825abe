package org.finitentk.classification;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.finitentk.network.Examples;

/**
 * Mini-batches of the training examples in a random order, another one in each epoch.
 *
 * @param map the linear part of the logits
 * @param x n examples
 * @param targets their labels
 * @param prior the prior logits, n × C
 * @param size examples in a batch; the last may have fewer
 */
record Batches(LogitMap map, Examples x, LabelTargets targets, double[] prior, int size) {
    /** So many steps are wanted where epochs are chosen automatically, within bounds. */
    private static final int AUTOMATIC_STEPS = 1000;

    private static final int FEWEST_EPOCHS = 10;
    private static final int MOST_EPOCHS = 1000;

    /**
     * Some examples.
     *
     * @param x the examples
     * @param targets their labels
     * @param prior their prior logits
     * @param factor what makes a sum over them one over all examples, on average
     */
    record Batch(Examples x, LabelTargets targets, double[] prior, double factor) {}

    int stepsPerEpoch() {
        return (targets.size() + size - 1) / size;
    }

    int epochs(int asked) {
        return asked != ClassificationSettings.Stochastic.AUTOMATIC
                ? asked
                : Math.max(
                        FEWEST_EPOCHS,
                        Math.min(MOST_EPOCHS, (AUTOMATIC_STEPS + stepsPerEpoch() - 1) / stepsPerEpoch()));
    }

    void epoch(SplittableRandom random, Consumer<Batch> step) {
        int[] order = new int[targets.size()];
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        for (int from = 0; from < order.length; from += size) {
            int[] positions = Arrays.copyOfRange(order, from, Math.min(order.length, from + size));
            step.accept(of(positions));
        }
    }

    private Batch of(int[] positions) {
        int logits = targets.logits();
        double[] own = new double[positions.length * logits];
        for (int i = 0; i < positions.length; i++) {
            System.arraycopy(prior, positions[i] * logits, own, i * logits, logits);
        }
        return new Batch(
                x.select(positions), targets.select(positions), own, targets.size() / (double) positions.length);
    }
}
