package org.finitentk.regression;

import java.util.Comparator;
import java.util.stream.IntStream;

/** The marginal likelihood from the part of a kernel matrix's eigenvectors whose eigenvalues are not 0. */
final class EigenCoordinates {
    private EigenCoordinates() {}

    /**
     * All other eigenvalues are 0 whatever their eigenvectors, so that these may be chosen such that what of the
     * vectors is not in the range takes as many coordinates as there are vectors.
     *
     * @param values the positive eigenvalues, in any order
     * @param coordinates of the vectors on their eigenvectors, values × vectors
     * @param together the vectors themselves, n × vectors: the targets, then the mean's basis functions
     * @param vectors how many
     */
    static MarginalLikelihood likelihood(double[] values, double[] coordinates, double[] together, int vectors) {
        int n = together.length / vectors;
        int zeros = n - values.length;
        int[] order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] spectrum = new double[n];
        double[] y = new double[n];
        double[] basis = new double[n * (vectors - 1)];
        for (int i = 0; i < order.length; i++) {
            spectrum[zeros + i] = values[order[i]];
            put(coordinates, order[i], vectors, y, basis, zeros + i);
        }
        double[] rest = remainder(coordinates, together, vectors);
        for (int i = 0; i < Math.min(vectors, zeros); i++) {
            put(rest, i, vectors, y, basis, i);
        }
        return new MarginalLikelihood(spectrum, y, basis, vectors - 1);
    }

    private static void put(double[] from, int row, int vectors, double[] y, double[] basis, int at) {
        y[at] = from[row * vectors];
        System.arraycopy(from, row * vectors + 1, basis, at * (vectors - 1), vectors - 1);
    }

    /**
     * Coordinates of what is not in the range, one row a coordinate: an upper triangular root of the inner products
     * that are left over.
     */
    private static double[] remainder(double[] coordinates, double[] together, int vectors) {
        double[] left = new double[vectors * vectors];
        addProducts(together, vectors, 1, left);
        addProducts(coordinates, vectors, -1, left);
        double[] root = new double[vectors * vectors];
        for (int a = 0; a < vectors; a++) {
            double pivot = left[a * vectors + a];
            for (int b = a; b < vectors && pivot > 0; b++) {
                root[a * vectors + b] = left[a * vectors + b] / Math.sqrt(pivot);
            }
            for (int i = a + 1; i < vectors; i++) {
                for (int j = a + 1; j < vectors; j++) {
                    left[i * vectors + j] -= root[a * vectors + i] * root[a * vectors + j];
                }
            }
        }
        return root;
    }

    private static void addProducts(double[] rows, int vectors, double sign, double[] sums) {
        for (int i = 0; i < rows.length; i += vectors) {
            for (int a = 0; a < vectors; a++) {
                for (int b = 0; b < vectors; b++) {
                    sums[a * vectors + b] += sign * rows[i + a] * rows[i + b];
                }
            }
        }
    }
}
