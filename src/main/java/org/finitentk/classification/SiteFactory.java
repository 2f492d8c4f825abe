package org.finitentk.classification;

import org.finitentk.internal.linalg.Vectors;

/** Makes the system of some sites by the solver that was chosen. */
@FunctionalInterface
interface SiteFactory {
    SiteSystem system(double lambda, SitePrecision sites);

    /** The α with which Newton's method starts at a λ, from the one with which it ended at another. */
    default double[] start(double[] alpha, double ended, double lambda) {
        return alpha;
    }

    /**
     * The same, started with the weights λ Jᵀ α that were found: these and their logits change far less with λ than α
     * does, so that it takes half as many steps. Without this, recorded fits start as they did.
     */
    static SiteFactory fromLogits(SiteFactory factory) {
        return new SiteFactory() {
            @Override
            public SiteSystem system(double lambda, SitePrecision sites) {
                return factory.system(lambda, sites);
            }

            @Override
            public double[] start(double[] alpha, double ended, double lambda) {
                double[] scaled = alpha.clone();
                Vectors.scale(scaled, ended / lambda);
                return scaled;
            }
        };
    }
}
