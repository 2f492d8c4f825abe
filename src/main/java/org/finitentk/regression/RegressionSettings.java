package org.finitentk.regression;

import java.util.Locale;

/**
 * The choices of a regression.
 *
 * @param solver how the posterior is computed
 * @param mean prior mean
 * @param outputs how dimensions relate to network outputs
 * @param sharedOutput the network output whose kernel {@link OutputStructure#SHARED} uses, or {@link #SUM} for the sum of all outputs
 * @param priorVariance λ, the prior variance of a weight; if it is learned, used only when the data say nothing about it
 * @param noiseVariance σ², the variance of an observation's noise; if it is learned, used only when the data say nothing about it
 * @param learning which of the two are learned
 * @param iterative the choices of the iterative solver
 * @param repeatedRows what repeated rows and weights mean
 */
public record RegressionSettings(Solver solver, MeanFunction mean, OutputStructure outputs, int sharedOutput, double priorVariance, double noiseVariance,
                                 HyperparameterLearning learning, IterativeSettings iterative, RepeatedRows repeatedRows) {
    /** As a shared output: the sum of all outputs. */
    public static final int SUM = -1;

    /** Everything chosen automatically, both variances learned. */
    public static final RegressionSettings DEFAULT =
        new RegressionSettings(Solver.AUTO, MeanFunction.AUTO, OutputStructure.AUTO, SUM, 1.0, 0.01, HyperparameterLearning.BOTH, IterativeSettings.DEFAULT, RepeatedRows.FOLD);

    /**
     * Checks the ranges.
     *
     * @param solver how the posterior is computed
     * @param mean prior mean
     * @param outputs how dimensions relate to network outputs
     * @param sharedOutput at least -1
     * @param priorVariance positive and finite
     * @param noiseVariance at least 0 and finite; positive if it is learned
     * @param learning which variances are learned
     * @param iterative the choices of the iterative solver
     * @param repeatedRows what repeated rows and weights mean
     * @throws IllegalArgumentException if a number is out of range
     */
    public RegressionSettings {
        if (!(priorVariance > 0) || Double.isInfinite(priorVariance)) {
            throw new IllegalArgumentException("the prior variance is " + priorVariance + "; expected a positive finite number");
        }
        if (!(noiseVariance >= 0) || Double.isInfinite(noiseVariance)) {
            throw new IllegalArgumentException("the noise variance is " + noiseVariance + "; expected a finite number of at least 0");
        }
        if (noiseVariance == 0 && learning.learnsNoise()) {
            throw new IllegalArgumentException("the noise variance is 0, but it is to be learned; expected a positive number, or learning "
                + (learning.learnsPrior() ? HyperparameterLearning.PRIOR : HyperparameterLearning.NONE));
        }
        if (sharedOutput < SUM) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "the shared output is %d; expected an output index from 0, or %d for the sum of all outputs", sharedOutput, SUM));
        }
    }

    /**
     * With repeated rows folded.
     *
     * @param solver how the posterior is computed
     * @param mean prior mean
     * @param outputs how dimensions relate to network outputs
     * @param sharedOutput at least -1
     * @param priorVariance positive and finite
     * @param noiseVariance at least 0 and finite; positive if it is learned
     * @param learning which variances are learned
     * @param iterative the choices of the iterative solver
     * @throws IllegalArgumentException if a number is out of range
     */
    public RegressionSettings(Solver solver, MeanFunction mean, OutputStructure outputs, int sharedOutput, double priorVariance, double noiseVariance,
                              HyperparameterLearning learning, IterativeSettings iterative) {
        this(solver, mean, outputs, sharedOutput, priorVariance, noiseVariance, learning, iterative, RepeatedRows.FOLD);
    }

    /**
     * The same settings with another meaning of repeated rows and weights.
     *
     * @param meaning what they mean
     * @return new settings
     */
    public RegressionSettings withRepeatedRows(RepeatedRows meaning) {
        return new RegressionSettings(solver, mean, outputs, sharedOutput, priorVariance, noiseVariance, learning, iterative, meaning);
    }

    /**
     * With the iterative solver's default choices.
     *
     * @param solver how the posterior is computed
     * @param mean prior mean
     * @param outputs how dimensions relate to network outputs
     * @param sharedOutput at least -1
     * @param priorVariance positive and finite
     * @param noiseVariance at least 0 and finite; positive if it is learned
     * @param learning which variances are learned
     * @throws IllegalArgumentException if a number is out of range
     */
    public RegressionSettings(Solver solver, MeanFunction mean, OutputStructure outputs, int sharedOutput, double priorVariance, double noiseVariance,
                              HyperparameterLearning learning) {
        this(solver, mean, outputs, sharedOutput, priorVariance, noiseVariance, learning, IterativeSettings.DEFAULT);
    }

    /**
     * The same settings with fixed variances.
     *
     * @param prior λ
     * @param noise σ²
     * @return new settings that learn nothing
     */
    public RegressionSettings withFixedVariances(double prior, double noise) {
        return new RegressionSettings(solver, mean, outputs, sharedOutput, prior, noise, HyperparameterLearning.NONE, iterative, repeatedRows);
    }

    /**
     * The same settings with another prior mean.
     *
     * @param function the mean
     * @return new settings
     */
    public RegressionSettings withMean(MeanFunction function) {
        return new RegressionSettings(solver, function, outputs, sharedOutput, priorVariance, noiseVariance, learning, iterative, repeatedRows);
    }

    /**
     * The same settings with another output structure.
     *
     * @param structure how dimensions relate to network outputs
     * @param output for SHARED, the network output or {@link #SUM}
     * @return new settings
     */
    public RegressionSettings withOutputs(OutputStructure structure, int output) {
        return new RegressionSettings(solver, mean, structure, output, priorVariance, noiseVariance, learning, iterative, repeatedRows);
    }

    /**
     * The same settings with other learning.
     *
     * @param which which variances are learned
     * @return new settings
     */
    public RegressionSettings withLearning(HyperparameterLearning which) {
        return new RegressionSettings(solver, mean, outputs, sharedOutput, priorVariance, noiseVariance, which, iterative, repeatedRows);
    }

    /**
     * The same settings with another solver.
     *
     * @param chosen the solver
     * @param choices those of the iterative solver
     * @return new settings
     */
    public RegressionSettings withSolver(Solver chosen, IterativeSettings choices) {
        return new RegressionSettings(chosen, mean, outputs, sharedOutput, priorVariance, noiseVariance, learning, choices, repeatedRows);
    }
}
