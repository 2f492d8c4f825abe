package org.finitentk.internal.backbone;

/** What a trainer does with the network's outputs. */
public enum OutputUse {
    /**
     * {@link #MATCHED} where that is possible and meant; {@link #SHARED} where there are other counts of names than
     * outputs.
     */
    AUTO,
    /** Each name is an output, {@link #SHARED} being another possibility. */
    MATCHED,
    /** Names have nothing to do with outputs. */
    SHARED,
    /** As {@link #SHARED}, but the network's outputs are the names' prior mean where there are as many of each. */
    MEAN,
    /** Each name is an output, whose weights are trained to be so. */
    TRAINED,
    /** Each name is an output as it is; there is no {@link #SHARED}. */
    AS_IT_IS
}
