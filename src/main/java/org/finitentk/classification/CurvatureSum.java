package org.finitentk.classification;

import java.util.stream.IntStream;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.RowSums;
import org.finitentk.internal.linalg.SymmetricSum;
import org.finitentk.internal.linalg.Vectors;

/**
 * Some examples' part of factor · Jᵀ D J with block-diagonal D, in the order of {@link WeightColumns}: of own weights o
 * and common ones u, Σ D_ab o_a ⊗ o_b for each pair of logits, Σ o_a ⊗ (D u)_a, and Σ u ⊗ D u.
 */
final class CurvatureSum {
    /** Numbers of a product that are in memory at once: 16 MiB. */
    private static final int PRODUCT = 1 << 21;
    /** Examples whose rows stay in the caches. */
    private static final int CACHED = 64;

    private final RowChunk chunk;
    private final WeightColumns columns;
    private final int first;
    /** Rows in own weights, one an example. */
    private final double[][] own;
    /** (D u)_a in common weights times the factor, C rows an example. */
    private final double[][] curved;
    /** Factor · D of each example. */
    private final double[][] blocks;

    private CurvatureSum(RowChunk chunk, int first, int count) {
        this.chunk = chunk;
        this.columns = chunk.columns();
        this.first = first;
        this.own = new double[count][];
        this.curved = new double[count * columns.logits()][];
        this.blocks = new double[count][];
    }

    /** Adds that of a chunk, D being that of all examples. */
    static void add(RowChunk chunk, BlockDiagonal d, double factor, SymmetricSum sum) {
        WeightColumns columns = chunk.columns();
        int widest = Math.max(1, Math.max(columns.commonStart(), columns.logits() * columns.commonSize()));
        int step = Math.max(1, PRODUCT / widest);
        for (int first = 0; first < chunk.size(); first += step) {
            CurvatureSum some = new CurvatureSum(chunk, first, Math.min(step, chunk.size() - first));
            IntStream.range(0, some.own.length).parallel().forEach(i -> some.take(i, d, factor));
            some.addTo(sum);
        }
    }

    private void take(int i, BlockDiagonal d, double factor) {
        int c = columns.logits();
        double[] block = new double[c * c];
        System.arraycopy(d.values(), (chunk.from() + first + i) * c * c, block, 0, block.length);
        Vectors.scale(block, factor);
        blocks[i] = block;
        own[i] = chunk.ownRow(first + i);
        double[][] rows = chunk.commonRows(first + i);
        for (int a = 0; a < c; a++) {
            double[] row = new double[columns.commonSize()];
            RowSums.add(block, a * c, rows, row);
            curved[i * c + a] = row;
        }
    }

    private void addTo(SymmetricSum sum) {
        if (columns.commonSize() > 0) {
            addCommon(sum);
        }
        IntStream logits = IntStream.range(0, columns.logits()).filter(a -> columns.ownSize(a) > 0);
        if (columns.hasFewOwn()) {
            logits.parallel().forEach(a -> addFew(a, sum));
        } else {
            logits.forEach(a -> addMany(a, sum));
        }
    }

    private void addCommon(SymmetricSum sum) {
        int width = columns.commonSize();
        try (NativeDoubles right = new NativeDoubles((long) curved.length * width)) {
            for (int row = 0; row < curved.length; row++) {
                right.put((long) row * width, curved[row], 0, width);
            }
            sum.addSymmetric(
                    columns.commonStart(), chunk.common(first, own.length), right.matrix(curved.length, width));
        }
    }

    /** What an example's own weights of a logit meet: D_ab o_b for the logits b up to a, and then (D u)_a. */
    private double[] beside(int logit, int i) {
        int c = columns.logits();
        int end = columns.ownEnds()[logit];
        double[] beside = new double[end + columns.commonSize()];
        for (int b = 0; b <= logit; b++) {
            double element = blocks[i][logit * c + b];
            int start = columns.ownStart(b);
            int at = columns.ownAt(b);
            for (int k = 0; k < columns.ownSize(b); k++) {
                beside[start + k] = element * own[i][at + k];
            }
        }
        System.arraycopy(curved[i * c + logit], 0, beside, end, columns.commonSize());
        return beside;
    }

    private void addMany(int logit, SymmetricSum sum) {
        int width = columns.ownEnds()[logit] + columns.commonSize();
        int owned = columns.ownSize(logit);
        int count = own.length;
        try (NativeDoubles beside = new NativeDoubles((long) count * width);
                NativeDoubles product = new NativeDoubles((long) owned * width)) {
            IntStream.range(0, count).parallel().forEach(i -> beside.put((long) i * width, beside(logit, i), 0, width));
            Blas.gemm(
                    chunk.own(logit, first, count).transposed(),
                    beside.matrix(count, width),
                    0,
                    product.matrix(owned, width));
            double[][] rows = new double[owned][width];
            for (int k = 0; k < owned; k++) {
                product.get((long) k * width, rows[k], 0, width);
            }
            add(logit, rows, sum);
        }
    }

    /** The same on the calling thread. */
    private void addFew(int logit, SymmetricSum sum) {
        int at = columns.ownAt(logit);
        double[][] rows = new double[columns.ownSize(logit)][columns.ownEnds()[logit] + columns.commonSize()];
        for (int start = 0; start < own.length; start += CACHED) {
            int count = Math.min(CACHED, own.length - start);
            double[][] beside = new double[count][];
            double[][] factors = new double[rows.length][count];
            for (int i = 0; i < count; i++) {
                beside[i] = beside(logit, start + i);
                for (int k = 0; k < rows.length; k++) {
                    factors[k][i] = own[start + i][at + k];
                }
            }
            for (int k = 0; k < rows.length; k++) {
                RowSums.add(factors[k], 0, beside, rows[k]);
            }
        }
        add(logit, rows, sum);
    }

    /** Different logits have places of their own. */
    private void add(int logit, double[][] rows, SymmetricSum sum) {
        int start = columns.ownStart(logit);
        int end = columns.ownEnds()[logit];
        double[] across = new double[rows.length];
        for (int k = 0; k < rows.length; k++) {
            sum.add(start + k, 0, rows[k], end);
        }
        for (int u = 0; u < columns.commonSize(); u++) {
            for (int k = 0; k < rows.length; k++) {
                across[k] = rows[k][end + u];
            }
            sum.add(columns.commonStart() + u, start, across, across.length);
        }
    }
}
