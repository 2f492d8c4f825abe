package org.finitentk.internal.kernel;

import org.finitentk.internal.autodiff.PerExample;

/**
 * Which numbers of per-example gradients are kept as the network has them, in half the memory; they become double
 * precision when they are multiplied.
 */
public enum GradientPrecision {
    /** None. */
    DOUBLE,
    /** Gradients that are multiplied out. */
    SINGLE_GRADIENTS,
    /** Those, and cotangents of several positions, of which {@link FactorProducts} makes products. */
    SINGLE_COTANGENTS;

    /** Whether one parameter's numbers of each combination of outputs are in single precision. */
    boolean isSingle(PerExample.Kind kind, long positions) {
        return switch (kind) {
            case GRADIENTS -> this != DOUBLE;
            case FACTORS -> this == SINGLE_COTANGENTS && positions > 1;
            default -> false;
        };
    }

    int bytes(PerExample.Kind kind, long positions) {
        return isSingle(kind, positions) ? Float.BYTES : Double.BYTES;
    }
}
