package org.finitentk.classification;

import java.util.Random;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;

/**
 * Bayesian softmax regression by the textbook, in weight space with whole Jacobians and plain loops: n examples, C
 * classes, W weights.
 */
final class WeightSpace {
    final double[][] j;
    final int[] labels;
    final double[] omega;
    final double[] prior;
    final int n;
    final int c;

    /** Rows of j are example-major. */
    WeightSpace(double[][] j, int[] labels, double[] omega, double[] prior, int c) {
        this.j = j;
        this.labels = labels;
        this.omega = omega;
        this.prior = prior;
        this.n = labels.length;
        this.c = c;
    }

    /** The Jacobian by unit tangents; for shared outputs, that of their combination for each class's own weights. */
    static double[][] jacobian(LinearizedNetwork network, Examples x, int classes, boolean shared) {
        int p = (int) network.parameterCount();
        int k = network.outputSize();
        double[][] rows = new double[x.size() * classes][shared ? p * classes : p];
        for (int q = 0; q < p; q++) {
            double[] unit = new double[p];
            unit[q] = 1;
            double[] column = network.jvp(x, unit);
            for (int i = 0; i < x.size(); i++) {
                double sum = 0;
                for (int o = 0; o < k; o++) {
                    sum += column[i * k + o];
                }
                for (int a = 0; a < classes; a++) {
                    rows[i * classes + a][shared ? a * p + q : q] = shared ? sum : column[i * k + a];
                }
            }
        }
        return rows;
    }

    double[] logits(double[] w) {
        double[] f = prior.clone();
        for (int r = 0; r < f.length; r++) {
            for (int q = 0; q < w.length; q++) {
                f[r] += j[r][q] * w[q];
            }
        }
        return f;
    }

    double[] probabilities(double[] f) {
        double[] p = new double[f.length];
        for (int i = 0; i < f.length / c; i++) {
            double sum = 0;
            for (int a = 0; a < c; a++) {
                sum += Math.exp(f[i * c + a]);
            }
            for (int a = 0; a < c; a++) {
                p[i * c + a] = Math.exp(f[i * c + a]) / sum;
            }
        }
        return p;
    }

    double logLikelihood(double[] f) {
        double[] p = probabilities(f);
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += omega[i] * Math.log(p[i * c + labels[i]]);
        }
        return sum;
    }

    double[] residuals(double[] f) {
        double[] r = probabilities(f);
        for (int row = 0; row < r.length; row++) {
            r[row] = omega[row / c] * ((labels[row / c] == row % c ? 1 : 0) - r[row]);
        }
        return r;
    }

    /** n C × C: the likelihood's curvature blocks. */
    double[][] curvature(double[] f) {
        double[] p = probabilities(f);
        double[][] h = new double[n * c][c];
        for (int row = 0; row < n * c; row++) {
            for (int b = 0; b < c; b++) {
                double other = p[row / c * c + b];
                h[row][b] = omega[row / c] * p[row] * ((row % c == b ? 1 : 0) - other);
            }
        }
        return h;
    }

    /** Jᵀ u. */
    double[] transposed(double[] u) {
        double[] g = new double[j[0].length];
        for (int r = 0; r < u.length; r++) {
            for (int q = 0; q < g.length; q++) {
                g[q] += j[r][q] * u[r];
            }
        }
        return g;
    }

    /** I/λ + Jᵀ D J. */
    double[][] precision(double[][] d, double lambda) {
        int w = j[0].length;
        double[][] a = new double[w][w];
        for (int r = 0; r < n * c; r++) {
            double[] row = new double[w];
            for (int b = 0; b < c; b++) {
                for (int q = 0; q < w; q++) {
                    row[q] += d[r][b] * j[r / c * c + b][q];
                }
            }
            for (int p = 0; p < w; p++) {
                for (int q = 0; q < w; q++) {
                    a[p][q] += j[r][p] * row[q];
                }
            }
        }
        for (int p = 0; p < w; p++) {
            a[p][p] += 1 / lambda;
        }
        return a;
    }

    /**
     * The inverse of a positive definite matrix, by elimination; its log determinant is the last row's only element.
     */
    static double[][] inverse(double[][] a) {
        int w = a.length;
        double[][] left = new double[w][];
        double[][] inverse = new double[w + 1][w];
        double logDeterminant = 0;
        for (int p = 0; p < w; p++) {
            left[p] = a[p].clone();
            inverse[p][p] = 1;
        }
        for (int p = 0; p < w; p++) {
            double pivot = left[p][p];
            logDeterminant += Math.log(pivot);
            for (int q = 0; q < w; q++) {
                left[p][q] /= pivot;
                inverse[p][q] /= pivot;
            }
            for (int i = 0; i < w; i++) {
                double factor = left[i][p];
                for (int q = 0; i != p && q < w; q++) {
                    left[i][q] -= factor * left[p][q];
                    inverse[i][q] -= factor * inverse[p][q];
                }
            }
        }
        inverse[w] = new double[] {logDeterminant};
        return inverse;
    }

    /** C × C blocks of rows Σ rowsᵀ. */
    static double[] blocks(double[][] rows, double[][] sigma, int c) {
        double[] blocks = new double[rows.length * c];
        for (int r = 0; r < rows.length; r++) {
            for (int b = 0; b < c; b++) {
                double[] other = rows[r / c * c + b];
                double sum = 0;
                for (int p = 0; p < other.length; p++) {
                    for (int q = 0; q < other.length; q++) {
                        sum += rows[r][p] * sigma[p][q] * other[q];
                    }
                }
                blocks[r * c + b] = sum;
            }
        }
        return blocks;
    }

    static double[] times(double[][] a, double[] v) {
        double[] product = new double[v.length];
        for (int p = 0; p < v.length; p++) {
            for (int q = 0; q < v.length; q++) {
                product[p] += a[p][q] * v[q];
            }
        }
        return product;
    }

    /** The symmetric root of one block by Newton's iteration (Denman and Beavers 1976). */
    static double[][] root(double[] blocks, int i, int c) {
        double[][] y = new double[c][c];
        double[][] z = new double[c][c];
        for (int a = 0; a < c; a++) {
            z[a][a] = 1;
            for (int b = 0; b < c; b++) {
                y[a][b] = blocks[(i * c + a) * c + b];
            }
        }
        for (int step = 0; step < 60; step++) {
            double[][] yInverse = inverse(y);
            double[][] zInverse = inverse(z);
            for (int a = 0; a < c; a++) {
                for (int b = 0; b < c; b++) {
                    y[a][b] = 0.5 * (y[a][b] + zInverse[a][b]);
                    z[a][b] = 0.5 * (z[a][b] + yInverse[a][b]);
                }
            }
        }
        return y;
    }

    /** Labels that the inputs have something to do with. */
    static int[] labels(Examples x, String input, int c, long seed) {
        Random random = new Random(seed);
        double[] values =
                java.util.Objects.requireNonNull(x.inputs().get(input)).toDoubles();
        int width = values.length / x.size();
        int[] labels = new int[x.size()];
        for (int i = 0; i < labels.length; i++) {
            double score = values[i * width]
                    + 0.5 * values[i * width + 1] * values[i * width + 1]
                    + 0.5 * random.nextGaussian();
            labels[i] = Math.max(0, Math.min(c - 1, (int) Math.floor(score + 0.5 * c)));
        }
        return labels;
    }
}
