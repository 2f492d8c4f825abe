package org.finitentk.internal.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.jspecify.annotations.Nullable;

/** Products of per-example gradients, panel by panel of rows so that intermediate matrices stay small. */
public final class GramProducts implements AutoCloseable {
    private static final int PANEL_ROWS = 512;
    private static final int PANEL_ELEMENTS = 1 << 22;
    /** Rows of a symmetric product that are made together: wide enough for a product's full speed. */
    private static final int BAND = 128;

    /** Numbers that stay in the inner caches between the copies that make single precision double. */
    private static final int CACHED = 1 << 11;

    private final List<Block> left;
    private final List<Block> right;
    private final int examples;
    /** Of outputs, for each example of the left and of the right. */
    private final int leftCombinations;

    private final int rightCombinations;
    private final int panel;
    private final NativeDoubles sum;
    private final NativeDoubles inputs;
    private final NativeDoubles deltas;
    private final double[] row;
    private final double[] other;

    /** Blocks of the same parameters for two sets of examples, or twice the same list. */
    public GramProducts(List<Block> left, List<Block> right) {
        this.left = left;
        this.right = right;
        this.leftCombinations = left.get(0).combinations();
        this.rightCombinations = right.get(0).combinations();
        this.examples = left.get(0).examples();
        int columns = right.get(0).rows();
        int rows = Math.max(1, Math.min(PANEL_ROWS, PANEL_ELEMENTS / Math.max(1, columns)));
        this.panel = Math.max(1, Math.min(examples, rows / leftCombinations));
        long elements = (long) panel * leftCombinations * columns;
        this.sum = new NativeDoubles(elements);
        this.inputs = new NativeDoubles(workspace(true, elements));
        this.deltas = new NativeDoubles(workspace(false, elements));
        this.row = new double[columns];
        this.other = new double[columns];
    }

    /** The largest product of factors: of all positions of one example with those of all others, or of a panel's. */
    private long workspace(boolean ofInputs, long elements) {
        long most = 0;
        for (int b = 0; b < left.size(); b++) {
            if (left.get(b).single() != null) {
                continue;
            }
            long positions = (long) left.get(b).positions() * right.get(b).positions();
            most = Math.max(
                    most,
                    positions == 1
                            ? elements
                            : positions
                                    * (ofInputs
                                            ? right.get(b).examples()
                                            : right.get(b).rows()));
        }
        return most;
    }

    /**
     * Where products are added.
     *
     * @param k a matrix
     * @param row of the first product
     * @param column of the first product
     * @param leading elements between rows
     */
    record Corner(double[] k, int row, int column, int leading) {}

    /** Adds the products to a matrix; if the lists are the same, only on and right of the diagonal. */
    void accumulate(Corner corner) {
        for (int from = 0; from < examples; from += panel) {
            int count = Math.min(panel, examples - from);
            int start = left == right ? from : 0;
            int columns = right.get(0).rows() - start * rightCombinations;
            clear((long) count * leftCombinations * columns);
            for (int b = 0; b < left.size(); b++) {
                add(left.get(b), right.get(b), from, count, start);
            }
            for (int i = 0; i < count * leftCombinations; i++) {
                sum.get((long) i * columns, row, 0, columns);
                int at = (corner.row() + from * leftCombinations + i) * corner.leading()
                        + corner.column()
                        + start * rightCombinations;
                for (int j = 0; j < columns; j++) {
                    corner.k()[at + j] += row[j];
                }
            }
        }
    }

    private void clear(long elements) {
        Arrays.fill(row, 0);
        for (long at = 0; at < elements; at += row.length) {
            sum.put(at, row, 0, (int) Math.min(row.length, elements - at));
        }
    }

    /** Adds one parameter's products of examples [from, from + count) with those from {@code start} on. */
    private void add(Block a, Block b, int from, int count, int start) {
        int r = leftCombinations;
        int first = start * rightCombinations;
        int columns = b.rows() - first;
        if (a.single() != null && a.input() != null && FormedProducts.isCheaper(a, b, a.examples(), b.examples())) {
            try (FormedProducts products = new FormedProducts(a, b)) {
                products.add(from, count, start, sum);
            }
        } else if (a.single() != null && a.input() != null && CombinationProducts.isFor(a, b)) {
            try (CombinationProducts products = new CombinationProducts(a, b)) {
                for (int i = 0; i < count; i++) {
                    products.add(from + i, start, sum, i * r);
                }
            }
        } else if (a.single() != null && a.input() != null) {
            try (FactorProducts products = new FactorProducts(a, b)) {
                for (int i = 0; i < count; i++) {
                    products.add(from + i, start, sum, i * r);
                }
            }
        } else if (a.single() != null && b.single() != null) {
            addSingle(a, from * r, count * r, b, first, columns);
        } else if (a.input() == null || b.input() == null) {
            Blas.gemm(
                    a.deltas(from * r, count * r),
                    b.deltas(first, columns).transposed(),
                    1,
                    sum.matrix(count * r, columns));
        } else if (a.positions() == 1 && b.positions() == 1 && !a.isTable()) {
            int others = b.examples() - start;
            Blas.gemm(a.inputs(from, count), b.inputs(start, others).transposed(), 0, inputs.matrix(count, others));
            Blas.gemm(
                    a.deltas(from * r, count * r),
                    b.deltas(first, columns).transposed(),
                    0,
                    deltas.matrix(count * r, columns));
            multiply(count * r, others);
        } else {
            for (int i = 0; i < count; i++) {
                positions(a, b, from + i, i * r, start);
            }
        }
    }

