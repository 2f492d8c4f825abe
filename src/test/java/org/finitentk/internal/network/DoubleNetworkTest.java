package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.check.LinearizationCheck;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Retyping;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.SmallNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A float64 network most of whose operators ONNX Runtime has for float32 only, in everything that runs: products,
 * blocks of them, kept values, moved parameters, bundles.
 */
final class DoubleNetworkTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Random random = new Random(3);

    private String weight(String name, long... shape) {
        constants.put(
                name,
                Tensor.ofReals(ElementType.FLOAT, SmallNetworks.gaussian(random, Tensor.count(shape), 0.4), shape));
        return name;
    }

    private String add(String op, Attributes attributes, String... inputs) {
        String output = "v" + nodes.size();
        nodes.add(new Node("n_" + output, "", op, List.of(inputs), List.of(output), attributes.build()));
        return output;
    }

    private Graph network() {
        Attributes none = new Attributes();
        String a = add(
                "Softplus",
                none,
                add(
                        "Conv",
                        new Attributes().integers("pads", 1, 1, 1, 1),
                        "x",
                        weight("conv", 4, 2, 3, 3),
                        weight("bias", 4)));
        String b = add(
                "PRelu",
                none,
                add("InstanceNormalization", none, a, weight("scale", 4), weight("shift", 4)),
                weight("slope", 4, 1, 1));
        String c = add(
                "AveragePool", new Attributes().integers("kernel_shape", 2, 2).integers("strides", 2, 2), b);
        String d = add(
                "Elu",
                new Attributes().real("alpha", 1.5f),
                add("ConvTranspose", new Attributes().integers("strides", 2, 2), c, weight("up", 4, 3, 2, 2)));
        constants.put("sizes", Tensor.ofFloats(new float[] {1, 1, 0.5f, 0.5f}, 4));
        String e = add("Gelu", none, add("Resize", new Attributes().string("mode", "linear"), d, "", "sizes"));
        // in float64 ONNX Runtime would fuse these two into an operator that it has for float32 only
        e = add("Mul", none, e, add("Sigmoid", none, e));
        String f = add(
                "Flatten", none, add("GlobalAveragePool", none, add("LRN", new Attributes().integer("size", 3), e)));
        nodes.add(new Node("last", "", "Gemm", List.of(f, weight("dense", 3, 2)), List.of("y"), Map.of()));
        return new Graph(
                "double",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("batch", "2", "6", "6"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("batch", "2"))),
                constants,
                nodes);
    }

    @Test
    void runsInEverything() {
        Graph single = network();
        try (LinearizedNetwork floats =
                        RunningNetwork.of(single, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                LinearizedNetwork doubles = RunningNetwork.of(
                        Retyping.float64(single), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            assertEquals(floats.parameters(), doubles.parameters());
            Examples x = RandomExamples.draw(doubles.inputs(), 5, 1);
            Examples narrow = RandomExamples.draw(floats.inputs(), 5, 1);
            double[] v = SmallNetworks.gaussian(new Random(1), doubles.parameterCount(), 1);
            double[] u = SmallNetworks.gaussian(new Random(2), 5L * doubles.outputSize(), 1);
            double[] jv = doubles.jvp(x, v);
            double[] vjp = doubles.vjp(x, u);
            assertArrayEquals(floats.forward(narrow), doubles.forward(x), 1e-5);
            assertArrayEquals(floats.jvp(narrow, v), jv, 1e-4);
            assertArrayEquals(floats.vjp(narrow, u), vjp, 1e-4);
            assertArrayEquals(jv, doubles.jvp(x, new double[][] {v, v})[1], 1e-12);
            assertArrayEquals(vjp, doubles.vjp(x, new double[][] {u, u})[1], 1e-12);
            try (LinearizedExamples kept = doubles.keeping(x)) {
                assertArrayEquals(jv, kept.jvp(v), 1e-12);
            }
            try (LinearizedNetwork same = doubles.at(doubles.parameterVector())) {
                assertArrayEquals(jv, same.jvp(x, v), 1e-12);
            }
            LinearizationCheck check = LinearizationCheck.of(doubles, 1);
            assertTrue(check.passed(), () -> check.failures().toString());
            LinearizationBundle.of(doubles).write(folder.resolve("bundle"));
            try (LinearizedNetwork again =
                    NetworkFile.open(folder.resolve("bundle"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
                assertArrayEquals(jv, again.jvp(x, v), 1e-12);
                assertArrayEquals(vjp, again.vjp(x, u), 1e-12);
            }
        }
    }

    /** ONNX Runtime would make LayerNormalization of these, with an epsilon of its own. */
    @Test
    void layerNormalizationOfPlainOperatorsKeepsItsEpsilon() {
        Attributes none = new Attributes();
        constants.put("axes", Tensor.vector(-1));
        constants.put("two", Tensor.ofDoubles(new double[] {2}));
        constants.put("epsilon", Tensor.ofDoubles(new double[] {0.5}));
        constants.put("gain", Tensor.ofDoubles(new double[] {1, 2}, 2));
        constants.put("shift", Tensor.ofDoubles(new double[] {3, 4}, 2));
        for (boolean centered : new boolean[] {true, false}) {
            nodes.clear();
            String c = centered ? add("Sub", none, "x", add("ReduceMean", none, "x", "axes")) : "x";
            String deviation = add(
                    "Sqrt",
                    none,
                    add("Add", none, add("ReduceMean", none, add("Pow", none, c, "two"), "axes"), "epsilon"));
            String scaled = add("Mul", none, add("Div", none, c, deviation), "gain");
            nodes.add(new Node("last", "", "Add", List.of(scaled, "shift"), List.of("y"), Map.of()));
            Graph graph = new Graph(
                    "norm",
                    List.of(new ValueInfo("x", ElementType.DOUBLE, List.of("batch", "2"))),
                    List.of(new ValueInfo("y", ElementType.DOUBLE, List.of("batch", "2"))),
                    constants,
                    nodes);
            try (LinearizedNetwork network = RunningNetwork.of(
                    graph,
                    new ParameterSelection(java.util.regex.Pattern.compile("gain|shift"), null),
                    ExecutionSettings.DEFAULT)) {
                double[] f = network.forward(Examples.of("x", Tensor.ofDoubles(new double[] {1, 3}, 1, 2)));
                double unit = centered ? 1 / Math.sqrt(1.5) : 1 / Math.sqrt(5.5);
                assertArrayEquals(
                        centered ? new double[] {3 - unit, 4 + 2 * unit} : new double[] {3 + unit, 4 + 6 * unit},
                        f,
                        1e-14);
            }
        }
    }

    /** ONNX Runtime would make an attribute of the factor, which is a float32 number. */
    @Test
    void factorsOfProductsKeepTheirDigits() {
        constants.put("w", Tensor.ofDoubles(new double[] {1, 2, 3, 4}, 2, 2));
        constants.put("third", Tensor.ofDoubles(new double[] {1 / 3.0}));
        nodes.add(SmallNetworks.node("MatMul", List.of("x", "w"), "m"));
        nodes.add(SmallNetworks.node("Mul", List.of("m", "third"), "y"));
        Graph graph = new Graph(
                "scaled",
                List.of(new ValueInfo("x", ElementType.DOUBLE, List.of("batch", "2"))),
                List.of(new ValueInfo("y", ElementType.DOUBLE, List.of("batch", "2"))),
                constants,
                nodes);
        try (LinearizedNetwork network = RunningNetwork.of(
                graph,
                new ParameterSelection(java.util.regex.Pattern.compile("^w$"), null),
                ExecutionSettings.DEFAULT)) {
            assertArrayEquals(
                    new double[] {4 / 3.0, 2},
                    network.forward(Examples.of("x", Tensor.ofDoubles(new double[] {1, 1}, 1, 2))),
                    1e-15);
        }
    }
}
