package org.finitentk.finetune;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;

/**
 * A network, a way of training it and the data: trained on all of the data, or on a part of it to see how far off the
 * network is on the rest.
 *
 * @param network the network at the parameters to start from
 * @param training how it is trained
 * @param examples inputs
 * @param targets n × k
 * @param weights one weight an example
 * @param seed decides the order of the examples, and which are held out
 * @param listener told of every step
 */
record TrainingRun(
        LinearizedNetwork network,
        FineTuning training,
        Examples examples,
        double[] targets,
        double[] weights,
        long seed,
        ProgressListener listener) {
    FineTuning.Result train() {
        return training.train(network, examples, targets, weights, seed, listener);
    }

    /** What training comes to if nothing may move. */
    FineTuning.Result untrained() {
        return new FineTuning.Result(network.parameterVector(), new double[0], 0);
    }

    /** Each output's mean squared residual of all examples. */
    double[] meanSquares(FineTuning.Result result) {
        return meanSquares(result, examples, targets);
    }

    /**
     * Each output's mean squared residual of a fraction of the examples, drawn by the seed, after training on the
     * others alone.
     *
     * @throws IllegalArgumentException if there are fewer than 2 examples
     */
    double[] heldOutMeanSquares(double fraction) {
        int n = examples.size();
        if (n < 2) {
            throw new IllegalArgumentException(
                    "there is 1 training example, of which none can be held out; give more examples or set "
                            + "heldOutFraction to 0");
        }
        int[] order = shuffled(n);
        int held = Math.max(1, Math.min(n - 1, (int) Math.round(fraction * n)));
        int[] out = Arrays.copyOf(order, held);
        int[] in = Arrays.copyOfRange(order, held, n);
        FineTuning.Result result =
                training.train(network, examples.select(in), targetsOf(in), weightsOf(in), seed, listener);
        return meanSquares(result, examples.select(out), targetsOf(out));
    }

    /** Another sequence than the order of training, which has the same seed. */
    private int[] shuffled(int n) {
        SplittableRandom random = new SplittableRandom(seed).split();
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private double[] targetsOf(int[] rows) {
        int k = network.outputSize();
        double[] selected = new double[rows.length * k];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(targets, rows[i] * k, selected, i * k, k);
        }
        return selected;
    }

    private double[] weightsOf(int[] rows) {
        return Arrays.stream(rows).mapToDouble(row -> weights[row]).toArray();
    }

    private double[] meanSquares(FineTuning.Result result, Examples x, double[] y) {
        double[] means = new double[network.outputSize()];
        double[] outputs = outputsAt(result.parameters(), x);
        for (int j = 0; j < y.length; j++) {
            double residual = outputs[j] - y[j];
            means[j % means.length] += residual * residual * means.length / y.length;
        }
        return means;
    }

    private double[] outputsAt(double[] parameters, Examples x) {
        try (LinearizedNetwork trained = network.at(parameters)) {
            return trained.requireFinite(trained.forward(x), x);
        }
    }
}
