package org.finitentk.internal.linalg;

import java.util.function.DoubleUnaryOperator;

/**
 * A small symmetric tridiagonal matrix, as the Lanczos process makes it.
 *
 * @param diagonal m numbers
 * @param offDiagonal m - 1 numbers
 */
public record Tridiagonal(double[] diagonal, double[] offDiagonal) {
    /**
     * e₁ᵀ g(T) e₁, which is Gauss quadrature with the nodes at T's eigenvalues (Golub, Meurant, "Matrices, Moments and
     * Quadrature", section 6.2).
     *
     * @param g a function of the eigenvalues; those that rounding made negative come as 0
     * @return the integral; 0 for no rows
     */
    public double quadrature(DoubleUnaryOperator g) {
        int m = diagonal.length;
        if (m == 0) {
            return 0;
        }
        double[] dense = new double[m * m];
        for (int i = 0; i < m; i++) {
            dense[i * m + i] = diagonal[i];
            if (i < m - 1) {
                dense[i * m + i + 1] = offDiagonal[i];
                dense[(i + 1) * m + i] = offDiagonal[i];
            }
        }
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(dense, m);
        double[] values = eigen.values();
        double sum = 0;
        for (int j = 0; j < m; j++) {
            double first = eigen.vector(j, 0);
            sum += first * first * g.applyAsDouble(Math.max(0, values[j]));
        }
        return sum;
    }
}
