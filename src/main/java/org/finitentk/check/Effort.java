package org.finitentk.check;

import org.finitentk.internal.onnx.OperationCount;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Product;

/**
 * How much is tried of a network, so that even a large one is checked in minutes. Every parameter is looked at, every
 * output, and two examples at least: what a large network has less of is the number of parameters and outputs that are
 * told apart.
 *
 * @param examples that the more expensive properties are tried on
 * @param blocks of parameters that are told apart
 */
record Effort(int examples, int blocks) {
    /** Operations of the forward graph over all examples and blocks. */
    private static final double OPERATIONS = 1.5e10;

    private static final int FEWEST_EXAMPLES = 2;
    private static final int MOST_BLOCKS = 64;
    private static final int FEWEST_BLOCKS = 8;

    static Effort of(LinearizedNetwork network) {
        OperationCount count = OperationCount.of(network.graphs().graph(Product.FORWARD));
        return of(count.perExample() + count.fixed());
    }

    /**
     * For a network of some size.
     *
     * @param operations of its forward graph for an example
     */
    static Effort of(double operations) {
        int examples = within(OPERATIONS / (operations * MOST_BLOCKS), FEWEST_EXAMPLES, LinearizationCheck.EXAMPLES);
        int blocks = within(OPERATIONS / (operations * examples), FEWEST_BLOCKS, MOST_BLOCKS);
        return new Effort(examples, blocks);
    }

    private static int within(double number, int least, int most) {
        return (int) Math.max(least, Math.min(most, number));
    }
}
