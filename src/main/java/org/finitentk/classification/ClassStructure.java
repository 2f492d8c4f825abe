package org.finitentk.classification;

/** How classes relate to the network's outputs. */
public enum ClassStructure {
    /** MATCHED if there are as many classes as outputs, else SHARED. */
    AUTO,
    /** Class c is network output c; all classes share one vector of P weights. */
    MATCHED,
    /** Any number of classes: one output, or the sum of all, gives the kernel, and each class has P weights of its own. */
    SHARED
}
