package org.finitentk.internal.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of the kernel matrix whose gradients are in memory together: some examples with all combinations of outputs, or,
 * where one example has too many, some combinations of one.
 *
 * @param from first example
 * @param to end of the examples
 * @param first combination
 * @param end of the combinations
 */
public record Rows(int from, int to, int first, int end) {
    public int combinations() {
        return end - first;
    }

    /** How many rows these are. */
    public long count() {
        return (long) (to - from) * combinations();
    }

    /** The first row's place in the matrix. */
    public int place(int allCombinations) {
        return from * allCombinations + first;
    }

    /**
     * Cuts all rows from one on.
     *
     * @param example of the first row
     * @param combination of the first row
     * @param examples how many there are
     * @param all combinations of an example
     * @param size the examples and combinations of a piece
     */
    public static List<Rows> cut(int example, int combination, int examples, int all, Size size) {
        List<Rows> pieces = new ArrayList<>();
        if (size.combinations() >= all) {
            for (int i = example; i < examples; i += size.examples()) {
                pieces.add(new Rows(i, Math.min(examples, i + size.examples()), 0, all));
            }
            return pieces;
        }
        for (int i = example; i < examples; i++) {
            for (int c = i == example ? combination : 0; c < all; c += size.combinations()) {
                pieces.add(new Rows(i, i + 1, c, Math.min(all, c + size.combinations())));
            }
        }
        return pieces;
    }

    /** The pieces of all rows after these. */
    public List<Rows> after(int examples, int all, Size size) {
        return end < all ? cut(from, end, examples, all, size) : cut(to, 0, examples, all, size);
    }

    /**
     * How many rows go together.
     *
     * @param examples 1 where not all combinations go together
     * @param combinations of each example
     */
    public record Size(int examples, int combinations) {}
}
