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
        return quadrature(diagonal, offDiagonal, g);
    }

    /**
     * The same by Gauss-Radau quadrature with one node at the left end of the spectrum (Golub, Meurant, section 6.2):
     * of a function whose derivatives of even order are negative and of odd order positive, as the logarithm's are,
     * this is too small where {@link #quadrature} is too large.
     *
     * @param g a function of the eigenvalues
     * @param least a number not above any eigenvalue of the operator, nor of this matrix
     * @return the integral; 0 for no rows
     */
    public double radau(DoubleUnaryOperator g, double least) {
        int m = diagonal.length;
        double[] changed = diagonal.clone();
        if (m > 0) {
            changed[m - 1] = least;
        }
        if (m > 1) {
            double pivot = diagonal[0] - least;
            for (int i = 1; i < m - 1; i++) {
                pivot = diagonal[i] - least - offDiagonal[i - 1] * offDiagonal[i - 1] / pivot;
            }
            changed[m - 1] += offDiagonal[m - 2] * offDiagonal[m - 2] / pivot;
        }
        return quadrature(changed, offDiagonal, g);
    }

    /** {@return the least eigenvalue; infinite for no rows} */
    public double least() {
        double[] least = {Double.POSITIVE_INFINITY};
        quadrature(value -> least[0] = Math.min(least[0], value));
        return least[0];
    }

    private static double quadrature(double[] diagonal, double[] offDiagonal, DoubleUnaryOperator g) {
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
