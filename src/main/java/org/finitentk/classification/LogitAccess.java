package org.finitentk.classification;

import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.kernel.KernelAccess;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;

/** How conjugate gradients multiply with the kernel of training logits. */
final class LogitAccess {
    /** Vectors that are solved for together: the targets and draws. */
    private static final int TOGETHER = 33;
    /** Times that they are multiplied until λ is known: 10 iterations, 3 Newton steps, 10 values of λ. */
    private static final int PRODUCTS = 300;

    private final LogitMap map;
    private final KernelAccess access;
    /** Under SHARED each class is a vector of its own. */
    private final double vectors;

    LogitAccess(LogitMap map, int n) {
        this.map = map;
        this.vectors = (double) PRODUCTS * TOGETHER * (map.isShared() ? map.classes() : 1);
        this.access = new KernelAccess(map.network(), n, map.outputs(), 1, vectors / PRODUCTS, false);
    }

    /** Until λ is known. */
    double seconds() {
        return CostModel.seconds(access.operations(vectors, vectors, 0), map.network());
    }

    KernelAccess.Form cheapest() {
        return access.cheapest(vectors);
    }

    /** The training kernel in the form that is cheapest. */
    static LogitKernel kernel(LogitMap map, Examples x, ProgressListener progress) {
        return LogitKernel.products(map, x, new LogitAccess(map, x.size()).cheapest(), progress);
    }
}
