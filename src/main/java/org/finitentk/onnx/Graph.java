package org.finitentk.onnx;

import java.util.List;
import java.util.Map;

/**
 * A whole graph: immutable, nodes in topological order, standard operators at opset {@link #OPSET}.
 *
 * @param name graph name
 * @param inputs the inputs that a caller feeds (initializers are not among them)
 * @param outputs the outputs
 * @param initializers constants by name, in file order (Constant nodes of dense tensors are among them)
 * @param nodes operator calls, topologically sorted
 * @param declared what the file says about values in between, by name; used only where no shape can be inferred
 */
public record Graph(String name, List<ValueInfo> inputs, List<ValueInfo> outputs, Map<String, Tensor> initializers,
                    List<Node> nodes, Map<String, ValueInfo> declared) {
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
     */
    public Graph {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        initializers = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(initializers));
        nodes = List.copyOf(nodes);
        declared = Map.copyOf(declared);
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
    public Graph(String name, List<ValueInfo> inputs, List<ValueInfo> outputs, Map<String, Tensor> initializers, List<Node> nodes) {
        this(name, inputs, outputs, initializers, nodes, Map.of());
    }
}
