package org.finitentk.classification;

import java.util.Arrays;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.Examples;

/**
 * N(ŵ, λ (I − V Vᵀ + V A⁻¹ Vᵀ)) with V = J_Sᵀ L⁻ᵀ of {@link InducingExamples}: in their subspace what the data tell,
 * outside the prior.
 */
final class InducedWeights extends WeightPosterior {
    private final InducingExamples basis;
    private final WeightFactor factor;

    /** With A of the coordinates factorized. */
    InducedWeights(double[] mean, double lambda, InducingExamples basis, WeightFactor factor) {
        super(mean, lambda);
        this.basis = basis;
        this.factor = factor;
    }

    InducingExamples basis() {
        return basis;
    }

    WeightFactor factor() {
        return factor;
    }

    @Override
    int numbersPerDraw() {
        return mean().length + factor.columns().size();
    }

    /** √λ (ε + V (M⁻ᵀ ε' − Vᵀ ε)), A being M Mᵀ. */
    @Override
    double[][] drawn(LogitMap map, double[][] standard, int first, long seed) {
        double[][] draws = new double[standard.length][];
        for (int s = 0; s < draws.length; s++) {
            double[] draw = Arrays.copyOf(standard[s], mean().length);
            double[] inside = Arrays.copyOfRange(standard[s], draw.length, numbersPerDraw());
            factor.cholesky().backwardInPlace(inside, 1);
            Vectors.add(inside, -1, basis.coordinates(map, draw));
            Vectors.add(draw, 1, basis.weights(map, inside));
            Vectors.scale(draw, Math.sqrt(lambda()));
            draws[s] = draw;
        }
        return draws;
    }

    @Override
    BlockDiagonal covariance(LogitMap map, Examples z) {
        BlockDiagonal blocks = BlockDiagonal.zeros(z.size(), map.classes());
        for (int from = 0; from < z.size(); from += basis.step(map)) {
            int to = Math.min(z.size(), from + basis.step(map));
            Examples some = z.slice(from, to);
            try (NativeDoubles rows = basis.rows(map, some);
                    RowChunk chunk = RowChunk.of(rows, from, to, factor.columns())) {
                chunk.covariance(factor.inverse(), lambda(), blocks);
                InducingExamples.addRest(map, rows, priorBlocks(map, some), lambda(), blocks, from);
            }
        }
        return blocks;
    }

    @Override
    long numbersPerExample(LogitMap map) {
        return (long) map.classes() * (map.classes() + factor.columns().size());
    }
}
