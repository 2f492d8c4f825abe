package org.finitentk.internal.tabular;

/** What is learned of the targets. */
public enum Task {
    /** What the targets, the labels and the network's outputs speak for; where these do not tell, it must be said. */
    AUTO,
    /** Numbers. */
    REGRESSION,
    /** Labels, one a row. */
    CLASSIFICATION,
    /** Labels of which a row may have several or none. */
    MULTI_LABEL
}
