package org.finitentk.internal.kernel;

import java.util.stream.LongStream;

/** What products of a panel's kept gradients with blocks of vectors have in common, whatever their precision. */
abstract class PanelProducts {
    /** Numbers of a piece of work that is worth a core of its own. */
    static final int COPIED = 1 << 14;
    /** Numbers that stay in the inner caches while all combinations are added to them. */
    private static final int SLICE = 1 << 11;

    private static final long PIECES_A_CORE = 4;

    /** A panel's part of a block of vectors, from an index on. */
    record Part(double[] values, int at) {}

    final HeldGradients panel;
    /** Vectors of a block. */
    final int columns;

    PanelProducts(HeldGradients panel, int columns) {
        this.panel = panel;
        this.columns = columns;
    }

    /** Rows of the kernel matrix that are the panel's, times the columns: elements of its part of a block. */
    final int elements() {
        return panel.examples() * panel.combinations() * columns;
    }

    /** Where the row of an example and a combination begins in the panel's part of a block. */
    final int row(int example, int combination) {
        return (example * panel.combinations() + combination) * columns;
    }

    /** Examples of so many numbers that stay in the caches. */
    final int step(long numbers, int cached) {
        return (int) Math.max(1, Math.min(panel.examples(), cached / Math.max(1, numbers)));
    }

    interface Piece {
        /** Does items [from, to). */
        void accept(long from, long to);
    }

    /**
     * All cores, each a few pieces: these loops move memory, and one core alone would take as long for them as all take
     * for the products.
     */
    static void share(long items, long atLeast, Piece piece) {
        long most = PIECES_A_CORE * Runtime.getRuntime().availableProcessors();
        long pieces = Math.max(1, Math.min(most, items / Math.max(1, atLeast)));
        LongStream.range(0, pieces).parallel().forEach(i -> piece.accept(items * i / pieces, items * (i + 1) / pieces));
    }

    interface Slice {
        /** Does numbers [at, at + length) of some examples, whose numbers follow one another. */
        void accept(int example, int many, int at, int length);
    }

    /**
     * Goes through some examples of so many numbers each, on all cores, some thousand numbers at a time: parts of a
     * large example, or several small ones, as every access to native memory costs as much as moving a hundred.
     */
    static void slices(int count, int size, Slice slice) {
        int many = Math.max(1, SLICE / size);
        share(count, COPIED / size, (first, end) -> {
            for (int example = (int) first; example < end; example += many) {
                int some = (int) Math.min(many, end - example);
                for (int at = 0; at < size; at += SLICE) {
                    slice.accept(example, some, at, Math.min(SLICE, size - at));
                }
            }
        });
    }
}
