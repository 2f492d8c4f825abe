package org.finitentk.classification;

import java.util.stream.IntStream;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;

/**
 * What independent weights have to do with the logits of all training examples, by each example's rows of the Jacobian.
 * Rows that fit are kept, others are made anew for each pass.
 */
final class LogitRows {
    /** Elements of rows that are kept: 256 MiB, and a sixteenth of the heap at most. */
    private static final long KEPT = 1L << 25;

    private static final long HEAP_SHARE = 16;
    /** Operations for each element and class, at a tenth of the rate of products. */
    private static final int ELEMENT = 40;
    /** Columns that one thread takes. */
    private static final int COLUMNS = 256;

    private final LogitMap map;
    private final Examples x;
    private final ProgressListener progress;
    private final boolean isKept;
    private double[][] kept = {};

    LogitRows(LogitMap map, Examples x, ProgressListener progress) {
        this.map = map;
        this.x = x;
        this.progress = progress;
        this.isKept = isKept(map, x.size());
    }

    /** Elements of one example's rows. */
    static long perExample(LogitMap map) {
        return map.network().parameterCount() * (map.isShared() ? 1 : map.classes());
    }

    /** Whether the rows of n examples are made once only. */
    static boolean isKept(LogitMap map, int n) {
        double most = Math.min(KEPT, Runtime.getRuntime().maxMemory() / Double.BYTES / HEAP_SHARE);
        return (double) perExample(map) * n <= most;
    }

    /** What so many passes over n examples take. */
    static double seconds(LogitMap map, int n, int passes) {
        double elements = (double) perExample(map) * n;
        double made = CostModel.jacobianRows(elements) * (isKept(map, n) ? 1 : passes);
        return CostModel.seconds(made + passes * elements * map.classes() * ELEMENT, map.network());
    }

    /** Takes some examples' rows, which it does not change. */
    private interface Consumer {
        void accept(int from, double[][] rows);
    }

    private void forEach(Consumer consumer) {
        if (kept.length > 0) {
            consumer.accept(0, kept);
            return;
        }
        double[][] all = new double[isKept ? x.size() : 0][];
        int length = Math.toIntExact(perExample(map));
        new JacobianRows(map.network(), progress).forEach(x, map.outputs(), (from, to, rows) -> {
            double[][] some = new double[to - from][length];
            for (int i = 0; i < some.length; i++) {
                rows.get((long) i * length, some[i], 0, length);
            }
            if (isKept) {
                System.arraycopy(some, 0, all, from, some.length);
            } else {
                consumer.accept(from, some);
            }
        });
        if (isKept) {
            kept = all;
            consumer.accept(0, kept);
        }
    }

    /** J diag(s²) Jᵀ of each example, from the weights' deviations s. */
    BlockDiagonal covariances(double[] deviations) {
        int size = map.classes() * map.classes();
        BlockDiagonal blocks = BlockDiagonal.zeros(x.size(), map.classes());
        forEach((from, rows) -> IntStream.range(0, rows.length)
                .parallel()
                .forEach(i -> System.arraycopy(
                        LogitMoments.covariance(map, rows[i], deviations, 1),
                        0,
                        blocks.values(),
                        (from + i) * size,
                        size)));
        return blocks;
    }

    /** diag(Jᵀ H J), one number for each weight. Sums are taken in the order of the examples. */
    double[] diagonal(BlockDiagonal h) {
        double[] diagonal = new double[Math.toIntExact(map.weightCount())];
        int p = Math.toIntExact(map.network().parameterCount());
        int parts = (p + COLUMNS - 1) / COLUMNS;
        forEach((from, rows) -> IntStream.range(0, parts).parallel().forEach(part -> {
            int end = Math.min(p, (part + 1) * COLUMNS);
            for (int i = 0; i < rows.length; i++) {
                add(rows[i], p, h, from + i, part * COLUMNS, end, diagonal);
            }
        }));
        return diagonal;
    }

    private void add(double[] rows, int p, BlockDiagonal h, int example, int from, int to, double[] diagonal) {
        int c = map.classes();
        for (int a = 0; a < c; a++) {
            int row = (example * c + a) * c;
            if (map.isShared()) {
                double own = h.values()[row + a];
                for (int j = from; j < to; j++) {
                    diagonal[a * p + j] += own * rows[j] * rows[j];
                }
                continue;
            }
            for (int b = 0; b <= a; b++) {
                double own = (a == b ? 1 : 2) * h.values()[row + b];
                for (int j = from; j < to; j++) {
                    diagonal[j] += own * rows[a * p + j] * rows[b * p + j];
                }
            }
        }
    }
}
