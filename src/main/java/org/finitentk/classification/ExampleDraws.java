package org.finitentk.classification;

/** Draws of the logits of all training examples, which are asked for one example at a time. */
interface ExampleDraws {
    /** How many draws there are. */
    int count();

    /** The draws of one example's logits: C rows, each with one number a draw. */
    double[][] logits(int example);
}
