package org.finitentk.regression;

import org.finitentk.internal.linalg.LinearOperator;

/**
 * λ S K S + σ² I: the covariance of the targets whose rows are scaled to equal noise.
 *
 * @param kernel K; stays its owner's to close
 * @param noise the rows' scales S
 * @param lambda λ
 * @param shift σ²
 */
record NoisyKernel(LinearOperator kernel, RowNoise noise, double lambda, double shift) implements LinearOperator {
    @Override
    public int size() {
        return kernel.size();
    }

    @Override
    public void multiply(double[] x, int columns, double[] y) {
        kernel.multiply(noise.scaled(x, columns), columns, y);
        double[] back = noise.scaled(y, columns);
        for (int i = 0; i < y.length; i++) {
            y[i] = lambda * back[i] + shift * x[i];
        }
    }

    @Override
    public LinearOperator rounded() {
        return new NoisyKernel(kernel.rounded(), noise, lambda, shift);
    }
}
