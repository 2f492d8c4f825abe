package org.finitentk.classification;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sites' precisions D: as blocks, as their square roots, or in the form that keeps classes apart, each made when a
 * way first needs it. Thread safe.
 */
final class SitePrecision {
    /** Where the precisions are the likelihood's curvature at some logits. */
    private record Point(LabelTargets targets, double[] logits) {}

    private final @Nullable Point point;
    private @Nullable BlockDiagonal precision;
    private @Nullable BlockDiagonal root;

    SitePrecision(BlockDiagonal precision) {
        this(null, precision, null);
    }

    private SitePrecision(@Nullable Point point, @Nullable BlockDiagonal precision, @Nullable BlockDiagonal root) {
        this.point = point;
        this.precision = precision;
        this.root = root;
    }

    /** The likelihood's curvature at some logits, n × C. */
    static SitePrecision at(LabelTargets targets, double[] logits) {
        return new SitePrecision(new Point(targets, logits), null, null);
    }

    /** Of a root that is at hand. */
    static SitePrecision ofRoot(BlockDiagonal root) {
        return new SitePrecision(null, root.square(), root);
    }

    /** D. */
    synchronized BlockDiagonal precision() {
        BlockDiagonal known = precision;
        if (known == null) {
            Point at = Objects.requireNonNull(point);
            known = BlockDiagonal.zeros(at.targets().size(), at.targets().logits());
            at.targets().addHessians(at.logits(), 1, known);
            precision = known;
        }
        return known;
    }

    /** R, R² = D. */
    synchronized BlockDiagonal root() {
        BlockDiagonal known = root;
        if (known == null) {
            known = precision().root();
            root = known;
        }
        return known;
    }

    /** D where it keeps classes apart: at a point, or where it is diagonal. */
    ClasswiseCurvature classwise() {
        return point == null
                ? ClasswiseCurvature.ofDiagonal(precision())
                : ClasswiseCurvature.at(point.targets(), point.logits());
    }
}
