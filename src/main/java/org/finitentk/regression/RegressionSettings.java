package org.finitentk.regression;

import org.finitentk.internal.tribuo.SharedOutput;
import org.finitentk.internal.util.RejectedSetting;
import org.finitentk.internal.util.Settings;

/**
 * The choices of a regression, in groups. The methods {@code with…} give the same settings with other choices, from
 * {@link #DEFAULT} on.
 *
 * @param solver how the posterior is computed
 * @param iterative the choices of the iterative solver
 * @param mean the prior mean
 * @param outputs what dimensions have to do with the network's outputs
 * @param variances of weights and noise
 * @param repeatedRows what repeated rows and weights mean
 */
public record RegressionSettings(
        Solver solver,
        IterativeSettings iterative,
        Mean mean,
        Outputs outputs,
        Variances variances,
        RepeatedRows repeatedRows) {
    /** As a shared output: the sum of all outputs. */
    public static final int SUM = SharedOutput.ALL;

    /** Everything chosen automatically, both variances learned. */
    public static final RegressionSettings DEFAULT = new RegressionSettings(
            Solver.AUTO,
            IterativeSettings.DEFAULT,
            new Mean(MeanFunction.AUTO, MeanTreatment.INTEGRATED),
            new Outputs(OutputStructure.AUTO, SUM),
            new Variances(1.0, 0.01, HyperparameterLearning.BOTH),
            RepeatedRows.FOLD);

    /**
     * The prior mean.
     *
     * @param function which
     * @param treatment how it is found, and whether it is known
     */
    public record Mean(MeanFunction function, MeanTreatment treatment) {}

    /**
     * What dimensions have to do with the network's outputs.
     *
     * @param structure how dimensions relate to network outputs
     * @param shared the network output whose kernel {@link OutputStructure#SHARED} uses, or {@link #SUM} for the sum of
     *     all outputs
     */
    public record Outputs(OutputStructure structure, int shared) {
        /**
         * Checks the range.
         *
         * @param structure how dimensions relate to network outputs
         * @param shared at least -1
         * @throws IllegalArgumentException if the output is less
         */
        public Outputs {
            Settings.requireAtLeast("sharedOutput", shared, SUM);
        }
    }

    /**
     * The variances of weights and noise.
     *
     * @param prior λ, the prior variance of a weight; if it is learned, used only when the data say nothing about it
     * @param noise σ², the variance of an observation's noise; if it is learned, used only when the data say nothing
     *     about it
     * @param learning which of the two are learned
     * @param scale what both are scaled by if both are learned
     */
    public record Variances(double prior, double noise, HyperparameterLearning learning, VarianceScale scale) {
        /**
         * Checks the ranges.
         *
         * @param prior positive and finite
         * @param noise at least 0 and finite; positive if it is learned
         * @param learning which of the two are learned
         * @param scale what both are scaled by if both are learned
         * @throws IllegalArgumentException if a number is out of range
         */
        public Variances {
            Settings.requirePositive("priorVariance", prior);
            Settings.requireNotNegative("noiseVariance", noise);
            if (noise == 0 && learning.learnsNoise()) {
                throw new RejectedSetting(
                        "noiseVariance",
                        "noiseVariance is 0, but it is to be learned; expected a positive"
                                + " number, or hyperparameterLearning "
                                + (learning.learnsPrior()
                                        ? HyperparameterLearning.PRIOR
                                        : HyperparameterLearning.NONE));
            }
        }

        /**
         * Variances as the marginal likelihood has them.
         *
         * @param prior λ
         * @param noise σ²
         * @param learning which of the two are learned
         */
        public Variances(double prior, double noise, HyperparameterLearning learning) {
            this(prior, noise, learning, VarianceScale.EVIDENCE);
        }

        /** Whether rows that are left out have a say. */
        boolean isScaledByLeavingOut() {
            return learning == HyperparameterLearning.BOTH && scale == VarianceScale.LEAVE_ONE_OUT;
        }
    }

    /**
     * The same settings with another meaning of repeated rows and weights.
     *
     * @param meaning what they mean
     * @return new settings
     */
    public RegressionSettings withRepeatedRows(RepeatedRows meaning) {
        return new RegressionSettings(solver, iterative, mean, outputs, variances, meaning);
    }

    private RegressionSettings with(Variances other) {
        return new RegressionSettings(solver, iterative, mean, outputs, other, repeatedRows);
    }

    private RegressionSettings with(Mean other) {
        return new RegressionSettings(solver, iterative, other, outputs, variances, repeatedRows);
    }

    /**
     * The same settings with fixed variances.
     *
     * @param prior λ
     * @param noise σ²
     * @return new settings that learn nothing
     */
    public RegressionSettings withFixedVariances(double prior, double noise) {
        return with(new Variances(prior, noise, HyperparameterLearning.NONE, variances.scale()));
    }

    /**
     * The same settings with another prior mean.
     *
     * @param function the mean
     * @return new settings
     */
    public RegressionSettings withMean(MeanFunction function) {
        return with(new Mean(function, mean.treatment()));
    }

    /**
     * The same settings with another treatment of the prior mean.
     *
     * @param treatment how it is found, and whether it is known
     * @return new settings
     */
    public RegressionSettings withMeanTreatment(MeanTreatment treatment) {
        return with(new Mean(mean.function(), treatment));
    }

    /**
     * The same settings with another output structure.
     *
     * @param structure how dimensions relate to network outputs
     * @param output for SHARED, the network output or {@link #SUM}
     * @return new settings
     */
    public RegressionSettings withOutputs(OutputStructure structure, int output) {
        return new RegressionSettings(solver, iterative, mean, new Outputs(structure, output), variances, repeatedRows);
    }

    /**
     * The same settings with other learning.
     *
     * @param which which variances are learned
     * @return new settings
     */
    public RegressionSettings withLearning(HyperparameterLearning which) {
        return with(new Variances(variances.prior(), variances.noise(), which, variances.scale()));
    }

    /**
     * The same settings with another scale of learned variances.
     *
     * @param scale what both are scaled by
     * @return new settings
     */
    public RegressionSettings withVarianceScale(VarianceScale scale) {
        return with(new Variances(variances.prior(), variances.noise(), variances.learning(), scale));
    }

    /**
     * The same settings with another solver.
     *
     * @param chosen the solver
     * @param choices those of the iterative solver
     * @return new settings
     */
    public RegressionSettings withSolver(Solver chosen, IterativeSettings choices) {
        return new RegressionSettings(chosen, choices, mean, outputs, variances, repeatedRows);
    }
}
