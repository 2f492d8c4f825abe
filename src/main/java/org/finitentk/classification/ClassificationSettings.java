package org.finitentk.classification;

import org.finitentk.internal.tribuo.SharedOutput;
import org.finitentk.internal.util.RejectedSetting;
import org.finitentk.internal.util.Settings;

/**
 * The choices of a classification.
 *
 * @param inference what is inferred of the weights
 * @param structure how classes relate to network outputs
 * @param sharedOutput under SHARED, the network output that gives the kernel, or {@link #SUM} for the sum of all
 *     outputs
 * @param priorLogits the logits before anything was learned
 * @param priorVariance λ, the prior variance of a weight, or {@link #AUTOMATIC}: 1 over the average of ‖∂f/∂w‖², so
 *     that a logit's prior variance is 1
 * @param learnPriorVariance whether λ maximizes the marginal likelihood or its lower bound, from priorVariance on;
 *     {@link Inference#MAP} has none and keeps it
 * @param mapOptimizer how the most probable weights are found
 * @param stochastic the choices of optimization by mini-batches
 * @param covariance the choices of FULL_COVARIANCE and LAPLACE
 * @param probabilities how logits become probabilities
 * @param samples draws in opposite pairs, of the logits for EXPECTED with more than two labels, of the weights for
 *     MONTE_CARLO; an odd number counts as the next even one; or {@link #AUTOMATIC_SAMPLES}: 2000 of the logits, fewer
 *     from 100 labels on, or 256 of the weights
 * @param seed of everything random
 */
public record ClassificationSettings(
        Inference inference,
        ClassStructure structure,
        int sharedOutput,
        PriorLogits priorLogits,
        double priorVariance,
        boolean learnPriorVariance,
        MapOptimizer mapOptimizer,
        StochasticSettings stochastic,
        CovarianceSettings covariance,
        ClassProbabilities probabilities,
        int samples,
        long seed) {
    /** As a shared output: the sum of all outputs. */
    public static final int SUM = SharedOutput.ALL;
    /** As a prior variance: from the kernel's diagonal. */
    public static final double AUTOMATIC = 0;

    /** As samples: as many as predictions need. */
    public static final int AUTOMATIC_SAMPLES = 0;

    /** With larger ones products of float networks overflow. */
    private static final double LARGEST_VARIANCE = 1e30;

    /** Laplace, everything automatic, λ learned, expected probabilities. */
    public static final ClassificationSettings DEFAULT = new ClassificationSettings(
            Inference.LAPLACE,
            ClassStructure.AUTO,
            SUM,
            PriorLogits.AUTO,
            AUTOMATIC,
            true,
            MapOptimizer.AUTO,
            StochasticSettings.DEFAULT,
            CovarianceSettings.DEFAULT,
            ClassProbabilities.EXPECTED,
            AUTOMATIC_SAMPLES,
            1);

    /**
     * Checks the ranges.
     *
     * @param inference what is inferred of the weights
     * @param structure how classes relate to network outputs
     * @param sharedOutput at least -1
     * @param priorLogits the logits before anything was learned
     * @param priorVariance from 0 to 1e30
     * @param learnPriorVariance whether λ is learned
     * @param mapOptimizer how the most probable weights are found
     * @param stochastic the choices of optimization by mini-batches
     * @param covariance the choices of FULL_COVARIANCE and LAPLACE
     * @param probabilities how logits become probabilities
     * @param samples at least 0
     * @param seed of everything random
     * @throws IllegalArgumentException if a number is out of range, or the inference has no such solver
     */
    public ClassificationSettings {
        Settings.require(
                priorVariance >= 0 && priorVariance <= LARGEST_VARIANCE,
                "priorVariance",
                priorVariance,
                "a positive number up to " + LARGEST_VARIANCE + ", or 0 to take it from the kernel's diagonal");
        Settings.requireAtLeast("sharedOutput", sharedOutput, SUM);
        Settings.requireAtLeast("samples", samples, AUTOMATIC_SAMPLES);
        if (covariance.solver() == CovarianceSolver.LOW_RANK && inference == Inference.FULL_COVARIANCE) {
            throw new RejectedSetting(
                    "solver",
                    "the solver is LOW_RANK, but the inference is FULL_COVARIANCE;"
                            + " expected DENSE or ITERATIVE, or inference LAPLACE");
        }
    }

    /**
     * The same settings with another inference.
     *
     * @param other what is inferred of the weights
     * @return new settings
     */
    public ClassificationSettings with(Inference other) {
        return new ClassificationSettings(
                other,
                structure,
                sharedOutput,
                priorLogits,
                priorVariance,
                learnPriorVariance,
                mapOptimizer,
                stochastic,
                covariance,
                probabilities,
                samples,
                seed);
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
                inference,
                classes,
                output,
                logits,
                priorVariance,
                learnPriorVariance,
                mapOptimizer,
                stochastic,
                covariance,
                probabilities,
                samples,
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
        return new ClassificationSettings(
                inference,
                structure,
                sharedOutput,
                priorLogits,
                variance,
                learned,
                mapOptimizer,
                stochastic,
                covariance,
                probabilities,
                samples,
                seed);
    }

    /**
     * The same settings with other optimization.
     *
     * @param optimizer how the most probable weights are found
     * @param batches the choices of optimization by mini-batches
     * @return new settings
     */
    public ClassificationSettings withOptimization(MapOptimizer optimizer, StochasticSettings batches) {
        return new ClassificationSettings(
                inference,
                structure,
                sharedOutput,
                priorLogits,
                priorVariance,
                learnPriorVariance,
                optimizer,
                batches,
                covariance,
                probabilities,
                samples,
                seed);
    }

    /**
     * The same settings with other choices of the covariance.
     *
     * @param choices the choices of FULL_COVARIANCE and LAPLACE
     * @return new settings
     */
    public ClassificationSettings withCovariance(CovarianceSettings choices) {
        return new ClassificationSettings(
                inference,
                structure,
                sharedOutput,
                priorLogits,
                priorVariance,
                learnPriorVariance,
                mapOptimizer,
                stochastic,
                choices,
                probabilities,
                samples,
                seed);
    }

    /**
     * The same settings with other predictions.
     *
     * @param rule how logits become probabilities
     * @param draws of logits or weights
     * @return new settings
     */
    public ClassificationSettings withProbabilities(ClassProbabilities rule, int draws) {
        return new ClassificationSettings(
                inference,
                structure,
                sharedOutput,
                priorLogits,
                priorVariance,
                learnPriorVariance,
                mapOptimizer,
                stochastic,
                covariance,
                rule,
                draws,
                seed);
    }

    /**
     * The same settings with another seed.
     *
     * @param other seed of everything random
     * @return new settings
     */
    public ClassificationSettings withSeed(long other) {
        return new ClassificationSettings(
                inference,
                structure,
                sharedOutput,
                priorLogits,
                priorVariance,
                learnPriorVariance,
                mapOptimizer,
                stochastic,
                covariance,
                probabilities,
                samples,
                other);
    }
}
