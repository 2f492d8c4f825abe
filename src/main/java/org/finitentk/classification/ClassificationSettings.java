package org.finitentk.classification;

import org.finitentk.internal.tribuo.SharedOutput;
import org.finitentk.internal.util.RejectedSetting;
import org.finitentk.internal.util.Settings;

/**
 * The choices of a classification, in groups. The methods {@code with…} give the same settings with other choices, from
 * {@link #DEFAULT} on.
 *
 * @param method what is inferred of the weights, and how
 * @param outputs what classes have to do with the network's outputs
 * @param prior what is known before anything was learned
 * @param predictions how logits become probabilities
 * @param seed of everything random
 */
public record ClassificationSettings(Method method, Outputs outputs, Prior prior, Predictions predictions, long seed) {
    /** As a shared output: the sum of all outputs. */
    public static final int SUM = SharedOutput.ALL;
    /** As a prior variance: from the kernel's diagonal. */
    public static final double AUTOMATIC = 0;

    /** As a least prior variance: none. */
    public static final double NO_MINIMUM = 0;

    /** As samples: as many as predictions need. */
    public static final int AUTOMATIC_SAMPLES = 0;

    /** With larger ones products of float networks overflow. */
    private static final double LARGEST_VARIANCE = 1e30;

    /** Everything automatic, the inference too, λ learned, expected probabilities. */
    public static final ClassificationSettings DEFAULT = new ClassificationSettings(
            new Method(Inference.AUTO, MapOptimizer.AUTO, Stochastic.DEFAULT, Covariance.DEFAULT),
            new Outputs(ClassStructure.AUTO, SUM),
            new Prior(PriorLogits.AUTO, AUTOMATIC, true, NO_MINIMUM, MapPrior.EVIDENCE),
            new Predictions(ClassProbabilities.EXPECTED, AUTOMATIC_SAMPLES),
            1);

    /**
     * What is inferred of the weights, and how.
     *
     * @param inference what is inferred of the weights
     * @param mapOptimizer how the most probable weights are found
     * @param stochastic the choices of optimization by mini-batches
     * @param covariance the choices of FULL_COVARIANCE and LAPLACE
     */
    public record Method(Inference inference, MapOptimizer mapOptimizer, Stochastic stochastic, Covariance covariance) {
        /**
         * Checks that the inference has the solver.
         *
         * @param inference what is inferred of the weights
         * @param mapOptimizer how the most probable weights are found
         * @param stochastic the choices of optimization by mini-batches
         * @param covariance the choices of FULL_COVARIANCE and LAPLACE
         * @throws IllegalArgumentException if the inference has no such solver
         */
        public Method {
            if (covariance.solver() == CovarianceSolver.LOW_RANK
                    && inference == Inference.FULL_COVARIANCE
                    && covariance.mostWeights() == 0) {
                throw new RejectedSetting(
                        "mostWeights",
                        "the solver of inference FULL_COVARIANCE is LOW_RANK, whose subspace has half of mostWeights, "
                                + "which is 0; expected at least 2, say 8000, or another solver");
            }
        }
    }

    /**
     * What classes have to do with the network's outputs.
     *
     * @param structure how classes relate to network outputs
     * @param shared under SHARED, the network output that gives the kernel, or {@link #SUM} for the sum of all outputs
     */
    public record Outputs(ClassStructure structure, int shared) {
        /**
         * Checks the range.
         *
         * @param structure how classes relate to network outputs
         * @param shared at least -1
         * @throws IllegalArgumentException if the output is less
         */
        public Outputs {
            Settings.requireAtLeast("sharedOutput", shared, SUM);
        }
    }

    /**
     * What is known before anything was learned.
     *
     * @param logits the logits before anything was learned
     * @param variance λ, the prior variance of a weight, or {@link #AUTOMATIC}: 1 over the average of ‖∂f/∂w‖², so that
     *     a logit's prior variance is 1
     * @param learned whether λ maximizes the marginal likelihood or its lower bound, from the variance on
     * @param minimum the least λ that is learned, or {@link #NO_MINIMUM}. The marginal likelihood of few examples is
     *     often highest at λ = 0, where nothing was learned and all is as certain as the prior logits are
     * @param map which λ MAP has where it is learned
     */
    public record Prior(PriorLogits logits, double variance, boolean learned, double minimum, MapPrior map) {
        /**
         * Checks the ranges.
         *
         * @param logits the logits before anything was learned
         * @param variance from 0 to 1e30
         * @param learned whether λ is learned
         * @param minimum from 0 to 1e30
         * @param map which λ MAP has where it is learned
         * @throws IllegalArgumentException if a variance is out of range
         */
        public Prior {
            Settings.require(
                    variance >= 0 && variance <= LARGEST_VARIANCE,
                    "priorVariance",
                    variance,
                    "a positive number up to " + LARGEST_VARIANCE + ", or 0 to take it from the kernel's diagonal");
            Settings.require(
                    minimum >= 0 && minimum <= LARGEST_VARIANCE,
                    "minimumPriorVariance",
                    minimum,
                    "a positive number up to " + LARGEST_VARIANCE + ", or 0 for none");
        }
    }

