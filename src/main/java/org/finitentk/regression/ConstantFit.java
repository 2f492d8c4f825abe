package org.finitentk.regression;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.finitentk.internal.linalg.Cholesky;

/**
 * What generalized least squares know of the coefficients β of a column's mean: their covariance is C = (BᵀK⁻¹B)⁻¹, and
 * with h the basis functions at a new row and k its covariances with the training rows, its variance is larger by (h -
 * BᵀK⁻¹k)ᵀ C (h - BᵀK⁻¹k) than it would be if β were known (Rasmussen and Williams, section 2.7).
 *
 * @param solved for each basis function b its solution: K⁻¹b of solvers that keep rows, else its weights λ Jᵀ S K⁻¹b
 * @param covariance C
 */
record ConstantFit(double[][] solved, double[] covariance) {
    /**
     * From C⁻¹.
     *
     * @param precision BᵀK⁻¹B, of which the lower triangle is read
     */
    static ConstantFit of(double[][] solved, double[] precision) {
        int size = solved.length;
        double[] covariance = new double[size * size];
        for (int b = 0; b < size; b++) {
            covariance[b * size + b] = 1;
        }
        Cholesky.factor(precision, size).solveInPlace(covariance, size);
        return new ConstantFit(solved, covariance);
    }

    /** From K⁻¹B. */
    static ConstantFit ofRows(double[][] solved, Targets targets) {
        int size = solved.length;
        double[] precision = new double[size * size];
        for (int i = 0; i < targets.rows(); i++) {
            for (int a = 0; a < size; a++) {
                for (int b = 0; b < size; b++) {
                    precision[a * size + b] += targets.basis()[i * size + a] * solved[b][i];
                }
            }
        }
        return of(solved, precision);
    }

    /** β̂ = C BᵀK⁻¹y. */
    double[] coefficients(double[] right) {
        int size = size();
        double[] coefficients = new double[size];
        for (int a = 0; a < size; a++) {
            for (int b = 0; b < size; b++) {
                coefficients[a] += covariance[a * size + b] * right[b];
            }
        }
        return coefficients;
    }

    /** If K becomes K times a factor, and solutions keep rows. */
    ConstantFit scaled(double factor) {
        double[][] smaller = new double[size()][];
        for (int b = 0; b < smaller.length; b++) {
            smaller[b] = Arrays.stream(solved[b]).map(value -> value / factor).toArray();
        }
        return new ConstantFit(
                smaller, Arrays.stream(covariance).map(value -> value * factor).toArray());
    }

    int size() {
        return solved.length;
    }

    /**
     * Adds to the variances of new rows, of which row r has the basis function r modulo their number.
     *
     * @param variance of m rows
     * @param explained for each basis function kᵀK⁻¹b of each row
     */
    void addTo(double[] variance, double[][] explained) {
        double[] left = new double[size()];
        for (int r = 0; r < variance.length; r++) {
            for (int b = 0; b < left.length; b++) {
                left[b] = (r % left.length == b ? 1 : 0) - explained[b][r];
            }
            variance[r] += form(left, covariance);
        }
    }

    /** xᵀ A x. */
    static double form(double[] x, double[] a) {
        double form = 0;
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x.length; j++) {
                form += x[i] * a[i * x.length + j] * x[j];
            }
        }
        return form;
    }

    /** An error of the coefficients. */
    double[] draw(SplittableRandom random) {
        int size = size();
        double[] standard = GaussianProcess.gaussian(size, 1, random);
        Cholesky root = Cholesky.factor(covariance, size);
        double[] drawn = new double[size];
        for (int a = 0; a < size; a++) {
            for (int b = 0; b <= a; b++) {
                drawn[a] += root.element(a, b) * standard[b];
            }
        }
        return drawn;
    }

    /** Σ of the solutions, each times its number. */
    double[] combined(double[] coefficients) {
        double[] sum = new double[solved[0].length];
        for (int b = 0; b < size(); b++) {
            double factor = coefficients[b];
            double[] own = solved[b];
            Arrays.setAll(sum, i -> sum[i] + factor * own[i]);
        }
        return sum;
    }
}
