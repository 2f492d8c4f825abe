package org.finitentk.classification;

/** How the most probable weights are found. The objective is convex, so that all find the same. */
public enum MapOptimizer {
    /** NEWTON for up to 2000 examples, else ADAM. */
    AUTO,
    /** Newton's method over all examples, its steps by conjugate gradients on exact Fisher products: converges to rounding. */
    NEWTON,
    /** Mini-batches by Adam: as near as its epochs bring it. */
    ADAM
}
