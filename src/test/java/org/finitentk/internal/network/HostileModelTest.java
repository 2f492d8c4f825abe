package org.finitentk.internal.network;

import static org.finitentk.testing.ModelFiles.dense;
import static org.finitentk.testing.ModelFiles.model;
import static org.finitentk.testing.ModelFiles.node;
import static org.finitentk.testing.ModelFiles.proto;
import static org.finitentk.testing.ModelFiles.value;
import static org.finitentk.testing.ModelFiles.weight;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.check.RandomExamples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Model files that must be refused, each with a sentence that names the file and what is wrong. */
final class HostileModelTest {
    private static final byte[] JPEG = {
        (byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };

    @TempDir
    Path folder = Path.of("");

    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Map<String, List<String>> fragments = new LinkedHashMap<>();

    private void refused(String name, byte[] file, String... expected) {
        files.put(name, file);
        fragments.put(name, List.of(expected));
    }

    private void refused(String name, Consumer<GraphProto.Builder> graph, String... expected) {
        refused(name, model(17, graph), expected);
    }

    /** The network with another constant in place of w. */
    private static Consumer<GraphProto.Builder> withWeight(TensorProto.Builder w) {
        return dense(g -> g.setInitializer(0, w.setName("w")));
    }

    private static TensorProto.Builder floats(long... shape) {
        TensorProto.Builder w = TensorProto.newBuilder().setDataType(TensorProto.DataType.FLOAT_VALUE);
        Arrays.stream(shape).forEach(w::addDims);
        return w;
    }

    private static TensorProto.Builder external(String location, String offset, String length) {
        TensorProto.Builder w = floats(3, 2).setDataLocation(TensorProto.DataLocation.EXTERNAL);
        Map.of("location", location, "offset", offset, "length", length)
                .forEach((k, v) -> w.addExternalData(
                        StringStringEntryProto.newBuilder().setKey(k).setValue(v)));
        return w;
    }

    @TestFactory
    Stream<DynamicTest> refusedInOneSentence() throws IOException {
        noModels();
        tensors();
        graphs();
        networks();
        externalData();
        return files.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    Path inner = Files.createDirectories(folder.resolve("inner"));
                    Path file = inner.resolve("hostile.onnx");
                    Files.write(file, e.getValue());
                    String message = String.valueOf(assertThrows(InvalidModelException.class, () -> run(file))
                            .getMessage());
                    assertTrue(message.contains("hostile.onnx"), message);
                    assertTrue(!message.contains("\n") && !message.contains("Exception"), message);
                    fragments
                            .getOrDefault(e.getKey(), List.of())
                            .forEach(f -> assertTrue(message.contains(f), () -> "'" + f + "' is not in: " + message));
                }));
    }

    private static void run(Path file) {
        try (LinearizedNetwork network =
                NetworkFile.open(file, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            int k = network.outputSize();
            network.vjp(RandomExamples.draw(network.inputs(), 1, 1), new double[k]);
        }
    }

    private void noModels() {
        refused("an empty file", new byte[0], "expected an ONNX model");
        refused("a JPEG", JPEG, "not an ONNX file");
        refused("text", "Dear network, please".getBytes(StandardCharsets.UTF_8), "not an ONNX file");
        refused("zeros", new byte[4096], "not an ONNX file");
        refused("half a model", Arrays.copyOf(model(17, dense()), model(17, dense()).length / 2), "truncated");
        // field 7 (graph) that claims to be of 2^31 - 1 bytes
        refused(
                "an enormous claim",
                new byte[] {8, 8, 58, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 7, 10, 0},
                "truncated");
        refused("opset 6", model(6, dense()), "opset 6", "7 to");
        refused("opset 99", model(99, dense()), "opset 99", "7 to");
        refused("no opset", proto(17, dense()).clearOpsetImport().build().toByteArray(), "opset 0");
    }

    private void tensors() {
        refused(
                "huge dimensions, little data",
                withWeight(floats(1L << 31, 1L << 31).setRawData(ByteString.copyFrom(new byte[24]))),
                "'w'",
                "overflows");
        refused(
                "more than 2 GiB",
                withWeight(floats(1L << 31).setRawData(ByteString.copyFrom(new byte[24]))),
                "'w'",
                "GiB");
        refused(
                "dimensions whose product overflows",
                withWeight(floats(1L << 40, 1L << 40).setRawData(ByteString.copyFrom(new byte[24]))),
                "'w'",
                "overflows");
        refused(
                "dimensions whose product wraps to 6",
                withWeight(floats((1L << 62) + 3, 4, 2).setRawData(ByteString.copyFrom(new byte[24]))),
                "'w'");
        refused(
                "a negative dimension",
                withWeight(floats(-3, -2).setRawData(ByteString.copyFrom(new byte[24]))),
                "'w'",
                "negative");
        refused(
                "too little data",
                withWeight(floats(3, 2).setRawData(ByteString.copyFrom(new byte[20]))),
                "'w'",
                "20 bytes",
                "24");
        refused("too few floats", withWeight(floats(3, 2).addFloatData(1)), "'w'", "1 elements", "6");
        refused(
                "strings",
                withWeight(TensorProto.newBuilder()
                        .setDataType(TensorProto.DataType.STRING_VALUE)
                        .addDims(1)
                        .addStringData(ByteString.copyFromUtf8("s"))),
                "'w'",
                "STRING");
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            refused(
                    "a parameter with " + bad,
                    withWeight(Tensor.ofFloats(new float[] {1, 2, 3, 4, bad, 6}, 3, 2).toProto("w").toBuilder()),
                    "parameter 'w'",
                    "element 4",
                    "not finite");
        }
    }

    private void graphs() {
        refused(
                "a cycle",
                dense(g -> g.clearNode()
                        .addNode(node("Add", "a", "x", "b"))
                        .addNode(node("Tanh", "b", "a"))
                        .addNode(node("MatMul", "y", "b", "w"))),
                "cycle");
        refused("a node that feeds itself", dense(g -> g.addNode(node("Tanh", "loop", "loop"))), "cycle");
        refused("two producers of one value", dense(g -> g.addNode(node("Tanh", "y", "x"))), "'y'", "another producer");
        refused(
                "two initializers of one name",
                dense(g -> g.addInitializer(weight("w", 3, 2))),
                "'w'",
                "two initializers");
        refused(
                "two inputs of one name",
                dense(g -> g.addInput(value("x", ElementType.FLOAT, "batch", "3"))),
                "'x'",
                "twice");
        refused("a node that overwrites a weight", dense(g -> g.addNode(node("Tanh", "w", "x"))), "'w'");
        refused("a missing initializer", dense(g -> g.clearInitializer()), "'w'", "nothing produces");
        refused(
                "an output that nobody makes",
                dense(g -> g.setOutput(0, value("z", ElementType.FLOAT, "batch", "2"))),
                "'z'");
        refused("no outputs", dense(g -> g.clearOutput()), "no graph with outputs");
        refused(
                "an input of unknown rank",
                dense(g -> g.setInput(
                        0,
                        value("x", ElementType.FLOAT).toBuilder()
                                .setType(g.getInput(0).getType().toBuilder()
                                        .setTensorType(g.getInput(0).getType().getTensorType().toBuilder()
                                                .clearShape())))),
                "'x'",
                "shape");
        refused("shapes that do not fit", dense(g -> g.setInitializer(0, weight("w", 4, 2))), "the_y", "MatMul");
        refused(
                "a negative shape",
                dense(g -> g.addNode(node("Reshape", "r", "y", "s"))
                        .addInitializer(Tensor.vector(-1, -2).toProto("s"))
                        .setOutput(0, value("r", ElementType.FLOAT, "batch", "2"))),
                "the_r");
        refused(
                "an output larger than memory",
                dense(g -> g.addNode(node("Expand", "big", "w", "s"))
                        .addInitializer(Tensor.vector(1L << 24, 3, 2).toProto("s"))
                        .addNode(node("Expand", "bigger", "big", "t"))
                        .addInitializer(Tensor.vector(1L << 12, 1L << 24, 3, 2).toProto("t"))
                        .addNode(node("ReduceSum", "sum", "bigger")
                                .addAttribute(AttributeProto.newBuilder()
                                        .setName("keepdims")
                                        .setType(AttributeProto.AttributeType.INT)))
                        .addNode(node("Add", "z", "y", "sum"))
                        .setOutput(0, value("z", ElementType.FLOAT, "batch", "2"))),
                "MiB");
        refused("bodies nested too deeply", dense(g -> g.addNode(nested(200))), "not an ONNX file");
        refused("names with line breaks", dense(g -> g.addNode(node("Tanh", "a", "no\nsuch\rvalue"))), "no such value");
    }

    private static ai.onnx.proto.OnnxMl.NodeProto.Builder nested(int depth) {
        var node = node("If", "deep", "c");
        for (int i = 0; i < depth; i++) {
            AttributeProto body = AttributeProto.newBuilder()
                    .setName("then_branch")
                    .setType(AttributeProto.AttributeType.GRAPH)
                    .setG(GraphProto.newBuilder().addNode(node))
                    .build();
            node = node("If", "deep", "c").addAttribute(body);
        }
        return node;
    }

    private void networks() {
        refused(
                "no parameters",
                dense(g -> g.clearInitializer().clearNode().addNode(node("Tanh", "y", "x"))),
                "no tangent parameters");
        refused(
                "no float output",
                dense(g ->
                        g.addNode(node("ArgMax", "best", "y")).setOutput(0, value("best", ElementType.INT64, "batch"))),
                "no floating-point output");
        refused(
                "an output that only says it is float",
                dense(g ->
                        g.addNode(node("ArgMax", "best", "y")).setOutput(0, value("best", ElementType.FLOAT, "batch"))),
                "'best'");
        refused(
                "a scalar output",
                dense(g -> g.addNode(node("ReduceSum", "s", "y")
                                .addAttribute(AttributeProto.newBuilder()
                                        .setName("keepdims")
                                        .setType(AttributeProto.AttributeType.INT)
                                        .setI(0)))
                        .setOutput(0, value("s", ElementType.FLOAT))),
                "'s'",
                "one row an example");
        refused(
                "examples along the second axis",
                dense(g -> g.addNode(node("Transpose", "t", "y"))
                        .setOutput(0, value("t", ElementType.FLOAT, "2", "batch"))),
                "'t'",
                "one row an example");
        refused(
                "an output without parameters",
                dense(g -> g.addNode(node("Tanh", "t", "x")).setOutput(0, value("t", ElementType.FLOAT, "batch", "3"))),
                "'t'",
                "does not depend");
        refused(
                "an unsupported operator on the tangent path",
                dense(g -> g.addNode(node("MaxRoiPool", "c", "y", "axis"))
                        .addInitializer(Tensor.ofLongs(new long[] {1}).toProto("axis"))
                        .setOutput(0, value("c", ElementType.FLOAT, "batch", "2"))),
                "the_c",
                "MaxRoiPool",
                "inspect --operators",
                "bundle");
        refused(
                "an operator of another domain on the tangent path",
                proto(
                                17,
                                dense(g -> g.addNode(
                                                node("MulInteger", "c", "y").setDomain("own"))
                                        .setOutput(0, value("c", ElementType.FLOAT, "batch", "2"))))
                        .addOpsetImport(
                                OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1))
                        .build()
                        .toByteArray(),
                "the_c",
                "own.MulInteger",
                "bundle");
        refused(
                "a recurrent network of dynamic length",
                proto(
                                17,
                                g -> g.addInput(value("x", ElementType.FLOAT, "steps", "batch", "3"))
                                        .addOutput(value("y", ElementType.FLOAT, "steps", "1", "batch", "2"))
                                        .addInitializer(weight("w", 1, 8, 3))
                                        .addInitializer(weight("r", 1, 8, 2))
                                        .addNode(node("LSTM", "y", "x", "w", "r")))
                        .build()
                        .toByteArray(),
                "the_y",
                "LSTM",
                "dynamic sequence length");
        refused(
                "Einsum with a label twice in one operand",
                dense(g -> g.addNode(node("Einsum", "z", "y", "y")
                                .addAttribute(AttributeProto.newBuilder()
                                        .setName("equation")
                                        .setType(AttributeProto.AttributeType.STRING)
                                        .setS(com.google.protobuf.ByteString.copyFromUtf8("ii,bj->bj"))))
                        .setOutput(0, value("z", ElementType.FLOAT, "batch", "2"))),
                "the_z",
                "Einsum",
                "'ii'",
                "twice");
        refused(
                "ScatterElements by multiplication",
                dense(g -> g.addNode(node("Shape", "s", "y"))
                        .addNode(node("ConstantOfShape", "at", "s")
                                .addAttribute(AttributeProto.newBuilder()
                                        .setName("value")
                                        .setType(AttributeProto.AttributeType.TENSOR)
                                        .setT(Tensor.vector(0).toProto(""))))
                        .addNode(node("ScatterElements", "z", "y", "at", "y")
                                .addAttribute(AttributeProto.newBuilder()
                                        .setName("reduction")
                                        .setType(AttributeProto.AttributeType.STRING)
                                        .setS(com.google.protobuf.ByteString.copyFromUtf8("mul"))))
                        .setOutput(0, value("z", ElementType.FLOAT, "batch", "2"))),
                "the_z",
                "ScatterElements",
                "'mul'");
        refused(
                "Dropout with its mask in use",
                dense(g -> g.addNode(node("Dropout", "d", "y").addOutput("mask"))
                        .addNode(node("Cast", "m", "mask")
                                .addAttribute(AttributeProto.newBuilder()
                                        .setName("to")
                                        .setType(AttributeProto.AttributeType.INT)
                                        .setI(1)))
                        .addNode(node("Mul", "z", "d", "m"))
                        .setOutput(0, value("z", ElementType.FLOAT, "batch", "2"))),
                "the_d",
                "Dropout",
                "inference");
    }

    private void externalData() throws IOException {
        Path inner = Files.createDirectories(folder.resolve("inner"));
        Path secret = Files.write(folder.resolve("secret.bin"), new byte[64]);
        Files.write(inner.resolve("weights.bin"), new byte[64]);
        Files.createSymbolicLink(inner.resolve("link.bin"), secret);
        Files.createDirectories(inner.resolve("directory"));
        for (String outside : new String[] {
            "../secret.bin", "./../inner/../secret.bin", secret.toString(), "link.bin", "missing.bin", ""
        }) {
            refused(
                    "external data in '" + outside + "'",
                    withWeight(external(outside, "0", "24")),
                    "'w'",
                    "inside the model's folder");
        }
        refused("external data in a directory", withWeight(external("directory", "0", "24")), "'w'");
        refused("external data with a NUL in the name", withWeight(external("weights\0.bin", "0", "24")), "'w'");
        refused("external data at a negative offset", withWeight(external("weights.bin", "-1", "24")), "'w'", "-1");
        refused(
                "external data beyond the file",
                withWeight(external("weights.bin", "48", "24")),
                "'w'",
                "which has 64");
        refused(
                "external data at the end of numbers",
                withWeight(external("weights.bin", Long.toString(Long.MAX_VALUE), "24")),
                "'w'",
                "which has 64");
        refused("external data that is too long", withWeight(external("weights.bin", "0", "32")), "'w'", "expected 24");
        refused("external data of no length", withWeight(external("weights.bin", "0", "0")), "'w'", "expected 24");
        refused("external data at a word", withWeight(external("weights.bin", "here", "24")), "'w'", "no number");
    }

    @Test
    void externalDataInsideTheFolderIsRead() throws IOException {
        Files.write(
                folder.resolve("weights.bin"),
                Tensor.ofFloats(new float[] {9, 1, 2, 3, 4, 5, 6}, 7)
                        .toProto("")
                        .getRawData()
                        .toByteArray());
        Path file = folder.resolve("model.onnx");
        Files.write(file, model(17, withWeight(external("weights.bin", "4", "24"))));
        try (LinearizedNetwork network =
                NetworkFile.open(file, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            assertEquals(
                    List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
                    Arrays.stream(network.parameterVector()).boxed().toList());
        }
    }

    @Test
    void aFileLargerThanProtobufAllowsIsRefusedUnread() throws IOException {
        // sparse: it takes no room
        Path large = folder.resolve("large.onnx");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(3L << 30);
        }
        String message = String.valueOf(
                assertThrows(InvalidModelException.class, () -> run(large)).getMessage());
        assertTrue(message.contains("large.onnx") && message.contains("2 GiB"), message);
    }

    @Test
    void foldersAndMissingFilesAreNamed() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("emptyfolder"));
        for (Path file : List.of(empty, folder.resolve("nosuch.onnx"))) {
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> NetworkFile.open(file, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT));
            assertTrue(
                    String.valueOf(e.getMessage()).contains(file.getFileName().toString()), e.getMessage());
        }
    }
}
