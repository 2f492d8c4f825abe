package org.finitentk.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A whole graph: immutable, nodes in topological order, standard operators at opset {@link #OPSET}.
 *
 * @param name graph name
 * @param inputs the inputs that a caller feeds (initializers are not among them)
 * @param outputs the outputs
 * @param initializers constants by name, in file order (Constant nodes of dense tensors are among them)
 * @param nodes operator calls, topologically sorted
 * @param declared what the file says about values in between, by name; used only where no shape can be inferred
 * @param metadata entries of the file's metadata that are meant for this library: those whose keys start with
 *     {@link NetworkNames#PREFIX}
 * @param notes what reading changed about the network as its file has it, a sentence each, for people
 */
public record Graph(
        String name,
        List<ValueInfo> inputs,
        List<ValueInfo> outputs,
        Map<String, Tensor> initializers,
        List<Node> nodes,
        Map<String, ValueInfo> declared,
        Map<String, String> metadata,
        List<String> notes) {
    /** The opset of every graph in memory and of every graph that we write. */
    public static final int OPSET = 21;

    /**
     * Copies the lists; the initializer map is wrapped unmodifiable and keeps its order.
     *
     * @param name graph name
     * @param inputs inputs
     * @param outputs outputs
     * @param initializers constants
     * @param nodes operator calls
     * @param declared what the file says about values in between
     * @param metadata what the file says to this library
     * @param notes what reading changed
     */
    public Graph {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
        nodes = List.copyOf(nodes);
        declared = Map.copyOf(declared);
        metadata = Map.copyOf(metadata);
        notes = List.copyOf(notes);
    }

    /**
     * The same with one more note.
     *
     * @param note a sentence
     * @return the noted graph
     */
    public Graph noting(String note) {
        List<String> all = new ArrayList<>(notes);
        all.add(note);
        return new Graph(name, inputs, outputs, initializers, nodes, declared, metadata, all);
    }

    /**
     * A graph without metadata.
     *
     * @param name graph name
     * @param inputs inputs
     * @param outputs outputs
     * @param initializers constants
     * @param nodes operator calls
     * @param declared what the file says about values in between
     */
    public Graph(
            String name,
            List<ValueInfo> inputs,
            List<ValueInfo> outputs,
            Map<String, Tensor> initializers,
            List<Node> nodes,
            Map<String, ValueInfo> declared) {
        this(name, inputs, outputs, initializers, nodes, declared, Map.of(), List.of());
    }

    /**
     * A graph of which nothing is declared but its inputs and outputs.
     *
     * @param name graph name
     * @param inputs inputs
     * @param outputs outputs
     * @param initializers constants
     * @param nodes operator calls
     */
    public Graph(
            String name,
            List<ValueInfo> inputs,
            List<ValueInfo> outputs,
            Map<String, Tensor> initializers,
            List<Node> nodes) {
        this(name, inputs, outputs, initializers, nodes, Map.of());
    }

    /**
     * The same graph with other contents.
     *
     * @param constants all of them
     * @param calls operator calls, topologically sorted
     * @return a graph of the same inputs and outputs
     */
    public Graph with(Map<String, Tensor> constants, List<Node> calls) {
        return new Graph(name, inputs, outputs, constants, calls, declared, metadata, notes);
    }

    /**
     * The same graph with other metadata.
     *
     * @param entries all of them
     * @return a graph of the same parts
     */
    public Graph withMetadata(Map<String, String> entries) {
        return new Graph(name, inputs, outputs, initializers, nodes, declared, entries, notes);
    }

    /**
     * The same graph with sizes for open axes of its inputs, and of what has axes of the same names.
     *
     * @param sized one for each input
     * @return a graph of the same nodes
     */
    public Graph withInputs(List<ValueInfo> sized) {
        Map<String, String> sizes = new HashMap<>();
        for (int i = 0; i < sized.size(); i++) {
            for (int axis = 0; axis < sized.get(i).dims().size(); axis++) {
                if (!inputs.get(i).isFixed(axis)) {
                    String own = inputs.get(i).dims().get(axis);
                    // two axes of one name may turn out to have two sizes
                    sizes.merge(own, sized.get(i).dims().get(axis), (a, b) -> a.equals(b) ? a : own);
                }
            }
        }
        Map<String, ValueInfo> inside = new HashMap<>();
        declared.forEach((value, info) -> inside.put(value, info.withDims(sizes)));
        return new Graph(
                name,
                sized,
                outputs.stream().map(output -> output.withDims(sizes)).toList(),
                initializers,
                nodes,
                inside,
                metadata,
                notes);
    }

    /**
     * The same without nodes and constants that no output needs.
     *
     * @return the smaller graph
     */
    public Graph withoutUnneeded() {
        Set<String> needed = new HashSet<>();
        outputs.forEach(output -> needed.add(output.name()));
        List<Node> kept = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (node.outputs().stream().anyMatch(needed::contains)) {
                needed.addAll(node.inputs());
                needed.addAll(node.bodyNames());
                kept.add(node);
            }
        }
        Collections.reverse(kept);
        Map<String, Tensor> used = new LinkedHashMap<>(initializers);
        used.keySet().retainAll(needed);
        return new Graph(name, inputs, outputs, used, kept, declared, metadata, notes);
    }

    /**
     * Whether anything is computed in float64.
     *
     * @return whether an input, an initializer or what a node makes has that type
     */
    public boolean hasDoubles() {
        return inputs.stream().anyMatch(input -> input.type() == ElementType.DOUBLE)
                || initializers.values().stream().anyMatch(tensor -> tensor.type() == ElementType.DOUBLE)
                || nodes.stream()
                        .anyMatch(node -> node.integer("to", 0) == ElementType.DOUBLE.code()
                                || node.integer("dtype", 0) == ElementType.DOUBLE.code());
    }
}
