package org.finitentk.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashSet;
import java.util.Set;

/** Names that the bodies of If, Loop and Scan may take from the graph around them. */
final class Subgraphs {
    private Subgraphs() {
    }

    static Set<String> outerNames(Node node) {
        Set<String> names = new HashSet<>();
        for (AttributeProto attribute : node.attributes().values()) {
            if (attribute.hasG()) {
                collect(attribute.getG(), names);
            }
            attribute.getGraphsList().forEach(g -> collect(g, names));
        }
        return names;
    }

    private static void collect(GraphProto graph, Set<String> names) {
        for (NodeProto node : graph.getNodeList()) {
            names.addAll(node.getInputList());
            for (AttributeProto attribute : node.getAttributeList()) {
                if (attribute.hasG()) {
                    collect(attribute.getG(), names);
                }
            }
        }
        graph.getOutputList().forEach(o -> names.add(o.getName()));
    }
}
