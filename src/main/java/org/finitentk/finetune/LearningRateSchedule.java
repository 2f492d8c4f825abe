package org.finitentk.finetune;

/** How the learning rate changes over a training run. */
public enum LearningRateSchedule {
    /** The same rate at every step. */
    CONSTANT,
    /** Half a cosine from the full rate at the first step down to almost zero at the last one. */
    COSINE;

    /**
     * What the learning rate is multiplied with.
     *
     * @param step number of steps taken before, from 0
     * @param totalSteps steps of the whole run
     * @return a factor in (0, 1]
     */
    public double factor(long step, long totalSteps) {
        return this == CONSTANT ? 1 : 0.5 * (1 + Math.cos(Math.PI * step / totalSteps));
    }
}
