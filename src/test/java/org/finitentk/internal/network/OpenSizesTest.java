package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.finitentk.internal.onnx.ViewedGraph;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InputValues;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.NetworkView;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Pooling;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.WrittenNetwork;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks whose inputs have open axes besides the examples'. */
@NullUnmarked
class OpenSizesTest {
    private static final String CONV =
            "input x[2,8,8]; a[3,2,3,3]; b[3]; w[3,2]; c[2]; h = Conv(x, a, b) strides=[2,2];"
                    + " r = Relu(h); m = ReduceMean(r) axes=[2,3] keepdims=0; y = Gemm(m, w, c)";
    /** Only images of one size fit the last layer. */
    private static final String FLAT =
            "input x[2,8,8]; a[3,2,3,3]; b[3]; w[27,2]; c[2]; h = Conv(x, a, b) strides=[2,2];"
                    + " r = Relu(h); f = Flatten(r); y = Gemm(f, w, c)";

    private static final String TOKENS = "ids t[5]; input mask[5]; e[11,4]; w[4,3]; b[3]; g = Gather(e, t);"
            + " h = MatMul(g, w); k = Add(h, b); y = Tanh(k)";

    private static Graph open(String text, String... dims) {
        Graph graph = WrittenNetwork.of(text);
        List<ValueInfo> inputs = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            ValueInfo input = graph.inputs().get(i);
            inputs.add(new ValueInfo(input.name(), input.type(), List.of(dims[i].split(","))));
        }
        return graph.withInputs(inputs);
    }

    private static LinearizedNetwork network(Graph graph) {
        return RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    private static Tensor random(long seed, long... shape) {
        Random random = new Random(seed);
        double[] values = random.doubles(Tensor.count(shape), -1, 1).toArray();
        return Tensor.ofReals(ElementType.FLOAT, values, shape);
    }

    private static Examples images(int n, int height, int width) {
        return Examples.of("x", random(height, n, 2, height, width));
    }

    private static Examples tokens(int n, int length) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Random random = new Random(length);
        inputs.put("t", Tensor.ofLongs(random.longs((long) n * length, 0, 11).toArray(), n, length));
        double[] mask = new double[n * length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = i % length < 2 + i / length % 2 ? 1 : 0;
        }
        inputs.put("mask", Tensor.ofReals(ElementType.FLOAT, mask, n, length));
        return new Examples(inputs);
    }

    /** Rows of J, by one product each. */
    private static double[][] jacobian(LinearizedNetwork network, Examples x) {
        int rows = x.size() * network.outputSize();
        double[][] jacobian = new double[rows][];
        for (int i = 0; i < rows; i++) {
            double[] u = new double[rows];
            u[i] = 1;
            jacobian[i] = network.vjp(x, u);
        }
        return jacobian;
    }

    private static double[] products(double[][] left, double[][] right) {
        return Arrays.stream(left)
                .flatMapToDouble(a -> Arrays.stream(right).mapToDouble(b -> {
                    double sum = 0;
                    for (int i = 0; i < a.length; i++) {
                        sum += a[i] * b[i];
                    }
                    return sum;
                }))
                .toArray();
    }

    @Test
    void imagesOfTwoSizesHaveOneKernel() {
        try (LinearizedNetwork network = network(open(CONV, "n,2,height,width"))) {
            Examples x = images(3, 8, 8);
            Examples z = images(2, 11, 7);
            network.requireFit(x);
            double[] k = new TangentKernel(network).gram(x, z, Outputs.all());
            assertArrayEquals(products(jacobian(network, x), jacobian(network, z)), k, 1e-5);
            assertEquals(2, network.outputSize());
        }
    }

    @Test
    void sizesAreThoseOfTheNetworkThatHasThemFixed() {
        try (LinearizedNetwork open = network(open(FLAT, "n,2,h,h"));
                LinearizedNetwork fixed = network(WrittenNetwork.of(FLAT))) {
            Examples x = images(3, 8, 8);
            assertArrayEquals(fixed.forward(x), open.forward(x));
            assertArrayEquals(
                    new TangentKernel(fixed).gram(x, Outputs.all()), new TangentKernel(open).gram(x, Outputs.all()));
        }
    }

    @Test
    void equalNamesMayHaveTwoSizes() {
        try (LinearizedNetwork network = network(open(CONV, "n,2,size,size"))) {
            assertEquals(6, network.forward(images(3, 9, 12)).length);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Pooling.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void poolingMakesOneRowOfPositions(Pooling pooling) {
        Graph graph = open(TOKENS, "batch,length", "batch,length");
        Graph pooled = ViewedGraph.of(new NetworkView(InputSizes.NONE, InputValues.NONE, "", pooling, ""), graph);
        try (LinearizedNetwork whole = network(WrittenNetwork.of(TOKENS));
                LinearizedNetwork network = network(pooled)) {
            Examples x = tokens(4, 5);
            double[] positions = whole.forward(x);
            double[] expected = new double[4 * 3];
            for (int i = 0; i < 4; i++) {
                double sum = 0;
                double[] weights = new double[5];
                for (int t = 0; t < 5; t++) {
                    weights[t] = switch (pooling) {
                        case NONE -> 0;
                        case MEAN -> 1;
                        case MASKED_MEAN -> t < 2 + i % 2 ? 1 : 0;
                        case FIRST -> t == 0 ? 1 : 0;
                        case LAST -> t == 4 ? 1 : 0;
                    };
                    sum += weights[t];
                }
                for (int t = 0; t < 5; t++) {
                    for (int c = 0; c < 3; c++) {
                        expected[i * 3 + c] += weights[t] / sum * positions[(i * 5 + t) * 3 + c];
                    }
                }
            }
            assertArrayEquals(expected, network.forward(x), 1e-6);
            Examples z = tokens(3, 9);
            assertArrayEquals(
                    products(jacobian(network, x), jacobian(network, z)),
                    new TangentKernel(network).gram(x, z, Outputs.all()),
                    1e-5);
        }
    }

    @Test
    void positionsAreNotTakenForOutputs() {
        Graph graph = open(TOKENS, "batch,length", "batch,length");
        String message = assertThrows(InvalidModelException.class, () -> ViewedGraph.of(NetworkView.WHOLE, graph))
                .getMessage();
        assertTrue(message.contains("--pooling mean|masked_mean|first|last"), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 12})
    void sizesThatDoNotFitAreTheUsers(int side) {
        try (LinearizedNetwork network = network(open(FLAT, "n,2,h,w"))) {
            String message = assertThrows(InvalidModelException.class, () -> network.forward(images(2, side, 9)))
                    .getMessage();
            assertTrue(message.contains("x=Nx2x" + side + "x9"), message);
            assertFalse(message.matches(".*\\b(101|103|211|223|307|311)\\b.*"), message);
        }
    }

    @Test
    void kernelsLargerThanTheImageAreRefused() {
        try (LinearizedNetwork network = network(open(CONV, "n,2,h,w"))) {
            String message = assertThrows(InvalidModelException.class, () -> network.forward(images(2, 2, 9)))
                    .getMessage();
            assertTrue(message.contains("x=Nx2x2x9"), message);
        }
    }

    @Test
    void withoutExamplesOpenAxesAreNamed() {
        try (LinearizedNetwork network = network(open(FLAT, "n,2,h,w"))) {
            String message = assertThrows(InvalidModelException.class, network::outputSize)
                    .getMessage();
            assertTrue(
                    message.startsWith("input 'x' has open sizes on axes 2 and 3; give --input-shape x=Nx2xAxB"),
                    message);
            assertFalse(message.matches(".*\\b(101|103|211|223|307|311)\\b.*"), message);
            network.requireFit(images(1, 8, 8));
            assertEquals(2, network.outputSize());
        }
    }

    @Test
    void aNetworkWhoseOutputsDependOnTheSizeTakesOne() {
        String text = "input x[2,8,8]; a[3,2,3,3]; h = Conv(x, a); r = Relu(h); y = Flatten(r)";
        try (LinearizedNetwork network = network(open(text, "n,2,h,w"))) {
            assertEquals(3 * 36, network.forward(images(1, 8, 8)).length);
            String message = assertThrows(IllegalArgumentException.class, () -> network.forward(images(1, 9, 8)))
                    .getMessage();
            assertTrue(message.contains("x=Nx2x9x8") && message.contains("x=Nx2x8x8"), message);
        }
    }

    @Test
    void someSizesAreKept() {
        try (LinearizedNetwork network = network(open(CONV, "n,2,h,w"))) {
            double[] before = network.forward(images(2, 8, 8));
            for (int side = 9; side < 20; side++) {
                network.forward(images(2, side, 8));
            }
            assertArrayEquals(before, network.forward(images(2, 8, 8)));
        }
    }

    @Test
    void viewsHaveTheirOwnParametersForAllSizes() {
        try (LinearizedNetwork network = network(open(CONV, "n,2,h,w"))) {
            network.requireFit(images(1, 8, 8));
            double[] theta = network.parameterVector();
            double[] v = new double[theta.length];
            Arrays.setAll(v, i -> Math.sin(i));
            double[] moved = theta.clone();
            Arrays.setAll(moved, i -> theta[i] + 1e-3 * v[i]);
            Examples z = images(2, 10, 9);
            double[] jv = network.jvp(z, v);
            double[] f = network.forward(z);
            try (LinearizedNetwork there = network.at(moved)) {
                double[] g = there.forward(z);
                for (int i = 0; i < f.length; i++) {
                    assertEquals(jv[i], (g[i] - f[i]) / 1e-3, 2e-2);
                }
            }
        }
    }

    @Test
    void closedNetworksRefuseAllSizes() {
        LinearizedNetwork network = network(open(CONV, "n,2,h,w"));
        network.forward(images(1, 8, 8));
        network.close();
        assertThrows(IllegalStateException.class, () -> network.forward(images(1, 8, 8)));
        assertThrows(IllegalStateException.class, () -> network.forward(images(1, 9, 8)));
    }

    @Test
    void shapesAreReadAsUsersWriteThem() {
        List<ValueInfo> inputs = open(CONV, "n,2,h,w").inputs();
        assertEquals(
                "x=Nx2x8x9",
                InputSizes.describe(InputSizes.parse(List.of("x=1x2x8x9")).on(inputs)));
        assertEquals(
                "x=4x2x8x9",
                InputSizes.describe(InputSizes.parse(List.of("x=4x2x8x9")).on(inputs)));
        assertEquals(
                "x=Nx2x8x?",
                InputSizes.describe(InputSizes.parse(List.of("x=NxNx8xN")).on(inputs)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"x=1x3x8x8", "x=1x8x8", "z=1x2x8x8", "x=1x2x0x8", "x=", "x", "=1x2", "x=1x2x-3x8", "x=1x2x8y8"})
    void shapesThatAreNoneAreRefused(String text) {
        List<ValueInfo> inputs = open(CONV, "n,2,h,w").inputs();
        assertThrows(
                IllegalArgumentException.class,
                () -> InputSizes.parse(List.of(text)).on(inputs));
    }

    /** Sizes that are the same in the file have the same letter, and N is for the examples. */
    @Test
    void adviceHasALetterForEachSize() {
        List<ValueInfo> inputs = List.of(
                new ValueInfo("ids", ElementType.INT64, List.of("batch", "tokens")),
                new ValueInfo("mask", ElementType.INT64, List.of("batch", "tokens")),
                new ValueInfo("image", ElementType.FLOAT, List.of("batch", "3", "h", "w")));
        String advice = InputSizes.advice(inputs);
        assertTrue(
                advice.contains("--input-shape ids=NxA --input-shape mask=NxA --input-shape image=Nx3xBxC "), advice);
    }
}
