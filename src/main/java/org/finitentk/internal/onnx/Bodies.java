package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.finitentk.onnx.Node;

/** The bodies of If, Loop and Scan as a file has them. */
final class Bodies {
    private Bodies() {}

    /** A node's attributes with its bodies in another form. */
    static Map<String, AttributeProto> changed(Node node, UnaryOperator<GraphProto> change) {
        Map<String, AttributeProto> attributes = new LinkedHashMap<>(node.attributes());
        attributes.replaceAll((key, attribute) -> changed(attribute, change));
        return attributes;
    }

    /** An attribute with its bodies, if it has any, in another form. */
    static AttributeProto changed(AttributeProto attribute, UnaryOperator<GraphProto> change) {
        if (!attribute.hasG() && attribute.getGraphsCount() == 0) {
            return attribute;
        }
        AttributeProto.Builder changed = attribute.toBuilder();
        if (attribute.hasG()) {
            changed.setG(change.apply(attribute.getG()));
        }
        for (int i = 0; i < attribute.getGraphsCount(); i++) {
            changed.setGraphs(i, change.apply(attribute.getGraphs(i)));
        }
        return changed.build();
    }

    /** The names that a body gives to values of its own. */
    static Set<String> own(GraphProto body) {
        Set<String> own = new HashSet<>();
        body.getInputList().forEach(i -> own.add(i.getName()));
        body.getInitializerList().forEach(i -> own.add(i.getName()));
        body.getSparseInitializerList().forEach(i -> own.add(i.getValues().getName()));
        body.getNodeList().forEach(n -> own.addAll(n.getOutputList()));
        own.remove("");
        return own;
    }

    /** How many nodes a body has, those of bodies inside among them. */
    static int size(GraphProto body) {
        int size = 0;
        for (NodeProto node : body.getNodeList()) {
            size++;
            for (AttributeProto attribute : node.getAttributeList()) {
                int[] inside = new int[1];
                of(attribute, b -> inside[0] += size(b));
                size += inside[0];
            }
        }
        return size;
    }

    /** Shows all bodies of an attribute. */
    static void of(AttributeProto attribute, Consumer<GraphProto> action) {
        if (attribute.hasG()) {
            action.accept(attribute.getG());
        }
        attribute.getGraphsList().forEach(action);
    }
}
