package org.finitentk.classification;

/**
 * Gaussian sites on the training logits: factors exp(bᵀJw − ½ (Jw)ᵀ D (Jw)) that stand for the likelihood, with D
 * block-diagonal. With the prior N(0, λI) they make the posterior precision λ⁻¹I + JᵀDJ, which is met through B = I + λ
 * R K R with R = D^½ (Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning", section 3.4; D need not
 * have an inverse), or as it is. The posterior's mean is λ Jᵀ α with α = b − R B⁻¹ R λ K b.
 */
abstract sealed class SiteSystem permits KernelSites, ClasswiseSites, WeightSites {
    private final double lambda;
    private final SitePrecision sites;

    SiteSystem(double lambda, SitePrecision sites) {
        this.lambda = lambda;
        this.sites = sites;
    }

    final double lambda() {
        return lambda;
    }

    final SitePrecision sites() {
        return sites;
    }

    /** log|B|. */
    abstract double logDeterminant();

    /**
     * γ = n C − tr B⁻¹, how many weights the data determine (MacKay 1992), for the posterior whose training logits have
     * been drawn.
     */
    abstract double effectiveParameters();

    /** The standard error of log|B| − γ, 0 where both are computed. */
    abstract double divergenceError();

    /** The likelihood's expectation over the training logits around a mean. */
    abstract ExpectedLikelihood expected(LabelTargets targets, double[] mean);

    /** α. */
    abstract double[] alpha(double[] b);

    /** The same to the digits that a step of Newton's method needs, whose next step mends the rest. */
    double[] step(double[] b) {
        return alpha(b);
    }

    /** λ K α: what the weights λ Jᵀ α make of the training logits. */
    abstract double[] logits(double[] alpha);

    /** The posterior of the weights whose mean is λ Jᵀ α. */
    abstract WeightPosterior posterior(LogitProblem problem, double[] alpha);

    /** B and A have no eigenvalue below 1, but for rounding, which is relative to the largest. */
    static IllegalArgumentException tooLarge(double lambda, RuntimeException cause) {
        return new IllegalArgumentException(
                "the prior variance " + lambda
                        + " is so large that rounding hides what the prior says; expected a smaller priorVariance, "
                        + "or learnPriorVariance from a smaller one on",
                cause);
    }
}
