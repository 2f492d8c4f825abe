package org.finitentk.regression;

import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.network.ProgressListener;

/**
 * Weights λ Jᵀ S α of a solution α of the function-space system. With little noise α is large and cancels in the sum
 * over the rows, of which a float network leaves nothing: the sum is checked by what it makes of the training rows,
 * which is known, and made again in float64, from the rows of J, where the network's own is not good enough.
 *
 * @param weights the weights
 * @param error of S J times them on the training rows, relative to the right-hand side that α solves for
 */
record WeightsOfRows(double[] weights, double error) {
    /** Above this, the sum is made again, and means come from covariances if that does not help. */
    static final double GOOD = 1e-3;

    /**
     * Sums.
     *
     * @param alpha a solution of (λSKS + noise I) α = right
     * @param right what it solves for
     * @param noise all of the diagonal
     */
    static WeightsOfRows of(TrainingKernel kernel, double[] alpha, double[] right, double lambda, double noise) {
        double[] weights = kernel.tangent(alpha, lambda);
        double error = error(kernel, weights, alpha, right, noise);
        if (error <= GOOD) {
            return new WeightsOfRows(weights, error);
        }
        double[] exact = exact(kernel, alpha, lambda, weights.length);
        double left = error(kernel, exact, alpha, right, noise);
        return left < error ? new WeightsOfRows(exact, left) : new WeightsOfRows(weights, error);
    }

    /** λSKSα = right - noise α. */
    private static double error(TrainingKernel kernel, double[] weights, double[] alpha, double[] right, double noise) {
        double[] products = kernel.products(weights);
        double left = 0;
        double squares = 0;
        for (int i = 0; i < right.length; i++) {
            double rest = right[i] - noise * alpha[i] - kernel.scale(i) * products[i];
            left += rest * rest;
            squares += right[i] * right[i];
        }
        return squares == 0 ? 0 : Math.sqrt(left / squares);
    }

    private static double[] exact(TrainingKernel kernel, double[] alpha, double lambda, int p) {
        int r = alpha.length / kernel.training().size();
        double[] weights = new double[p];
        try (NativeDoubles sums = new NativeDoubles(p)) {
            sums.put(0, weights, 0, p);
            new JacobianRows(kernel.network(), ProgressListener.NONE)
                    .forEach(kernel.training(), kernel.outputs(), (from, to, rows) -> {
                        int count = (to - from) * r;
                        double[] scaled = new double[count];
                        for (int i = 0; i < count; i++) {
                            scaled[i] = lambda * kernel.scale(from * r + i) * alpha[from * r + i];
                        }
                        try (NativeDoubles right = new NativeDoubles(count)) {
                            right.put(0, scaled, 0, count);
                            Blas.gemm(rows.matrix(count, p).transposed(), right.matrix(count, 1), 1, sums.matrix(p, 1));
                        }
                    });
            sums.get(0, weights, 0, p);
        }
        return weights;
    }
}
