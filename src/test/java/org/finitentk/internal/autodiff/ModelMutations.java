package org.finitentk.internal.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Damages model files: as bytes, as a broken disk or a download would, and in their structure, as somebody with intent
 * would.
 */
final class ModelMutations {
    private static final long[] NUMBERS = {
        -1,
        0,
        1,
        2,
        3,
        7,
        -2,
        64,
        1023,
        65536,
        Integer.MAX_VALUE,
        1L + Integer.MAX_VALUE,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final float[] REALS = {0, -1, 1e30f, -1e30f, Float.NaN, Float.POSITIVE_INFINITY, Float.MIN_VALUE};
    private static final List<String> OPERATORS = List.of(
            "Identity",
            "Relu",
            "MatMul",
            "Gemm",
            "Conv",
            "Reshape",
            "Concat",
            "Split",
            "Gather",
            "Slice",
            "Pad",
            "Expand",
            "Tile",
            "Range",
            "ConstantOfShape",
            "Squeeze",
            "Unsqueeze",
            "Transpose",
            "Flatten",
            "Softmax",
            "ReduceSum",
            "MaxPool",
            "AveragePool",
            "BatchNormalization",
            "Clip",
            "Shape",
            "Cast",
            "Where",
            "ScatterND",
            "If",
            "Loop",
            "TopK",
            "Resize",
            "LayerNormalization",
            "Dropout",
            "GatherND",
            "ArgMax",
            "CumSum",
            "Nonsense",
            "Constant");

    private final Random random;

    ModelMutations(Random random) {
        this.random = random;
    }

    byte[] mutate(byte[] model) {
        return switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(model, random.nextInt(model.length));
            case 1, 2 -> flip(model, 1 + random.nextInt(3));
            case 3 -> splice(model);
            default -> structure(model, 1 + random.nextInt(3));
        };
    }

