package org.finitentk.classification;

/** Which prior variance {@link Inference#MAP} has where it is to be learned. */
public enum MapPrior {
    /**
     * The one that {@link Inference#LAPLACE} learns: it maximizes the approximate marginal likelihood, of which the
     * most probable weights alone say nothing. Takes as long as LAPLACE. Where that does not fit into memory, GIVEN,
     * with a warning.
     */
    EVIDENCE,
    /** The one that is given or automatic, as if it were not to be learned. The rule of earlier versions. */
    GIVEN
}
