package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** Puts the nodes and constants of a function or a body into the graph around it, under names that are free there. */
final class Inlining {
    private final Draft draft;
    private final TensorReader tensors;
    /** Names that one value of one body has and none of the graph around; null where the nodes are of a function. */
    private final @Nullable Set<String> bodyNames;

    /** What stands before a name that is taken. */
    private final String prefix;

    private Inlining(Draft draft, TensorReader tensors, @Nullable Set<String> bodyNames, String prefix) {
        this.draft = draft;
        this.tensors = tensors;
        this.bodyNames = bodyNames;
        this.prefix = prefix;
    }

    static Inlining ofBody(Draft draft, TensorReader tensors, Set<String> bodyNames, String prefix) {
        return new Inlining(draft, tensors, bodyNames, prefix);
    }

    static Inlining ofFunction(Draft draft, TensorReader tensors, String prefix) {
        return new Inlining(draft, tensors, null, prefix);
    }

    /** Names that occur once in the bodies of a graph's nodes, of two branches in one or both, and not in the graph. */
    static Set<String> bodyNames(Graph graph) {
        Map<String, Integer> defined = new HashMap<>();
        graph.nodes().forEach(node -> add(defined, ofBodies(node.attributes().values())));
        Set<String> once = defined.entrySet().stream()
                .filter(entry -> entry.getValue() == 1)
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(HashSet::new));
        once.removeAll(graph.initializers().keySet());
        graph.inputs().forEach(input -> once.remove(input.name()));
        graph.nodes().forEach(node -> node.outputs().forEach(once::remove));
        return once;
    }

    /** How often names occur in the bodies of one node, of which one at most will be taken. */
    private static Map<String, Integer> ofBodies(Collection<AttributeProto> attributes) {
        Map<String, Integer> most = new HashMap<>();
        attributes.forEach(attribute -> Bodies.of(
                attribute, body -> ofBody(body).forEach((name, count) -> most.merge(name, count, Math::max))));
        return most;
    }

    private static Map<String, Integer> ofBody(GraphProto body) {
        Map<String, Integer> all = new HashMap<>();
        Bodies.own(body).forEach(name -> all.put(name, 1));
        body.getNodeList().forEach(node -> add(all, ofBodies(node.getAttributeList())));
        return all;
    }

    private static void add(Map<String, Integer> to, Map<String, Integer> more) {
        more.forEach((name, count) -> to.merge(name, count, Integer::sum));
    }

    private String claim(String inner) {
        if (bodyNames != null && bodyNames.remove(inner)) {
            return inner;
        }
        return draft.names().add(inner) ? inner : draft.own(prefix + inner);
    }

    /** A body without its constants and those of bodies inside, which become the graph's: one for all who take them. */
    GraphProto lifted(GraphProto body) {
        return lifted(body, Map.of());
    }

    private GraphProto lifted(GraphProto body, Map<String, String> around) {
        Map<String, String> names = new HashMap<>(around);
        Bodies.own(body).forEach(names::remove);
        GraphProto.Builder rest = body.toBuilder()
                .clearInitializer()
                .clearSparseInitializer()
                .clearNode()
                .clearOutput();
        for (TensorProto initializer : body.getInitializerList()) {
            if (TensorReader.isReadable(initializer)) {
                lift(initializer.getName(), tensors.read(initializer), names);
            } else {
                rest.addNode(Unreadable.constant(initializer).toProto());
            }
        }
        body.getSparseInitializerList()
                .forEach(sparse -> lift(sparse.getValues().getName(), SparseTensors.dense(sparse, tensors), names));
        List<NodeProto> nodes = new ArrayList<>();
        for (NodeProto node : body.getNodeList()) {
            Tensor constant = isConstant(node) ? tensors.constant(Node.of(node)) : null;
            if (constant == null) {
                nodes.add(node);
            } else {
                lift(node.getOutput(0), constant.asConstantNode(), names);
            }
        }
        nodes.forEach(node -> rest.addNode(renamed(node, names, inside -> lifted(inside, names))));
        body.getOutputList()
                .forEach(output -> rest.addOutput(
                        output.toBuilder().setName(names.getOrDefault(output.getName(), output.getName()))));
        return rest.build();
    }

    private static boolean isConstant(NodeProto node) {
        return node.getOpType().equals("Constant")
                && (node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx"))
                && node.getOutputCount() == 1
                && !LocalFunctions.refers(node);
    }

    private void lift(String name, Tensor value, Map<String, String> names) {
        String own = claim(name);
        ElementType type = value.type();
        draft.initializer(own, type == type.computed() ? value : value.converted(type.computed()));
        names.put(name, own);
    }

    /**
     * Nodes in the names of the graph.
     *
     * @param nodes those of the body
     * @param names what its values are in the graph, as far as that is settled; those that its nodes make are added
     */
    List<Node> nodes(List<NodeProto> nodes, Map<String, String> names) {
        for (NodeProto node : nodes) {
            for (String output : node.getOutputList()) {
                if (!output.isEmpty() && !names.containsKey(output)) {
                    names.put(output, claim(output));
                }
            }
        }
        List<Node> renamed = new ArrayList<>();
        for (NodeProto proto : nodes) {
            Node node = Node.of(renamed(proto, names, body -> renamed(body, names)));
            renamed.add(new Node(
                    prefix + node.name(),
                    node.domain(),
                    node.op(),
                    node.inputs(),
                    proto.getOutputList().stream()
                            .map(output -> names.getOrDefault(output, output))
                            .toList(),
                    node.attributes()));
        }
        renamed.forEach(draft::reserve);
        return renamed;
    }

    private static NodeProto renamed(
            NodeProto node, Map<String, String> names, java.util.function.UnaryOperator<GraphProto> body) {
        NodeProto.Builder renamed = node.toBuilder().clearInput().clearAttribute();
        node.getInputList().forEach(input -> renamed.addInput(names.getOrDefault(input, input)));
        node.getAttributeList().forEach(attribute -> renamed.addAttribute(Bodies.changed(attribute, body)));
        return renamed.build();
    }

    /** A body inside that takes values under other names; a function's own names give way to those of the graph. */
    private GraphProto renamed(GraphProto body, Map<String, String> around) {
        Map<String, String> names = new HashMap<>(around);
        for (String own : Bodies.own(body)) {
            if (bodyNames != null || draft.names().add(own)) {
                names.remove(own);
            } else {
                names.put(own, draft.fresh(own));
            }
        }
        GraphProto.Builder renamed = body.toBuilder().clearNode();
        for (int i = 0; i < body.getInputCount(); i++) {
            String name = body.getInput(i).getName();
            renamed.getInputBuilder(i).setName(names.getOrDefault(name, name));
        }
        for (int i = 0; i < body.getInitializerCount(); i++) {
            String name = body.getInitializer(i).getName();
            renamed.getInitializerBuilder(i).setName(names.getOrDefault(name, name));
        }
        for (int i = 0; i < body.getOutputCount(); i++) {
            String name = body.getOutput(i).getName();
            renamed.getOutputBuilder(i).setName(names.getOrDefault(name, name));
        }
        for (NodeProto node : body.getNodeList()) {
            NodeProto.Builder inside = renamed(node, names, b -> renamed(b, names)).toBuilder();
            for (int i = 0; i < inside.getOutputCount(); i++) {
                inside.setOutput(i, names.getOrDefault(inside.getOutput(i), inside.getOutput(i)));
            }
            renamed.addNode(inside);
        }
        return renamed.build();
    }
}