    /**
     * How logits become probabilities.
     *
     * @param probabilities how logits become probabilities
     * @param samples draws in opposite pairs, of the logits for EXPECTED with more than two labels, of the weights for
     *     MONTE_CARLO; an odd number counts as the next even one; or {@link #AUTOMATIC_SAMPLES}: 2000 of the logits,
     *     fewer from 100 labels on, or 256 of the weights
     */
    public record Predictions(ClassProbabilities probabilities, int samples) {
        /**
         * Checks the range.
         *
         * @param probabilities how logits become probabilities
         * @param samples at least 0
         * @throws IllegalArgumentException if there are fewer
         */
        public Predictions {
            Settings.requireAtLeast("samples", samples, AUTOMATIC_SAMPLES);
        }
    }

    private ClassificationSettings with(Method other) {
        return new ClassificationSettings(other, outputs, prior, predictions, seed);
    }

    /**
     * The same settings with another inference.
     *
     * @param other what is inferred of the weights
     * @return new settings
     */
    public ClassificationSettings with(Inference other) {
        return with(new Method(other, method.mapOptimizer(), method.stochastic(), method.covariance()));
    }

    /**
     * The same settings with another structure of the outputs.
     *
     * @param classes how classes relate to network outputs
     * @param output under SHARED, the network output or {@link #SUM}
     * @param logits the logits before anything was learned
     * @return new settings
     */
    public ClassificationSettings withStructure(ClassStructure classes, int output, PriorLogits logits) {
        return new ClassificationSettings(
                method,
                new Outputs(classes, output),
                new Prior(logits, prior.variance(), prior.learned(), prior.minimum(), prior.map()),
                predictions,
                seed);
    }

    /**
     * The same settings with another prior variance.
     *
     * @param variance λ or {@link #AUTOMATIC}
     * @param learned whether it is only where learning starts
     * @return new settings
     */
    public ClassificationSettings withPriorVariance(double variance, boolean learned) {
        return with(new Prior(prior.logits(), variance, learned, prior.minimum(), prior.map()));
    }

    /**
     * The same settings with a least prior variance.
     *
     * @param least the least λ that is learned, or {@link #NO_MINIMUM}
     * @return new settings
     */
    public ClassificationSettings withMinimumPriorVariance(double least) {
        return with(new Prior(prior.logits(), prior.variance(), prior.learned(), least, prior.map()));
    }

    /**
     * The same settings with another prior variance of MAP.
     *
     * @param rule which λ MAP has where it is learned
     * @return new settings
     */
    public ClassificationSettings withMapPrior(MapPrior rule) {
        return with(new Prior(prior.logits(), prior.variance(), prior.learned(), prior.minimum(), rule));
    }

    private ClassificationSettings with(Prior other) {
        return new ClassificationSettings(method, outputs, other, predictions, seed);
    }

    /** Whether λ is learned. */
    boolean learnsPriorVariance() {
        return prior.learned() && (method.inference() != Inference.MAP || prior.map() == MapPrior.EVIDENCE);
    }

    /**
     * The same settings with other optimization.
     *
     * @param optimizer how the most probable weights are found
     * @param batches the choices of optimization by mini-batches
     * @return new settings
     */
    public ClassificationSettings withOptimization(MapOptimizer optimizer, Stochastic batches) {
        return with(new Method(method.inference(), optimizer, batches, method.covariance()));
    }

    /**
     * The same settings with other choices of the covariance.
     *
     * @param choices the choices of FULL_COVARIANCE and LAPLACE
     * @return new settings
     */
    public ClassificationSettings withCovariance(Covariance choices) {
        return with(new Method(method.inference(), method.mapOptimizer(), method.stochastic(), choices));
    }

    /**
     * The same settings with other predictions.
     *
     * @param rule how logits become probabilities
     * @param draws of logits or weights
     * @return new settings
     */
    public ClassificationSettings withProbabilities(ClassProbabilities rule, int draws) {
        return new ClassificationSettings(method, outputs, prior, new Predictions(rule, draws), seed);
    }

    /**
     * The same settings with another seed.
     *
     * @param other seed of everything random
     * @return new settings
     */
    public ClassificationSettings withSeed(long other) {
        return new ClassificationSettings(method, outputs, prior, predictions, other);
    }

