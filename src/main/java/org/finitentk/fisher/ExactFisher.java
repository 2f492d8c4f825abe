package org.finitentk.fisher;

import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.jspecify.annotations.Nullable;

/** F v = Jᵀ (H (J v)) / n. */
final class ExactFisher extends FisherOperator {
    /** The means of y given the outputs at θ; null where H does not depend on them. */
    private final double @Nullable [] means;

    private final LinearizedExamples jacobian;

    ExactFisher(LinearizedNetwork network, Examples examples, Likelihood likelihood) {
        super(network, examples, likelihood);
        jacobian = network.keeping(examples);
        means = likelihood == Likelihood.GAUSSIAN
                ? null
                : likelihood.means(network.requireFinite(network.forward(examples), examples), network.outputSize());
    }

    @Override
    double[][] products(double[][] vectors) {
        double[][] cotangents = jacobian.jvp(vectors);
        for (double[] cotangent : cotangents) {
            if (means != null) {
                likelihood().multiplyHessian(means, network().outputSize(), cotangent);
            }
            for (int i = 0; i < cotangent.length; i++) {
                cotangent[i] /= examples().size();
            }
        }
        return jacobian.vjp(cotangents);
    }

    /** Gives up the network's own values; later products compute them anew. */
    @Override
    public void close() {
        jacobian.close();
    }
}
