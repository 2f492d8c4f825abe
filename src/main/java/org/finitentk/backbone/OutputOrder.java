package org.finitentk.backbone;

/** Which network output is which label or dimension where no list of names says so. */
public enum OutputOrder {
    /**
     * By the names in the network file's metadata; else by the names, if they are numbers from 0, or 1 to k (for
     * dimensions, all of 0 to k − 1 or 1 to k, after a common prefix); else in alphabetical order, with numbers in
     * names compared as numbers, if the network's own predictions on the training data speak for it. Anything else is
     * refused.
     */
    EVIDENT,
    /**
     * In alphabetical order, with numbers in names compared as numbers, without looking further; with other counts of
     * names than of outputs, SHARED. The rule of earlier versions.
     */
    SORTED
}
