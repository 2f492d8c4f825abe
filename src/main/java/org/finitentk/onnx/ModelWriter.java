package org.finitentk.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.finitentk.internal.util.AtomicFile;

/** Writes graphs as ONNX models of opset {@link Graph#OPSET}. */
public final class ModelWriter {
    private static final int IR_VERSION = 10;
    /** A protobuf message ends at 2 GiB; the nodes get 64 MiB. */
    private static final long MAX_WEIGHTS = Integer.MAX_VALUE - (64L << 20);

    private static final String PRODUCER = "tribuo-finite-ntk";

    private ModelWriter() {}

    /**
     * A model with its weights inside.
     *
     * @param graph the graph
     * @return the bytes of an ONNX file
     * @throws InvalidModelException if there are more weights than one ONNX model can hold
     */
    public static byte[] toBytes(Graph graph) {
        return model(graph, "", Map.of()).toByteArray();
    }

    /**
     * A model some of whose weights lie in a file beside it.
     *
     * @param graph the graph
     * @param location the file's name, relative to the model
     * @param externalOffsets initializers that are in that file, and the byte at which each starts
     * @return the bytes of an ONNX file
     */
    public static byte[] toBytes(Graph graph, String location, Map<String, Long> externalOffsets) {
        return model(graph, location, externalOffsets).toByteArray();
    }

    /**
     * Writes a model with its weights inside, to a temporary name first.
     *
     * @param graph the graph
     * @param file where to; replaced if it exists
     * @throws java.io.UncheckedIOException if it cannot be written
     */
    public static void write(Graph graph, Path file) {
        try {
            AtomicFile.write(file, toBytes(graph));
        } catch (IOException e) {
            throw new UncheckedIOException("model '" + file + "' cannot be written: " + e.getMessage(), e);
        }
    }

    private static void requireSize(Graph graph, Map<String, Long> externalOffsets) {
        long bytes = graph.initializers().entrySet().stream()
                .filter(e -> !externalOffsets.containsKey(e.getKey()))
                .mapToLong(e -> e.getValue().size() * e.getValue().type().bytes())
                .sum();
        if (bytes > MAX_WEIGHTS) {
            throw new InvalidModelException("graph '" + graph.name() + "' has " + bytes
                    + " bytes of weights; expected at most " + MAX_WEIGHTS + ", which is what one ONNX model can hold");
        }
    }

    private static ModelProto model(Graph graph, String location, Map<String, Long> externalOffsets) {
        requireSize(graph, externalOffsets);
        GraphProto.Builder g = GraphProto.newBuilder().setName(graph.name());
        graph.inputs().forEach(v -> g.addInput(info(v)));
        graph.outputs().forEach(v -> g.addOutput(info(v)));
        graph.initializers().forEach((name, tensor) -> {
            Long offset = externalOffsets.get(name);
            if (offset != null) {
                g.addInitializer(external(name, tensor, location, offset));
            } else if (isFormulaScalar(tensor)) {
                g.addNode(constantNode(name, tensor));
            } else {
                g.addInitializer(tensor.toProto(name));
            }
        });
        TreeSet<String> domains = new TreeSet<>();
        // names that derivation made, or that merged graphs had both
        for (Node node : Node.withOwnNames(graph.nodes())) {
            domains.addAll(Subgraphs.domains(node));
            g.addNode(node.toProto());
        }
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName(PRODUCER)
                .setGraph(g)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(Graph.OPSET));
        domains.remove("");
        domains.forEach(d -> model.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(d).setVersion(1)));
        new TreeMap<>(graph.metadata()).forEach((key, value) -> model.addMetadataProps(entry(key, value)));
        return model.build();
    }

    /**
     * A number that was a Constant node stays one: as an initializer it could be taken for a learned gain when the file
     * is read again.
     */
    private static boolean isFormulaScalar(Tensor tensor) {
        return tensor.isFromConstantNode() && tensor.type().isDifferentiable() && tensor.size() == 1;
    }

    private static NodeProto constantNode(String name, Tensor tensor) {
        AttributeProto value = AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(tensor.toProto(""))
                .build();
        return NodeProto.newBuilder()
                .setOpType("Constant")
                .addOutput(name)
                .addAttribute(value)
                .build();
    }

    private static TensorProto external(String name, Tensor tensor, String location, long offset) {
        TensorProto.Builder proto = TensorProto.newBuilder()
                .setName(name)
                .setDataType(tensor.type().code())
                .setDataLocation(TensorProto.DataLocation.EXTERNAL);
        for (long dim : tensor.shape()) {
            proto.addDims(dim);
        }
        return proto.addExternalData(entry("location", location))
                .addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry(
                        "length", Long.toString(tensor.size() * tensor.type().bytes())))
                .build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private static ValueInfoProto info(ValueInfo v) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (int i = 0; i < v.dims().size(); i++) {
            TensorShapeProto.Dimension.Builder dim = TensorShapeProto.Dimension.newBuilder();
            shape.addDim(
                    v.isFixed(i)
                            ? dim.setDimValue(v.dim(i))
                            : dim.setDimParam(v.dims().get(i)));
        }
        return ValueInfoProto.newBuilder()
                .setName(v.name())
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(v.type().code())
                                .setShape(shape)))
                .build();
    }
}
