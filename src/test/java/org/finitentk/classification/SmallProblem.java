package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.DoubleNetworks;

/** A network in double precision, data, and the same problem in weight space. */
record SmallProblem(
        LinearizedNetwork network,
        Examples x,
        Examples z,
        int[] labels,
        WeightSpace reference,
        ClassificationSettings settings)
        implements AutoCloseable {
    static final int CLASSES = 3;
    static final int TRAINING = 24;
    static final double LAMBDA = 0.7;

    static SmallProblem of(boolean shared) {
        LinearizedNetwork network = RunningNetwork.of(
                DoubleNetworks.of(NetworkBuilder.mlp(4, List.of(5), CLASSES, Activation.TANH, 3)),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT);
        String input = network.inputs().get(0).name();
        Examples x = examples(input, TRAINING, 1);
        int[] labels = WeightSpace.labels(x, input, CLASSES, 2);
        double[] weights = new double[TRAINING];
        Arrays.setAll(weights, i -> i % 3 == 0 ? 2 : 1);
        double[] prior = shared ? new double[TRAINING * CLASSES] : network.forward(x);
        WeightSpace reference =
                new WeightSpace(WeightSpace.jacobian(network, x, CLASSES, shared), labels, weights, prior, CLASSES);
        ClassificationSettings settings = ClassificationSettings.DEFAULT
                .withPriorVariance(LAMBDA, false)
                .withStructure(
                        shared ? ClassStructure.SHARED : ClassStructure.MATCHED,
                        ClassificationSettings.SUM,
                        shared ? PriorLogits.ZERO : PriorLogits.NETWORK)
                .withCovariance(new ClassificationSettings.Covariance(
                        CovarianceSolver.DENSE, 64, 64, 200, 1e-10, 500, 1e-12, 8000));
        return new SmallProblem(network, x, examples(input, 7, 5), labels, reference, settings);
    }

    static Examples examples(String input, int n, long seed) {
        Random random = new Random(seed);
        double[] values = new double[n * 4];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Examples.of(input, Tensor.ofDoubles(values, n, 4));
    }

    ClassificationPosterior fit(ClassificationSettings chosen) {
        return ClassificationPosterior.fit(
                network,
                x,
                new ClassificationPosterior.Labels(labels, CLASSES),
                reference.omega,
                chosen,
                ProgressListener.NONE);
    }

    double[][] testJacobian() {
        return WeightSpace.jacobian(network, z, CLASSES, settings.outputs().structure() == ClassStructure.SHARED);
    }

    double[] testPrior() {
        return settings.outputs().structure() == ClassStructure.SHARED
                ? new double[z.size() * CLASSES]
                : network.forward(z);
    }

    @Override
    public void close() {
        network.close();
    }

    static void assertNear(double[] expected, double[] found, double tolerance) {
        double difference = 0;
        double norm = 0;
        assertEquals(expected.length, found.length);
        for (int i = 0; i < expected.length; i++) {
            difference += (expected[i] - found[i]) * (expected[i] - found[i]);
            norm += expected[i] * expected[i];
        }
        double relative = Math.sqrt(difference / norm);
        assertTrue(
                relative <= tolerance,
                () -> "relative difference " + relative + ": expected " + Arrays.toString(expected) + ", found "
                        + Arrays.toString(found));
    }
}
