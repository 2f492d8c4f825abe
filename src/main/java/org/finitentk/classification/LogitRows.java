package org.finitentk.classification;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;

/**
 * What weights have to do with the logits of all examples, by each example's rows of the Jacobian. Rows that fit are
 * kept, others are made anew for each pass. Thread safe.
 */
final class LogitRows {
    /** Elements of rows that are kept: 256 MiB, and a sixteenth of the heap at most. */
    private static final long KEPT = 1L << 25;

    private static final long HEAP_SHARE = 16;
    /** Operations for each element and class, at a tenth of the rate of products. */
    private static final int ELEMENT = 40;
    /** Columns that one thread takes. */
    private static final int COLUMNS = 256;
    /** Elements of rows that are multiplied together: 64 MiB. */
    private static final int BLOCK = 1 << 23;
    /** Classes from which on the rows they share are looked at; what fewer ones predict stays bit for bit the same. */
    private static final int MANY = 32;

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

    /**
     * Whether products with so many vectors of all weights are quicker by an example's row than by running the network
     * for each class: under SHARED one row serves all classes.
     */
    static boolean serve(LogitMap map, int vectors) {
        double columns = (double) map.classes() * vectors;
        double elements = perExample(map);
        return map.isShared()
                && map.classes() >= MANY
                && CostModel.jacobianRows(elements) + 2 * elements * columns
                        < columns * CostModel.networkProduct(1, map.network());
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
        if (isKept) {
            consumer.accept(0, keptRows());
        } else {
            make(consumer);
        }
    }

    private synchronized double[][] keptRows() {
        if (kept.length == 0) {
            double[][] all = new double[x.size()][];
            make((from, some) -> System.arraycopy(some, 0, all, from, some.length));
            kept = all;
        }
        return kept;
    }

    private void make(Consumer consumer) {
        int length = Math.toIntExact(perExample(map));
        new JacobianRows(map.network(), progress).forEach(x, map.outputs(), (from, to, rows) -> {
            double[][] some = new double[to - from][length];
            for (int i = 0; i < some.length; i++) {
                rows.get((long) i * length, some[i], 0, length);
            }
            consumer.accept(from, some);
        });
    }

    /** J w of several w under SHARED, each n × C. */
    double[][] products(double[][] ws) {
        int c = map.classes();
        int p = Math.toIntExact(map.network().parameterCount());
        double[][] products = new double[ws.length][Math.multiplyExact(x.size(), c)];
        inBlocks((from, block) -> {
            double[] rows = flat(block);
            double[] own = new double[block.length * c];
            for (int s = 0; s < ws.length; s++) {
                Blas.gemm(
                        ArrayMatrix.of(rows, block.length, p),
                        ArrayMatrix.of(ws[s], c, p).transposed(),
                        0,
                        ArrayMatrix.of(own, block.length, c));
                System.arraycopy(own, 0, products[s], from * c, own.length);
            }
        });
        return products;
    }

    /** Jᵀ u of several u of n × C under SHARED: the sums are taken in the order of the examples. */
    double[][] transposed(double[][] us) {
        int c = map.classes();
        int p = Math.toIntExact(map.network().parameterCount());
        double[][] sums = new double[us.length][Math.toIntExact(map.weightCount())];
        inBlocks((from, block) -> {
            double[] rows = flat(block);
            for (int s = 0; s < us.length; s++) {
                double[] own = Arrays.copyOfRange(us[s], from * c, (from + block.length) * c);
                Blas.gemm(
                        ArrayMatrix.of(own, block.length, c).transposed(),
                        ArrayMatrix.of(rows, block.length, p),
                        1,
                        ArrayMatrix.of(sums[s], c, p));
            }
        });
        return sums;
    }

    /** So many rows together that they can be copied into one array. */
    private void inBlocks(Consumer consumer) {
        int most = (int) Math.max(1, BLOCK / perExample(map));
        forEach((from, rows) -> {
            for (int at = 0; at < rows.length; at += most) {
                consumer.accept(from + at, Arrays.copyOfRange(rows, at, Math.min(rows.length, at + most)));
            }
        });
    }

    private static double[] flat(double[][] rows) {
        int width = rows[0].length;
        double[] flat = new double[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * width, width);
        }
        return flat;
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
                add(rows[i], h, from + i, part * COLUMNS, end, diagonal);
            }
        }));
        return diagonal;
    }

    private void add(double[] rows, BlockDiagonal h, int example, int from, int to, double[] diagonal) {
        int c = map.classes();
        int p = map.isShared() ? rows.length : rows.length / c;
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
