package org.finitentk.classification;

import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.network.Examples;

/**
 * What was inferred of the weights: a Gaussian. Immutable and thread safe; the network is given to each call, since a
 * model may open it anew.
 */
abstract sealed class WeightPosterior
        permits PointWeights,
                IndependentWeights,
                LowRankWeights,
                SiteWeights,
                ClasswiseWeights,
                FactoredWeights,
                InducedWeights {
    /** Draws that go through the network together. */
    private static final int TOGETHER = 8;

    private final double[] mean;
    private final double lambda;

    WeightPosterior(double[] mean, double lambda) {
        this.mean = mean;
        this.lambda = lambda;
    }

    /** ŵ; not to be changed. */
    final double[] mean() {
        return mean;
    }

    /** λ. */
    final double lambda() {
        return lambda;
    }

    /** Draws number from, …, to − 1 of the weights that belong to a seed, less ŵ. */
    final double[][] deviations(LogitMap map, int from, int to, long seed) {
        double[][] draws = new double[to - from][];
        for (int first = from; first < to; first += TOGETHER) {
            double[][] standard = new double[Math.min(TOGETHER, to - first)][];
            for (int s = 0; s < standard.length; s++) {
                standard[s] = RandomWeights.gaussian(numbersPerDraw(), RandomWeights.stream(seed, first + s));
            }
            System.arraycopy(drawn(map, standard, first, seed), 0, draws, first - from, standard.length);
        }
        return draws;
    }

    /** How many standard Gaussian numbers a draw is made of. */
    int numbersPerDraw() {
        return mean.length;
    }

    /**
     * Makes draws of standard Gaussian numbers.
     *
     * @param standard ε of each draw, which may be overwritten
     * @param first number of the first of these draws
     * @param seed that the draws belong to
     */
    abstract double[][] drawn(LogitMap map, double[][] standard, int first, long seed);

    /** The covariance of each example's logits, m × C × C. */
    abstract BlockDiagonal covariance(LogitMap map, Examples z);

    /** Whether covariances take less time than many draws of weights. */
    boolean hasQuickCovariance(LogitMap map) {
        return true;
    }

    /** How many numbers an example takes while its covariance is computed. */
    abstract long numbersPerExample(LogitMap map);

    /** J(z) J(z)ᵀ of each example, m × C × C. */
    static BlockDiagonal priorBlocks(LogitMap map, Examples z) {
        int c = map.classes();
        BlockDiagonal blocks = BlockDiagonal.zeros(z.size(), c);
        KernelTiles kernel = new KernelTiles(map.network());
        if (map.isShared() || c == 1) {
            double[] diagonal = kernel.diagonal(z, map.outputs());
            for (int row = 0; row < z.size() * c; row++) {
                blocks.values()[row * c + row % c] = diagonal[row / c];
            }
            return blocks;
        }
        for (int i = 0; i < z.size(); i++) {
            // Kernels of pairs of examples are not wanted, so each example has one of its own.
            System.arraycopy(kernel.gram(z.slice(i, i + 1), map.outputs()), 0, blocks.values(), i * c * c, c * c);
        }
        return blocks;
    }
}
