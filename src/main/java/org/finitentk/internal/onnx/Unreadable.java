package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * Stands in a graph for an input or a constant that is no tensor of numbers, such as strings, or for a node of a form
 * that is refused: most often nothing that matters needs it, and if something does, {@link ForbiddenOperators} says so.
 */
final class Unreadable {
    static final String DOMAIN = "org.finitentk.unreadable";
    private static final String WHAT = "org.finitentk.what";
    private static final String ORIGIN = "org.finitentk.origin";

    private Unreadable() {}

    /** What takes the place of a value. */
    static Node node(String value, String kind, String what) {
        return refused(
                value,
                List.of(),
                kind + " '" + value + "' is " + what + ", and the network's output needs it; expected numbers, so "
                        + "leave what makes numbers of it out of the file and feed these");
    }

    /** What takes the place of a value that is computed of others in a way that is refused. */
    static Node refused(String value, List<String> inputs, String why) {
        Attributes attributes = new Attributes().string(WHAT, why);
        return new Node(value, DOMAIN, "Unreadable", inputs, List.of(value), attributes.build());
    }

    /** The same for all outputs of a node, which may be taken once more is known. */
    static Node refused(Node node, String why) {
        Attributes attributes =
                new Attributes(node.attributes()).string(WHAT, why).string(ORIGIN, node.domain());
        return new Node(node.name(), DOMAIN, node.op(), node.inputs(), node.outputs(), attributes.build());
    }

    /** Whether a node stands for one that was refused for what was known of it. */
    static boolean isOperator(Node node) {
        return node.domain().equals(DOMAIN) && node.has(ORIGIN);
    }

    /** The node that was refused; the same object if none was. */
    static Node restored(Node node) {
        return isOperator(node)
                ? new Node(
                        node.name(),
                        node.string(ORIGIN, ""),
                        node.op(),
                        node.inputs(),
                        node.outputs(),
                        new Attributes(node.attributes())
                                .without(WHAT)
                                .without(ORIGIN)
                                .build())
                : node;
    }

    /** What takes the place of a constant. */
    static Node constant(TensorProto value) {
        return node(value.getName(), "initializer", String.valueOf(describe(value.getDataType())));
    }

    /** Why a node cannot be computed, if it is one of these; else null. */
    static @Nullable String reason(Node node) {
        return node.domain().equals(DOMAIN) ? node.string(WHAT, "a value is no tensor of numbers") : null;
    }

    /** What a type is, if it is no tensor of numbers; else null. */
    static @Nullable String describe(TypeProto type) {
        if (type.hasTensorType()) {
            return describe(type.getTensorType().getElemType());
        }
        return switch (type.getValueCase()) {
            case SEQUENCE_TYPE -> "a sequence";
            case MAP_TYPE -> "a map";
            case OPTIONAL_TYPE -> "an optional value";
            case SPARSE_TENSOR_TYPE -> "a sparse tensor";
            default -> "of no type";
        };
    }

    /** What a tensor's elements are, if no numbers; else null. */
    static @Nullable String describe(int elementType) {
        if (ElementType.isKnown(elementType)) {
            return null;
        }
        TensorProto.DataType known = TensorProto.DataType.forNumber(elementType);
        return "a tensor of element type " + (known == null ? "code " + elementType : known.name());
    }

    /** The graph without nodes that depend on such a value and that no output needs. */
    static Graph withoutUnneeded(Graph graph) {
        Set<String> touched = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (reason(node) != null || depends(node, touched)) {
                touched.addAll(node.outputs());
            }
        }
        if (touched.isEmpty()) {
            return graph;
        }
        Set<String> needed = new HashSet<>();
        graph.outputs().forEach(output -> needed.add(output.name()));
        List<Node> kept = new ArrayList<>();
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            Node node = graph.nodes().get(i);
            if (node.outputs().stream().anyMatch(needed::contains)
                    || node.outputs().stream().noneMatch(touched::contains)) {
                needed.addAll(node.inputs());
                needed.addAll(node.bodyNames());
                kept.add(node);
            }
        }
        Collections.reverse(kept);
        return new Graph(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                graph.initializers(),
                kept,
                graph.declared(),
                graph.metadata(),
                graph.notes());
    }

    private static boolean depends(Node node, Set<String> values) {
        return node.inputs().stream().anyMatch(values::contains)
                || node.bodyNames().stream().anyMatch(values::contains);
    }
}
