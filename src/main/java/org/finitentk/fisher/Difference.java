package org.finitentk.fisher;

/** The finite difference by which an approximate Fisher product is taken. */
public enum Difference {
    /**
     * ∇KL(θ + εv) / ε: one reverse pass; the error falls in proportion to ε until rounding takes over. In single
     * precision that leaves some 1e-4 to 1e-3 along random vectors and gradients, more where v hardly changes the
     * outputs (4e-3 along a single weight of a 5-200-2000-200-1 network).
     */
    FORWARD,
    /**
     * (∇KL(θ + εv) − ∇KL(θ − εv)) / 2ε: two reverse passes; the error falls with ε², so that a longer step, which
     * rounding disturbs less, is affordable. It gains nothing where the network has kinks, as max pooling does.
     */
    CENTRAL
}
