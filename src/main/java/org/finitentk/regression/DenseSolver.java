package org.finitentk.regression;

/** Fits Gaussian processes from whole kernel matrices. */
final class DenseSolver {
    private DenseSolver() {
    }

    /** The kernel matrix, of that relative precision, may be overwritten. */
    static DenseProcess fit(double[] gram, Targets targets, RegressionSettings settings, double precision) {
        if (settings.hyperparameterLearning() != HyperparameterLearning.NONE) {
            return EigenProcess.fit(gram, targets, settings, precision);
        }
        DenseFactorization factorization = DenseFactorization.of(gram, targets.rows(), settings.priorVariance(), settings.noiseVariance());
        return CholeskyProcess.fit(factorization, targets, settings.priorVariance(), settings.noiseVariance());
    }
}
