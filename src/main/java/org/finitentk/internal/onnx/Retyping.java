package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * The same network computed with numbers of another width: every value, constant, attribute and control-flow body that
 * has one floating-point type gets another.
 *
 * <p>Sections of 16-bit floats are computed in float32, for f and for its derivatives alike: nothing is rounded to 11
 * or 8 bits, and nothing overflows at 65,504, where the file's own arithmetic would give infinity. (The derivative of
 * rounding is zero; what is meant is the function without it.)
 */
public final class Retyping {
    /** Attributes that are codes of element types. */
    private static final Set<String> TYPES = Set.of("to", "dtype", "output_dtype", "output_datatype");
    /** Those in which an operator computes inside: never narrower than float32. */
    private static final Set<String> INNER_TYPES = Set.of("stash_type", "softmax_precision");
    /** Of operators whose inputs here are float32 whatever the others are. */
    private static final Map<String, Integer> ALWAYS_FLOAT = Map.of("Resize", 2);

    private final Set<ElementType> from;
    private final ElementType to;
    private final Set<String> names = new HashSet<>();
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private boolean changed;

    private Retyping(Set<ElementType> from, ElementType to) {
        this.from = from;
        this.to = to;
    }

    /**
     * A network with its float16 and bfloat16 values in float32, inputs and outputs among them.
     *
     * @param graph as it was read
     * @return the same graph if it has no such values
     */
    static Graph widened(Graph graph) {
        Retyping widening = new Retyping(Set.of(ElementType.FLOAT16, ElementType.BFLOAT16), ElementType.FLOAT);
        Graph widened = widening.retyped(graph);
        return widening.changed ? widened.noting("16-bit sections are computed in float32") : graph;
    }

    /** A node of a function with its 16-bit constants and types in float32. */
    static NodeProto widened(NodeProto node) {
        return new Retyping(Set.of(ElementType.FLOAT16, ElementType.BFLOAT16), ElementType.FLOAT).retyped(node);
    }

    /**
     * A float32 network in float64, inputs and outputs among it. {@code autodiff.DoubleForm} then writes what ONNX
     * Runtime has for float32 only in other operators.
     *
     * @param graph a normalized graph
     * @return the graph with every FLOAT a DOUBLE
     */
    public static Graph float64(Graph graph) {
        return new Retyping(Set.of(ElementType.FLOAT), ElementType.DOUBLE).retyped(graph);
    }

    private Graph retyped(Graph graph) {
        names.addAll(graph.initializers().keySet());
        graph.inputs().forEach(input -> names.add(input.name()));
        graph.nodes().forEach(node -> names.addAll(node.outputs()));
        graph.nodes().forEach(node -> names.addAll(node.bodyNames()));
        graph.initializers().forEach((name, tensor) -> initializers.put(name, retyped(tensor)));
        List<Node> nodes = new ArrayList<>();
        graph.nodes().forEach(node -> add(node, graph, nodes));
        Map<String, ValueInfo> declared = new LinkedHashMap<>();
        graph.declared().forEach((name, info) -> declared.put(name, retyped(info)));
        return new Graph(
                graph.name(),
                graph.inputs().stream().map(this::retyped).toList(),
                graph.outputs().stream().map(this::retyped).toList(),
                initializers,
                nodes,
                declared,
                graph.metadata(),
                graph.notes());
    }

    private ValueInfo retyped(ValueInfo info) {
        return from.contains(info.type()) ? new ValueInfo(info.name(), changed(to), info.dims()) : info;
    }

    private Tensor retyped(Tensor tensor) {
        return from.contains(tensor.type()) ? tensor.converted(changed(to)) : tensor;
    }

    private <T> T changed(T value) {
        changed = true;
        return value;
    }

    private void add(Node node, Graph graph, List<Node> nodes) {
        List<String> inputs = new ArrayList<>(node.inputs());
        Integer always = node.domain().isEmpty() && to != ElementType.FLOAT ? ALWAYS_FLOAT.get(node.op()) : null;
        if (always != null && node.hasInput(always)) {
            inputs.set(always, asFloat(node.input(always), graph, nodes));
        }
        nodes.add(new Node(node.name(), node.domain(), node.op(), inputs, node.outputs(), attributes(node)));
    }

