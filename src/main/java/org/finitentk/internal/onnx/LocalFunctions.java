package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/** The functions that a model file defines in nodes: operators of its own. Those that nobody calls do not matter. */
final class LocalFunctions {
    private final Map<String, FunctionProto> functions = new HashMap<>();
    private final long modelOpset;

    LocalFunctions(List<FunctionProto> all, long modelOpset) {
        this.modelOpset = modelOpset;
        for (FunctionProto function : all) {
            functions.putIfAbsent(key(function.getDomain(), function.getName(), function.getOverload()), function);
        }
    }

    private static String key(String domain, String name, String overload) {
        return (domain.equals("ai.onnx") ? "" : domain) + "\n" + name + "\n" + overload;
    }

    /** The function that a node calls; null if it calls none. */
    @Nullable
    FunctionProto find(Node node) {
        return functions.get(key(node.domain(), node.op(), node.string(Node.OVERLOAD, "")));
    }

    /** The standard operators' opset in a function's nodes. */
    long opset(FunctionProto function, Node call) {
        long opset = function.getOpsetImportList().stream()
                .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
                .mapToLong(OperatorSetIdProto::getVersion)
                .findFirst()
                .orElse(modelOpset);
        if (opset < OpsetNormalizer.OLDEST_OPSET || opset > OpsetNormalizer.NEWEST_OPSET) {
            throw new InvalidModelException(call.describe() + " calls a function that uses opset " + opset
                    + "; expected " + OpsetNormalizer.OLDEST_OPSET + " to " + OpsetNormalizer.NEWEST_OPSET);
        }
        return opset;
    }

    /**
     * A function's nodes with the attributes of a call, or what the function gives where the call has none.
     *
     * @param nodes the function's, in which references to attributes are still open
     */
    static List<NodeProto> withAttributes(FunctionProto function, List<NodeProto> nodes, Node call) {
        Map<String, AttributeProto> given = new HashMap<>();
        function.getAttributeProtoList().forEach(a -> given.put(a.getName(), a));
        given.putAll(call.attributes());
        return nodes.stream()
                .map(node -> Retyping.widened(withAttributes(node, given)))
                .toList();
    }

    /** Whether a node takes an attribute from the call of the function that it is in. */
    static boolean refers(NodeProto node) {
        return node.getAttributeList().stream()
                .anyMatch(attribute -> !attribute.getRefAttrName().isEmpty());
    }

    private static NodeProto withAttributes(NodeProto node, Map<String, AttributeProto> given) {
        NodeProto.Builder changed = node.toBuilder().clearAttribute();
        for (AttributeProto attribute : node.getAttributeList()) {
            String reference = attribute.getRefAttrName();
            AttributeProto referred = reference.isEmpty() ? attribute : given.get(reference);
            if (referred != null) {
                AttributeProto own = Bodies.changed(referred, body -> withAttributes(body, given));
                changed.addAttribute(own.toBuilder().setName(attribute.getName()));
            }
        }
        return changed.build();
    }

    private static GraphProto withAttributes(GraphProto body, Map<String, AttributeProto> given) {
        GraphProto.Builder changed = body.toBuilder().clearNode();
        body.getNodeList().forEach(node -> changed.addNode(withAttributes(node, given)));
        return changed.build();
    }
}
