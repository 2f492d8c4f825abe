package org.finitentk.finetune;

/** A sum over examples that is minimized by steps on some of its terms at a time. */
interface Objective {
    /** The number of examples, at least 1. */
    int size();

    /**
     * The mean loss over some examples and its gradient.
     *
     * @param parameters θ
     * @param rows which examples
     * @param gradient receives ∂loss/∂θ
     * @return the loss, averaged over the rows
     */
    double evaluate(double[] parameters, int[] rows, double[] gradient);
}
