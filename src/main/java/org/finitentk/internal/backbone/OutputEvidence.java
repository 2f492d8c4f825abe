package org.finitentk.internal.backbone;

/**
 * What a network's own predictions on training rows say about which of its outputs a name is. An assignment has the
 * output of each name.
 */
interface OutputEvidence {
    /** The number of rows. */
    int rows();

    /** The number of the network's outputs, at least that of the names. */
    int outputs();

    /**
     * How well each name goes with each output, names × outputs; the more the better. An assignment's sum is what
     * counts.
     */
    double[][] agreement();

    /** The same with the predictions of row order[i] taken for those of row i. */
    double[][] agreement(int[] order);

    /** An assignment's sum, predictions in another order. */
    double agreement(int[] assignment, int[] order);

    /** No assignment's sum is more, predictions in another order. */
    double bound(int[] order);

    /** How much {@link #agreement(int[], int[])} computes, in products. */
    double effort();

    /** How much {@link #bound} computes. */
    double boundEffort();

    /** The probability that one assignment fares so much better than another, row by row, if both are as good. */
    double better(int[] candidate, int[] current);

    /** Some of the rows. */
    OutputEvidence select(int[] rows);

    /** An assignment's merit in words. */
    String merit(int[] assignment);
}
