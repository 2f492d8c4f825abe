package org.finitentk.regression;

/** Which features have a length scale of their own. */
public enum RbfLengthScales {
    /** Each: relevance of inputs, which many irrelevant features ask for. */
    PER_FEATURE,
    /** None: all standardized features have the same, which many features and few rows ask for. */
    SHARED
}
