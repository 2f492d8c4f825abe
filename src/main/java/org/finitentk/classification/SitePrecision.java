package org.finitentk.classification;

import org.jspecify.annotations.Nullable;

/** The sites' precisions D, and their square root where a way needs it. Thread safe. */
final class SitePrecision {
    private final BlockDiagonal precision;
    private @Nullable BlockDiagonal root;

    SitePrecision(BlockDiagonal precision) {
        this(precision, null);
    }

    private SitePrecision(BlockDiagonal precision, @Nullable BlockDiagonal root) {
        this.precision = precision;
        this.root = root;
    }

    /** Of a root that is at hand. */
    static SitePrecision ofRoot(BlockDiagonal root) {
        return new SitePrecision(root.square(), root);
    }

    /** D. */
    BlockDiagonal precision() {
        return precision;
    }

    /** R, R² = D. */
    synchronized BlockDiagonal root() {
        BlockDiagonal known = root;
        if (known == null) {
            known = precision.root();
            root = known;
        }
        return known;
    }
}
