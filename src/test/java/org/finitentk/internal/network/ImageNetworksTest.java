package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.zip.GZIPInputStream;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.SharedFiles;
import org.finitentk.testing.SmallNetworks;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks that others trained, on images that everybody has: they classify as well as their makers say, and their
 * Jacobian's products fit each other.
 */
final class ImageNetworksTest {
    private static final double[] CIFAR_MEAN = {0.4914, 0.4822, 0.4465};
    private static final double[] CIFAR_DEVIATION = {0.2470, 0.2435, 0.2616};

    private static Path shared(String path) {
        Path found = SharedFiles.of(path);
        Assumptions.assumeTrue(Files.exists(found), "no shared " + path);
        return found;
    }

    /** Images as numbers between 0 and 1, and their classes. */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
    private record Images(float[] pixels, int[] labels, long... shape) {
        Examples examples(String input) {
            return Examples.of(input, Tensor.ofFloats(pixels, shape));
        }

        double accuracy(double[] outputs) {
            int k = outputs.length / labels.length;
            int right = 0;
            for (int i = 0; i < labels.length; i++) {
                int best = 0;
                for (int c = 1; c < k; c++) {
                    best = outputs[i * k + c] > outputs[i * k + best] ? c : best;
                }
                right += best == labels[i] ? 1 : 0;
            }
            return (double) right / labels.length;
        }
    }

    private static byte[] unzipped(Path file) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        }
    }

    private static Images mnist(int count) throws IOException {
        ByteBuffer images = ByteBuffer.wrap(unzipped(shared("data/mnist/t10k-images-idx3-ubyte.gz")));
        ByteBuffer labels = ByteBuffer.wrap(unzipped(shared("data/mnist/t10k-labels-idx1-ubyte.gz")));
        return images(
                count, 28 * 28, i -> (images.get(16 + i) & 0xFF) / 255.0, i -> labels.get(8 + i), count, 1, 28, 28);
    }

    private static Images cifar(int count) throws IOException {
        ByteBuffer records = ByteBuffer.wrap(Files.readAllBytes(shared("data/cifar10/test_batch.bin")));
        int size = 3 * 32 * 32;
        return images(
                count,
                size,
                i -> {
                    int channel = i % size / (32 * 32);
                    double pixel = (records.get(i / size * (size + 1) + 1 + i % size) & 0xFF) / 255.0;
                    return (pixel - CIFAR_MEAN[channel]) / CIFAR_DEVIATION[channel];
                },
                i -> records.get(i * (size + 1)),
                count,
                3,
                32,
                32);
    }

    private static Images images(
            int count, int size, IntToDoubleFunction pixel, IntToDoubleFunction label, long... shape) {
        float[] pixels = new float[count * size];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) pixel.applyAsDouble(i);
        }
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = (int) label.applyAsDouble(i);
        }
        return new Images(pixels, labels, shape);
    }

    private static void requireAdjoint(LinearizedNetwork network, Examples x) {
        double[] v = SmallNetworks.gaussian(new Random(1), network.parameterCount(), 1);
        double[] u = SmallNetworks.gaussian(new Random(2), (long) x.size() * network.outputSize(), 1);
        double[] jv = network.jvp(x, v);
        double[] vjp = network.vjp(x, u);
        double scale = norm(u) * norm(jv);
        assertTrue(scale > 0);
        assertEquals(dot(u, jv), dot(vjp, v), 1e-5 * scale);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double norm(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    /** The network of Tribuo's own tests, made by an old PyTorch: opset 8, weights that are also inputs. */
    @Test
    void digits() throws IOException {
        try (InputStream file =
                ImageNetworksTest.class.getResourceAsStream("/org/tribuo/interop/onnx/cnn_mnist.onnx")) {
            Graph graph =
                    ModelReader.read(java.util.Objects.requireNonNull(file).readAllBytes(), "cnn_mnist.onnx", null);
            try (LinearizedNetwork network =
                    RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
                assertEquals(10, network.outputSize());
                Images images = mnist(1000);
                Examples x = images.examples(network.inputs().get(0).name());
                assertEquals(0.986, images.accuracy(network.forward(x)), 1e-9);
                requireAdjoint(network, x.slice(0, 50));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet14_cifar10", "resnet14_cifar10_bn"})
    void photographs(String name) throws IOException {
        // all 10,000 take long; of those 0.8256 are right
        int count = Integer.getInteger("finitentk.cifar.images", 500);
        try (LinearizedNetwork network = NetworkFile.open(
                shared("backbones/" + name + ".onnx"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Images images = cifar(count);
            Examples x = images.examples("image");
            assertEquals(0.8256, images.accuracy(network.forward(x)), count == 10_000 ? 1e-9 : 0.03);
            requireAdjoint(network, x.slice(0, 8));
        }
    }
}