    private byte[] flip(byte[] model, int bits) {
        byte[] bad = model.clone();
        for (int i = 0; i < bits; i++) {
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bad;
    }

    /** Copies a span over another place. */
    private byte[] splice(byte[] model) {
        byte[] bad = model.clone();
        int length = 1 + random.nextInt(Math.min(64, bad.length));
        System.arraycopy(
                model, random.nextInt(model.length - length + 1), bad, random.nextInt(bad.length - length + 1), length);
        return bad;
    }

    private byte[] structure(byte[] model, int changes) {
        try {
            ModelProto.Builder proto = ModelProto.parseFrom(model).toBuilder();
            for (int i = 0; i < changes; i++) {
                change(proto);
            }
            return proto.build().toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private void change(ModelProto.Builder model) {
        GraphProto.Builder graph = model.getGraphBuilder();
        switch (random.nextInt(12)) {
            case 0 -> model.getOpsetImportBuilder(0).setVersion(6 + random.nextInt(20));
            case 1, 2 -> initializer(graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount())));
            case 3 ->
                info(
                        random.nextBoolean()
                                ? graph.getInputBuilder(random.nextInt(graph.getInputCount()))
                                : graph.getOutputBuilder(0));
            case 4 -> graph.removeNode(random.nextInt(graph.getNodeCount()));
            case 5 -> graph.addNode(graph.getNode(random.nextInt(graph.getNodeCount())));
            case 6 -> graph.removeInitializer(random.nextInt(graph.getInitializerCount()));
            default -> {
                if (graph.getNodeCount() > 0) {
                    node(graph, graph.getNodeBuilder(random.nextInt(graph.getNodeCount())));
                }
            }
        }
        if (graph.getInitializerCount() == 0) {
            graph.addInitializer(
                    TensorProto.newBuilder().setName("filler").setDataType(1).addFloatData(1));
        }
        if (graph.getNodeCount() == 0) {
            graph.addNode(NodeProto.newBuilder()
                    .setOpType("Identity")
                    .addInput(graph.getInput(0).getName())
                    .addOutput(graph.getOutput(0).getName()));
        }
    }

    private long number() {
        return NUMBERS[random.nextInt(NUMBERS.length)];
    }

    private void initializer(TensorProto.Builder tensor) {
        switch (random.nextInt(6)) {
            case 0 -> tensor.setDataType(random.nextInt(24));
            case 1 -> tensor.addDims(number());
            case 2 -> tensor.clearRawData();
            case 3 -> {
                if (tensor.getDimsCount() > 0) {
                    tensor.setDims(random.nextInt(tensor.getDimsCount()), number());
                }
            }
            case 4 ->
                tensor.setDataType(TensorProto.DataType.INT64_VALUE)
                        .clearDims()
                        .addDims(2)
                        .clearRawData()
                        .addInt64Data(number())
                        .addInt64Data(number());
            default -> {
                byte[] raw = tensor.getRawData().toByteArray();
                if (raw.length >= 8) {
                    // the start of a vector of axes, a shape, a bound or a weight
                    java.nio.ByteBuffer.wrap(raw)
                            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                            .putLong(0, number());
                    tensor.setRawData(ByteString.copyFrom(raw));
                }
            }
        }
    }

    private void info(ValueInfoProto.Builder info) {
        var tensor = info.getTypeBuilder().getTensorTypeBuilder();
        switch (random.nextInt(4)) {
            case 0 -> tensor.setElemType(random.nextInt(24));
            case 1 -> tensor.clearShape();
            case 2 -> tensor.getShapeBuilder().addDimBuilder().setDimValue(number());
            default -> {
                if (tensor.getShape().getDimCount() > 0) {
                    tensor.getShapeBuilder()
                            .getDimBuilder(random.nextInt(tensor.getShape().getDimCount()))
                            .setDimValue(number());
                }
            }
        }
    }

    private String name(GraphProto.Builder graph) {
        return switch (random.nextInt(5)) {
            case 0 -> "";
            case 1 ->
                graph.getInitializer(random.nextInt(graph.getInitializerCount()))
                        .getName();
            case 2 -> graph.getInput(random.nextInt(graph.getInputCount())).getName();
            default -> graph.getNode(random.nextInt(graph.getNodeCount())).getOutput(0);
        };
    }

    private void node(GraphProto.Builder graph, NodeProto.Builder node) {
        switch (random.nextInt(8)) {
            case 0 -> node.setOpType(OPERATORS.get(random.nextInt(OPERATORS.size())));
            case 1 -> {
                if (node.getInputCount() > 0) {
                    node.setInput(random.nextInt(node.getInputCount()), name(graph));
                }
            }
            case 2 -> node.addInput(name(graph));
            case 3 -> node.clearAttribute();
            case 4 -> {
                List<String> fewer = node.getInputList().subList(0, Math.max(0, node.getInputCount() - 1));
                List<String> copy = List.copyOf(fewer);
                node.clearInput().addAllInput(copy);
            }
            case 5 ->
                node.addAttribute(AttributeProto.newBuilder()
                        .setName(List.of("axis", "axes", "perm", "group", "to", "alpha", "keepdims")
                                .get(random.nextInt(7)))
                        .setI(number())
                        .addInts(number())
                        .addInts(number()));
            default -> {
                if (node.getAttributeCount() > 0) {
                    attribute(node.getAttributeBuilder(random.nextInt(node.getAttributeCount())));
                }
            }
        }
    }

    private void attribute(AttributeProto.Builder attribute) {
        if (attribute.getIntsCount() > 0 && random.nextInt(3) > 0) {
            attribute.setInts(random.nextInt(attribute.getIntsCount()), number());
        } else if (attribute.getIntsCount() > 0) {
            attribute.addInts(number());
        } else if (attribute.hasT()) {
            initializer(attribute.getTBuilder());
        } else {
            attribute.setI(number()).setF(REALS[random.nextInt(REALS.length)]);
        }
    }
}
