package org.finitentk.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The rows of a batch: numbers of tokens, which of them are no padding, and which text each belongs to. */
final class TokenRows {
    private final SpecialTokens special;
    private final int length;
    private final int examples;
    private final long[] ids;
    private final long[] mask;
    private final long[] types;
    private int shortened;

    TokenRows(SpecialTokens special, int length, int examples) {
        this.special = special;
        this.length = length;
        this.examples = examples;
        int count = Math.multiplyExact(length, examples);
        this.ids = new long[count];
        Arrays.fill(ids, special.padding());
        this.mask = new long[count];
        this.types = new long[count];
    }

    int examples() {
        return examples;
    }

    int length() {
        return length;
    }

    long[] ids() {
        return ids;
    }

    long[] mask() {
        return mask;
    }

    long[] types() {
        return types;
    }

    /** How many examples have more tokens than a row. */
    int shortened() {
        return shortened;
    }

    /**
     * Writes an example.
     *
     * @param example its place
     * @param texts numbers of each text's tokens
     * @throws IllegalArgumentException if no text has a token, or a number is none of the vocabulary
     */
    void put(int example, List<List<Double>> texts) {
        if (texts.stream().allMatch(List::isEmpty)) {
            throw new IllegalArgumentException(
                    "example " + example + " has no tokens: its text is empty; give it a text or remove it");
        }
        int at = example * length;
        ids[at] = special.first();
        mask[at] = 1;
        at++;
        List<List<Double>> cut = cut(texts);
        for (int t = 0; t < cut.size(); t++) {
            for (double id : cut.get(t)) {
                at = put(at, requireKnown(example, id), t);
            }
            at = put(at, special.separator(), t);
        }
    }

    private int put(int at, long id, int type) {
        ids[at] = id;
        mask[at] = 1;
        types[at] = type;
        return at + 1;
    }

    private long requireKnown(int example, double id) {
        if (id != Math.rint(id) || id < 0 || id >= special.vocabulary()) {
            throw new IllegalArgumentException("example " + example + " has the token "
                    + (id == Math.rint(id) ? Long.toString((long) id) : Double.toString(id))
                    + ", which is beyond the vocabulary of " + special.vocabulary()
                    + "; expected tokens of the tokenizer that TokenTransformer has");
        }
        return (long) id;
    }

    /** The longest text loses its last token until all fit. */
    private List<List<Double>> cut(List<List<Double>> texts) {
        int room = length - 1 - texts.size();
        int[] sizes = texts.stream().mapToInt(List::size).toArray();
        shortened += Arrays.stream(sizes).sum() > room ? 1 : 0;
        while (Arrays.stream(sizes).sum() > room) {
            int longest = 0;
            for (int t = 1; t < sizes.length; t++) {
                longest = sizes[t] > sizes[longest] ? t : longest;
            }
            sizes[longest]--;
        }
        List<List<Double>> cut = new ArrayList<>();
        for (int t = 0; t < sizes.length; t++) {
            cut.add(texts.get(t).subList(0, sizes[t]));
        }
        return cut;
    }
}
