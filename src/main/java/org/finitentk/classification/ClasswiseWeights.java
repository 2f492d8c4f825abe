package org.finitentk.classification;

import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.Examples;
import org.jspecify.annotations.Nullable;

/**
 * N(ŵ, (λ⁻¹I + Jᵀ D J)⁻¹) of many classes that share a kernel, by the kernel of the training examples and the curvature
 * of each. What is kept and stored is these; the factorizations, far larger, are made when they are first asked for.
 */
final class ClasswiseWeights extends WeightPosterior {
    private final Examples training;
    private final double[] kernel;
    private final ClasswiseCurvature curvature;
    private @Nullable ClasswiseFactor factor;

    ClasswiseWeights(double[] mean, double lambda, Examples training, double[] kernel, ClasswiseCurvature curvature) {
        super(mean, lambda);
        this.training = training;
        this.kernel = kernel;
        this.curvature = curvature;
    }

    Examples training() {
        return training;
    }

    double[] kernel() {
        return kernel;
    }

    ClasswiseCurvature curvature() {
        return curvature;
    }

    private synchronized ClasswiseFactor factor() {
        ClasswiseFactor known = factor;
        if (known == null) {
            known = ClasswiseFactor.of(kernel, curvature, lambda());
            factor = known;
        }
        return known;
    }

    /**
     * Pathwise: √λ ε − λ Jᵀ (q + (D⁻¹ + λ K)⁻¹ (√λ J ε − λ K q)), where q = R ξ is noise of covariance D: the same as R
     * B⁻¹ (Rᵀ √λ J ε + ξ) with B = I + λ Rᵀ K R.
     */
    @Override
    double[][] drawn(LogitMap map, double[][] standard, int first, long seed) {
        for (double[] draw : standard) {
            Vectors.scale(draw, Math.sqrt(lambda()));
        }
        double[][] products = map.products(training, standard);
        double[][] corrections = new double[products.length][];
        for (int s = 0; s < products.length; s++) {
            double[] noise = curvature.rooted(
                    RandomWeights.gaussian(products[s].length, RandomWeights.stream(~seed, first + s)));
            double[] seen = LogPosterior.sum(products[s], -lambda(), multiplied(noise));
            corrections[s] = LogPosterior.sum(noise, 1, factor().explaining(seen));
        }
        double[][] weights = map.transposed(training, corrections);
        for (int s = 0; s < weights.length; s++) {
            Vectors.add(standard[s], -lambda(), weights[s]);
        }
        return standard;
    }

    /** K v. */
    private double[] multiplied(double[] v) {
        int n = training.size();
        double[] product = new double[v.length];
        Blas.gemm(
                ArrayMatrix.of(kernel, n, n),
                ArrayMatrix.of(v, n, curvature.classes()),
                0,
                ArrayMatrix.of(product, n, curvature.classes()));
        return product;
    }

    @Override
    BlockDiagonal covariance(LogitMap map, Examples z) {
        KernelTiles tiles = new KernelTiles(map.network());
        return factor().covariance(tiles.gram(training, z, map.outputs()), tiles.diagonal(z, map.outputs()));
    }

    @Override
    long numbersPerExample(LogitMap map) {
        return training.size() + (long) curvature.classes() * curvature.classes();
    }
}
