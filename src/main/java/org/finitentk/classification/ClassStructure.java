package org.finitentk.classification;

/** How classes relate to the network's outputs. */
public enum ClassStructure {
    /**
     * MATCHED, unless there are more labels than outputs, other than two labels and one output: then SHARED. Refused if
     * nothing says which output a label is, or which label the only output is the log odds of.
     */
    AUTO,
    /**
     * Class c is network output c, or the only output is the log odds of the second of two classes; all classes share
     * one vector of P weights.
     */
    MATCHED,
    /**
     * Any number of classes: one output, or the sum of all, gives the kernel, and each class has P weights of its own.
     */
    SHARED
}
