package org.finitentk.regression;

/**
 * Which of the prior variance λ and the noise variance σ² are set by maximizing the marginal likelihood; the other
 * keeps its given value.
 */
public enum HyperparameterLearning {
    /** Neither. */
    NONE(false, false),
    /** Both. */
    BOTH(true, true),
    /** The prior variance λ. */
    PRIOR(true, false),
    /** The noise variance σ². */
    NOISE(false, true);

    private final boolean prior;
    private final boolean noise;

    HyperparameterLearning(boolean prior, boolean noise) {
        this.prior = prior;
        this.noise = noise;
    }

    boolean learnsPrior() {
        return prior;
    }

    boolean learnsNoise() {
        return noise;
    }
}
