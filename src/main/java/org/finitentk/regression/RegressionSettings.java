package org.finitentk.regression;

import org.finitentk.internal.tribuo.SharedOutput;
import org.finitentk.internal.util.RejectedSetting;
import org.finitentk.internal.util.Settings;

/**
 * The choices of a regression.
 *
 * @param solver how the posterior is computed
 * @param meanFunction prior mean
 * @param meanTreatment how the prior mean is found, and whether it is known
 * @param outputStructure how dimensions relate to network outputs
 * @param sharedOutput the network output whose kernel {@link OutputStructure#SHARED} uses, or {@link #SUM} for the sum
 *     of all outputs
 * @param priorVariance λ, the prior variance of a weight; if it is learned, used only when the data say nothing about
 *     it
 * @param noiseVariance σ², the variance of an observation's noise; if it is learned, used only when the data say
 *     nothing about it
 * @param hyperparameterLearning which of the two are learned
 * @param iterative the choices of the iterative solver
 * @param repeatedRows what repeated rows and weights mean
 */
public record RegressionSettings(
        Solver solver,
        MeanFunction meanFunction,
        MeanTreatment meanTreatment,
        OutputStructure outputStructure,
        int sharedOutput,
        double priorVariance,
        double noiseVariance,
        HyperparameterLearning hyperparameterLearning,
        IterativeSettings iterative,
        RepeatedRows repeatedRows) {
    /** As a shared output: the sum of all outputs. */
    public static final int SUM = SharedOutput.ALL;

    /** Everything chosen automatically, both variances learned. */
    public static final RegressionSettings DEFAULT = new RegressionSettings(
            Solver.AUTO,
            MeanFunction.AUTO,
            MeanTreatment.INTEGRATED,
            OutputStructure.AUTO,
            SUM,
            1.0,
            0.01,
            HyperparameterLearning.BOTH,
            IterativeSettings.DEFAULT,
            RepeatedRows.FOLD);

    /**
     * Checks the ranges.
     *
     * @param solver how the posterior is computed
     * @param meanFunction prior mean
     * @param meanTreatment how the prior mean is found, and whether it is known
     * @param outputStructure how dimensions relate to network outputs
     * @param sharedOutput at least -1
     * @param priorVariance positive and finite
     * @param noiseVariance at least 0 and finite; positive if it is learned
     * @param hyperparameterLearning which variances are learned
     * @param iterative the choices of the iterative solver
     * @param repeatedRows what repeated rows and weights mean
     * @throws IllegalArgumentException if a number is out of range
     */
    public RegressionSettings {
        Settings.requirePositive("priorVariance", priorVariance);
        Settings.requireNotNegative("noiseVariance", noiseVariance);
        if (noiseVariance == 0 && hyperparameterLearning.learnsNoise()) {
            throw new RejectedSetting(
                    "noiseVariance",
                    "noiseVariance is 0, but it is to be learned; expected a positive"
                            + " number, or hyperparameterLearning "
                            + (hyperparameterLearning.learnsPrior()
                                    ? HyperparameterLearning.PRIOR
                                    : HyperparameterLearning.NONE));
        }
        Settings.requireAtLeast("sharedOutput", sharedOutput, SUM);
    }

    /**
     * The same settings with another meaning of repeated rows and weights.
     *
     * @param meaning what they mean
     * @return new settings
     */
    public RegressionSettings withRepeatedRows(RepeatedRows meaning) {
        return new RegressionSettings(
                solver,
                meanFunction,
                meanTreatment,
                outputStructure,
                sharedOutput,
                priorVariance,
                noiseVariance,
                hyperparameterLearning,
                iterative,
                meaning);
    }

    /**
     * The same settings with fixed variances.
     *
     * @param prior λ
     * @param noise σ²
     * @return new settings that learn nothing
     */
    public RegressionSettings withFixedVariances(double prior, double noise) {
        return new RegressionSettings(
                solver,
                meanFunction,
                meanTreatment,
                outputStructure,
                sharedOutput,
                prior,
                noise,
                HyperparameterLearning.NONE,
                iterative,
                repeatedRows);
    }

    /**
     * The same settings with another prior mean.
     *
     * @param function the mean
     * @return new settings
     */
    public RegressionSettings withMean(MeanFunction function) {
        return new RegressionSettings(
                solver,
                function,
                meanTreatment,
                outputStructure,
                sharedOutput,
                priorVariance,
                noiseVariance,
                hyperparameterLearning,
                iterative,
                repeatedRows);
    }

    /**
     * The same settings with another treatment of the prior mean.
     *
     * @param treatment how it is found, and whether it is known
     * @return new settings
     */
    public RegressionSettings withMeanTreatment(MeanTreatment treatment) {
        return new RegressionSettings(
                solver,
                meanFunction,
                treatment,
                outputStructure,
                sharedOutput,
                priorVariance,
                noiseVariance,
                hyperparameterLearning,
                iterative,
                repeatedRows);
    }

    /**
     * The same settings with another output structure.
     *
     * @param structure how dimensions relate to network outputs
     * @param output for SHARED, the network output or {@link #SUM}
     * @return new settings
     */
    public RegressionSettings withOutputs(OutputStructure structure, int output) {
        return new RegressionSettings(
                solver,
                meanFunction,
                meanTreatment,
                structure,
                output,
                priorVariance,
                noiseVariance,
                hyperparameterLearning,
                iterative,
                repeatedRows);
    }

    /**
     * The same settings with other learning.
     *
     * @param which which variances are learned
     * @return new settings
     */
    public RegressionSettings withLearning(HyperparameterLearning which) {
        return new RegressionSettings(
                solver,
                meanFunction,
                meanTreatment,
                outputStructure,
                sharedOutput,
                priorVariance,
                noiseVariance,
                which,
                iterative,
                repeatedRows);
    }

    /**
     * The same settings with another solver.
     *
     * @param chosen the solver
     * @param choices those of the iterative solver
     * @return new settings
     */
    public RegressionSettings withSolver(Solver chosen, IterativeSettings choices) {
        return new RegressionSettings(
                chosen,
                meanFunction,
                meanTreatment,
                outputStructure,
                sharedOutput,
                priorVariance,
                noiseVariance,
                hyperparameterLearning,
                choices,
                repeatedRows);
    }
}
