package org.finitentk.classification;

import java.util.Arrays;
import org.finitentk.network.Examples;

/** One vector of weights, without doubt. */
final class PointWeights extends WeightPosterior {
    PointWeights(double[] mean, double lambda) {
        super(mean, lambda);
    }

    @Override
    int numbersPerDraw() {
        return 0;
    }

    @Override
    double[][] drawn(LogitMap map, double[][] standard, int first, long seed) {
        double[][] none = new double[standard.length][];
        Arrays.fill(none, new double[mean().length]);
        return none;
    }

    @Override
    BlockDiagonal covariance(LogitMap map, Examples z) {
        return BlockDiagonal.zeros(z.size(), map.classes());
    }

    @Override
    long numbersPerExample(LogitMap map) {
        return (long) map.classes() * map.classes();
    }
}
