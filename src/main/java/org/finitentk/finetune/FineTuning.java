package org.finitentk.finetune;

import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.tribuo.ExampleWeights;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Trains the parameters of any network that can be differentiated, from where they are: the network's selected
 * parameters move, all others stay. Layers work as in inference: BatchNormalization keeps its running statistics and
 * Dropout does nothing.
 *
 * <pre>{@code
 * FineTuning training = new FineTuning(Loss.SQUARED_ERROR, new Adam(1e-2), 200, 32);
 * try (LinearizedNetwork network = NetworkFile.linearize(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
 *     Result result = training.train(network, examples, targets, null, 42, ProgressListener.NONE);
 *     ModelWriter.write(FineTuning.graph(graph, network.parameters(), result.parameters()), Path.of("trained.onnx"));
 * }
 * }</pre>
 *
 * @param loss what is minimized
 * @param optimizer the rule of one step
 * @param epochs passes over the examples
 * @param batchSize examples a step
 */
public record FineTuning(Loss loss, Optimizer optimizer, int epochs, int batchSize) {
    /**
     * Checks the numbers.
     *
     * @param loss what is minimized
     * @param optimizer the rule of one step
     * @param epochs passes over the examples
     * @param batchSize examples a step
     * @throws IllegalArgumentException if epochs or batch size are not positive
     */
    public FineTuning {
        if (epochs < 1 || batchSize < 1) {
            throw new IllegalArgumentException("training for " + epochs + " epochs in batches of " + batchSize
                    + " is impossible; expected at least 1 of each");
        }
    }

    /**
     * The same network with other parameter values; write it with {@link org.finitentk.onnx.ModelWriter}.
     *
     * @param graph the network
     * @param layout its parameters, in the order of θ
     * @param parameters θ; rounded to float where the initializer is FLOAT
     * @return a new graph; all other initializers are shared
     * @throws IllegalArgumentException if θ has another length than the layout, or the graph lacks one of the
     *     parameters
     */
    public static Graph graph(Graph graph, List<Parameter> layout, double[] parameters) {
        return TrainedGraph.of(graph, layout, parameters);
    }

    /**
     * Trains.
     *
     * @param network the network at the parameters to start from; it is not changed
     * @param examples inputs, at least one example
     * @param targets n × k, example-major: regression targets, or class probabilities (one-hot) for cross-entropy
     * @param weights one weight of at least 0 an example, or null for 1; an example of weight 0 has no gradient
     * @param seed decides the order of the examples
     * @param listener told of every step
     * @return the trained θ and the loss history
     * @throws IllegalArgumentException if there is no example, the lengths disagree, a target or weight is not finite,
     *     or weights are negative or all 0
     * @throws TrainingDivergedException if a loss or gradient is not finite
     */
    public Result train(
            LinearizedNetwork network,
            Examples examples,
            double[] targets,
            double @Nullable [] weights,
            long seed,
            ProgressListener listener) {
        check(examples.size(), network.outputSize(), targets, weights);
        network.requireIndependentExamples(examples);
        NetworkObjective objective = new NetworkObjective(network, examples, targets, weights, loss);
        MiniBatches loop = new MiniBatches(optimizer, epochs, batchSize);
        return loop.minimize(objective, network.parameterVector(), new SplittableRandom(seed), listener);
    }

    private static void check(int n, int k, double[] targets, double @Nullable [] weights) {
        if (n == 0) {
            throw new IllegalArgumentException("there are no training examples; expected at least one");
        }
        if (targets.length != (long) n * k || weights != null && weights.length != n) {
            throw new IllegalArgumentException(n + " examples of a network with " + k + " outputs need " + (long) n * k
                    + " targets and " + n + " weights, found " + targets.length + " targets and "
                    + (weights == null ? "no" : weights.length) + " weights");
        }
        requireFinite("target", targets, k);
        if (weights != null) {
            ExampleWeights.counted(weights, n);
        }
    }

    private static void requireFinite(String what, double[] values, int perExample) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException("the " + what + " of training example " + i / perExample + " is "
                        + values[i] + "; remove the example or give it a finite one");
            }
        }
    }

    /** What training found. */
    public static final class Result {
        private final double[] parameters;
        private final double[] losses;
        private final long steps;

        Result(double[] parameters, double[] losses, long steps) {
            this.parameters = parameters;
            this.losses = losses;
            this.steps = steps;
        }

        /**
         * The trained θ.
         *
         * @return a copy, in the network's parameter layout
         */
        public double[] parameters() {
            return parameters.clone();
        }

        /**
         * The training loss of each epoch: the mean over its examples, each measured just before the step that its
         * batch led to.
         *
         * @return a copy, one entry an epoch
         */
        public double[] losses() {
            return losses.clone();
        }

        /**
         * The loss of the last epoch.
         *
         * @return the last entry of {@link #losses}; NaN if nothing was trained
         */
        public double finalLoss() {
            return losses.length == 0 ? Double.NaN : losses[losses.length - 1];
        }

        /**
         * How many steps were taken.
         *
         * @return epochs times batches an epoch
         */
        public long steps() {
            return steps;
        }
    }

    /**
     * What training minimizes, with its derivative by the network's outputs, in float64. Both are averages over
     * examples: (1/n) Σᵢ wᵢ ℓ(fᵢ, yᵢ) with n the number of examples and wᵢ = 1 unless weights are given.
     */
    public enum Loss {
        /** ℓ = Σ_c (f_c − y_c)²: summed over the outputs, without a factor ½. */
        SQUARED_ERROR {
            @Override
            double example(double[] f, double[] y, int from, int k, double scale, double[] cotangent) {
                double loss = 0;
                for (int j = from; j < from + k; j++) {
                    double difference = f[j] - y[j];
                    loss += difference * difference;
                    cotangent[j] = scale * 2 * difference;
                }
                return scale * loss;
            }
        },
        /**
         * ℓ = −Σ_c y_c log softmax(f)_c on logits f, with y a probability distribution over the classes (one-hot for a
         * known class). Nothing overflows: the largest logit is subtracted before exponentials are taken.
         */
        CROSS_ENTROPY {
            @Override
            double example(double[] f, double[] y, int from, int k, double scale, double[] cotangent) {
                double logNormalizer = Vectors.logSumExp(f, from, k);
                double loss = 0;
                for (int j = from; j < from + k; j++) {
                    double logProbability = f[j] - logNormalizer;
                    if (y[j] != 0) {
                        loss -= y[j] * logProbability;
                    }
                    cotangent[j] = scale * (Math.exp(logProbability) - y[j]);
                }
                return scale * loss;
            }
        },
        /**
         * ℓ = Σ_c log(1 + exp f_c) − y_c f_c on logits f, each the log odds of a label of its own, with y between 0 and
         * 1. Nothing overflows.
         */
        LOGISTIC {
            @Override
            double example(double[] f, double[] y, int from, int k, double scale, double[] cotangent) {
                double loss = 0;
                for (int j = from; j < from + k; j++) {
                    double small = Math.exp(-Math.abs(f[j]));
                    loss += Math.max(0, f[j]) + Math.log1p(small) - y[j] * f[j];
                    cotangent[j] = scale * ((f[j] >= 0 ? 1 : small) / (1 + small) - y[j]);
                }
                return scale * loss;
            }
        };

        /** The loss of one example times scale, its derivative written to cotangent[from, from + k). */
        abstract double example(double[] f, double[] y, int from, int k, double scale, double[] cotangent);

        /**
         * The loss of a batch and its derivative by the outputs.
         *
         * @param outputs network outputs, n × k, example-major
         * @param targets y, likewise
         * @param weights one weight an example, or null for 1
         * @param k number of outputs
         * @param cotangent receives ∂loss/∂outputs, n × k
         * @return the loss; not finite if an output is not
         * @throws IllegalArgumentException if the array lengths disagree
         */
        public double evaluate(
                double[] outputs, double[] targets, double @Nullable [] weights, int k, double[] cotangent) {
            int n = outputs.length / k;
            if (outputs.length != n * k
                    || targets.length != n * k
                    || cotangent.length != n * k
                    || weights != null && weights.length != n) {
                throw new IllegalArgumentException(
                        "the loss of " + outputs.length + " outputs, " + k + " an example, needs as many "
                                + "targets and derivatives and a weight an example, found " + targets.length + ", "
                                + cotangent.length
                                + " and " + (weights == null ? "no" : weights.length) + " weights");
            }
            double loss = 0;
            for (int i = 0; i < n; i++) {
                loss += example(outputs, targets, i * k, k, (weights == null ? 1 : weights[i]) / n, cotangent);
            }
            return loss;
        }
    }
}
