package org.finitentk.finetune;

import org.finitentk.internal.linalg.Vectors;
import org.jspecify.annotations.Nullable;

/**
 * What training minimizes, with its derivative by the network's outputs, in float64. Both are averages over examples:
 * (1/n) Σᵢ wᵢ ℓ(fᵢ, yᵢ) with n the number of examples and wᵢ = 1 unless weights are given.
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
     * ℓ = Σ_c log(1 + exp f_c) − y_c f_c on logits f, each the log odds of a label of its own, with y between 0 and 1.
     * Nothing overflows.
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
    public double evaluate(double[] outputs, double[] targets, double @Nullable [] weights, int k, double[] cotangent) {
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