    /**
     * The choices of optimization by mini-batches.
     *
     * @param epochs the most passes over the training data, or {@link #AUTOMATIC} for as many as make 1000 steps,
     *     between 10 and 1000 epochs
     * @param batchSize examples in a step
     * @param learningRate size of the first step relative to the prior: with 1, a step may move a logit by about its
     *     prior standard deviation; falls by a half cosine
     * @param draws weights drawn in a step, in opposite pairs if even; under LOCAL logits of each example, always in
     *     pairs
     * @param estimator of the gradients of the evidence lower bound
     * @param meanField whether MEAN_FIELD takes mini-batches at all
     */
    public record Stochastic(
            int epochs,
            int batchSize,
            double learningRate,
            int draws,
            GradientEstimator estimator,
            MeanFieldOptimizer meanField) {
        /** As a number of epochs: enough for 1000 steps. */
        public static final int AUTOMATIC = 0;

        /** Automatic epochs of 128 examples, rate 0.1, two draws, reparameterized; MEAN_FIELD by its size. */
        public static final Stochastic DEFAULT =
                new Stochastic(AUTOMATIC, 128, 0.1, 2, GradientEstimator.REPARAMETERIZED, MeanFieldOptimizer.AUTO);

        /**
         * Checks the ranges.
         *
         * @param epochs at least 0
         * @param batchSize at least 1
         * @param learningRate positive and finite
         * @param draws at least 1
         * @param estimator of the gradients of the evidence lower bound
         * @param meanField whether MEAN_FIELD takes mini-batches at all
         * @throws IllegalArgumentException if a number is out of range
         */
        public Stochastic {
            Settings.requireAtLeast("epochs", epochs, AUTOMATIC);
            Settings.requireAtLeast("batchSize", batchSize, 1);
            Settings.requireAtLeast("draws", draws, 1);
            Settings.requirePositive("learningRate", learningRate);
        }

        /**
         * The same for MEAN_FIELD by another way.
         *
         * @param other whether MEAN_FIELD takes mini-batches at all
         * @return new settings
         */
        public Stochastic with(MeanFieldOptimizer other) {
            return new Stochastic(epochs, batchSize, learningRate, draws, estimator, other);
        }
    }

    /**
     * The choices of {@link Inference#FULL_COVARIANCE} and {@link Inference#LAPLACE}.
     *
     * @param solver how the covariance is computed with
     * @param quadratureDraws under FULL_COVARIANCE with DENSE, LOW_RANK and PARAMETER_SPACE, points at which
     *     expectations over an example's logits are taken, in opposite pairs; or {@link #AUTOMATIC_DRAWS}
     * @param probes under ITERATIVE, random vectors for traces and expectations
     * @param maxSteps most steps of inference for one prior variance
     * @param tolerance under FULL_COVARIANCE, the change of the evidence lower bound in a step, relative to its size,
     *     at which steps end; under LAPLACE, the gradient norm relative to that at w = 0
     * @param rank under LAPLACE by LOW_RANK, how many eigenvalues
     * @param solveTolerance under ITERATIVE, the relative residual at which conjugate gradients end
     * @param mostWeights under AUTO, the most weights with which PARAMETER_SPACE is chosen, 0 for never; under
     *     FULL_COVARIANCE by LOW_RANK, twice the size of the subspace
     */
    public record Covariance(
            CovarianceSolver solver,
            int quadratureDraws,
            int probes,
            int maxSteps,
            double tolerance,
            int rank,
            double solveTolerance,
            int mostWeights) {
        private static final int MOST_WEIGHTS = 8000;

        /**
         * As quadrature draws: none for two labels, whose expectations are integrals over one number, the difference of
         * their logits, to 1e-10; 512 for more.
         */
        public static final int AUTOMATIC_DRAWS = 0;

        /** Solver by size, automatic draws, 32 probes, 50 steps, 1e-6, rank 50, residual 1e-6, up to 8000 weights. */
        public static final Covariance DEFAULT =
                new Covariance(CovarianceSolver.AUTO, AUTOMATIC_DRAWS, 32, 50, 1e-6, 50, 1e-6, MOST_WEIGHTS);

        /**
         * Checks the ranges.
         *
         * @param solver how the covariance is computed with
         * @param quadratureDraws even, at least 2, or {@link #AUTOMATIC_DRAWS}
         * @param probes at least 2
         * @param maxSteps at least 1
         * @param tolerance between 0 and 1
         * @param rank at least 1
         * @param solveTolerance between 0 and 1
         * @param mostWeights at least 0
         * @throws IllegalArgumentException if a number is out of range
         */
        public Covariance {
            Settings.requireAtLeast("quadratureDraws", quadratureDraws, AUTOMATIC_DRAWS);
            Settings.requireAtLeast("probes", probes, 2);
            Settings.requireAtLeast("maxSteps", maxSteps, 1);
            Settings.requireAtLeast("rank", rank, 1);
            Settings.requireAtLeast("mostWeights", mostWeights, 0);
            Settings.requireFraction("tolerance", tolerance);
            Settings.requireFraction("solveTolerance", solveTolerance);
            boolean even = quadratureDraws % 2 == 0;
            Settings.require(
                    even, "quadratureDraws", quadratureDraws, "an even number, since draws come in opposite pairs");
        }

        /**
         * The same with another solver.
         *
         * @param other how the covariance is computed with
         * @return new settings
         */
        public Covariance with(CovarianceSolver other) {
            return new Covariance(
                    other, quadratureDraws, probes, maxSteps, tolerance, rank, solveTolerance, mostWeights);
        }
    }
}
