package org.finitentk.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The bodies of If, Loop and Scan, which stay as they are in the file; they may use values of the graph around them.
 */
final class Subgraphs {
    private Subgraphs() {}

    /** Every name in a node's bodies: those that they take from the graph around them are among these. */
    static Set<String> names(Node node) {
        Set<String> names = new HashSet<>();
        forEach(node, graph -> collect(graph, names));
        return names;
    }

    private static void collect(GraphProto graph, Set<String> names) {
        graph.getInputList().forEach(i -> names.add(i.getName()));
        graph.getInitializerList().forEach(i -> names.add(i.getName()));
        graph.getOutputList().forEach(o -> names.add(o.getName()));
        for (NodeProto node : graph.getNodeList()) {
            names.addAll(node.getInputList());
            names.addAll(node.getOutputList());
            node.getAttributeList().forEach(a -> bodies(a, body -> collect(body, names)));
        }
    }

    /** The operator domains of a node and of everything in its bodies. */
    static Set<String> domains(Node node) {
        Set<String> domains = new HashSet<>(Set.of(node.domain()));
        forEach(node, graph -> collectDomains(graph, domains));
        return domains;
    }

    private static void collectDomains(GraphProto graph, Set<String> domains) {
        for (NodeProto node : graph.getNodeList()) {
            domains.add(node.getDomain().equals("ai.onnx") ? "" : node.getDomain());
            node.getAttributeList().forEach(a -> bodies(a, body -> collectDomains(body, domains)));
        }
    }

    private static void forEach(Node node, Consumer<GraphProto> action) {
        node.attributes().values().forEach(a -> bodies(a, action));
    }

    private static void bodies(AttributeProto attribute, Consumer<GraphProto> action) {
        if (attribute.hasG()) {
            action.accept(attribute.getG());
        }
        attribute.getGraphsList().forEach(action);
    }
}
