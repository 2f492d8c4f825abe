package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * Checks every graph that a {@link Linearization} derives from one small network, in float64 by the reference
 * interpreter and in float32 by ONNX Runtime.
 */
final class DerivativeChecker {
    /** An operator that is differentiated may be computed by others, which round differently. */
    private static final double SAME = 1e-14;
    /** Parameters of a {@link Net} are selected by their names. */
    static final ParameterSelection PARAMETERS = new ParameterSelection(Pattern.compile("^p\\d"), null);

    private static final double STEP = 1e-5;
    /**
     * Differences to both sides that differ by so much are of two branches: curvature makes up to some hundred times
     * the step.
     */
    private static final double KINK = 0.002;
    /** By how much an engine may be farther off than one that rounds every value once. */
    private static final double ROUNDING = 10;

    private static final int[] BATCHES = {1, 2, 5};

    private final Net net;
    /** The model as it is in a file, for ONNX Runtime. */
    private final byte[] original;

    private final Graph graph;
    private final String output;
    private final Linearization linearization;
    private final int parameterCount;

    private DerivativeChecker(ElementType type, long opset, Function<Net, String> body) {
        net = new Net(type);
        output = body.apply(net);
        original = OrtRunner.serialize(net.graph(output), opset == 0 ? Graph.OPSET : opset);
        graph = opset == 0 ? net.graph(output) : ModelReader.read(original, "opset " + opset, null);
        linearization = Linearization.of(graph, PARAMETERS);
        parameterCount = Math.toIntExact(linearization.parameterCount());
    }

    /**
     * Checks one network; {@code kinds}, if not empty, are the expected kinds of per-example gradients in the
     * parameters' order.
     */
    static void check(Function<Net, String> body, List<PerExample.Kind> kinds) throws OrtException {
        check(0, body, kinds);
    }

    /**
     * Checks a network that ONNX Runtime refuses to run as it is written, saying {@code why}; what is derived from it
     * must run all the same.
     */
    static void checkWithoutKernel(String why, Function<Net, String> body, List<PerExample.Kind> kinds)
            throws OrtException {
        DerivativeChecker single = derived(0, body, kinds);
        OrtException refused = assertThrows(OrtException.class, () -> new OrtRunner(single.original).close());
        assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    }

    /**
     * Checks a network whose nodes have the form of an opset, read from a file; its outputs must be those that ONNX
     * Runtime computes from that file.
     */
    static void check(long opset, Function<Net, String> body, List<PerExample.Kind> kinds) throws OrtException {
        derived(opset, body, kinds).readAsMeant();
    }

    private static DerivativeChecker derived(long opset, Function<Net, String> body, List<PerExample.Kind> kinds)
            throws OrtException {
        DerivativeChecker exact = new DerivativeChecker(ElementType.DOUBLE, opset, body);
        for (int batch : BATCHES) {
            exact.derivatives(batch);
            exact.parametersAsInputs(batch);
            exact.perExample(exact.linearization, batch, true);
            exact.perExample(exact.linearization, batch, false);
            exact.products(batch);
        }
        exact.perExample(exact.ofOneExample(), 1, true);
        exact.perExample(exact.ofOneExample(), 1, false);
        List<PerExample.Kind> found = kinds(exact.linearization);
        List<PerExample.Kind> ofOne = kinds(exact.ofOneExample());
        // what parameters alone give to a pooling's input of one example is looked up, which no structure is kept of
        boolean lookedUp =
                exact.graph.nodes().stream().anyMatch(node -> node.op().equals("MaxPool"));
        for (int i = 0; i < found.size() && !lookedUp; i++) {
            assertTrue(
                    ofOne.get(i) != PerExample.Kind.UNSTRUCTURED || found.get(i) == PerExample.Kind.UNSTRUCTURED,
                    "one example at a time has no less structure: " + ofOne + " instead of " + found);
        }
        if (!kinds.isEmpty()) {
            assertEquals(kinds, found, "kinds of per-example gradients");
        }
        DerivativeChecker single = new DerivativeChecker(ElementType.FLOAT, opset, body);
        single.onnxRuntime();
        exact.onnxRuntimeInDouble(single);
        return single;
    }

