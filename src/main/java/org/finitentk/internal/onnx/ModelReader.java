package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Reads an ONNX model into a {@link Graph}: checks it as untrusted data, resolves external data inside the model's
 * folder, turns Constant nodes into initializers and brings every node into the form of opset {@link Graph#OPSET}.
 */
public final class ModelReader {
    /** A protobuf message cannot be larger. */
    private static final long MAX_FILE = Integer.MAX_VALUE - 8L;

    private final String name;
    private final TensorReader tensors;
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    /** Outputs that are not read, and what they are. */
    private final List<String> leftOut = new ArrayList<>();

    private int nameless;

    private ModelReader(String name, @Nullable ExternalWeights files) {
        this.name = name;
        this.tensors = new TensorReader(name, files);
    }

    /**
     * Reads a model file.
     *
     * @param file an ONNX file; its external data, if any, must lie in the same folder or below
     * @return the normalized graph
     * @throws InvalidModelException if the file is missing, too large, corrupt or uses what is not supported; the
     *     message names it
     */
    public static Graph read(Path file) {
        byte[] model = bytes(file);
        try {
            return read(model, file.toString(), file.toAbsolutePath().getParent());
        } catch (OutOfMemoryError e) {
            throw tooLarge(file, e);
        }
    }

    /**
     * Reads a model file's bytes.
     *
     * @param file an ONNX file
     * @return its bytes, not looked at
     * @throws InvalidModelException if the file is missing or too large; the message names it
     */
    public static byte[] bytes(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new InvalidModelException(
                        "model file '" + file + "' does not exist or is no regular file; expected an ONNX file");
            }
            if (Files.size(file) > MAX_FILE) {
                throw new InvalidModelException("model file '" + file + "' has " + Files.size(file)
                        + " bytes; an ONNX file can have at most 2 GiB, larger weights belong into external data");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InvalidModelException("model file '" + file + "' cannot be read: " + e.getMessage(), e);
        } catch (OutOfMemoryError e) {
            throw tooLarge(file, e);
        }
    }

    /** One large array did not fit; nothing else is hurt. */
    private static InvalidModelException tooLarge(Path file, OutOfMemoryError e) {
        return new InvalidModelException(
                "model file '" + file + "' does not fit into the Java virtual machine's memory; give it more with -Xmx",
                e);
    }

    /**
     * Reads a model from memory.
     *
     * @param model the bytes of an ONNX file
     * @param nameForMessages how messages name it
     * @param folderForExternalData where external data may lie, or null to refuse external data
     * @return the normalized graph
     * @throws InvalidModelException if the bytes are no usable model; the message names it
     */
    public static Graph read(byte[] model, String nameForMessages, @Nullable Path folderForExternalData) {
        if (folderForExternalData == null) {
            return parse(model, nameForMessages, null);
        }
        ExternalWeights files = new ExternalWeights(folderForExternalData);
        Graph graph = parse(model, nameForMessages, files);
        try {
            files.requireUnchanged();
        } catch (InvalidModelException e) {
            throw new InvalidModelException("model '" + nameForMessages + "': " + e.getMessage(), e);
        }
        return graph;
    }

    /**
     * Reads a model that has weights in common with others.
     *
     * @param model the bytes of an ONNX file
     * @param nameForMessages how messages name it
     * @param files where external data may lie; the caller makes sure in the end that they have not changed
     * @return the normalized graph
     * @throws InvalidModelException if the bytes are no usable model; the message names it
     */
    public static Graph readSharing(byte[] model, String nameForMessages, ExternalWeights files) {
        return parse(model, nameForMessages, files);
    }

    private static Graph parse(byte[] model, String nameForMessages, @Nullable ExternalWeights files) {
        ModelReader reader = new ModelReader(nameForMessages, files);
        try {
            return reader.graph(ModelProto.parseFrom(model));
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidModelException(
                    "model '" + nameForMessages + "' is not an ONNX file or is truncated: " + e.getMessage(), e);
        } catch (InvalidModelException e) {
            String message = String.valueOf(e.getMessage());
            throw message.contains("'" + nameForMessages + "'")
                    ? e
                    : new InvalidModelException("model '" + nameForMessages + "': " + message, e);
        } catch (ArithmeticException
                | IndexOutOfBoundsException
                | NegativeArraySizeException
                | NullPointerException e) {
            throw new InvalidModelException("model '" + nameForMessages + "' is malformed: " + e, e);
        }
    }

    private Graph graph(ModelProto model) {
        if (!model.hasGraph() || model.getGraph().getOutputCount() == 0 || model.getIrVersion() <= 0) {
            throw new InvalidModelException("model '" + name + "' has no graph with outputs; expected an ONNX model");
        }
        long opset = opset(model);
        GraphProto graph = model.getGraph();
        List<Node> nodes = new ArrayList<>();
        for (TensorProto tensor : graph.getInitializerList()) {
            if (TensorReader.isReadable(tensor)) {
                addInitializer(tensor.getName(), tensors.read(tensor));
            } else {
                nodes.add(Unreadable.constant(tensor));
            }
        }
        for (SparseTensorProto sparse : graph.getSparseInitializerList()) {
            addInitializer(sparse.getValues().getName(), SparseTensors.dense(sparse, tensors));
        }
        List<ValueInfo> inputs = inputs(graph, nodes);
        List<ValueInfo> outputs = outputs(graph);
        for (NodeProto node : graph.getNodeList()) {
            addNode(node, nodes);
        }
        Graph read = new Graph(
                graph.getName().isEmpty() ? "network" : graph.getName(),
                InputNames.withOneBatch(inputs),
                outputs,
                initializers,
                Node.withOwnNames(nodes),
                declared(graph));
        Graph sorted = TopologicalOrder.sort(Retyping.widened(read));
        LocalFunctions functions = new LocalFunctions(model.getFunctionsList(), opset);
        Graph expanded = Expansion.of(sorted, opset, tensors, functions).withMetadata(metadata(model));
        Graph needed = Dequantization.of(Unreadable.withoutUnneeded(expanded));
        return leftOut.isEmpty() ? needed : needed.noting("outputs that are left out: " + String.join(", ", leftOut));
    }

    /** Inputs that are tensors of numbers; others are noted among the nodes. */
    private List<ValueInfo> inputs(GraphProto graph, List<Node> nodes) {
        List<ValueInfo> inputs = new ArrayList<>();
        for (ValueInfoProto input : graph.getInputList()) {
            if (initializers.containsKey(input.getName())
                    || nodes.stream().anyMatch(node -> node.output().equals(input.getName()))) {
                continue;
            }
            String other = Unreadable.describe(input.getType());
            if (other == null) {
                inputs.add(info(input, true));
            } else {
                nodes.add(Unreadable.node(input.getName(), "input", other));
            }
        }
        return inputs;
    }

    /** Outputs that are tensors of numbers, and the probabilities that a ZipMap gives names. */
    private List<ValueInfo> outputs(GraphProto graph) {
        List<ValueInfo> outputs = new ArrayList<>();
        for (ValueInfoProto output : graph.getOutputList()) {
            String other = Unreadable.describe(output.getType());
            if (other == null) {
                outputs.add(info(output, false));
            } else if (ZipMaps.makes(graph, output.getName())) {
                outputs.add(ZipMaps.output(output.getName()));
            } else {
                leftOut.add("'" + output.getName() + "' is " + other);
            }
        }
        if (outputs.isEmpty()) {
            throw new InvalidModelException("model '" + name + "' has no output that is a tensor of numbers: "
                    + String.join(", ", leftOut) + "; expected one");
        }
        return outputs;
    }

    /** Only what is meant for this library: of everything else the file's maker keeps the record. */
    private Map<String, String> metadata(ModelProto model) {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (StringStringEntryProto entry : model.getMetadataPropsList()) {
            if (entry.getKey().startsWith(NetworkNames.PREFIX)
                    && metadata.put(entry.getKey(), entry.getValue()) != null) {
                throw new InvalidModelException(
                        "model '" + name + "' has the metadata '" + entry.getKey() + "' twice; expected it once");
            }
        }
        return metadata;
    }

    private void addInitializer(String initializer, Tensor value) {
        if (initializers.put(initializer, value) != null) {
            throw new InvalidModelException("model '" + name + "' has two initializers or constants named '"
                    + initializer + "'; expected one each");
        }
    }

    private long opset(ModelProto model) {
        // a file of operators of other domains only need not say which standard ones it means
        boolean standard = model.getOpsetImportCount() == 0
                || model.getGraph().getNodeList().stream()
                        .map(NodeProto::getDomain)
                        .anyMatch(ModelReader::isStandard);
        long opset = standard ? 0 : Graph.OPSET;
        for (OperatorSetIdProto set : model.getOpsetImportList()) {
            if (isStandard(set.getDomain())) {
                opset = set.getVersion();
            }
        }
        if (opset < OpsetNormalizer.OLDEST_OPSET || opset > OpsetNormalizer.NEWEST_OPSET) {
            throw new InvalidModelException(
                    "model '" + name + "' uses opset " + opset + "; expected " + OpsetNormalizer.OLDEST_OPSET + " to "
                            + OpsetNormalizer.NEWEST_OPSET + ", so convert it with onnx.version_converter");
        }
        return opset;
    }

    private static boolean isStandard(String domain) {
        return domain.isEmpty() || domain.equals("ai.onnx");
    }

    private void addNode(NodeProto proto, List<Node> nodes) {
        if (proto.getOutputCount() == 0) {
            throw new InvalidModelException(
                    "model '" + name + "': node '" + proto.getName() + "' (" + proto.getOpType() + ") has no output");
        }
        Node node = Node.of(proto);
        Tensor constant = node.domain().isEmpty() && node.op().equals("Constant") ? tensors.constant(node) : null;
        if (constant != null) {
            addInitializer(node.output(), constant.asConstantNode());
        } else {
            nodes.add(node);
        }
    }

    /** The file's own notes on values in between; those that are no tensors of known rank are of no use. */
    private Map<String, ValueInfo> declared(GraphProto graph) {
        Map<String, ValueInfo> declared = new LinkedHashMap<>();
        for (ValueInfoProto value : graph.getValueInfoList()) {
            var tensor = value.getType().getTensorType();
            if (value.getType().hasTensorType() && tensor.hasShape() && ElementType.isKnown(tensor.getElemType())) {
                ValueInfo info = info(value, false);
                if (InputNames.areDifferent(info)) {
                    declared.put(value.getName(), info);
                }
            }
        }
        return declared;
    }

    private ValueInfo info(ValueInfoProto proto, boolean input) {
        var tensor = proto.getType().getTensorType();
        if (input && !tensor.hasShape()) {
            throw new InvalidModelException("model '" + name + "': input '" + proto.getName()
                    + "' declares no shape; expected at least its number of dimensions, so export it with shapes");
        }
        List<String> dims = new ArrayList<>();
        for (TensorShapeProto.Dimension dim : tensor.getShape().getDimList()) {
            dims.add(dimension(proto.getName(), dim));
        }
        return new ValueInfo(proto.getName(), ElementType.of(tensor.getElemType()), dims);
    }

    private String dimension(String value, TensorShapeProto.Dimension dim) {
        if (dim.hasDimValue() && dim.getDimValue() >= 0) {
            // exporters write 0 for a dynamic dimension
            return dim.getDimValue() == 0 ? value + "_dim" + nameless++ : Long.toString(dim.getDimValue());
        }
        String symbol = dim.getDimParam();
        boolean usable = !symbol.isEmpty() && !symbol.chars().allMatch(c -> c >= '0' && c <= '9');
        return usable ? symbol : value + "_dim" + nameless++;
    }
}
