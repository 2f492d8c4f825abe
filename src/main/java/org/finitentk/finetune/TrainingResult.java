package org.finitentk.finetune;

/** What training found. */
public final class TrainingResult {
    private final double[] parameters;
    private final double[] losses;
    private final long steps;

    TrainingResult(double[] parameters, double[] losses, long steps) {
        this.parameters = parameters;
        this.losses = losses;
        this.steps = steps;
    }

    /**
     * The trained θ.
     *
     * @return a copy, in the network's parameter layout
     */
    public double[] parameters() {
        return parameters.clone();
    }

    /**
     * The training loss of each epoch: the mean over its examples, each measured just before the step that its batch
     * led to.
     *
     * @return a copy, one entry an epoch
     */
    public double[] losses() {
        return losses.clone();
    }

    /**
     * The loss of the last epoch.
     *
     * @return the last entry of {@link #losses}; NaN if nothing was trained
     */
    public double finalLoss() {
        return losses.length == 0 ? Double.NaN : losses[losses.length - 1];
    }

    /**
     * How many steps were taken.
     *
     * @return epochs times batches an epoch
     */
    public long steps() {
        return steps;
    }
}
