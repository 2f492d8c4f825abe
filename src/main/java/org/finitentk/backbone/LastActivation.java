package org.finitentk.backbone;

/** What a classifier does with a Sigmoid, Softmax or LogSoftmax that a network ends in. */
public enum LastActivation {
    /** It is taken off, so that the network's outputs are logits, and these are linearized and trained. */
    TAKEN_OFF,
    /** It stays, and its values are taken for logits. The rule of earlier versions. */
    KEPT
}
