package org.finitentk.classification;

import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.Examples;

/**
 * N(ŵ, λ (I − U diag g Uᵀ)) with orthonormal U: along each of its columns the data leave 1 − g of the prior variance.
 */
final class LowRankWeights extends WeightPosterior {
    private final double[] explained;
    private final double[][] vectors;

    LowRankWeights(double[] mean, double lambda, double[] explained, double[][] vectors) {
        super(mean, lambda);
        this.explained = explained;
        this.vectors = vectors;
    }

    /** From eigenvalues of λ JᵀHJ: g = θ / (1 + θ). */
    static LowRankWeights of(double[] mean, double lambda, LanczosCurvature curvature) {
        double[] explained = new double[curvature.values().length];
        for (int r = 0; r < explained.length; r++) {
            explained[r] = curvature.values()[r] / (1 + curvature.values()[r]);
        }
        return new LowRankWeights(mean, lambda, explained, curvature.vectors());
    }

    double[] explained() {
        return explained;
    }

    double[][] vectors() {
        return vectors;
    }

    /** √λ (I − U (1 − √(1 − g)) Uᵀ) ε. */
    @Override
    double[][] drawn(LogitMap map, double[][] standard, int first, long seed) {
        for (double[] draw : standard) {
            for (int r = 0; r < explained.length; r++) {
                // U is orthonormal, so that taking one direction away does not change the others' shares.
                double share = (1 - Math.sqrt(1 - explained[r])) * Vectors.dot(vectors[r], draw);
                Vectors.add(draw, -share, vectors[r]);
            }
            Vectors.scale(draw, Math.sqrt(lambda()));
        }
        return standard;
    }

    @Override
    BlockDiagonal covariance(LogitMap map, Examples z) {
        int c = map.classes();
        BlockDiagonal blocks = priorBlocks(map, z);
        double[][] along = vectors.length == 0 ? new double[0][] : map.products(z, vectors);
        for (int i = 0; i < z.size(); i++) {
            for (int a = 0; a < c; a++) {
                for (int b = 0; b < c; b++) {
                    int at = (i * c + a) * c + b;
                    double sum = blocks.values()[at];
                    for (int r = 0; r < along.length; r++) {
                        sum -= explained[r] * along[r][i * c + a] * along[r][i * c + b];
                    }
                    blocks.values()[at] = lambda() * sum;
                }
            }
        }
        return blocks;
    }

    @Override
    long numbersPerExample(LogitMap map) {
        return (long) map.classes() * (map.classes() + vectors.length);
    }
}
