package org.finitentk.classification;

import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.NativeDoubles;
import org.jspecify.annotations.Nullable;

/**
 * The precision of weights relative to the prior's, A = I + λ Jᵀ D J = L Lᵀ, in an order of the weights. Thread safe.
 */
final class WeightFactor {
    private final WeightColumns columns;
    private final Cholesky cholesky;
    /** Freed with this object, which nobody closes. */
    private @Nullable NativeDoubles inverse;

    WeightFactor(WeightColumns columns, Cholesky cholesky) {
        this.columns = columns;
        this.cholesky = cholesky;
    }

    WeightColumns columns() {
        return columns;
    }

    Cholesky cholesky() {
        return cholesky;
    }

    /** L⁻¹, made when first asked for. */
    synchronized NativeDoubles inverse() {
        NativeDoubles known = inverse;
        if (known == null) {
            known = cholesky.inverseFactor();
            inverse = known;
        }
        return known;
    }
}
