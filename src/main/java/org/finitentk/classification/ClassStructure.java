package org.finitentk.classification;

/** How classes relate to the network's outputs. */
public enum ClassStructure {
    /**
     * MATCHED, unless there are more labels than outputs: then SHARED. Refused if nothing says which output a label is,
     * and for two labels on one output.
     */
    AUTO,
    /** Class c is network output c; all classes share one vector of P weights. */
    MATCHED,
    /**
     * Any number of classes: one output, or the sum of all, gives the kernel, and each class has P weights of its own.
     */
    SHARED
}