    /**
     * Gradients in single precision are multiplied in double precision, some columns of them at a time. Of products of
     * the same rows, those left of the diagonal are left out but for a narrow band.
     */
    private void addSingle(Block a, int aRow, int rows, Block b, int bRow, int columns) {
        int width = a.width();
        boolean same = left == right && aRow == bRow;
        int band = same ? BAND : rows;
        int most = Math.max(1, Math.min(width, PANEL_ELEMENTS / (rows + columns)));
        try (@Nullable NativeDoubles aPanel = same ? null : new NativeDoubles((long) rows * most);
                NativeDoubles bPanel = new NativeDoubles((long) columns * most)) {
            for (int from = 0; from < width; from += most) {
                int count = Math.min(most, width - from);
                widen(b, bRow, columns, from, count, bPanel);
                if (aPanel != null) {
                    widen(a, aRow, rows, from, count, aPanel);
                }
                for (int row = 0; row < rows; row += band) {
                    int some = Math.min(band, rows - row);
                    int first = same ? row : 0;
                    Blas.gemm(
                            (aPanel == null ? bPanel : aPanel).matrix((long) row * count, some, count),
                            bPanel.matrix((long) first * count, columns - first, count)
                                    .transposed(),
                            1,
                            sum.part((long) row * columns + first, some, columns - first, columns));
                }
            }
        }
    }

    private static void widen(Block source, int firstRow, int rows, int from, int count, NativeDoubles target) {
        IntStream.range(0, rows).parallel().forEach(i -> {
            float[] narrow = new float[Math.min(count, CACHED)];
            double[] wide = new double[narrow.length];
            for (int at = 0; at < count; at += wide.length) {
                int some = Math.min(wide.length, count - at);
                source.singles().get((long) (firstRow + i) * source.width() + from + at, narrow, 0, some);
                for (int j = 0; j < some; j++) {
                    wide[j] = narrow[j];
                }
                target.put((long) i * count + at, wide, 0, some);
            }
        });
    }

    /** sum += inputs ∘ deltas: (A A'ᵀ) ∘ (Δ Δ'ᵀ), an example's input product for all its combinations. */
    private void multiply(int rows, int others) {
        int r = rightCombinations;
        double[] total = new double[others * r];
        for (int i = 0; i < rows; i++) {
            if (i % leftCombinations == 0) {
                inputs.get((long) (i / leftCombinations) * others, other, 0, others);
            }
            deltas.get((long) i * others * r, row, 0, others * r);
            sum.get((long) i * others * r, total, 0, others * r);
            for (int j = 0; j < others; j++) {
                for (int c = j * r; c < (j + 1) * r; c++) {
                    total[c] += other[j] * row[c];
                }
            }
            sum.put((long) i * others * r, total, 0, others * r);
        }
    }

    /** Σ over positions t, t' of (a_t · a'_t') (δ_t · δ'_t') for one example of the left, so that T² stays small. */
    private void positions(Block a, Block b, int example, int sumRow, int start) {
        int r = rightCombinations;
        int t = a.positions();
        int tOther = b.positions();
        int others = b.examples() - start;
        double[] products = new double[t * others * tOther];
        if (a.isTable()) {
            equal(a.lookedUp(example, 1), b.lookedUp(start, others), products);
        } else {
            Blas.gemm(a.inputs(example, 1), b.inputs(start, others).transposed(), 0, inputs.matrix(t, others * tOther));
            inputs.get(0, products, 0, products.length);
        }
        double[] d = new double[products.length * r];
        for (int c = 0; c < leftCombinations; c++) {
            Blas.gemm(
                    a.deltas(example * leftCombinations + c, 1),
                    b.deltas(start * r, others * r).transposed(),
                    0,
                    deltas.matrix(t, others * r * tOther));
            deltas.get(0, d, 0, d.length);
            long at = (long) (sumRow + c) * others * r;
            sum.get(at, row, 0, others * r);
            Rows inputProducts = new Rows(products, others * tOther);
            Rows deltaProducts = new Rows(d, others * r * tOther);
            for (int j = 0; j < others * r; j++) {
                row[j] += contract(inputProducts, j / r * tOther, deltaProducts, j * tOther, t, tOther);
            }
            sum.put(at, row, 0, others * r);
        }
    }

    /** Rows of a table, as unit vectors, have products of 1 and 0. */
    private static void equal(double[] left, double[] right, double[] products) {
        for (int i = 0; i < products.length; i++) {
            products[i] = left[i / right.length] == right[i % right.length] ? 1 : 0;
        }
    }

    /**
     * A matrix by rows.
     *
     * @param values all of them
     * @param leading elements between rows
     */
    private record Rows(double[] values, int leading) {}

    /** Σ over t rows and tOther columns, from a column of each matrix on, of the products of their elements. */
    private static double contract(Rows a, int aColumn, Rows d, int dColumn, int t, int tOther) {
        double sum = 0;
        for (int p = 0; p < t; p++) {
            int aRow = p * a.leading() + aColumn;
            int dRow = p * d.leading() + dColumn;
            for (int q = 0; q < tOther; q++) {
                sum += a.values()[aRow + q] * d.values()[dRow + q];
            }
        }
        return sum;
    }

    @Override
    public void close() {
        sum.close();
        inputs.close();
        deltas.close();
    }
}
