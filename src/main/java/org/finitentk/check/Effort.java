package org.finitentk.check;

import org.finitentk.internal.network.Product;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.OperationCount;
import org.finitentk.network.LinearizedNetwork;

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

    private static final int PASSES_OF_PRODUCT = 3;
    private static final int PASSES_IN_FLOAT64 = 3;
    private static final int FIRST_STEPS = 2;
    private static final int DIRECTIONS = 3;
    /** Products with J or its transpose, of all properties but for one a block of parameters. */
    private static final int ALL_PROPERTIES = 15;

    static Effort of(LinearizedNetwork network) {
        return of(forward(network));
    }

    private static double forward(LinearizedNetwork network) {
        OperationCount count =
                OperationCount.of(RunningNetwork.of(network).graphs().graph(Product.FORWARD));
        return count.perExample() + count.fixed();
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

    /**
     * Floating-point operations of a check whose differences are good at the first two steps, as those of ordinary
     * networks are; up to four times as many where all steps are tried. A product with J counts as three forward
     * passes, and so does a pass in float64.
     */
    static double operations(LinearizedNetwork network) {
        return operations(forward(network));
    }

    /** For a network whose forward graph has so many operations for an example. */
    static double operations(double forward) {
        Effort effort = of(forward);
        double products = ALL_PROPERTIES + effort.blocks();
        double differences = (DIRECTIONS + effort.blocks()) * (PASSES_OF_PRODUCT + 2.0 * FIRST_STEPS);
        double few = effort.examples() * (PASSES_OF_PRODUCT * products + PASSES_IN_FLOAT64 * differences);
        return forward * (few + LinearizationCheck.EXAMPLES * (1 + 2.0 * PASSES_OF_PRODUCT));
    }

    private static int within(double number, int least, int most) {
        return (int) Math.max(least, Math.min(most, number));
    }
}
