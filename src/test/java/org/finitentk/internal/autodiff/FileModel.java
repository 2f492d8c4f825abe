package org.finitentk.internal.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.NullUnmarked;

/** A model file, or a body of a node in one, written node by node in the forms that exporters write. */
@NullUnmarked
public final class FileModel {
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("g");
    private final ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(10);
    private final TreeMap<String, Long> opsets = new TreeMap<>();
    private final Random random;

    private FileModel(long opset, long seed) {
        opsets.put("", opset);
        random = new Random(seed);
    }

    /** A file of an opset. */
    public static FileModel of(long opset) {
        return new FileModel(opset, 3);
    }

    /** A body, with numbers of its own if it has any. */
    public static FileModel body(long seed) {
        return new FileModel(0, seed);
    }

    /** Takes the import of the standard operators out, which a file without any can lack. */
    public FileModel withoutOpset() {
        opsets.remove("");
        return this;
    }

    /** Imports another domain of operators. */
    public FileModel domain(String domain, long version) {
        opsets.put(domain, version);
        return this;
    }

    private static ValueInfoProto info(String name, ElementType type, List<String> dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (String dim : dims) {
            TensorShapeProto.Dimension.Builder d = shape.addDimBuilder();
            if (dim.chars().allMatch(Character::isDigit)) {
                d.setDimValue(Long.parseLong(dim));
            } else {
                d.setDimParam(dim);
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.code())
                                .setShape(shape)))
                .build();
    }

    /** A float input. */
    public FileModel in(String name, String... dims) {
        return in(name, ElementType.FLOAT, dims);
    }

    /** An input. */
    public FileModel in(String name, ElementType type, String... dims) {
        graph.addInput(info(name, type, List.of(dims)));
        return this;
    }

    /** An input or output of another kind. */
    public FileModel in(String name, TypeProto type) {
        graph.addInput(ValueInfoProto.newBuilder().setName(name).setType(type));
        return this;
    }

    /** A float output. */
    public FileModel out(String name, String... dims) {
        graph.addOutput(info(name, ElementType.FLOAT, List.of(dims)));
        return this;
    }

    /** An output. */
    public FileModel out(String name, TypeProto type) {
        graph.addOutput(ValueInfoProto.newBuilder().setName(name).setType(type));
        return this;
    }

    /** Body outputs whose types engines find themselves. */
    public FileModel outs(String... names) {
        for (String name : names) {
            graph.addOutput(ValueInfoProto.newBuilder()
                    .setName(name)
                    .setType(TypeProto.newBuilder()
                            .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1))));
        }
        return this;
    }

    /** A truth value among a body's outputs. */
    public FileModel outTruth(String name) {
        graph.addOutput(info(name, ElementType.BOOL, List.of()));
        return this;
    }

    /** A float initializer of random numbers. */
    public FileModel weights(String name, long... shape) {
        float[] values = new float[(int) Tensor.count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.6 * random.nextGaussian());
        }
        return constant(name, Tensor.ofFloats(values, shape));
    }

    /** An initializer. */
    public FileModel constant(String name, Tensor value) {
        graph.addInitializer(value.toProto(name));
        return this;
    }

    /** An initializer as it is. */
    public FileModel constant(TensorProto value) {
        graph.addInitializer(value);
        return this;
    }

    /** A vector of integers. */
    public FileModel longs(String name, long... values) {
        return constant(name, Tensor.vector(values));
    }

    /** An integer. */
    public FileModel number(String name, long value) {
        return constant(name, Tensor.ofLongs(new long[] {value}));
    }

    /** A truth value. */
    public FileModel truth(String name, boolean value) {
        ByteBuffer one = ByteBuffer.allocate(1).put(0, (byte) (value ? 1 : 0));
        return constant(name, new Tensor(ElementType.BOOL, new long[0], one));
    }

    /**
     * A node.
     *
     * @param op an operator, after its domain and a colon if it has one
     * @param outputs names with commas between
     * @param inputs names with commas between
     * @param attributes names and values in turn; "@name" refers to an attribute of a function
     */
    public FileModel node(String op, String outputs, String inputs, Object... attributes) {
        int colon = op.indexOf(':');
        NodeProto.Builder node = NodeProto.newBuilder()
                .setName("the_" + outputs.split(",")[0])
                .setDomain(colon < 0 ? "" : op.substring(0, colon))
                .setOpType(op.substring(colon + 1))
                .addAllOutput(names(outputs))
                .addAllInput(names(inputs));
        for (int i = 0; i < attributes.length; i += 2) {
            node.addAttribute(attribute((String) attributes[i], attributes[i + 1]));
        }
        graph.addNode(node);
        return this;
    }

    private static List<String> names(String list) {
        List<String> names = new ArrayList<>();
        for (String name : list.split(",", -1)) {
            names.add(name.strip());
        }
        return list.isEmpty() ? List.of() : names;
    }

    private static AttributeProto attribute(String name, Object value) {
        AttributeProto.Builder a = AttributeProto.newBuilder().setName(name);
        if (value instanceof Integer i) {
            a.setType(AttributeProto.AttributeType.INT).setI(i);
        } else if (value instanceof Long l) {
            a.setType(AttributeProto.AttributeType.INT).setI(l);
        } else if (value instanceof Float f) {
            a.setType(AttributeProto.AttributeType.FLOAT).setF(f);
        } else if (value instanceof String s && s.startsWith("@")) {
            a.setRefAttrName(s.substring(1)).setType(AttributeProto.AttributeType.FLOAT);
        } else if (value instanceof String s) {
            a.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(s));
        } else if (value instanceof long[] longs) {
            a.setType(AttributeProto.AttributeType.INTS);
            for (long l : longs) {
                a.addInts(l);
            }
        } else if (value instanceof float[] floats) {
            a.setType(AttributeProto.AttributeType.FLOATS);
            for (float f : floats) {
                a.addFloats(f);
            }
        } else if (value instanceof String[] strings) {
            a.setType(AttributeProto.AttributeType.STRINGS);
            for (String s : strings) {
                a.addStrings(ByteString.copyFromUtf8(s));
            }
        } else if (value instanceof Tensor tensor) {
            a.setType(AttributeProto.AttributeType.TENSOR).setT(tensor.toProto("value"));
        } else {
            a.setType(AttributeProto.AttributeType.GRAPH).setG(((FileModel) value).graph.build());
        }
        return a.build();
    }

    /**
     * A function in domain "local" of the nodes of a body.
     *
     * @param attributes names of attributes without a default
     */
    public FileModel function(String name, String inputs, String outputs, FileModel body, String... attributes) {
        return function(opsets.get(""), name, inputs, outputs, body, attributes);
    }

    /** A function with an opset of its own. */
    public FileModel function(
            long opset, String name, String inputs, String outputs, FileModel body, String... attributes) {
        domain("local", 1);
        FunctionProto.Builder function = model.addFunctionsBuilder()
                .setName(name)
                .setDomain("local")
                .addAllInput(names(inputs))
                .addAllOutput(names(outputs))
                .addAllAttribute(List.of(attributes))
                .addAllNode(body.graph.getNodeList());
        function.addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset));
        function.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("local").setVersion(1));
        return this;
    }

    /** The graph, for what has no method here. */
    public GraphProto.Builder graph() {
        return graph;
    }

    /** The domains that are imported, the standard one among them. */
    public Set<String> domains() {
        return opsets.keySet();
    }

    /** The file. */
    public byte[] bytes() {
        ModelProto.Builder all = model.clone().setGraph(graph);
        opsets.forEach((domain, version) -> all.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
        return all.build().toByteArray();
    }
}
