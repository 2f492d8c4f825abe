package org.finitentk.regression;

import java.util.function.IntToDoubleFunction;
import org.finitentk.internal.linalg.Cholesky;

/** Weighted least squares on a few basis functions, by the normal equations. */
final class LeastSquares {
    private LeastSquares() {}

    /**
     * Fits y = B β with weighted squares and subtracts the fit from y in place.
     *
     * @param basis B, rows × size
     * @param size number of basis functions, few
     * @param y rows values, overwritten with the residuals
     * @param weight positive weight of each row
     * @return β
     */
    static double[] subtractFit(double[] basis, int size, double[] y, IntToDoubleFunction weight) {
        double[] beta = new double[size];
        if (size == 0) {
            return beta;
        }
        double[] normal = new double[size * size];
        for (int i = 0; i < y.length; i++) {
            double w = weight.applyAsDouble(i);
            for (int a = 0; a < size; a++) {
                double wb = w * basis[i * size + a];
                beta[a] += wb * y[i];
                for (int b = 0; b <= a; b++) {
                    normal[a * size + b] += wb * basis[i * size + b];
                }
            }
        }
        Cholesky.factor(normal, size).solveInPlace(beta, 1);
        for (int i = 0; i < y.length; i++) {
            for (int b = 0; b < size; b++) {
                y[i] -= basis[i * size + b] * beta[b];
            }
        }
        return beta;
    }
}
