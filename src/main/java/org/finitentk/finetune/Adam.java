package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.Config;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;

/**
 * Adam with bias correction (Kingma and Ba, 2015) and decoupled weight decay (Loshchilov and Hutter, 2019; "AdamW"): θ
 * ← θ − η (m̂ / (√v̂ + ε) + decay · θ), as in PyTorch's AdamW.
 */
public final class Adam implements Optimizer {
    @Config(description = "Learning rate η, positive.")
    private double learningRate = 1e-3;

    @Config(description = "Decay of the mean of the gradients, in [0, 1).")
    private double beta1 = 0.9;

    @Config(description = "Decay of the mean of the squared gradients, in [0, 1).")
    private double beta2 = 0.999;

    @Config(description = "Added to the root of the mean of squares, positive.")
    private double epsilon = 1e-8;

    @Config(description = "Decoupled weight decay, not negative; applied to every trained parameter.")
    private double weightDecay;

    @Config(description = "Change of the learning rate over the run.")
    private LearningRateSchedule schedule = LearningRateSchedule.CONSTANT;

    private Adam() {}

    /**
     * Adam with its usual constants (β = 0.9 and 0.999, ε = 1e-8), a constant learning rate and no weight decay.
     *
     * @param learningRate η, positive
     */
    public Adam(double learningRate) {
        this(learningRate, 0, LearningRateSchedule.CONSTANT);
    }

    /**
     * Adam with its usual constants (β = 0.9 and 0.999, ε = 1e-8).
     *
     * @param learningRate η, positive
     * @param weightDecay decoupled weight decay, not negative
     * @param schedule change of the learning rate over the run
     */
    public Adam(double learningRate, double weightDecay, LearningRateSchedule schedule) {
        this(learningRate, weightDecay, schedule, 0.9, 0.999, 1e-8);
    }

    /**
     * Adam.
     *
     * @param learningRate η, positive
     * @param weightDecay decoupled weight decay, not negative
     * @param schedule change of the learning rate over the run
     * @param beta1 decay of the mean of the gradients, in [0, 1)
     * @param beta2 decay of the mean of the squared gradients, in [0, 1)
     * @param epsilon added to the root of the mean of squares, positive
     */
    public Adam(
            double learningRate,
            double weightDecay,
            LearningRateSchedule schedule,
            double beta1,
            double beta2,
            double epsilon) {
        this.learningRate = learningRate;
        this.weightDecay = weightDecay;
        this.schedule = schedule;
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        postConfig();
    }

    /** Used by OLCUT, and by the constructors. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requirePositive("learningRate", learningRate);
            Settings.requireFractionOrZero("beta1", beta1);
            Settings.requireFractionOrZero("beta2", beta2);
            Settings.requirePositive("epsilon", epsilon);
            Settings.requireNotNegative("weightDecay", weightDecay);
        });
    }

    @Override
    public Run start(int parameterCount, long totalSteps) {
        return new State(parameterCount, totalSteps);
    }

    @Override
    public String toString() {
        return "Adam(learningRate=" + learningRate + ", beta1=" + beta1 + ", beta2=" + beta2 + ", epsilon=" + epsilon
                + ", weightDecay=" + weightDecay + ", schedule=" + schedule + ")";
    }

    private final class State implements Run {
        private final double[] mean;
        private final double[] square;
        private final long totalSteps;
        private long steps;

        State(int parameterCount, long totalSteps) {
            this.mean = new double[parameterCount];
            this.square = new double[parameterCount];
            this.totalSteps = totalSteps;
        }

        @Override
        public void step(double[] parameters, double[] gradient) {
            double rate = learningRate * schedule.factor(steps, totalSteps);
            steps++;
            double meanCorrection = 1 / (1 - Math.pow(beta1, (double) steps));
            double squareCorrection = 1 / (1 - Math.pow(beta2, (double) steps));
            for (int i = 0; i < mean.length; i++) {
                mean[i] = beta1 * mean[i] + (1 - beta1) * gradient[i];
                square[i] = beta2 * square[i] + (1 - beta2) * gradient[i] * gradient[i];
                double direction = mean[i] * meanCorrection / (Math.sqrt(square[i] * squareCorrection) + epsilon);
                parameters[i] -= rate * (direction + weightDecay * parameters[i]);
            }
        }
    }
}
