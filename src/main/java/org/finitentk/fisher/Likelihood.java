package org.finitentk.fisher;

/**
 * How the network's k outputs f describe an example's target. Its Fisher information by the outputs, H = E[∇ log p(y |
 * f) ∇ log p(y | f)ᵀ], is what a Fisher matrix has between the Jacobians (Martens, "New Insights and Perspectives on
 * the Natural Gradient Method", JMLR 2020, sections 9 and 10).
 */
public enum Likelihood {
    /** y ~ N(f, I): H = I, and KL(p_f ‖ p_g) = ½ ‖g − f‖². A noise variance other than 1 divides both by it. */
    GAUSSIAN {
        @Override
        void statistic(double[] outputs, int from, int k, double[] statistic) {
            System.arraycopy(outputs, from, statistic, from, k);
        }

        @Override
        void multiplyHessian(double[] statistic, int from, int k, double[] values) {
            // H is the identity
        }
    },
    /**
     * y ~ Categorical(p) with p = softmax(f): H = diag p − p pᵀ, and KL(p_f ‖ p_g) = Σ_c p_c (log p_c − log
     * softmax(g)_c).
     */
    SOFTMAX {
        @Override
        void statistic(double[] outputs, int from, int k, double[] statistic) {
            double max = Double.NEGATIVE_INFINITY;
            for (int j = from; j < from + k; j++) {
                max = Math.max(max, outputs[j]);
            }
            double sum = 0;
            for (int j = from; j < from + k; j++) {
                statistic[j] = Math.exp(outputs[j] - max);
                sum += statistic[j];
            }
            for (int j = from; j < from + k; j++) {
                statistic[j] /= sum;
            }
        }

        @Override
        void multiplyHessian(double[] statistic, int from, int k, double[] values) {
            double mean = 0;
            for (int j = from; j < from + k; j++) {
                mean += statistic[j] * values[j];
            }
            for (int j = from; j < from + k; j++) {
                values[j] = statistic[j] * (values[j] - mean);
            }
        }
    };

    /** The mean of y given one example's outputs: f, or p. It may be written over the outputs. */
    abstract void statistic(double[] outputs, int from, int k, double[] statistic);

    /** Replaces one example's values by H times them. */
    abstract void multiplyHessian(double[] statistic, int from, int k, double[] values);

    /** The mean of y given f, for all examples: all that products need to know of the outputs at θ. */
    double[] means(double[] outputs, int k) {
        double[] means = new double[outputs.length];
        for (int from = 0; from < outputs.length; from += k) {
            statistic(outputs, from, k, means);
        }
        return means;
    }

    /**
     * The output Hessian times values, example by example.
     *
     * @param outputs f, n·k numbers, example by example
     * @param k number of outputs
     * @param values n·k numbers
     * @return H values, n·k numbers
     */
    public double[] hessianProduct(double[] outputs, int k, double[] values) {
        requireLengths(outputs, k, values);
        double[] product = values.clone();
        multiplyHessian(means(outputs, k), k, product);
        return product;
    }

    /** Replaces values by H times them, example by example. */
    void multiplyHessian(double[] means, int k, double[] values) {
        for (int from = 0; from < values.length; from += k) {
            multiplyHessian(means, from, k, values);
        }
    }

    /**
     * The gradient of Σ_i KL(p(y | f_i) ‖ p(y | g_i)) by g. Both likelihoods are exponential families with natural
     * parameters f, for which it is the difference of the means of y: g − f, or softmax(g) − softmax(f) (Wainwright and
     * Jordan, "Graphical Models, Exponential Families, and Variational Inference", 2008, section 3.5).
     *
     * @param outputs f, n·k numbers, example by example
     * @param shifted g, likewise
     * @param k number of outputs
     * @return the gradient, n·k numbers
     */
    public double[] divergenceGradient(double[] outputs, double[] shifted, int k) {
        requireLengths(outputs, k, shifted);
        return difference(means(shifted, k), means(outputs, k), 1);
    }

    /** (a − b) factor, in a new array. */
    static double[] difference(double[] a, double[] b, double factor) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = (a[i] - b[i]) * factor;
        }
        return difference;
    }

    private static void requireLengths(double[] outputs, int k, double[] values) {
        if (k < 1 || outputs.length % k != 0 || values.length != outputs.length) {
            throw new IllegalArgumentException("outputs and values have " + outputs.length + " and " + values.length
                    + " elements; expected the same multiple of the " + k + " outputs of an example");
        }
    }
}
