package org.finitentk.classification;

/** How the most probable weights are found. The objective is convex, so that all find the same. */
public enum MapOptimizer {
    /** NEWTON for up to 2000 examples, else ADAM. */
    AUTO,
    /**
     * Newton's method over all examples, its steps by conjugate gradients on exact Fisher products: converges to
     * rounding, or is refused.
     */
    NEWTON,
    /**
     * Mini-batches by Adam: as near as its epochs bring it. A gradient that is left, of more than a tenth of that at w
     * = 0, is a warning; weights that are less probable than w = 0 by as much as guessing the labels costs are refused.
     */
    ADAM
}
