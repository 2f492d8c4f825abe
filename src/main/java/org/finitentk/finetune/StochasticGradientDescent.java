package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.Config;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;

/**
 * Stochastic gradient descent with momentum, m ← momentum · m + g, and decoupled weight decay: θ ← θ − η (m + decay ·
 * θ). With Nesterov's variant the step is along g + momentum · m instead of m.
 */
public final class StochasticGradientDescent implements Optimizer {
    @Config(description = "Learning rate η, positive.")
    private double learningRate = 1e-2;

    @Config(description = "Momentum, in [0, 1).")
    private double momentum = 0.9;

    @Config(description = "Look ahead along the momentum (Nesterov).")
    private boolean nesterov;

    @Config(description = "Decoupled weight decay, not negative; applied to every trained parameter.")
    private double weightDecay;

    @Config(description = "Change of the learning rate over the run.")
    private LearningRateSchedule schedule = LearningRateSchedule.CONSTANT;

    private StochasticGradientDescent() {}

    /**
     * Constant learning rate, no weight decay, no Nesterov look-ahead.
     *
     * @param learningRate η, positive
     * @param momentum in [0, 1)
     */
    public StochasticGradientDescent(double learningRate, double momentum) {
        this(learningRate, momentum, false, 0, LearningRateSchedule.CONSTANT);
    }

    /**
     * Gradient descent.
     *
     * @param learningRate η, positive
     * @param momentum in [0, 1)
     * @param nesterov whether to look ahead along the momentum
     * @param weightDecay decoupled weight decay, not negative
     * @param schedule change of the learning rate over the run
     */
    public StochasticGradientDescent(
            double learningRate, double momentum, boolean nesterov, double weightDecay, LearningRateSchedule schedule) {
        this.learningRate = learningRate;
        this.momentum = momentum;
        this.nesterov = nesterov;
        this.weightDecay = weightDecay;
        this.schedule = schedule;
        postConfig();
    }

    /** Used by OLCUT, and by the constructors. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requirePositive("learningRate", learningRate);
            Settings.requireFractionOrZero("momentum", momentum);
            Settings.requireNotNegative("weightDecay", weightDecay);
        });
    }

    @Override
    public Run start(int parameterCount, long totalSteps) {
        return new State(parameterCount, totalSteps);
    }

    @Override
    public String toString() {
        return "StochasticGradientDescent(learningRate=" + learningRate + ", momentum=" + momentum + ", nesterov="
                + nesterov + ", weightDecay=" + weightDecay + ", schedule=" + schedule + ")";
    }

    private final class State implements Run {
        private final double[] velocity;
        private final long totalSteps;
        private long steps;

        State(int parameterCount, long totalSteps) {
            this.velocity = new double[parameterCount];
            this.totalSteps = totalSteps;
        }

        @Override
        public void step(double[] parameters, double[] gradient) {
            double rate = learningRate * schedule.factor(steps++, totalSteps);
            for (int i = 0; i < velocity.length; i++) {
                velocity[i] = momentum * velocity[i] + gradient[i];
                double direction = nesterov ? gradient[i] + momentum * velocity[i] : velocity[i];
                parameters[i] -= rate * (direction + weightDecay * parameters[i]);
            }
        }
    }
}
