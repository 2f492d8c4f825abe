package org.finitentk.classification;

import org.jspecify.annotations.Nullable;

/**
 * The likelihood's curvature where it keeps classes apart but for one number an example: D_i = diag d_i − d_i d_iᵀ /
 * s_i with s_i = Σ d_i for the softmax, whose d is ω p; diag d_i for independent labels, whose d is ω p (1 − p).
 *
 * @param classes C
 * @param own d, n × C
 * @param totals s, one for each example; null for independent labels
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares curvatures.
record ClasswiseCurvature(int classes, double[] own, double @Nullable [] totals) {
    /**
     * Checks what was stored. Written out, since a checker of nulls does not see the annotation of an array in a short
     * form.
     *
     * @throws IllegalArgumentException if a number is no curvature
     */
    ClasswiseCurvature(int classes, double[] own, double @Nullable [] totals) {
        for (double curvature : own) {
            if (!(curvature >= 0)) {
                throw new IllegalArgumentException(
                        "a curvature of the likelihood is " + curvature + "; expected a number of at least 0");
            }
        }
        this.classes = classes;
        this.own = own;
        this.totals = totals;
    }

    /** Of labels at some logits, n × C. */
    static ClasswiseCurvature at(LabelTargets targets, double[] logits) {
        int c = targets.logits();
        double[] own = targets.means(logits);
        boolean exclusive = targets.likelihood().areExclusive();
        for (int row = 0; row < own.length; row++) {
            own[row] *= targets.weights()[row / c] * (exclusive ? 1 : 1 - own[row]);
        }
        return new ClasswiseCurvature(c, own, exclusive ? targets.weights() : null);
    }

    /** Of blocks that are diagonal. */
    static ClasswiseCurvature ofDiagonal(BlockDiagonal blocks) {
        int c = blocks.size();
        double[] own = new double[blocks.blocks() * c];
        for (int row = 0; row < own.length; row++) {
            own[row] = blocks.values()[row * c + row % c];
        }
        return new ClasswiseCurvature(c, own, null);
    }

    int examples() {
        return own.length / classes;
    }

    /** √d of one class. */
    double[] root(int logit) {
        double[] root = new double[examples()];
        for (int i = 0; i < root.length; i++) {
            root[i] = Math.sqrt(own[i * classes + logit]);
        }
        return root;
    }

    /**
     * R v with R = diag √d (I − u uᵀ), u = √d / √s: since u has length 1, R Rᵀ = D.
     *
     * @param v n × C
     */
    double[] rooted(double[] v) {
        return scaled(without(v));
    }

    /** Rᵀ v. */
    double[] rootedTransposed(double[] v) {
        return without(scaled(v));
    }

    private double[] scaled(double[] v) {
        double[] scaled = new double[v.length];
        for (int row = 0; row < v.length; row++) {
            scaled[row] = Math.sqrt(own[row]) * v[row];
        }
        return scaled;
    }

    /** (I − u uᵀ) v. */
    private double[] without(double[] v) {
        double[] sums = totals;
        if (sums == null) {
            return v;
        }
        double[] without = v.clone();
        for (int i = 0; i < sums.length; i++) {
            double along = 0;
            for (int row = i * classes; row < (i + 1) * classes; row++) {
                along += Math.sqrt(own[row]) * v[row];
            }
            along /= sums[i];
            for (int row = i * classes; row < (i + 1) * classes; row++) {
                without[row] -= Math.sqrt(own[row]) * along;
            }
        }
        return without;
    }

    /** tr(D V) with other blocks V. */
    double traceOfProduct(BlockDiagonal v) {
        double trace = 0;
        for (int i = 0; i < examples(); i++) {
            double along = 0;
            for (int a = 0; a < classes; a++) {
                int row = i * classes + a;
                trace += own[row] * v.values()[row * classes + a];
                for (int b = 0; totals != null && b < classes; b++) {
                    along += own[row] * v.values()[row * classes + b] * own[i * classes + b];
                }
            }
            trace -= totals == null ? 0 : along / totals[i];
        }
        return trace;
    }
}
