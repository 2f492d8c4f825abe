package org.finitentk.classification;

/** How {@link Inference#MEAN_FIELD} finds the best independent weights. For a prior variance there is one best. */
public enum MeanFieldOptimizer {
    /** NATURAL where it takes minutes at most, else ADAM from the most probable weights on. */
    AUTO,
    /**
     * Natural-gradient steps of means and precisions over all examples, from Laplace's mean and diagonal on (Khan and
     * Lin 2017; Khan et al. 2018, "Fast and Scalable Bayesian Deep Learning by Weight-Perturbation in Adam"). The
     * Jacobian of each example is made, and expectations are taken over the Gaussian of each example's logits, so that
     * nothing is random: steps end by themselves, at the top of the bound.
     */
    NATURAL,
    /**
     * Mini-batches by Adam, from the prior's mean on, as near as the epochs bring it. The rule of earlier versions.
     */
    ADAM
}
