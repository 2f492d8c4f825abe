package org.finitentk.internal.linalg;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Some vectors side by side, as operators take them: element i of vector j is at {@code i * count + j}. A view; what is
 * taken out of it is copied.
 *
 * @param elements of all vectors
 * @param count how many vectors, at least 1
 */
public record VectorBlock(double[] elements, int count) {
    /**
     * Packs vectors.
     *
     * @param vectors of one length, at least one
     * @return a block with a copy of them
     */
    public static VectorBlock of(List<double[]> vectors) {
        VectorBlock block =
                new VectorBlock(new double[Math.multiplyExact(vectors.get(0).length, vectors.size())], vectors.size());
        for (int j = 0; j < vectors.size(); j++) {
            block.put(j, vectors.get(j));
        }
        return block;
    }

    /**
     * Length of each vector.
     *
     * @return rows
     */
    public int rows() {
        return elements.length / count;
    }

    /**
     * Writes one vector.
     *
     * @param j which
     * @param vector its elements
     */
    public void put(int j, double[] vector) {
        for (int i = 0; i < vector.length; i++) {
            elements[i * count + j] = vector[i];
        }
    }

    /**
     * One vector.
     *
     * @param j which
     * @return a copy
     */
    public double[] column(int j) {
        double[] column = new double[rows()];
        for (int i = 0; i < column.length; i++) {
            column[i] = elements[i * count + j];
        }
        return column;
    }

    /**
     * Some vectors.
     *
     * @param from first
     * @param to end
     * @return copies
     */
    public List<double[]> columns(int from, int to) {
        return IntStream.range(from, to).mapToObj(this::column).toList();
    }

    /**
     * All vectors.
     *
     * @return copies
     */
    public List<double[]> columns() {
        return columns(0, count);
    }

    /**
     * All vectors.
     *
     * @return copies, as an array
     */
    public double[][] split() {
        return columns().toArray(double[][]::new);
    }

    /**
     * Writes all vectors.
     *
     * @param vectors as many as there are
     */
    public void join(double[][] vectors) {
        for (int j = 0; j < count; j++) {
            put(j, vectors[j]);
        }
    }
}
