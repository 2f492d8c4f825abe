package org.finitentk.backbone;

/**
 * What becomes of the features of the training data that a list of features, {@code features} of {@link OnnxBackbone}
 * or the network's own, does not have.
 */
public enum UnlistedFeatures {
    /** They are refused: a column under another name than the list has would be lost without a word. */
    ERROR,
    /** They do not reach the network. */
    IGNORE
}
