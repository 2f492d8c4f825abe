package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/** Which node makes each value of a graph, and which nodes take it. */
final class GraphLinks {
    private final Map<String, Node> producers = new HashMap<>();
    private final Map<String, List<Node>> readers = new HashMap<>();

    GraphLinks(Graph graph) {
        for (Node node : graph.nodes()) {
            node.outputs().forEach(output -> producers.put(output, node));
            node.inputs().stream()
                    .distinct()
                    .forEach(input -> readers.computeIfAbsent(input, name -> new ArrayList<>())
                            .add(node));
        }
    }

    /** The node that makes a value; null for inputs and initializers. */
    @Nullable
    Node producer(String value) {
        return producers.get(value);
    }

    /** The nodes that take a value. */
    List<Node> readers(String value) {
        return readers.getOrDefault(value, List.of());
    }

    /** The nodes that take a value, arranged otherwise or not. */
    List<Node> readersBehindArrangement(String value) {
        List<Node> found = new ArrayList<>();
        for (Node reader : readers(value)) {
            if (ConstantValues.arranges(reader) && reader.input(0).equals(value)) {
                found.addAll(readersBehindArrangement(reader.output()));
            } else {
                found.add(reader);
            }
        }
        return found;
    }
}
