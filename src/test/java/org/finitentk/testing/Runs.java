package org.finitentk.testing;

import org.finitentk.internal.runtime.RunSettings;

/** Settings of sessions that tests open themselves. */
public final class Runs {
    /** All cores of the CPU. */
    public static final RunSettings CPU = new RunSettings(false, 0, 0, 1L << 30, true);

    /** A GPU. */
    public static final RunSettings CUDA = new RunSettings(true, 0, 0, 1L << 30, true);

    private Runs() {}
}
