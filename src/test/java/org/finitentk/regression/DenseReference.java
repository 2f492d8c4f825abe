package org.finitentk.regression;

/**
 * Gaussian processes by the textbook (Rasmussen and Williams, algorithm 2.1), with plain loops and elimination, from
 * whole Jacobians.
 */
final class DenseReference {
    private DenseReference() {}

    /** A Bᵀ. */
    static double[][] product(double[][] a, double[][] b) {
        double[][] c = new double[a.length][b.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b.length; j++) {
                for (int l = 0; l < a[i].length; l++) {
                    c[i][j] += a[i][l] * b[j][l];
                }
            }
        }
        return c;
    }

    /** λ J Jᵀ + diag(noise). */
    static double[][] covariance(double[][] jacobian, double lambda, double[] noise) {
        double[][] k = product(jacobian, jacobian);
        for (int i = 0; i < k.length; i++) {
            for (int j = 0; j < k.length; j++) {
                k[i][j] *= lambda;
            }
            k[i][i] += noise[i];
        }
        return k;
    }

    /**
     * A⁻¹B by elimination with pivots, and the logarithm of |A|.
     *
     * @param solution as many columns as B
     * @param logDeterminant of A
     */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares solutions.
    record Solution(double[][] solution, double logDeterminant) {}

    static Solution solve(double[][] a, double[][] b) {
        int n = a.length;
        double[][] left = copy(a);
        double[][] right = copy(b);
        double logDeterminant = 0;
        for (int p = 0; p < n; p++) {
            int pivot = p;
            for (int i = p + 1; i < n; i++) {
                pivot = Math.abs(left[i][p]) > Math.abs(left[pivot][p]) ? i : pivot;
            }
            swap(left, p, pivot);
            swap(right, p, pivot);
            logDeterminant += Math.log(Math.abs(left[p][p]));
            for (int i = 0; i < n; i++) {
                if (i != p) {
                    double factor = left[i][p] / left[p][p];
                    subtract(left[i], left[p], factor);
                    subtract(right[i], right[p], factor);
                }
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < right[i].length; j++) {
                right[i][j] /= left[i][i];
            }
        }
        return new Solution(right, logDeterminant);
    }

    private static double[][] copy(double[][] a) {
        double[][] copy = new double[a.length][];
        for (int i = 0; i < a.length; i++) {
            copy[i] = a[i].clone();
        }
        return copy;
    }

    private static void swap(double[][] rows, int i, int j) {
        double[] row = rows[i];
        rows[i] = rows[j];
        rows[j] = row;
    }

    private static void subtract(double[] from, double[] row, double factor) {
        for (int j = 0; j < from.length; j++) {
            from[j] -= factor * row[j];
        }
    }

    /** Columns of a vector. */
    static double[][] column(double[] values) {
        double[][] column = new double[values.length][1];
        for (int i = 0; i < values.length; i++) {
            column[i][0] = values[i];
        }
        return column;
    }

    /** log N(residuals; 0, covariance). */
    static double logDensity(double[][] covariance, double[] residuals) {
        Solution solved = solve(covariance, column(residuals));
        double sum = 0;
        for (int i = 0; i < residuals.length; i++) {
            sum += residuals[i] * solved.solution()[i][0];
        }
        return -0.5 * (sum + solved.logDeterminant() + residuals.length * Math.log(2 * Math.PI));
    }
}
