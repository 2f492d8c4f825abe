package org.finitentk.regression;

import java.util.List;
import org.finitentk.network.Examples;

/**
 * One function drawn from a posterior: m + J w with a weight vector w, so that it can be evaluated anywhere by one
 * Jacobian-vector product and is the same function every time. Drawn by pathwise conditioning (Wilson et al.,
 * "Efficiently sampling functions from Gaussian process posteriors", ICML 2020, section 3).
 */
public final class FunctionSample {
    private final Predictor predictor;
    /** Of each part, and each of its columns. */
    private final List<List<Predictor.LinearFunction>> functions;

    FunctionSample(Predictor predictor, List<List<Predictor.LinearFunction>> functions) {
        this.predictor = predictor;
        this.functions = functions;
    }

    /**
     * The function's values; without observation noise.
     *
     * @param z m examples
     * @return m × D, as the posterior's means
     */
    public double[] at(Examples z) {
        return predictor.linear(z, functions);
    }
}
