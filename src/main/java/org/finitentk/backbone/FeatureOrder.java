package org.finitentk.backbone;

/**
 * The rule by which feature names get positions in the network's input when {@link OnnxBackbone} lists no names.
 * Tribuo's own feature ids are never used: they are ranks of the names that happen to occur in a dataset, as strings.
 */
public enum FeatureOrder {
    /**
     * Only what leaves no doubt, else the data are refused. In this order:
     *
     * <ol>
     *   <li>the names that the network's file lists in its metadata, {@link org.finitentk.onnx.NetworkNames#FEATURES};
     *   <li>one feature for an input of one element;
     *   <li>names that are one common prefix and exactly the numbers 0 to m − 1, or 1 to m, for an input of m elements,
     *       zero-padded or not;
     *   <li>the names of the network's inputs, where it has several of one element each.
     * </ol>
     *
     * <p>A suffix that begins with {@code @} and is the same for all names, as Tribuo's field processors add it
     * ({@code age@value}), does not count.
     */
    EVIDENT,
    /**
     * The names that occur in the training data, sorted with the numbers in them compared as numbers ("x2" before
     * "x10"). There must be exactly as many as the input has elements, so data in which some feature never occurs is
     * refused. Right only for a network whose inputs were in this order when it was trained.
     */
    SORTED,
    /**
     * The decimal number at the end of the name, less {@code firstNumber}, is the position ("pixel007" is position 7).
     * Features that never occur are zeros, which is how sparse image formats store them.
     */
    NUMBERED
}