    private static List<PerExample.Kind> kinds(Linearization linearization) {
        return linearization.perExample((t, in, out) -> true).parts().stream()
                .map(PerExample.Part::kind)
                .toList();
    }

    private NdArray random(long seed, int... shape) {
        NdArray a = NdArray.zeros(net.type(), shape);
        Random random = new Random(seed);
        Arrays.setAll(a.data(), i -> (float) random.nextGaussian());
        return a;
    }

    private static Map<String, NdArray> with(Map<String, NdArray> feeds, String name, NdArray value) {
        Map<String, NdArray> all = new HashMap<>(feeds);
        all.put(name, value);
        return all;
    }

    private static NdArray run(Graph g, Map<String, NdArray> feeds, int output) {
        NdArray out =
                ReferenceInterpreter.run(g, feeds).get(g.outputs().get(output).name());
        if (out == null) {
            throw new AssertionError("graph " + g.name() + " has no output " + output);
        }
        return out;
    }

    private void derivatives(int batch) {
        int k = linearization.outputSize();
        Map<String, NdArray> x = net.draw(batch, 11);
        double[] f = run(graph, x, 0).data();
        NdArray v = random(1, parameterCount);
        NdArray u = random(2, batch, k);
        NdArray forward = run(linearization.forward(), x, 0);
        assertArrayEquals(new int[] {batch, k}, forward.shape());
        assertArrayEquals(f, forward.data(), "forward() changes f");
        Map<String, NdArray> jvpFeeds = with(x, Linearization.TANGENT, v);
        assertArrayEquals(f, run(linearization.jvp(), jvpFeeds, 0).data(), SAME, "jvp() changes f");
        NdArray jv = run(linearization.jvp(), jvpFeeds, 1);
        assertArrayEquals(new int[] {batch, k}, jv.shape());
        assertTrue(norm(jv.data()) > 0, "J v is zero: the row tests nothing");
        differences(x, v.data(), f, jv.data());
        Map<String, NdArray> vjpFeeds = with(x, Linearization.COTANGENT, u);
        assertArrayEquals(f, run(linearization.vjp(), vjpFeeds, 0).data(), SAME, "vjp() changes f");
        NdArray vjp = run(linearization.vjp(), vjpFeeds, 1);
        assertArrayEquals(new int[] {parameterCount}, vjp.shape());
        double scale = norm(u.data()) * norm(jv.data()) + norm(vjp.data()) * norm(v.data());
        assertEquals(
                dot(u.data(), jv.data()),
                dot(vjp.data(), v.data()),
                1e-10 * scale,
                "<u, J v> and <transposed J u, v>, batch " + batch);
    }

    /**
     * Central differences; where the differences to both sides are different, two arguments of a Max, say, are a tie,
     * and any derivative between these two is one.
     */
    private void differences(Map<String, NdArray> x, double[] v, double[] f, double[] jv) {
        double[] up = run(graph, moved(x, v, STEP), 0).data();
        double[] down = run(graph, moved(x, v, -STEP), 0).data();
        double[] expected = new double[f.length];
        for (int i = 0; i < f.length; i++) {
            expected[i] = (up[i] - down[i]) / (2 * STEP);
            double right = (up[i] - f[i]) / STEP;
            double left = (f[i] - down[i]) / STEP;
            boolean between = jv[i] >= Math.min(left, right) - KINK / 10 && jv[i] <= Math.max(left, right) + KINK / 10;
            expected[i] = Math.abs(right - left) > KINK && between ? jv[i] : expected[i];
        }
        close("J v and finite differences", expected, jv, 1e-6);
    }

    /** Inputs and parameters, moved by a multiple of v. */
    private Map<String, NdArray> moved(Map<String, NdArray> x, double[] v, double step) {
        Map<String, NdArray> feeds = new HashMap<>(x);
        for (Parameter p : linearization.parameters()) {
            NdArray theta = NdArray.of(
                    java.util.Objects.requireNonNull(graph.initializers().get(p.name())));
            for (int i = 0; i < theta.data().length; i++) {
                theta.data()[i] += step * v[(int) p.offset() + i];
            }
            feeds.put(p.name(), theta);
        }
        return feeds;
    }

