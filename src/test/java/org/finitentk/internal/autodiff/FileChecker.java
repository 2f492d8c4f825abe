package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.FloatOutput;
import org.finitentk.internal.onnx.Layer;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.onnx.Retyping;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.NullUnmarked;

/**
 * Checks what is made of a float32 model file: f against ONNX Runtime on the file itself, the adjoint identity, and J v
 * against differences of the reference interpreter in float64.
 */
@NullUnmarked
public final class FileChecker {
    private static final int[] BATCHES = {1, 2, 5};

    private FileChecker() {}

    /** Checks a file; returns the names of the parameters that were found in it. */
    public static List<String> check(byte[] model) {
        return check(model, ParameterSelection.DEFAULT, BATCHES);
    }

    /** The same with other parameters, and for numbers of examples. */
    public static List<String> check(byte[] model, ParameterSelection selection, int... batches) {
        return check(model, selection, true, batches);
    }

    /** A file that ONNX Runtime cannot run: f is not compared. */
    public static List<String> checkDerivatives(byte[] model, int... batches) {
        return check(model, ParameterSelection.DEFAULT, false, batches);
    }

    private static List<String> check(byte[] model, ParameterSelection selection, boolean runs, int... batches) {
        Graph graph = ModelReader.read(model, "the file", null);
        try (LinearizedNetwork network = RunningNetwork.of(graph, selection, ExecutionSettings.DEFAULT)) {
            String output = FloatOutput.of(graph).name();
            for (int n : batches) {
                Examples x = RandomExamples.draw(network.inputs(), n, 5 + n);
                double[] f = network.forward(x);
                if (runs) {
                    same("f of " + n + " by ONNX Runtime", run(model, output, x), f, 1e-5);
                }
                products(network, x, f);
                differences(graph, network, x, f);
            }
            return network.parameters().stream().map(Parameter::name).toList();
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    private static double[] random(long seed, int length) {
        Random random = new Random(seed);
        return random.doubles(length, -1, 1).toArray();
    }

    private static void products(LinearizedNetwork network, Examples x, double[] f) {
        double[] v = random(1, (int) network.parameterCount());
        double[] u = random(2, f.length);
        double[] jv = network.jvp(x, v);
        double[] vjp = network.vjp(x, u);
        double scale = Math.sqrt(dot(u, u) * dot(jv, jv)) + Math.sqrt(dot(v, v) * dot(vjp, vjp));
        assertTrue(dot(jv, jv) > 0, "J v is zero");
        assertEquals(dot(u, jv), dot(vjp, v), 1e-5 * scale, "<u, J v> and <transposed J u, v>");
    }

    private static void differences(Graph graph, LinearizedNetwork network, Examples x, double[] f) {
        Graph wide = Retyping.float64(graph);
        Map<String, Tensor> inputs = new HashMap<>();
        x.inputs()
                .forEach((name, tensor) -> inputs.put(
                        name, tensor.type() == ElementType.FLOAT ? tensor.converted(ElementType.DOUBLE) : tensor));
        double[] v = random(1, (int) network.parameterCount());
        Graph one = Layer.upTo(wide, FloatOutput.of(graph).name());
        double[][] columns = ReferenceJacobian.of(one, network.parameters(), inputs);
        double[] expected = new double[f.length];
        for (int p = 0; p < v.length; p++) {
            for (int i = 0; i < f.length; i++) {
                expected[i] += v[p] * columns[p][i];
            }
        }
        same("J v and differences", expected, network.jvp(x, v), 2e-5);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** Equal but for rounding, by the largest of the numbers. */
    static void same(String what, double[] expected, double[] found, double tolerance) {
        assertEquals(expected.length, found.length, what + ": how many");
        double scale = 1e-3;
        for (double e : expected) {
            scale = Math.max(scale, Math.abs(e));
        }
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], tolerance * scale, what + " at " + i);
        }
    }

    /** An output of the file as ONNX Runtime computes it; columns of a sequence of maps in the order of their keys. */
    public static double[] run(byte[] model, String output, Examples x) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setSessionLogLevel(ai.onnxruntime.OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            try (OrtSession session = environment.createSession(model, options)) {
                for (Map.Entry<String, Tensor> e : x.inputs().entrySet()) {
                    inputs.put(e.getKey(), tensor(environment, e.getValue()));
                }
                try (OrtSession.Result result = session.run(inputs, Set.of(output))) {
                    return numbers(result.get(0));
                }
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(OrtEnvironment environment, Tensor value) throws OrtException {
        if (value.type() == ElementType.INT64) {
            return OnnxTensor.createTensor(environment, LongBuffer.wrap(value.toLongs()), value.shape());
        }
        double[] doubles = value.toDoubles();
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) doubles[i];
        }
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats), value.shape());
    }

    private static double[] numbers(OnnxValue value) throws OrtException {
        List<Double> all = new ArrayList<>();
        if (value instanceof OnnxSequence sequence) {
            for (OnnxValue row : sequence.getValue()) {
                new TreeMap<>(((OnnxMap) row).getValue()).values().forEach(v -> all.add(((Number) v).doubleValue()));
            }
        } else {
            FloatBuffer floats = ((OnnxTensor) value).getFloatBuffer();
            while (floats.hasRemaining()) {
                all.add((double) floats.get());
            }
        }
        return all.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
