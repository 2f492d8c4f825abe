package org.finitentk.kernel;

/** Which pairs of examples' gradients are multiplied at a time, and how many of these pairs are done. */
final class Tiles {
    private final int leftExamples;
    private final int rightExamples;
    private final int left;
    private final int right;
    private final long total;
    private long done;

    /** Tiles of all pairs, or of those on and above the diagonal of one set. */
    Tiles(int leftExamples, int rightExamples, int left, int right, boolean symmetric) {
        this.leftExamples = leftExamples;
        this.rightExamples = rightExamples;
        this.left = left;
        this.right = right;
        long count = 0;
        for (int i = 0; i < leftExamples; i += left) {
            int first = symmetric ? leftEnd(i) : 0;
            count += (symmetric ? 1 : 0) + (rightExamples - first + right - 1L) / right;
        }
        this.total = count;
    }

    int left() {
        return left;
    }

    int leftEnd(int from) {
        return Math.min(leftExamples, from + left);
    }

    int rightEnd(int from) {
        return Math.min(rightExamples, from + right);
    }

    /** Counts a tile. */
    long done() {
        return ++done;
    }

    long total() {
        return total;
    }
}
