package org.finitentk.classification;

import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;

/** N(ŵ, λ A⁻¹) by a factor of A in weight space: no training example is needed any more. */
final class FactoredWeights extends WeightPosterior {
    private final WeightFactor factor;

    FactoredWeights(double[] mean, double lambda, WeightFactor factor) {
        super(mean, lambda);
        this.factor = factor;
    }

    WeightFactor factor() {
        return factor;
    }

    /** √λ L⁻ᵀ ε. */
    @Override
    double[][] drawn(LogitMap map, double[][] standard, int first, long seed) {
        double[][] draws = new double[standard.length][];
        for (int s = 0; s < draws.length; s++) {
            factor.cholesky().backwardInPlace(standard[s], 1);
            Vectors.scale(standard[s], Math.sqrt(lambda()));
            draws[s] = factor.columns().original(standard[s]);
        }
        return draws;
    }

    @Override
    BlockDiagonal covariance(LogitMap map, Examples z) {
        BlockDiagonal blocks = BlockDiagonal.zeros(z.size(), map.classes());
        NativeDoubles inverse = factor.inverse();
        new JacobianRows(map.network(), ProgressListener.NONE).forEach(z, map.outputs(), (from, to, rows) -> {
            try (RowChunk chunk = RowChunk.of(rows, from, to, factor.columns())) {
                chunk.covariance(inverse, lambda(), blocks);
            }
        });
        return blocks;
    }

    @Override
    long numbersPerExample(LogitMap map) {
        return (long) map.classes() * (map.classes() + map.network().parameterCount());
    }
}
