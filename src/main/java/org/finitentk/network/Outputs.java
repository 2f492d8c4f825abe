package org.finitentk.network;

import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;

/**
 * Which combinations of a network's k outputs the kernel is of. Each combination is a vector c of R^k, and its function
 * is cᵀ f.
 */
public final class Outputs {
    private static final int COMBINED = -3;

    private final int index;
    /** One row of coefficients a combination; empty where the index says which. */
    private final double[] coefficients;

    private Outputs(int index) {
        this(index, new double[0]);
    }

    private Outputs(int index, double[] coefficients) {
        this.index = index;
        this.coefficients = coefficients;
    }

    /**
     * Any combinations.
     *
     * @param coefficients one row of k numbers for each combination
     * @return as many combinations as there are rows
     */
    public static Outputs combinations(double[] coefficients) {
        return new Outputs(COMBINED, coefficients);
    }

    /**
     * Whether every output is meant, each by itself.
     *
     * @return true for {@link #all}
     */
    public boolean isAll() {
        return index == -1;
    }

    /**
     * Every output by itself: kernels are nk × nk, row = example · k + output.
     *
     * @return all k outputs
     */
    public static Outputs all() {
        return new Outputs(-1);
    }

    /**
     * The sum of all outputs: kernels are n × n.
     *
     * @return one combination of ones
     */
    public static Outputs summed() {
        return new Outputs(-2);
    }

    /**
     * One output: kernels are n × n.
     *
     * @param output its index, from 0
     * @return that output
     * @throws IllegalArgumentException if it is negative
     */
    public static Outputs single(int output) {
        if (output < 0) {
            throw new IllegalArgumentException("output index " + output + " is negative; expected 0 to k - 1");
        }
        return new Outputs(output);
    }

    /**
     * How many combinations these are.
     *
     * @param k the network's outputs
     * @return k for all, else 1
     * @throws IllegalArgumentException if a chosen output does not exist
     */
    public int count(int k) {
        if (index >= k) {
            throw new IllegalArgumentException(
                    "output index " + index + " does not exist: the network has " + k + " outputs, numbered from 0");
        }
        return index == -1 ? k : index == COMBINED ? coefficients.length / k : 1;
    }

    /**
     * The cotangents that select one combination.
     *
     * @param combination 0 to count(k) - 1
     * @param n number of examples
     * @param k the network's outputs
     * @return n × k, every row the combination's coefficients
     */
    public double[] cotangent(int combination, int n, int k) {
        double[] u = new double[Math.multiplyExact(n, k)];
        if (index == COMBINED) {
            for (int i = 0; i < n; i++) {
                System.arraycopy(coefficients, combination * k, u, i * k, k);
            }
            return u;
        }
        int chosen = index == -1 ? combination : index;
        for (int i = 0; i < n; i++) {
            for (int c = 0; c < k; c++) {
                u[i * k + c] = chosen == -2 || c == chosen ? 1 : 0;
            }
        }
        return u;
    }

    /**
     * The cotangents of a sum over all examples and combinations: the transpose of {@link #of}.
     *
     * @param v n × count(k), a factor for each combination of each example
     * @param k the network's outputs
     * @return n × k
     */
    public double[] cotangents(double[] v, int k) {
        if (index == -1) {
            return v.clone();
        }
        if (index == COMBINED) {
            int r = count(k);
            double[] u = new double[v.length / r * k];
            Blas.gemm(
                    ArrayMatrix.of(v, v.length / r, r),
                    ArrayMatrix.of(coefficients, r, k),
                    0,
                    ArrayMatrix.of(u, v.length / r, k));
            return u;
        }
        double[] u = new double[Math.multiplyExact(v.length, k)];
        for (int i = 0; i < v.length; i++) {
            for (int c = 0; c < k; c++) {
                u[i * k + c] = index == -2 || c == index ? v[i] : 0;
            }
        }
        return u;
    }

    /**
     * Applies the combinations to network outputs.
     *
     * @param f n × k outputs
     * @param k the network's outputs
     * @return n × count(k)
     */
    public double[] of(double[] f, int k) {
        if (index == -1) {
            return f.clone();
        }
        if (index == COMBINED) {
            double[] out = new double[f.length / k * count(k)];
            Blas.gemm(
                    ArrayMatrix.of(f, f.length / k, k),
                    ArrayMatrix.of(coefficients, count(k), k).transposed(),
                    0,
                    ArrayMatrix.of(out, f.length / k, count(k)));
            return out;
        }
        double[] out = new double[f.length / k];
        for (int i = 0; i < out.length; i++) {
            for (int c = 0; c < k; c++) {
                out[i] += index == -2 || c == index ? f[i * k + c] : 0;
            }
        }
        return out;
    }
}
