package org.finitentk.classification;

import org.finitentk.internal.backbone.TrainingData;

/**
 * How much logits vary under the prior, and whether that was learned.
 *
 * @param deviation √λ times the root of the kernel's average diagonal on training examples; NaN if it is not known
 * @param learned whether λ was learned
 */
record PriorSpread(double deviation, boolean learned) {
    /** Where λ is learned, a deviation below which the data moved nothing. */
    private static final double COLLAPSED = 0.01;

    /** Of a model that was stored: its provenance has it. */
    static final PriorSpread UNKNOWN = new PriorSpread(Double.NaN, false);

    /** Whether the data say nothing that the prior logits do not, so that λ went to 0. */
    boolean hasCollapsed() {
        return learned && deviation < COLLAPSED;
    }

    /** Adds prior-logit-deviation and, where λ was learned, prior-variance-collapsed to a model's findings. */
    void record(TrainingData<?> data) {
        if (!Double.isNaN(deviation)) {
            data.record("prior-logit-deviation", deviation);
        }
        if (learned) {
            data.record("prior-variance-collapsed", Boolean.toString(hasCollapsed()));
        }
    }
}