    /** The graphs with parameters as inputs, against graphs derived from a network that has those parameters inside. */
    private void parametersAsInputs(int batch) {
        NdArray v = random(1, parameterCount);
        NdArray u = random(2, batch, linearization.outputSize());
        Map<String, NdArray> x = net.draw(batch, 12);
        Map<String, NdArray> at = moved(x, v.data(), 0.01);
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        linearization
                .parameters()
                .forEach(p -> initializers.put(
                        p.name(),
                        java.util.Objects.requireNonNull(at.get(p.name())).toTensor()));
        Linearization inside = Linearization.of(
                new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, graph.nodes()), PARAMETERS);
        assertArrayEquals(
                run(inside.forward(), x, 0).data(),
                run(linearization.forwardAt(), at, 0).data(),
                "forwardAt()");
        close(
                "jvpAt() and jvp()",
                run(inside.jvp(), with(x, Linearization.TANGENT, v), 1).data(),
                run(linearization.jvpAt(), with(at, Linearization.TANGENT, v), 1)
                        .data(),
                1e-13);
        close(
                "vjpAt() and vjp()",
                run(inside.vjp(), with(x, Linearization.COTANGENT, u), 1).data(),
                run(linearization.vjpAt(), with(at, Linearization.COTANGENT, u), 1)
                        .data(),
                1e-13);
        for (Graph g : List.of(linearization.forwardAt(), linearization.jvpAt(), linearization.vjpAt())) {
            linearization
                    .parameters()
                    .forEach(p ->
                            assertTrue(!g.initializers().containsKey(p.name()), p.name() + " is still a constant"));
        }
    }

    /**
     * Both products in one graph, of the network and of the network with one output, whose rows' cotangents come before
     * the vectors.
     */
    private void products(int batch) {
        for (Linearization each : List.of(linearization, oneOutput())) {
            Map<String, NdArray> x = moved(net.draw(batch, 16), new double[parameterCount], 0);
            x.put(Linearization.TANGENT, random(9, Math.toIntExact(each.parameterCount())));
            x.put(Linearization.COTANGENT, random(10, batch, each.outputSize()));
            Graph products = each.products(false);
            String what = each.outputSize() + " outputs, batch " + batch;
            close(
                    "products()'s J v, " + what,
                    run(each.jvp(), x, 1).data(),
                    run(products, x, 0).data(),
                    1e-11);
            close(
                    "products()'s transposed J u, " + what,
                    run(each.vjp(), x, 1).data(),
                    run(products, x, 1).data(),
                    1e-11);
            assertArrayEquals(
                    new int[] {batch, each.outputSize()}, run(products, x, 0).shape());
            close(
                    "products(true)'s J v, " + what,
                    run(products, x, 0).data(),
                    run(each.products(true), x, 0).data(),
                    1e-13);
            close(
                    "products(true)'s transposed J u, " + what,
                    run(products, x, 1).data(),
                    run(each.products(true), x, 1).data(),
                    1e-13);
        }
    }

    /** The network with a random combination of its outputs as its output. */
    private Linearization oneOutput() {
        Graph f = linearization.forward();
        int k = linearization.outputSize();
        Map<String, Tensor> initializers = new LinkedHashMap<>(f.initializers());
        initializers.put("combination", random(17, k, 1).toTensor());
        List<Node> nodes = new ArrayList<>(f.nodes());
        nodes.add(new Node(
                "combined",
                "",
                "MatMul",
                List.of(f.outputs().get(0).name(), "combination"),
                List.of("combined"),
                Map.of()));
        ValueInfo output = new ValueInfo(
                "combined", net.type(), List.of(f.inputs().get(0).dims().get(0), "1"));
        return Linearization.of(new Graph(f.name(), f.inputs(), List.of(output), initializers, nodes), PARAMETERS);
    }

    /** The network as it is exported without open sizes: for one example at a time. */
    private Linearization ofOneExample() {
        List<ValueInfo> inputs =
                graph.inputs().stream().map(DerivativeChecker::ofOneExample).toList();
        List<ValueInfo> outputs =
                graph.outputs().stream().map(DerivativeChecker::ofOneExample).toList();
        return Linearization.of(
                new Graph(graph.name(), inputs, outputs, graph.initializers(), graph.nodes()), PARAMETERS);
    }

    private static ValueInfo ofOneExample(ValueInfo value) {
        List<String> dims = new ArrayList<>(value.dims());
        if (!dims.isEmpty()) {
            dims.set(0, "1");
        }
        return new ValueInfo(value.name(), value.type(), dims);
    }

    private void perExample(Linearization of, int batch, boolean factors) {
        PerExample per = of.perExample(new PerExample.Choice() {
            @Override
            public boolean keepFactors(long positions, long inputWidth, long outputWidth) {
                return factors;
            }

            @Override
            public boolean keepRows() {
                return factors;
            }
        });
        Map<String, NdArray> x = net.draw(batch, 13);
        NdArray u = random(3, batch, linearization.outputSize());
        Map<String, NdArray> values = ReferenceInterpreter.run(per.graph(), with(x, Linearization.COTANGENT, u));
        Map<String, NdArray> others = ReferenceInterpreter.run(
                per.graph(), with(x, Linearization.COTANGENT, random(8, batch, linearization.outputSize())));
        for (PerExample.Part part : per.parts()) {
            if (part.kind() == PerExample.Kind.FACTORS) {
                assertArrayEquals(
                        part(values, part, 0).data(),
                        part(others, part, 0).data(),
                        "the inputs of " + part.parameter().name() + " depend on the cotangent");
            }
        }
        for (int i = 0; i < batch; i++) {
            Map<String, NdArray> one = new HashMap<>();
            int row = i;
            x.forEach((name, a) -> one.put(name, a.row(row)));
            double[] expected = run(linearization.vjp(), with(one, Linearization.COTANGENT, u.row(i)), 1)
                    .data();
            for (PerExample.Part part : per.parts()) {
                Parameter p = part.parameter();
                compare(part, Arrays.copyOfRange(expected, (int) p.offset(), (int) (p.offset() + p.size())), values, i);
            }
        }
    }

    private static void compare(PerExample.Part part, double[] expected, Map<String, NdArray> values, int example) {
        String what = part.kind() + " of " + part.parameter().name() + ", example " + example;
        switch (part.kind()) {
            case GRADIENTS ->
                close(what, expected, part(values, part, 0).row(example).data(), 1e-10);
            case FACTORS -> {
                NdArray a = part(values, part, 0).row(example);
                NdArray delta = part(values, part, 1).row(example);
                assertEquals(3, a.rank());
                double[] inFirst = outer(a, delta);
                double[] outFirst = outer(delta, a);
                close(
                        what,
                        expected,
                        distance(expected, inFirst) < distance(expected, outFirst) ? inFirst : outFirst,
                        1e-10);
            }
            case ROWS -> {
                NdArray rows = part(values, part, 0).row(example);
                NdArray delta = part(values, part, 1).row(example);
                double[] sum = new double[expected.length];
                int width = delta.shape()[2];
                for (int j = 0; j < delta.data().length; j++) {
                    sum[((int) rows.data()[j / width]) * width + j % width] += delta.data()[j];
                }
                close(what, expected, sum, 1e-10);
            }
            case ZERO -> assertEquals(0, norm(expected), what);
            case UNSTRUCTURED -> assertTrue(part.outputs().isEmpty());
        }
    }

    private static NdArray part(Map<String, NdArray> values, PerExample.Part part, int i) {
        return java.util.Objects.requireNonNull(values.get(part.outputs().get(i)));
    }

    /** Σ_t a_t ⊗ b_t of one example, a's axis first. */
    private static double[] outer(NdArray a, NdArray b) {
        return ReferenceMatrix.matmul(ReferenceMovement.transpose(a, 0, 2, 1), b)
                .data();
    }

    /** The same float32 graphs in both engines. */
    private void onnxRuntime() throws OrtException {
        Graph perFactors = linearization.perExample((t, in, out) -> true).graph();
        Graph perGradients = linearization.perExample((t, in, out) -> false).graph();
        for (Graph g :
                List.of(linearization.jvp(), linearization.vjp(), linearization.vjpAt(), perFactors, perGradients)) {
            if (g.outputs().isEmpty()) {
                continue;
            }
            onnxRuntime(g, linearization, 1e-5);
        }
        Linearization one = oneOutput();
        onnxRuntime(one.products(false), one, 1e-5);
    }

    /**
     * The same float64 graphs in both engines: ONNX Runtime lacks float64 kernels of many operators, {@link DoubleForm}
     * must leave none of those.
     */
    private void onnxRuntimeInDouble(DerivativeChecker single) throws OrtException {
        for (Graph g : List.of(
                linearization.jvp(),
                linearization.vjp(),
                linearization.perExample((t, in, out) -> true).graph())) {
            if (!g.outputs().isEmpty()) {
                onnxRuntime(g, linearization, accuracyInDouble(g));
            }
        }
        Graph forward = linearization.forward();
        if (isTaken(single.linearization.forward())) {
            onnxRuntime(forward, linearization, accuracyInDouble(forward));
        }
    }

    /** What a network casts to float32 is rounded. */
    private static double accuracyInDouble(Graph g) {
        return g.nodes().stream().anyMatch(node -> node.integer("to", 0) == ElementType.FLOAT.code()) ? 1e-6 : 1e-12;
    }

    /** Some forms of operators that the specification has are unknown to ONNX Runtime whatever their type. */
    private static boolean isTaken(Graph g) {
        try {
            new OrtRunner(g).close();
            return true;
        } catch (OrtException e) {
            return false;
        }
    }

    private void onnxRuntime(Graph g, Linearization of, double tolerance) throws OrtException {
        try (OrtRunner ort = new OrtRunner(DoubleForm.of(g))) {
            for (int batch : new int[] {1, 3}) {
                Map<String, NdArray> feeds =
                        moved(net.draw(batch, 14), random(4, parameterCount).data(), 0);
                feeds.put(Linearization.TANGENT, random(5, Math.toIntExact(of.parameterCount())));
                feeds.put(Linearization.COTANGENT, random(6, batch, of.outputSize()));
                Map<String, NdArray> expected = ReferenceInterpreter.run(g, feeds);
                Map<String, NdArray> found = ort.run(feeds);
                expected.forEach((name, e) -> {
                    NdArray f = java.util.Objects.requireNonNull(found.get(name));
                    assertArrayEquals(e.shape(), f.shape(), "shape of " + name);
                    close(
                            g.name() + "'s " + name + " in ONNX Runtime",
                            e.data(),
                            f.data(),
                            tolerance,
                            () -> rounding(g, feeds, name, e));
                });
            }
        }
    }

    /**
     * The reference must compute what ONNX Runtime makes of the file itself, before anything is rewritten: a rule and
     * the reference cannot then share an error.
     */
    private void readAsMeant() throws OrtException {
        try (OrtRunner ort = new OrtRunner(original)) {
            for (int batch : new int[] {1, 3}) {
                Map<String, NdArray> x = net.draw(batch, 15);
                NdArray expected = java.util.Objects.requireNonNull(ort.run(x).get(output));
                NdArray found = run(graph, x, 0);
                assertArrayEquals(expected.shape(), found.shape(), "shape of the model's output as it was written");
                close("the model's output as it was written", expected.data(), found.data(), 1e-5);
            }
        }
    }

    /**
     * Near the end of a saturated function, say, differences of values that are nearly equal are all rounding, and a
     * Reciprocal makes them large: how far off that is.
     */
    private static double rounding(Graph g, Map<String, NdArray> feeds, String name, NdArray exact) {
        return ROUNDING
                * distance(
                        exact.data(),
                        java.util.Objects.requireNonNull(
                                        ReferenceInterpreter.rounded(g, feeds).get(name))
                                .data());
    }

    private static void close(String what, double[] expected, double[] found, double tolerance) {
        close(what, expected, found, tolerance, () -> 0);
    }

    private static void close(
            String what, double[] expected, double[] found, double tolerance, DoubleSupplier rounding) {
        assertEquals(expected.length, found.length, what);
        double error = distance(expected, found);
        // gradients that are zero but for rounding are compared on the scale of everything else, which is 1
        double scale = Math.max(norm(expected), 1);
        // NaN must fail
        assertTrue(
                error <= tolerance * scale || error <= rounding.getAsDouble(),
                () -> what + ": relative error " + error / norm(expected) + "\nexpected " + Arrays.toString(expected)
                        + "\nfound " + Arrays.toString(found));
    }

    private static double distance(double[] a, double[] b) {
        if (a.length != b.length) {
            return Double.POSITIVE_INFINITY;
        }
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
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
}
