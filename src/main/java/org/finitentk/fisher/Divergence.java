package org.finitentk.fisher;

import java.util.Arrays;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;

/** KL(p_θ ‖ p_θ'), averaged over n examples, as a function of θ'; what it needs of θ is computed once. */
final class Divergence {
    private final LinearizedNetwork network;
    private final Examples examples;
    private final Likelihood likelihood;
    private final double[] theta;
    /** μ(θ), the means of y. */
    private final double[] means;

    Divergence(LinearizedNetwork network, Examples examples, Likelihood likelihood) {
        this.network = network;
        this.examples = examples;
        this.likelihood = likelihood;
        this.theta = network.parameterVector();
        // by the graphs that take θ as an input, as at every θ': what both round alike cancels
        try (LinearizedNetwork here = network.at(theta)) {
            this.means = likelihood.means(here.requireFinite(here.forward(examples), examples), network.outputSize());
        }
    }

    private Divergence(Divergence all, int count) {
        this.network = all.network;
        this.examples = all.examples.slice(0, count);
        this.likelihood = all.likelihood;
        this.theta = all.theta;
        this.means = Arrays.copyOf(all.means, count * network.outputSize());
    }

    /** The same for the first examples only. */
    Divergence first(int count) {
        return new Divergence(this, count);
    }

    int size() {
        return examples.size();
    }

    /** θ, not a copy. */
    double[] theta() {
        return theta;
    }

    /** μ(θ + εv) − μ(θ), n·k numbers: the gradient of the divergence by the outputs, times n. */
    double[] shift(double[] v, double epsilon) {
        try (LinearizedNetwork there = network.at(moved(v, epsilon))) {
            return shift(there, 1);
        }
    }

    /**
     * The gradient of the divergence by the parameters at θ + εv, times a factor: J(θ + εv)ᵀ (μ(θ + εv) − μ(θ)) / n.
     */
    double[] gradient(double[] v, double epsilon, double factor) {
        try (LinearizedNetwork there = network.at(moved(v, epsilon))) {
            // scaled before the reverse pass, so that single precision meets numbers of moderate size there
            return there.vjp(examples, shift(there, factor / examples.size()));
        }
    }

    private double[] moved(double[] v, double epsilon) {
        double[] moved = new double[theta.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = theta[i] + epsilon * v[i];
        }
        return moved;
    }

    private double[] shift(LinearizedNetwork there, double factor) {
        double[] shifted = there.requireFinite(there.forward(examples), examples);
        return Likelihood.difference(likelihood.means(shifted, network.outputSize()), means, factor);
    }
}
