package org.finitentk.classification;

import java.util.List;

/**
 * The most probable weights, as far as they were found.
 *
 * @param weights ŵ
 * @param logits the training logits there, prior ones included
 * @param objective log p(y | ŵ) − ½ ‖ŵ‖²/λ
 * @param gradient the norm of the gradient relative to that at w = 0
 * @param history the objective after each step or epoch
 * @param steps Newton steps, or epochs
 * @param converged whether the tolerance was reached, with next to nothing left to gain
 */
record MapFit(
        double[] weights,
        double[] logits,
        double objective,
        double gradient,
        List<Double> history,
        int steps,
        boolean converged) {
    MapFit {
        history = List.copyOf(history);
    }
}
