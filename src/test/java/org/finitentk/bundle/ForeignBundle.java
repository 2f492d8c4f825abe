package org.finitentk.bundle;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.finitentk.internal.util.Hashes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.SmallNetworks;

/**
 * A bundle as another exporter would make it: y = tanh(x w0 + b0) w1 + b1 with derivatives written by hand, weights
 * inside of each graph, other node names, and no more in the manifest than must be.
 */
public final class ForeignBundle {
    private static final List<String> X = List.of("examples", "3");
    private static final List<String> Y = List.of("examples", "2");
    private static final List<String> FLAT = List.of("50");

    private final String prefix;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();

    private ForeignBundle(String prefix) {
        this.prefix = prefix;
        network().initializers().forEach((name, tensor) -> constants.put(prefix + name, tensor));
        add("MatMul", "a0", "x", prefix + "w0");
        add("Add", "a", "a0", prefix + "b0");
        add("Tanh", "t", "a");
        add("MatMul", "y0", "t", prefix + "w1");
        add("Add", "y", "y0", prefix + "b1");
    }

    /**
     * The network that was linearized.
     *
     * @return its graph
     */
    public static Graph network() {
        return SmallNetworks.mlp(ElementType.FLOAT, "n", 3, 8, 2);
    }

    /**
     * Writes the bundle.
     *
     * @param parent where its folder goes
     * @param namesParameters whether the weights in the graphs have the parameters' names
     * @return the folder
     */
    public static Path write(Path parent, boolean namesParameters) throws IOException {
        Path folder = Files.createTempDirectory(parent, "foreign");
        String prefix = namesParameters ? "" : "folded_";
        String forward = write(
                folder.resolve("forward.onnx"),
                new ForeignBundle(prefix).build(List.of(info("x", X)), List.of(info("y", Y))));
        String jvp = write(folder.resolve("jvp.onnx"), new ForeignBundle(prefix).jvp());
        String vjp = write(folder.resolve("vjp.onnx"), new ForeignBundle(prefix).vjp());
        Files.writeString(folder.resolve("bundle.json"), manifest(forward, jvp, vjp));
        return folder;
    }

    private static String manifest(String forward, String jvp, String vjp) {
        return String.format(Locale.ROOT, """
        {"format": "finite-ntk-bundle", "version": 1, "opset": 21,
         "inputs": [{"name": "x", "type": "float", "shape": ["examples", 3]}],
         "output": {"name": "y", "type": "float", "shape": ["examples", 2]},
         "outputSize": 2, "parameterCount": 50,
         "parameters": [{"name": "w0", "shape": [3, 8], "offset": 0}, {"name": "b0", "shape": [8], "offset": 24},
                        {"name": "w1", "shape": [8, 2], "offset": 32}, {"name": "b1", "shape": [2], "offset": 48}],
         "files": {"forward.onnx": {"sha256": "%s"}, "jvp.onnx": {"sha256": "%s"}, "vjp.onnx": {"sha256": "%s"}}}
        """, forward, jvp, vjp);
    }

    private static String write(Path file, Graph graph) throws IOException {
        ModelWriter.write(graph, file);
        return Hashes.sha256(file);
    }

    private static ValueInfo info(String name, List<String> dims) {
        return new ValueInfo(name, ElementType.FLOAT, dims);
    }

    private void add(String op, String output, String... inputs) {
        nodes.add(new Node("foreign_" + nodes.size(), "", op, List.of(inputs), List.of(output), Map.of()));
    }

    private void transpose(String output, String input) {
        add("Transpose", output, input);
    }

    private String constant(String name, long... values) {
        constants.put(name, Tensor.vector(values));
        return name;
    }

    private Graph build(List<ValueInfo> inputs, List<ValueInfo> outputs) {
        return new Graph("foreign", inputs, outputs, constants, nodes);
    }

    /** 1 - t². */
    private void slope() {
        add("Mul", "t2", "t", "t");
        constants.put("one", Tensor.ofFloats(new float[] {1}));
        add("Sub", "slope", "one", "t2");
    }

    private Graph jvp() {
        slope();
        AttributeProto axis = AttributeProto.newBuilder()
                .setName("axis")
                .setType(AttributeProto.AttributeType.INT)
                .setI(0)
                .build();
        nodes.add(new Node(
                "parts",
                "",
                "Split",
                List.of("tangent", constant("sizes", 24, 8, 16, 2)),
                List.of("v0", "dv0", "v1", "dv1"),
                Map.of("axis", axis)));
        add("Reshape", "V0", "v0", constant("shape0", 3, 8));
        add("Reshape", "V1", "v1", constant("shape1", 8, 2));
        add("MatMul", "da0", "x", "V0");
        add("Add", "da", "da0", "dv0");
        add("Mul", "dt", "slope", "da");
        add("MatMul", "j0", "dt", prefix + "w1");
        add("MatMul", "j1", "t", "V1");
        add("Add", "j2", "j0", "j1");
        add("Add", "jv", "j2", "dv1");
        return build(List.of(info("x", X), info("tangent", FLAT)), List.of(info("y", Y), info("jv", Y)));
    }

    private Graph vjp() {
        slope();
        transpose("w1T", prefix + "w1");
        add("MatMul", "gt", "cotangent", "w1T");
        add("Mul", "ga", "gt", "slope");
        transpose("xT", "x");
        transpose("tT", "t");
        add("MatMul", "g0", "xT", "ga");
        add("MatMul", "g1", "tT", "cotangent");
        String first = constant("first", 0);
        String flat = constant("flat", -1);
        AttributeProto keep = AttributeProto.newBuilder()
                .setName("keepdims")
                .setType(AttributeProto.AttributeType.INT)
                .setI(0)
                .build();
        nodes.add(new Node("sum0", "", "ReduceSum", List.of("ga", first), List.of("h0"), Map.of("keepdims", keep)));
        nodes.add(new Node(
                "sum1", "", "ReduceSum", List.of("cotangent", first), List.of("h1"), Map.of("keepdims", keep)));
        add("Reshape", "G0", "g0", flat);
        add("Reshape", "G1", "g1", flat);
        AttributeProto axis = AttributeProto.newBuilder()
                .setName("axis")
                .setType(AttributeProto.AttributeType.INT)
                .setI(0)
                .build();
        nodes.add(new Node("all", "", "Concat", List.of("G0", "h0", "G1", "h1"), List.of("vjp"), Map.of("axis", axis)));
        return build(List.of(info("x", X), info("cotangent", Y)), List.of(info("y", Y), info("vjp", FLAT)));
    }
}
