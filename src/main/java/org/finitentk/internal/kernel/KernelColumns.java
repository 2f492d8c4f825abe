package org.finitentk.internal.kernel;

import java.util.Arrays;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;

/**
 * Some columns of the kernel matrix K = J Jᵀ of n examples, as low-rank approximations ask for them: read off the
 * matrix where it is kept, otherwise computed by the network. Columns come in groups: all rows of some examples.
 */
public final class KernelColumns {
    /** Elements of columns that are computed at a time. */
    private static final int ELEMENTS = 1 << 23;

    private final KernelTiles kernel;
    private final Examples x;
    private final Outputs outputs;
    private final LinearOperator operator;

    /**
     * Columns of one matrix; nothing is computed yet.
     *
     * @param network the network
     * @param x n examples
     * @param outputs whose rows K has
     * @param operator products with K
     */
    public KernelColumns(LinearizedNetwork network, Examples x, Outputs outputs, LinearOperator operator) {
        this.kernel = new KernelTiles(network);
        this.x = x;
        this.outputs = outputs;
        this.operator = operator;
    }

    /**
     * K's rows.
     *
     * @return at least 1
     */
    public int size() {
        return operator.size();
    }

    /**
     * How many rows each example has, one after the other.
     *
     * @return at least 1
     */
    public int perExample() {
        return operator.size() / x.size();
    }

    /**
     * K's diagonal.
     *
     * @return size numbers, a new array
     */
    public double[] diagonal() {
        double[] known = operator.diagonal();
        return known == null ? kernel.diagonal(x, outputs) : known.clone();
    }

    /**
     * Of how many rows to ask for elements at a time, so that they take some megabytes.
     *
     * @param columns how many columns
     * @return a multiple of {@link #perExample()}
     */
    public int rowsAtOnce(int columns) {
        return Math.max(1, ELEMENTS / columns / perExample()) * perExample();
    }

    /**
     * Elements of some columns.
     *
     * @param from first row, an example's first
     * @param to end of the rows, an example's end
     * @param columns all rows of some examples, in order
     * @return (to - from) × columns, row-major
     */
    public double[] rows(int from, int to, int[] columns) {
        if (operator instanceof GramMatrix matrix) {
            return matrix.columns(from, to, columns);
        }
        Examples some = x.select(
                Arrays.stream(columns).map(row -> row / perExample()).distinct().toArray());
        return kernel.gram(x.slice(from / perExample(), to / perExample()), some, outputs);
    }

    /**
     * Whole columns, one after the other.
     *
     * @param columns all rows of some examples, in order
     * @return columns × size, row-major
     */
    public double[] transposed(int[] columns) {
        int m = columns.length;
        double[] transposed = new double[Math.multiplyExact(size(), m)];
        int atOnce = rowsAtOnce(m);
        for (int from = 0; from < size(); from += atOnce) {
            int to = Math.min(size(), from + atOnce);
            double[] rows = rows(from, to, columns);
            for (int i = from; i < to; i++) {
                for (int j = 0; j < m; j++) {
                    transposed[j * size() + i] = rows[(i - from) * m + j];
                }
            }
        }
        return transposed;
    }
}
