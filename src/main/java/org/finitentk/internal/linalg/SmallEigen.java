package org.finitentk.internal.linalg;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix of some dozen rows on the calling thread alone: Householder's
 * tridiagonal form, then implicit QL steps (Bowdler, Martin, Reinsch, Wilkinson, "The QR and QL Algorithms for
 * Symmetric Matrices", Numerische Mathematik 1968; EISPACK's tred2 and tql2). From 26 rows on the native library
 * divides and conquers with all its threads, which takes a hundred times as long as the arithmetic where many small
 * matrices are decomposed in parallel.
 */
public final class SmallEigen {
    /** Rows up to which the native library stays on one thread, and is quicker. */
    public static final int NATIVE_UNTIL = 25;
    /** Rows from which on it is quicker again. */
    public static final int NATIVE_FROM = 129;

    private static final int MOST_STEPS = 60;

    private final int n;
    /** The eigenvectors, and on the way there the matrix, by columns: sums go along them. */
    private final double[][] v;

    private final double[] d;
    private final double[] e;

    private SmallEigen(double[] matrix, int n) {
        this.n = n;
        this.v = new double[n][n];
        this.d = new double[n];
        this.e = new double[n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                v[j][i] = matrix[i * n + j];
            }
        }
    }

    /**
     * Decomposes.
     *
     * @param matrix symmetric, n × n; not changed
     * @param n rows, at least 1
     * @return its eigenvalues and eigenvectors
     * @throws IllegalArgumentException if the array is no such matrix or has an element that is not finite
     */
    public static SmallEigen of(double[] matrix, int n) {
        if (n < 1 || matrix.length != (long) n * n) {
            throw new IllegalArgumentException("an array of " + matrix.length + " is no " + n + " x " + n + " matrix");
        }
        for (double element : matrix) {
            if (!Double.isFinite(element)) {
                throw new IllegalArgumentException(
                        "a " + n + " x " + n + " matrix has the element " + element + "; expected finite numbers");
            }
        }
        SmallEigen eigen = new SmallEigen(matrix, n);
        eigen.tridiagonalize();
        eigen.diagonalize();
        return eigen;
    }

    /**
     * An eigenvalue.
     *
     * @param index from 0, in no order
     * @return the value
     */
    public double value(int index) {
        return d[index];
    }

    /**
     * An element of an eigenvector of length 1.
     *
     * @param index of its eigenvalue
     * @param row element
     * @return the element
     */
    public double vector(int index, int row) {
        return v[index][row];
    }

    private void tridiagonalize() {
        for (int j = 0; j < n; j++) {
            d[j] = v[j][n - 1];
        }
        for (int i = n - 1; i > 0; i--) {
            reduce(i);
        }
        accumulate();
    }

    /** One Householder reflection, which makes row i tridiagonal. */
    private void reduce(int i) {
        double scale = 0;
        for (int k = 0; k < i; k++) {
            scale += Math.abs(d[k]);
        }
        double h = 0;
        if (scale == 0) {
            e[i] = d[i - 1];
            for (int j = 0; j < i; j++) {
                d[j] = v[j][i - 1];
                v[j][i] = 0;
                v[i][j] = 0;
            }
        } else {
            for (int k = 0; k < i; k++) {
                d[k] /= scale;
                h += d[k] * d[k];
            }
            double f = d[i - 1];
            double g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
            e[i] = scale * g;
            h -= f * g;
            d[i - 1] = f - g;
            reflect(i, h);
        }
        d[i] = h;
    }

    private void reflect(int i, double h) {
        for (int j = 0; j < i; j++) {
            e[j] = 0;
        }
        for (int j = 0; j < i; j++) {
            double[] column = v[j];
            double f = d[j];
            v[i][j] = f;
            double g = e[j] + column[j] * f;
            for (int k = j + 1; k < i; k++) {
                g += column[k] * d[k];
                e[k] += column[k] * f;
            }
            e[j] = g;
        }
        double f = 0;
        for (int j = 0; j < i; j++) {
            e[j] /= h;
            f += e[j] * d[j];
        }
        double half = f / (h + h);
        for (int j = 0; j < i; j++) {
            e[j] -= half * d[j];
        }
        for (int j = 0; j < i; j++) {
            double[] column = v[j];
            double a = d[j];
            double b = e[j];
            for (int k = j; k < i; k++) {
                column[k] -= a * e[k] + b * d[k];
            }
            d[j] = column[i - 1];
            column[i] = 0;
        }
    }

    /** The product of all reflections. */
    private void accumulate() {
        for (int i = 0; i < n - 1; i++) {
            v[i][n - 1] = v[i][i];
            v[i][i] = 1;
            double h = d[i + 1];
            if (h != 0) {
                for (int k = 0; k <= i; k++) {
                    d[k] = v[i + 1][k] / h;
                }
                for (int j = 0; j <= i; j++) {
                    double[] column = v[j];
                    double g = 0;
                    for (int k = 0; k <= i; k++) {
                        g += v[i + 1][k] * column[k];
                    }
                    for (int k = 0; k <= i; k++) {
                        column[k] -= g * d[k];
                    }
                }
            }
            for (int k = 0; k <= i; k++) {
                v[i + 1][k] = 0;
            }
        }
        for (int j = 0; j < n; j++) {
            d[j] = v[j][n - 1];
            v[j][n - 1] = 0;
        }
        v[n - 1][n - 1] = 1;
        System.arraycopy(e, 1, e, 0, n - 1);
        e[n - 1] = 0;
    }

    private void diagonalize() {
        double shift = 0;
        double largest = 0;
        for (int l = 0; l < n; l++) {
            largest = Math.max(largest, Math.abs(d[l]) + Math.abs(e[l]));
            int m = l;
            while (m < n - 1 && Math.abs(e[m]) > Math.ulp(1.0) * largest) {
                m++;
            }
            for (int step = 0; m > l && Math.abs(e[l]) > Math.ulp(1.0) * largest; step++) {
                if (step == MOST_STEPS) {
                    throw new ArithmeticException("the eigenvalues of a " + n + " x " + n + " matrix were not found in "
                            + MOST_STEPS + " steps each");
                }
                shift += shifted(l);
                rotate(l, m);
            }
            d[l] += shift;
            e[l] = 0;
        }
    }

    /** Takes an estimate of the eigenvalue l off the diagonal. */
    private double shifted(int l) {
        double g = d[l];
        double p = (d[l + 1] - g) / (2 * e[l]);
        double r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1);
        d[l] = e[l] / (p + r);
        d[l + 1] = e[l] * (p + r);
        double h = g - d[l];
        for (int i = l + 2; i < n; i++) {
            d[i] -= h;
        }
        return h;
    }

    /** One implicit QL step on rows l to m. */
    private void rotate(int l, int m) {
        double next = d[l + 1];
        double offNext = e[l + 1];
        double p = d[m];
        double c = 1;
        double c2 = 1;
        double c3 = 1;
        double s = 0;
        double s2 = 0;
        for (int i = m - 1; i >= l; i--) {
            c3 = c2;
            c2 = c;
            s2 = s;
            double g = c * e[i];
            double h = c * p;
            double r = Math.hypot(p, e[i]);
            e[i + 1] = s * r;
            s = e[i] / r;
            c = p / r;
            p = c * d[i] - s * g;
            d[i + 1] = h + s * (c * g + s * d[i]);
            turn(v[i], v[i + 1], c, s);
        }
        p = -s * s2 * c3 * offNext * e[l] / next;
        e[l] = s * p;
        d[l] = c * p;
    }

    private static void turn(double[] left, double[] right, double c, double s) {
        for (int k = 0; k < left.length; k++) {
            double old = right[k];
            right[k] = s * left[k] + c * old;
            left[k] = c * left[k] - s * old;
        }
    }
}
