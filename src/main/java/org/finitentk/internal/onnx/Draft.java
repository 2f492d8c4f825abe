package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/** A graph that is being brought into the form of graphs in memory: its nodes so far, and what is known of them. */
final class Draft {
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final OpenSizes sizes;
    /** Names that are taken: of values, of nodes, and those in bodies. */
    private final Set<String> names = new HashSet<>();
    /** Values that a node, a body or an output takes. */
    private final Set<String> used = new HashSet<>();

    private int counter;

    /** Takes in what a graph has beside its nodes, and keeps the names of all. */
    Draft(Graph graph) {
        sizes = new OpenSizes(graph.declared());
        graph.inputs().forEach(this::input);
        graph.initializers().forEach(this::initializer);
        graph.outputs().forEach(output -> used.add(output.name()));
        graph.nodes().forEach(this::reserve);
    }

    /** A body of a node in a graph: what that knows is known, and no name of that is free. */
    Draft(Draft around) {
        sizes = new OpenSizes(around.sizes);
        names.addAll(around.names);
    }

    /** Keeps the names of a node that will be added. */
    void reserve(Node node) {
        names.add(node.name());
        names.addAll(node.outputs());
        names.addAll(node.bodyNames());
        use(node);
    }

    /** Notes what a node takes. */
    void use(Node node) {
        used.addAll(node.inputs());
        used.addAll(node.bodyNames());
    }

    void use(String value) {
        used.add(value);
    }

    boolean isUsed(String value) {
        return used.contains(value);
    }

    private void input(ValueInfo info) {
        names.add(info.name());
        try {
            sizes.input(info);
        } catch (InvalidModelException e) {
            // too many open sizes: whoever needs this one's shape says so
            return;
        }
    }

    void initializer(String name, Tensor value) {
        names.add(name);
        initializers.put(name, value);
        sizes.constant(name, value);
    }

    /** Adds a node; its shape is taken note of, if it is easily known. */
    void add(Node node) {
        names.addAll(node.outputs());
        nodes.add(node);
        sizes.infer(node);
    }

    /** A name that nothing has. */
    String fresh(String hint) {
        String name;
        do {
            name = hint + "_" + counter++;
        } while (!names.add(name));
        return name;
    }

    /** A name that is taken as it is if it is free. */
    String own(String wanted) {
        return names.add(wanted) ? wanted : fresh(wanted);
    }

    String constant(String hint, Tensor value) {
        String name = fresh(hint);
        initializer(name, value);
        return name;
    }

    /** What is known of the values. */
    OpenSizes sizes() {
        return sizes;
    }

    /** What is known of a value; null if that is nothing. */
    @Nullable
    Value find(String name) {
        return sizes.find(name);
    }

    Map<String, Tensor> initializers() {
        return initializers;
    }

    List<Node> nodes() {
        return nodes;
    }

    Set<String> names() {
        return names;
    }

    /** Takes back the nodes from one on, and the constants that are not among those before. */
    void takeBack(int firstNode, Set<String> constants) {
        nodes.subList(firstNode, nodes.size()).clear();
        initializers.keySet().retainAll(constants);
    }
}
