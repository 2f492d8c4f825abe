package org.finitentk.finetune;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.finitentk.network.ProgressListener;

/**
 * The training loop: every epoch visits all examples once, in an order drawn anew, in batches of one size (the last one
 * may be smaller). Stops at the first loss or gradient that is not finite.
 *
 * @param optimizer the rule of one step
 * @param epochs passes over the examples, at least 1
 * @param batchSize examples a step, at least 1
 */
record MiniBatches(Optimizer optimizer, int epochs, int batchSize) {
    TrainingResult minimize(Objective objective, double[] start, SplittableRandom random, ProgressListener listener) {
        int n = objective.size();
        int batches = (n - 1) / batchSize + 1;
        long totalSteps = Math.multiplyExact((long) epochs, batches);
        double[] parameters = start.clone();
        double[] gradient = new double[parameters.length];
        double[] losses = new double[epochs];
        int[] order = identity(n);
        Optimizer.Run run = optimizer.start(parameters.length, totalSteps);
        long step = 0;
        for (int epoch = 0; epoch < epochs; epoch++) {
            shuffle(order, random);
            for (int from = 0; from < n; from += batchSize) {
                int[] rows = Arrays.copyOfRange(order, from, Math.min(n, from + batchSize));
                double loss = objective.evaluate(parameters, rows, gradient);
                requireFinite(loss, gradient, epoch, step, totalSteps);
                losses[epoch] += loss * rows.length / n;
                run.step(parameters, gradient);
                listener.progress("training", ++step, totalSteps);
            }
        }
        requireFiniteParameters(parameters);
        return new TrainingResult(parameters, losses, step);
    }

    private static int[] identity(int n) {
        int[] order = new int[n];
        Arrays.setAll(order, i -> i);
        return order;
    }

    private static void shuffle(int[] order, SplittableRandom random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }

    private void requireFinite(double loss, double[] gradient, int epoch, long step, long totalSteps) {
        boolean finite = Double.isFinite(loss);
        String what = "the loss is " + loss;
        for (int i = 0; finite && i < gradient.length; i++) {
            finite = Double.isFinite(gradient[i]);
            what = "the gradient by parameter " + i + " is " + gradient[i];
        }
        if (!finite) {
            throw new TrainingDivergedException(String.format(Locale.ROOT, "training diverged in epoch %d of %d, at step %d of %d: "
                + "%s; %s", epoch + 1, epochs, step + 1, totalSteps, what, advice(step)));
        }
    }

    private void requireFiniteParameters(double[] parameters) {
        for (int i = 0; i < parameters.length; i++) {
            if (!Double.isFinite(parameters[i])) {
                throw new TrainingDivergedException("training diverged at its last step: parameter " + i + " is " + parameters[i]
                    + "; lower the learning rate of " + optimizer);
            }
        }
    }

    private String advice(long step) {
        return step == 0 ? "check the inputs, the targets and the network's initial weights"
            : "lower the learning rate of " + optimizer;
    }
}
