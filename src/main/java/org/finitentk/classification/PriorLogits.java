package org.finitentk.classification;

/** The logits m(x) before anything was learned. */
public enum PriorLogits {
    /** NETWORK under MATCHED, else FREQUENCIES. */
    AUTO,
    /** Zero: all classes equally probable. */
    ZERO,
    /** The logarithms of the classes' shares of the training data, each class counted once more than it occurs. */
    FREQUENCIES,
    /** The network's outputs, which must be as many as classes: logits or log-probabilities. */
    NETWORK
}
