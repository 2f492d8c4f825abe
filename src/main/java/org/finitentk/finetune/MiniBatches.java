package org.finitentk.finetune;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.finitentk.network.NotFiniteException;
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
    FineTuning.Result minimize(
            Objective objective, double[] start, SplittableRandom random, ProgressListener listener) {
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
                double loss = evaluated(objective, parameters, rows, gradient, step, totalSteps);
                requireFinite(loss, gradient, epoch, step, totalSteps);
                losses[epoch] += loss * rows.length / n;
                run.step(parameters, gradient);
                listener.progress("training", ++step, totalSteps);
            }
        }
        requireFiniteParameters(parameters);
        return new FineTuning.Result(parameters, losses, step);
    }

    /** A gradient that is not finite before anything was trained is the network's; later it is the training's. */
    private double evaluated(
            Objective objective, double[] parameters, int[] rows, double[] gradient, long step, long totalSteps) {
        try {
            return objective.evaluate(parameters, rows, gradient);
        } catch (NotFiniteException e) {
            if (step == 0) {
                throw e;
            }
            throw new TrainingDivergedException("training diverged at step " + (step + 1) + " of " + totalSteps + ": "
                    + e.getMessage() + "; " + advice(step));
        }
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
        int broken = firstNotFinite(gradient);
        if (!Double.isFinite(loss) || broken >= 0) {
            String what = Double.isFinite(loss)
                    ? "the gradient by parameter " + broken + " is " + gradient[broken]
                    : "the loss is " + loss;
            throw new TrainingDivergedException("training diverged in epoch " + (epoch + 1) + " of " + epochs
                    + ", at step " + (step + 1) + " of " + totalSteps + ": " + what + "; " + advice(step));
        }
    }

    private void requireFiniteParameters(double[] parameters) {
        int broken = firstNotFinite(parameters);
        if (broken >= 0) {
            throw new TrainingDivergedException("training diverged at its last step: parameter " + broken + " is "
                    + parameters[broken] + "; lower the learning rate of " + optimizer);
        }
    }

    private static int firstNotFinite(double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                return i;
            }
        }
        return -1;
    }

    private String advice(long step) {
        return step == 0
                ? "check the inputs, the targets and the network's initial weights"
                : "lower the learning rate of " + optimizer;
    }
}
