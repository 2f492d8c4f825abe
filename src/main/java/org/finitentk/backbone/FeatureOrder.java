package org.finitentk.backbone;

/**
 * The rule by which feature names get positions in the network's input when {@link OnnxBackbone} lists no names. Tribuo's own feature ids are never used: they are
 * ranks of the names that happen to occur in a dataset, as strings.
 */
public enum FeatureOrder {
    /**
     * The names that occur in the training data, sorted with the numbers in them compared as numbers ("x2" before "x10"). There must be exactly as many as the input
     * has elements, so data in which some feature never occurs is refused.
     */
    SORTED,
    /**
     * The decimal number at the end of the name, less {@code firstNumber}, is the position ("pixel007" is position 7). Features that never occur are zeros, which is
     * how sparse image formats store them.
     */
    NUMBERED
}
