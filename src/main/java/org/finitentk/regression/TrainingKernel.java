package org.finitentk.regression;

import org.finitentk.internal.kernel.KernelAccess;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;

/**
 * The tangent kernel of the training rows, S K S with K = J Jᵀ: what a process is fitted to and what predictions
 * compare with. Rows of S are those of examples, all combinations of outputs of one after the other.
 *
 * @param network the network
 * @param training the training examples
 * @param noise the rows' scales
 * @param outputs which network outputs the kernel is of
 * @param kernels how many kernels share the memory
 */
record TrainingKernel(LinearizedNetwork network, Examples training, RowNoise noise, Outputs outputs, int kernels) {

    double scale(int row) {
        return noise.scale(row);
    }

    int rowsPerExample() {
        return outputs.count(network.outputSize());
    }

    int rows() {
        return Math.multiplyExact(training.size(), rowsPerExample());
    }

    long parameters() {
        return network.parameterCount();
    }

    /** λ Jᵀ S α. */
    double[] tangent(double[] alpha, double lambda) {
        double[] scaled = new double[alpha.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = lambda * scale(i) * alpha[i];
        }
        return network.vjp(training, outputs.cotangents(scaled, network.outputSize()));
    }

    /** J w, without scales. */
    double[] products(double[] weights) {
        return outputs.of(network.jvp(training, weights), network.outputSize());
    }

    /** S K(X, Z). Where noise is little, much is made of its rounding, and it is rounded as K is. */
    double[] cross(Examples z, boolean littleNoise) {
        KernelTiles kernel = new KernelTiles(network);
        double[] cross = littleNoise ? kernel.consistent(training, z, outputs) : kernel.gram(training, z, outputs);
        noise.scaleInPlace(cross, z.size() * rowsPerExample());
        return cross;
    }

    /** Prior variances of new examples for λ = 1. */
    double[] prior(Examples z) {
        return new KernelTiles(network).diagonal(z, outputs);
    }

    /** How conjugate gradients of this tolerance multiply with it. */
    KernelAccess access(double together, double tolerance) {
        return new KernelAccess(
                network, training.size(), outputs, kernels, together, ConjugateGradients.takesRounded(tolerance));
    }
}
