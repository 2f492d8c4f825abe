package org.finitentk.internal.linalg;

import java.util.Arrays;

/**
 * Products with small matrices, as sums of rows that are arrays of their own: without offsets the compiler turns the
 * loops into vector instructions, and each sum is still taken in the order of its terms, whatever the instructions.
 */
public final class RowSums {
    private RowSums() {}

    /**
     * target += Σ_d factors[at + d] rows[d].
     *
     * @param factors one for each row
     * @param at the first
     * @param rows as long as the target, each
     * @param target what is added to
     */
    public static void add(double[] factors, int at, double[][] rows, double[] target) {
        add(factors, at, rows, target, 0);
    }

    /**
     * The same of rows that are zero up to a column, whose sums there are left as they are.
     *
     * @param factors one for each row
     * @param at the first
     * @param rows as long as the target, each
     * @param target what is added to
     * @param from the first column that some row has a number in
     */
    public static void add(double[] factors, int at, double[][] rows, double[] target, int from) {
        int d = 0;
        for (; d + 3 < rows.length; d += 4) {
            double fa = factors[at + d];
            double fb = factors[at + d + 1];
            double fc = factors[at + d + 2];
            double fd = factors[at + d + 3];
            double[] a = rows[d];
            double[] b = rows[d + 1];
            double[] c = rows[d + 2];
            double[] e = rows[d + 3];
            for (int j = from; j < target.length; j++) {
                target[j] = target[j] + fa * a[j] + fb * b[j] + fc * c[j] + fd * e[j];
            }
        }
        for (; d < rows.length; d++) {
            double factor = factors[at + d];
            double[] row = rows[d];
            for (int j = from; j < target.length; j++) {
                target[j] += factor * row[j];
            }
        }
    }

    /**
     * The inner products of a row with the first ones.
     *
     * @param rows of equal length
     * @param row which of them
     * @param count how many of the first ones
     * @return one product each; four at a time, since a sum alone waits for itself
     */
    public static double[] products(double[][] rows, int row, int count) {
        return products(rows, row, count, 0);
    }

    /**
     * The same of a row that is zero up to a column.
     *
     * @param rows of equal length
     * @param row which of them
     * @param count how many of the first ones
     * @param from the first column that the row has a number in
     * @return one product each
     */
    public static double[] products(double[][] rows, int row, int count, int from) {
        double[] products = new double[count];
        double[] own = rows[row];
        int d = 0;
        for (; d + 3 < count; d += 4) {
            double[] a = rows[d];
            double[] b = rows[d + 1];
            double[] c = rows[d + 2];
            double[] e = rows[d + 3];
            double sa = 0;
            double sb = 0;
            double sc = 0;
            double se = 0;
            for (int j = from; j < own.length; j++) {
                sa += own[j] * a[j];
                sb += own[j] * b[j];
                sc += own[j] * c[j];
                se += own[j] * e[j];
            }
            products[d] = sa;
            products[d + 1] = sb;
            products[d + 2] = sc;
            products[d + 3] = se;
        }
        for (; d < count; d++) {
            products[d] = Vectors.dot(own, rows[d]);
        }
        return products;
    }

    /**
     * Some rows of a matrix that lies in an array, row after row.
     *
     * @param matrix the matrix
     * @param from where the first of these rows starts
     * @param count how many
     * @param length columns
     * @return their copies
     */
    public static double[][] of(double[] matrix, int from, int count, int length) {
        double[][] rows = new double[count][];
        for (int d = 0; d < count; d++) {
            rows[d] = Arrays.copyOfRange(matrix, from + d * length, from + (d + 1) * length);
        }
        return rows;
    }
}