    private String asFloat(String name, Graph graph, List<Node> nodes) {
        String own = name + "_float";
        while (!names.add(own)) {
            own += "_";
        }
        Tensor constant = graph.initializers().get(name);
        if (constant != null) {
            initializers.put(own, constant);
        } else {
            nodes.add(new Node(
                    own,
                    "",
                    "Cast",
                    List.of(name),
                    List.of(own),
                    new Attributes().integer("to", ElementType.FLOAT.code()).build()));
        }
        return own;
    }

    private Map<String, AttributeProto> attributes(Node node) {
        Map<String, AttributeProto> attributes = new LinkedHashMap<>();
        node.attributes().forEach((key, attribute) -> attributes.put(key, retyped(attribute)));
        if (node.domain().isEmpty()
                && node.op().equals("ConstantOfShape")
                && !node.has("value")
                && from.contains(ElementType.FLOAT)) {
            attributes.put(
                    "value",
                    AttributeProto.newBuilder()
                            .setName("value")
                            .setType(AttributeProto.AttributeType.TENSOR)
                            .setT(Tensor.ofReals(to, new double[1], 1).toProto(""))
                            .build());
        }
        return attributes;
    }

    private AttributeProto retyped(AttributeProto attribute) {
        AttributeProto.Builder out = attribute.toBuilder();
        boolean isType = TYPES.contains(attribute.getName())
                || to == ElementType.FLOAT && INNER_TYPES.contains(attribute.getName());
        if (isType && isFrom((int) attribute.getI())) {
            out.setI(changed(to).code());
        }
        if (attribute.hasT()) {
            out.setT(retyped(attribute.getT()));
        }
        if (attribute.hasG()) {
            out.setG(retyped(attribute.getG()));
        }
        for (int i = 0; i < attribute.getTensorsCount(); i++) {
            out.setTensors(i, retyped(attribute.getTensors(i)));
        }
        for (int i = 0; i < attribute.getGraphsCount(); i++) {
            out.setGraphs(i, retyped(attribute.getGraphs(i)));
        }
        return out.build();
    }

    private boolean isFrom(int code) {
        return from.stream().anyMatch(type -> type.code() == code);
    }

    private TensorProto retyped(TensorProto tensor) {
        return isFrom(tensor.getDataType())
                ? retyped(new TensorReader("", null).read(tensor)).toProto(tensor.getName())
                : tensor;
    }

    /** A control-flow body. */
    private GraphProto retyped(GraphProto body) {
        GraphProto.Builder out = body.toBuilder();
        for (int i = 0; i < body.getInitializerCount(); i++) {
            out.setInitializer(i, retyped(body.getInitializer(i)));
        }
        for (int i = 0; i < body.getInputCount(); i++) {
            out.setInput(i, retyped(body.getInput(i)));
        }
        for (int i = 0; i < body.getOutputCount(); i++) {
            out.setOutput(i, retyped(body.getOutput(i)));
        }
        for (int i = 0; i < body.getValueInfoCount(); i++) {
            out.setValueInfo(i, retyped(body.getValueInfo(i)));
        }
        for (int i = 0; i < body.getNodeCount(); i++) {
            out.setNode(i, retyped(body.getNode(i)));
        }
        return out.build();
    }

    private NodeProto retyped(NodeProto node) {
        NodeProto.Builder out = node.toBuilder();
        for (int i = 0; i < node.getAttributeCount(); i++) {
            out.setAttribute(i, retyped(node.getAttribute(i)));
        }
        return out.build();
    }

    private ValueInfoProto retyped(ValueInfoProto info) {
        if (!info.getType().hasTensorType()
                || !isFrom(info.getType().getTensorType().getElemType())) {
            return info;
        }
        ValueInfoProto.Builder out = info.toBuilder();
        out.getTypeBuilder().getTensorTypeBuilder().setElemType(changed(to).code());
        return out.build();
    }
}
