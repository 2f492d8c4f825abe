package org.finitentk.finetune;

import java.util.Arrays;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.jspecify.annotations.Nullable;

/** The loss of a network's outputs against targets; its gradient is one vector-Jacobian product. */
final class NetworkObjective implements Objective {
    private final LinearizedNetwork network;
    private final Examples examples;
    private final double[] targets;
    private final double @Nullable [] weights;
    private final FineTuning.Loss loss;

    /** Targets are n × k, example-major; weights one an example, or null for 1. */
    NetworkObjective(
            LinearizedNetwork network,
            Examples examples,
            double[] targets,
            double @Nullable [] weights,
            FineTuning.Loss loss) {
        this.network = network;
        this.examples = examples;
        this.targets = targets;
        this.weights = weights;
        this.loss = loss;
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public double evaluate(double[] parameters, int[] rows, double[] gradient) {
        int k = network.outputSize();
        Examples batch = examples.select(rows);
        double[] y = new double[rows.length * k];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(targets, rows[i] * k, y, i * k, k);
        }
        double[] w = weights == null
                ? null
                : Arrays.stream(rows).mapToDouble(i -> weights[i]).toArray();
        try (LinearizedNetwork here = network.at(parameters)) {
            double[] cotangent = new double[y.length];
            double value = loss.evaluate(here.forward(batch), y, w, k, cotangent);
            // A derivative that is not finite would only be spread over all parameters; the loop refuses the loss.
            if (Double.isFinite(value)) {
                double[] product = here.vjp(batch, cotangent);
                System.arraycopy(product, 0, gradient, 0, gradient.length);
            }
            return value;
        }
    }
}
