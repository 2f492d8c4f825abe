package org.finitentk.classification;

/** How {@link Inference#MEAN_FIELD} estimates gradients of the evidence lower bound. */
public enum GradientEstimator {
    /** Draws weights: cheap for any network. */
    REPARAMETERIZED,
    /**
     * Draws logits from the distribution that the weights give them (Kingma, Salimans, Welling 2015, "Variational
     * Dropout and the Local Reparameterization Trick"): far less noise, but the Jacobian of each example is made, so it
     * is for networks of up to some 10,000 weights.
     */
    LOCAL
}
