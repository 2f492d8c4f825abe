package org.finitentk.classification;

import java.util.List;
import org.finitentk.internal.linalg.Vectors;

/**
 * Gaussian sites on the training logits: factors exp(bᵀJw − ½ (Jw)ᵀ D (Jw)) that stand for the likelihood, with D
 * block-diagonal. With the prior N(0, λI) they make the posterior precision λ⁻¹I + JᵀDJ, which is met through B = I + λ
 * R K R with R = D^½ (Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning", section 3.4; D need not
 * have an inverse). The posterior's mean is λ Jᵀ α with α = b − R B⁻¹ R λ K b.
 */
abstract sealed class SiteSystem permits DenseSites, IterativeSites {
    private final LogitKernel kernel;
    private final double lambda;
    private final BlockDiagonal root;

    SiteSystem(LogitKernel kernel, double lambda, BlockDiagonal root) {
        this.kernel = kernel;
        this.lambda = lambda;
        this.root = root;
    }

    final LogitKernel kernel() {
        return kernel;
    }

    final double lambda() {
        return lambda;
    }

    /** R. */
    final BlockDiagonal root() {
        return root;
    }

    /** B⁻¹ of several vectors. */
    abstract List<double[]> solve(List<double[]> rights);

    /** log|B|. */
    abstract double logDeterminant();

    /**
     * γ = n C − tr B⁻¹, how many weights the data determine (MacKay 1992), for the posterior whose training logits have
     * been drawn.
     */
    abstract double effectiveParameters();

    /** The standard error of log|B| − γ, 0 where both are computed. */
    abstract double divergenceError();

    /** Draws of the training logits around a mean, n C. */
    abstract ExampleDraws draws(double[] mean);

    /** The likelihood's expectation around a mean, over draws of the training logits. */
    ExpectedLikelihood expected(LabelTargets targets, double[] mean) {
        return ExpectedLikelihood.of(targets, draws(mean));
    }

    /** α. */
    final double[] alpha(double[] b) {
        double[] right = root.multiply(kernel.multiply(b, 1), 1);
        Vectors.scale(right, lambda);
        double[] correction = root.multiply(solve(List.of(right)).get(0), 1);
        double[] alpha = new double[b.length];
        for (int i = 0; i < alpha.length; i++) {
            alpha[i] = b[i] - correction[i];
        }
        return alpha;
    }

    /** λ K α: what the weights λ Jᵀ α make of the training logits. */
    final double[] logits(double[] alpha) {
        double[] logits = kernel.multiply(alpha, 1);
        Vectors.scale(logits, lambda);
        return logits;
    }
}
