package org.finitentk.testing;

import ai.onnx.proto.OnnxMl.AttributeProto;
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
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.onnx.Graph;
import org.jspecify.annotations.Nullable;

/**
 * A network as an ONNX file has it, written as text: statements that end in a semicolon.
 *
 * <p>{@code input x[3,4]} is an input of n examples, {@code ids t[7]} one of token ids; {@code w[4,6]} an initializer
 * of random numbers, {@code b[6] = 0.5} one that is filled, {@code constant c[2] = 1 2} a Constant node,
 * {@code integers ax[1] = 0} an initializer of int64; {@code h = Gemm(x, w, b) transB=1} a node, with lists in
 * brackets, real numbers that have a dot, and an empty input where one is left out. The output is {@code y}; the opset
 * is 17 unless {@code opset 18} says otherwise.
 */
public final class WrittenNetwork {
    private static final Pattern NODE = Pattern.compile("(.+?) = (\\w+)\\((.*?)\\)(.*)");
    private static final Pattern DECLARATION = Pattern.compile("(?:(\\w+) )?(\\w+)\\[([\\d,]*)\\](?: = (.*))?");

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("written");
    private final Random random = new Random(5);
    private final TensorProto.DataType type;
    private long opset = 17;

    private WrittenNetwork(TensorProto.DataType type) {
        this.type = type;
    }

    /** The file of a network of float32 numbers. */
    public static byte[] bytes(String text) {
        return new WrittenNetwork(TensorProto.DataType.FLOAT).read(text);
    }

    /** A network of float32 numbers, as it is read from its file. */
    public static Graph of(String text) {
        return ModelReader.read(bytes(text), "written", null);
    }

    /** A network of float64 numbers, as it is read from its file. */
    public static Graph ofDoubles(String text) {
        return ModelReader.read(new WrittenNetwork(TensorProto.DataType.DOUBLE).read(text), "written", null);
    }

    private byte[] read(String text) {
        Arrays.stream(text.replaceAll("\\s+", " ").split(";"))
                .map(String::trim)
                .filter(s -> !s.isEmpty())
                .forEach(this::add);
        TypeProto.Tensor output =
                TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).build();
        graph.addOutput(ValueInfoProto.newBuilder()
                .setName("y")
                .setType(TypeProto.newBuilder().setTensorType(output)));
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .setGraph(graph)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
                .build()
                .toByteArray();
    }

    private void add(String statement) {
        Matcher node = NODE.matcher(statement);
        Matcher declaration = DECLARATION.matcher(statement);
        if (statement.startsWith("opset ")) {
            opset = Long.parseLong(statement.substring(6));
        } else if (node.matches()) {
            graph.addNode(node(node));
        } else if (declaration.matches()) {
            declare(
                    declaration.group(1) == null ? "" : declaration.group(1),
                    declaration.group(2),
                    longs(declaration.group(3), ","),
                    declaration.group(4));
        } else {
            throw new IllegalArgumentException("'" + statement + "' is no node and declares nothing");
        }
    }

    private void declare(String kind, String name, long[] dims, @Nullable String values) {
        switch (kind) {
            case "input", "ids" -> {
                TensorShapeProto.Builder shape = TensorShapeProto.newBuilder()
                        .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("n"));
                Arrays.stream(dims)
                        .forEach(dim -> shape.addDim(
                                TensorShapeProto.Dimension.newBuilder().setDimValue(dim)));
                graph.addInput(info(name, kind.equals("ids") ? TensorProto.DataType.INT64 : type, shape.build()));
            }
            case "integers" -> {
                TensorProto.Builder tensor =
                        TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.INT64.getNumber());
                Arrays.stream(dims).forEach(tensor::addDims);
                double[] numbers = numbers(dims, values);
                Arrays.stream(numbers).forEach(number -> tensor.addInt64Data((long) number));
                graph.addInitializer(tensor);
            }
            case "constant" ->
                graph.addNode(NodeProto.newBuilder()
                        .setOpType("Constant")
                        .setName(name)
                        .addOutput(name)
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("value")
                                .setType(AttributeProto.AttributeType.TENSOR)
                                .setT(tensor(dims, values))));
            case "" -> graph.addInitializer(tensor(dims, values).setName(name));
            default -> throw new IllegalArgumentException("'" + kind + "' is no kind of declaration");
        }
    }

    private static ValueInfoProto info(String name, TensorProto.DataType of, TensorShapeProto shape) {
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(of.getNumber())
                                .setShape(shape)))
                .build();
    }

    private double[] numbers(long[] dims, @Nullable String values) {
        int count = (int) Arrays.stream(dims).reduce(1, (a, b) -> a * b);
        if (values == null) {
            return random.doubles(count)
                    .map(uniform -> 0.6 * random.nextGaussian())
                    .toArray();
        }
        double[] given = Arrays.stream(values.split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        double[] all = new double[count];
        Arrays.setAll(all, i -> given[given.length == 1 ? 0 : i]);
        return all;
    }

    private TensorProto.Builder tensor(long[] dims, @Nullable String values) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(type.getNumber());
        Arrays.stream(dims).forEach(tensor::addDims);
        double[] numbers = numbers(dims, values);
        ByteBuffer bytes = ByteBuffer.allocate(8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double number : numbers) {
            if (type == TensorProto.DataType.DOUBLE) {
                bytes.putDouble(number);
            } else {
                bytes.putFloat((float) number);
            }
        }
        return tensor.setRawData(ByteString.copyFrom(bytes.flip()));
    }

    private static NodeProto node(Matcher parts) {
        NodeProto.Builder node = NodeProto.newBuilder().setOpType(parts.group(2));
        Arrays.stream(parts.group(1).split(",\\s*", -1)).forEach(node::addOutput);
        node.setName(node.getOutput(0));
        if (!parts.group(3).isBlank()) {
            Arrays.stream(parts.group(3).split(",\\s*", -1)).forEach(node::addInput);
        }
        Arrays.stream(parts.group(4).trim().split("\\s+"))
                .filter(text -> !text.isEmpty())
                .forEach(text -> node.addAttribute(attribute(text)));
        return node.build();
    }

    private static AttributeProto attribute(String text) {
        String[] parts = text.split("=", 2);
        AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(parts[0]);
        if (parts[1].startsWith("[")) {
            attribute.setType(AttributeProto.AttributeType.INTS);
            Arrays.stream(longs(parts[1].substring(1, parts[1].length() - 1), ","))
                    .forEach(attribute::addInts);
        } else if (parts[1].contains(".")) {
            attribute.setType(AttributeProto.AttributeType.FLOAT).setF(Float.parseFloat(parts[1]));
        } else if (Character.isLetter(parts[1].charAt(0))) {
            attribute.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(parts[1]));
        } else {
            attribute.setType(AttributeProto.AttributeType.INT).setI(Long.parseLong(parts[1]));
        }
        return attribute.build();
    }

    private static long[] longs(String text, String separator) {
        return text.isEmpty()
                ? new long[0]
                : Arrays.stream(text.split(separator))
                        .mapToLong(Long::parseLong)
                        .toArray();
    }
}
