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
        Iterative iterative,
        Mean mean,
        Outputs outputs,
        Variances variances,
        RepeatedRows repeatedRows) {
    /** As a shared output: the sum of all outputs. */
    public static final int SUM = SharedOutput.ALL;

    /** Everything chosen automatically, both variances learned. */
    public static final RegressionSettings DEFAULT = new RegressionSettings(
            Solver.AUTO,
            Iterative.DEFAULT,
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
    public RegressionSettings withSolver(Solver chosen, Iterative choices) {
        return new RegressionSettings(chosen, choices, mean, outputs, variances, repeatedRows);
    }

    /**
     * The choices of the iterative solver.
     *
     * @param tolerance of the true relative residual ‖K α - y‖ / ‖y‖
     * @param maxIterations of conjugate gradients
     * @param preconditioner of the kernel matrix
     * @param probes random vectors that estimate the log determinant and its derivative while variances are learned
     * @param seed of the preconditioner's columns and the probes
     * @param variances how variances of predictions are computed
     */
    public record Iterative(
            double tolerance,
            int maxIterations,
            Preconditioner preconditioner,
            int probes,
            long seed,
            PredictedVariances variances) {
        /**
         * Tolerance 1e-4, 1000 iterations, Nyström preconditioner of automatic rank, 10 probes, seed 1, exact
         * variances.
         */
        public static final Iterative DEFAULT = new Iterative(1e-4, 1000, 0, 10, 1);

        /**
         * The preconditioner of the kernel matrix.
         *
         * @param method which columns of the kernel matrix it is made of
         * @param rank how many columns it is made of; 0 for a number that grows with the square root of the rows
         */
        public record Preconditioner(PreconditionerMethod method, int rank) {
            /**
             * Checks the range.
             *
             * @param method any
             * @param rank at least 0
             * @throws IllegalArgumentException if the rank is negative
             */
            public Preconditioner {
                Settings.requireAtLeast("preconditionerRank", rank, 0);
            }
        }

        /**
         * How variances of predictions are computed.
         *
         * @param method by a solve for each example, or from a subspace
         * @param rank dimension of the subspace that {@link VarianceMethod#CACHED} takes them from; 0 for one that what
         *     it leaves of the prior variances is small beside the noise
         */
        public record PredictedVariances(VarianceMethod method, int rank) {
            /**
             * Checks the range.
             *
             * @param method any
             * @param rank at least 0
             * @throws IllegalArgumentException if the rank is negative
             */
            public PredictedVariances {
                Settings.requireAtLeast("varianceRank", rank, 0);
            }
        }

        /**
         * Checks the ranges.
         *
         * @param tolerance above 0 and below 1
         * @param maxIterations at least 1
         * @param preconditioner any
         * @param probes at least 2
         * @param seed any
         * @param variances any
         * @throws IllegalArgumentException if a number is out of range
         */
        public Iterative {
            Settings.requireFraction("tolerance", tolerance);
            Settings.requireAtLeast("maxIterations", maxIterations, 1);
            Settings.requireAtLeast("probes", probes, 2);
        }

        /**
         * With the Nyström preconditioner and exact variances.
         *
         * @param tolerance above 0 and below 1
         * @param maxIterations at least 1
         * @param preconditionerRank at least 0
         * @param probes at least 2
         * @param seed any
         * @throws IllegalArgumentException if a number is out of range
         */
        public Iterative(double tolerance, int maxIterations, int preconditionerRank, int probes, long seed) {
            this(
                    tolerance,
                    maxIterations,
                    new Preconditioner(PreconditionerMethod.NYSTROEM, preconditionerRank),
                    probes,
                    seed,
                    new PredictedVariances(VarianceMethod.EXACT, 0));
        }

        /**
         * The same choices with other variances.
         *
         * @param method how they are computed
         * @param dimension of the subspace of {@link VarianceMethod#CACHED}, 0 for an automatic one
         * @return new settings
         * @throws IllegalArgumentException if the dimension is negative
         */
        public Iterative withVariances(VarianceMethod method, int dimension) {
            return new Iterative(
                    tolerance, maxIterations, preconditioner, probes, seed, new PredictedVariances(method, dimension));
        }

        /**
         * The same choices with another preconditioner.
         *
         * @param method which columns it is made of
         * @return new settings
         */
        public Iterative withPreconditioner(PreconditionerMethod method) {
            return new Iterative(
                    tolerance,
                    maxIterations,
                    new Preconditioner(method, preconditioner.rank()),
                    probes,
                    seed,
                    variances);
        }
    }
}
