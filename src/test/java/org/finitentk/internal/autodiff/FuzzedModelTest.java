package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.ValueInfo;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Damaged model files either work or are refused in a sentence; nothing else ever comes out of them. */
final class FuzzedModelTest {
    /** More by hand: {@code -Dfinitentk.fuzz.trials=100000}. */
    private static final int TRIALS = Integer.getInteger("finitentk.fuzz.trials", 400);

    private static final long SEED = Long.getLong("finitentk.fuzz.seed", 1);
    private static final long HANGING_NANOS = 60_000_000_000L;
    private static final ExecutionSettings SETTINGS = ExecutionSettings.DEFAULT.withThreads(1);

    @TempDir
    Path folder = Path.of("");

    static Map<String, byte[]> models() {
        Map<String, byte[]> models = new LinkedHashMap<>();
        models.put("dense", model(13, n -> {
            String h = n.op("Tanh", n.op("Gemm", new Attributes().integer("transB", 1), n.x(3), n.p(4, 3), n.p(4)));
            String clipped = n.op("Clip", n.op("Add", n.op("MatMul", h, n.p(4, 4)), n.p(4)), n.scalar(-2), n.scalar(2));
            return n.op("LogSoftmax", n.op("Mul", clipped, n.p(4)));
        }));
        models.put("convolutions", model(11, n -> {
            Attributes conv = new Attributes()
                    .integers("kernel_shape", 3, 3)
                    .integers("pads", 1, 1, 1, 1)
                    .integers("strides", 2, 1);
            String h = n.op("Conv", conv, n.x(2, 6, 5), n.p(4, 2, 3, 3), n.p(4));
            String normalized = n.op(
                    "BatchNormalization",
                    h,
                    n.p(4),
                    n.p(4),
                    n.constant(Net.Range.SIGNED, 4),
                    n.constant(Net.Range.POSITIVE, 4));
            String pooled = n.op("MaxPool", new Attributes().integers("kernel_shape", 2, 2), n.op("Relu", normalized));
            String average = n.op(
                    "AveragePool",
                    new Attributes().integers("kernel_shape", 2, 2).integers("pads", 0, 1, 1, 0),
                    pooled);
            String padded = n.op("Pad", average, n.longs(0, 0, 1, 0, 0, 0, 0, 1), n.scalar(0));
            return n.op("Gemm", n.op("Flatten", n.op("GlobalAveragePool", padded)), n.p(4, 3), n.p(3));
        }));
        models.put("attention", model(17, n -> {
            String tokens = n.op("Gather", n.p(6, 4), n.ids(2, 3));
            String x = n.op("LayerNormalization", n.op("Add", tokens, n.p(3, 4)), n.p(4), n.p(4));
            String heads = n.transpose(n.reshape(n.op("MatMul", x, n.p(4, 4)), 0, 3, 2, 2), 0, 2, 1, 3);
            String scores =
                    n.op("Softmax", n.op("Mul", n.op("MatMul", heads, n.transpose(heads, 0, 1, 3, 2)), n.scalar(0.5)));
            String mixed = n.reshape(n.transpose(n.op("MatMul", scores, heads), 0, 2, 1, 3), 0, 3, -1);
            String first = n.op(
                    "Slice",
                    n.op("Concat", new Attributes().integer("axis", 2), mixed, x),
                    n.longs(0),
                    n.longs(2),
                    n.longs(1));
            return n.op(
                    "MatMul",
                    n.op("ReduceMean", new Attributes().integers("axes", 1).integer("keepdims", 0), first),
                    n.p(8, 2));
        }));
        models.put("shapes", model(9, n -> {
            String x = n.op("Elu", n.op("Mul", n.x(2, 1, 3), n.p(2, 1, 3)));
            String size = n.op(
                    "Unsqueeze",
                    new Attributes().integers("axes", 0),
                    n.op("Gather", n.op("Shape", x), n.tensor(org.finitentk.onnx.Tensor.ofLongs(new long[] {0}))));
            String shape = n.op("Concat", new Attributes().integer("axis", 0), size, n.longs(-1));
            String flat = n.op("Reshape", n.op("Squeeze", new Attributes().integers("axes", 2), x), shape);
            String clipped = n.op(
                    "Clip",
                    new Attributes().real("min", -0.5f).real("max", 2),
                    n.op("Dropout", new Attributes().real("ratio", 0.5f), flat));
            String expanded = n.op("Expand", n.p(1, 6), n.longs(1, 6));
            return n.op(
                    "ReduceSum",
                    new Attributes().integers("axes", 1),
                    n.op("Softplus", n.op("Div", clipped, n.op("Exp", expanded))));
        }));
        return models;
    }

    private static byte[] model(long opset, Function<Net, String> body) {
        Net net = new Net(ElementType.FLOAT);
        String output = body.apply(net);
        return OrtRunner.serialize(
                net.graph(new ValueInfo(output, ElementType.FLOAT, java.util.List.of("batch", "k"))), opset);
    }

    @TestFactory
    Stream<DynamicTest> damagedModels() {
        return models().entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    Path file = folder.resolve(e.getKey() + ".onnx");
                    Files.write(file, e.getValue());
                    run(file);
                    int working = 0;
                    SplittableRandom seeds = new SplittableRandom(SEED);
                    for (int trial = 0; trial < TRIALS; trial++) {
                        Files.write(file, new ModelMutations(new Random(seeds.nextLong())).mutate(e.getValue()));
                        working += works(file, e.getKey() + ", trial " + trial) ? 1 : 0;
                    }
                    assertTrue(
                            working > TRIALS / 20 && working < TRIALS * 19 / 20,
                            working + " of " + TRIALS + " damaged models still work: the damage tests nothing");
                }));
    }

    private static boolean works(Path file, String what) throws IOException {
        long start = System.nanoTime();
        try {
            run(file);
            return true;
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(
                    message.length() > 20
                            && message.length() < 3000
                            && !message.contains("\n")
                            && !message.contains("java."),
                    () -> what + ": " + message);
            return false;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            Path kept = Files.copy(
                    file, Files.createTempFile("fuzzed", ".onnx"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            throw new AssertionError(what + " of seed " + SEED + ", kept as " + kept + ": " + e, e);
        } finally {
            long nanos = System.nanoTime() - start;
            assertTrue(nanos < HANGING_NANOS, () -> what + " took " + nanos / 1_000_000 + " ms");
        }
    }

    static void run(Path file) {
        try (LinearizedNetwork network = NetworkFile.open(file, ParameterSelection.DEFAULT, SETTINGS)) {
            Examples x = RandomExamples.draw(network.inputs(), 2, 3);
            double[] f = network.forward(x);
            network.jvp(x, network.parameterVector());
            network.vjp(x, f);
        }
    }
}
