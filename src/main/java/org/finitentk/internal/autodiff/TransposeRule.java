package org.finitentk.internal.autodiff;

/** The transpose of one linear operator: turns the output's cotangent into the linear inputs' cotangents. */
interface TransposeRule {
    void apply(Transposition node);
}
