package org.finitentk.fisher;

/** The finite difference by which an approximate Fisher product is taken. */
public enum Difference {
    /** ∇KL(θ + εv) / ε: one reverse pass; the error falls in proportion to ε until rounding takes over. */
    FORWARD,
    /** (∇KL(θ + εv) − ∇KL(θ − εv)) / 2ε: two reverse passes; the error falls with ε², so that a longer step, which rounding disturbs less, is affordable. */
    CENTRAL
}
