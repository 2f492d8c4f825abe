package org.finitentk.internal.network;

import static org.finitentk.testing.ModelFiles.model;
import static org.finitentk.testing.ModelFiles.value;
import static org.finitentk.testing.ModelFiles.weight;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.finitentk.check.LinearizationCheck;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.Runs;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** ONNX Runtime refuses two nodes of one name: neither the file's own names nor those of derivation may meet. */
final class NodeNamesTest {
    private static NodeProto.Builder node(String name, String op, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setName(name)
                .setOpType(op)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }

    /** A network of old and of lowered operators whose nodes have these names, in turn. */
    private static Consumer<GraphProto.Builder> network(List<String> names) {
        return g -> {
            List<NodeProto.Builder> nodes = List.of(
                    node("", "MatMul", "a", "x", "w"),
                    node("", "Add", "b", "a", "bias"),
                    node("", "Softmax", "c", "b"),
                    node("", "Mul", "d", "c", "b"),
                    node("", "Tanh", "e", "d"),
                    node("", "Mean", "f", "e", "b"),
                    node("", "ReduceSum", "g", "f")
                            .addAttribute(AttributeProto.newBuilder()
                                    .setName("axes")
                                    .setType(AttributeProto.AttributeType.INTS)
                                    .addInts(1)),
                    node("", "Add", "y", "f", "g"));
            g.addInput(value("x", ElementType.FLOAT, "batch", "3"))
                    .addOutput(value("y", ElementType.FLOAT, "batch", "2"))
                    .addInitializer(weight("w", 3, 2))
                    .addInitializer(weight("bias", 2));
            for (int i = 0; i < nodes.size(); i++) {
                g.addNode(nodes.get(i).setName(names.get(i % names.size())));
            }
        };
    }

    private static Graph read(Consumer<GraphProto.Builder> content) {
        return ModelReader.read(model(9, content), "names", null);
    }

    private static void open(Graph graph) {
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            LinearizationCheck check = LinearizationCheck.of(network, 1);
            assertTrue(check.passed(), () -> check.failures().toString());
            Examples x = RandomExamples.draw(network.inputs(), 3, 1);
            double[][] vectors = {new double[(int) network.parameterCount()], new double[(int) network.parameterCount()]
            };
            network.jvp(x, vectors);
        }
    }

    private static List<Graph> derived(Graph graph) {
        Linearization l = Linearization.of(graph, ParameterSelection.DEFAULT);
        return List.of(
                l.forward(),
                l.jvp(),
                l.vjp(),
                l.jvpAt(),
                l.products(false),
                l.perExample((t, in, out) -> true).graph(),
                l.perExample(Choice.NONE).graph());
    }

    /** No factors. */
    private enum Choice implements PerExample.Choice {
        NONE;

        @Override
        public boolean keepFactors(long positions, long inputWidth, long outputWidth) {
            return false;
        }
    }

    @TestFactory
    Stream<DynamicTest> ofFilesAndOfDerivationDoNotMeet() {
        Set<String> made = new LinkedHashSet<>();
        Graph plain = read(network(List.of("n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7")));
        derived(plain).forEach(graph -> graph.nodes().forEach(node -> made.add(node.name())));
        made.addAll(plain.nodes().stream().map(Node::name).toList());
        List<String> names = new ArrayList<>(made);
        List<DynamicTest> tests = new ArrayList<>();
        for (int from = 0; from < names.size(); from += 4) {
            List<String> eight = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                eight.add(names.get((from + i) % names.size()));
            }
            tests.add(DynamicTest.dynamicTest(
                    "names " + eight,
                    () -> derived(read(network(eight))).forEach(graph -> {
                        Graph written = ModelReader.read(ModelWriter.toBytes(graph), graph.name(), null);
                        assertEquals(
                                written.nodes().size(),
                                written.nodes().stream()
                                        .map(Node::name)
                                        .distinct()
                                        .count());
                        new GraphRunner(graph, Runs.CPU).close();
                    })));
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> ofTheFileMayBeEmptyOrTwice() {
        return Stream.of(
                        List.of(""),
                        List.of("same"),
                        List.of("same", ""),
                        List.of("b", "a", "same", "same_2"),
                        List.of("e", "same", "d", "same_2", "", "same", "a", "c"))
                .map(names -> DynamicTest.dynamicTest(names.toString(), () -> open(read(network(names)))));
    }

    @TestFactory
    Stream<DynamicTest> inBodiesMayBeTwice() {
        return Stream.of("same", "", "w", "outer")
                .map(name -> DynamicTest.dynamicTest(
                        "'" + name + "'",
                        () -> open(read(g -> {
                            g.addInput(value("x", ElementType.FLOAT, "batch", "3"))
                                    .addOutput(value("y", ElementType.FLOAT, "batch", "2"))
                                    .addInitializer(weight("w", 3, 2));
                            g.addInitializer(
                                    new Tensor(ElementType.BOOL, new long[0], java.nio.ByteBuffer.wrap(new byte[] {1}))
                                            .toProto("c"));
                            g.addNode(node("outer", "If", "h", "c")
                                            .addAttribute(body("then_branch", "t", name))
                                            .addAttribute(body("else_branch", "e", name)))
                                    .addNode(node("outer", "MatMul", "y", "h", "w"))
                                    .addValueInfo(value("h", ElementType.FLOAT, "batch", "3"));
                        }))));
    }

    private static AttributeProto body(String branch, String prefix, String name) {
        GraphProto.Builder g = GraphProto.newBuilder()
                .setName(branch)
                .addNode(node(name, "Neg", prefix + 1, "x"))
                .addNode(node(name, "Clip", prefix + 2, prefix + 1))
                .addNode(node(name, "Tanh", prefix, prefix + 2))
                .addOutput(value(prefix, ElementType.FLOAT, "batch", "3"));
        return AttributeProto.newBuilder()
                .setName(branch)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(g)
                .build();
    }
}
