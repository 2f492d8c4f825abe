package org.finitentk.classification;

import org.finitentk.internal.linalg.Vectors;

/**
 * The bound and its parts where some sites put the posterior.
 *
 * @param precision D of the sites
 * @param linear b of the sites
 * @param system λK and D, factorized
 * @param alpha of the posterior's mean
 * @param logits the posterior's mean, without the prior logits
 * @param residuals expectations of ω(y − p)
 * @param hessians expectations of H
 * @param bound the evidence lower bound
 */
record VariationalState(
        BlockDiagonal precision,
        double[] linear,
        SiteSystem system,
        double[] alpha,
        double[] logits,
        double[] residuals,
        BlockDiagonal hessians,
        double bound) {

    /** The sites' linear terms at which a step of length 1 ends. */
    double[] target() {
        double[] target = hessians.multiply(logits, 1);
        Vectors.add(target, 1, residuals);
        return target;
    }

    /** How far the sites are from where a step of length 1 ends. */
    double distance() {
        double[] gap = target();
        Vectors.add(gap, -1, linear);
        return Math.sqrt(Vectors.dot(gap, gap)) + Math.abs(precision.trace() - hessians.trace());
    }
}
