package org.finitentk.finetune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.onnx.FloatOutput;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/** Puts trained parameters back into the network that they belong to. */
final class TrainedGraph {
    private TrainedGraph() {}

    /** See {@link FineTuning#graph}. */
    static Graph of(Graph graph, List<Parameter> layout, double[] parameters) {
        long expected = layout.stream().mapToLong(Parameter::size).sum();
        if (parameters.length != expected) {
            throw new IllegalArgumentException("the parameter vector has " + parameters.length + " elements; network '"
                    + graph.name() + "' expects " + expected);
        }
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        for (Parameter parameter : layout) {
            initializers.compute(parameter.name(), (name, old) -> replaced(graph, parameter, old, parameters));
        }
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, graph.nodes())
                .withMetadata(graph.metadata());
    }

    /** The same network with its output divided by a number. */
    static Graph divided(Graph graph, double divisor) {
        return followed(graph, "Div", "division", "divisor", divisor);
    }

    /** The same network with its output times a number, plus another. */
    static Graph scaled(Graph graph, double slope, double offset) {
        return followed(followed(graph, "Mul", "scaling", "slope", slope), "Add", "shift", "offset", offset);
    }

    /** The same network, of whose output and a constant an operator makes the new one. */
    private static Graph followed(Graph graph, String operator, String action, String constantName, double value) {
        ValueInfo output = FloatOutput.of(graph);
        String before = output.name() + "_before_" + action;
        String constant = output.name() + "_" + constantName;
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            nodes.add(node.renamed(name -> name.equals(output.name()) ? before : name));
        }
        nodes.add(new Node(
                output.name() + "_" + action,
                "",
                operator,
                List.of(before, constant),
                List.of(output.name()),
                Map.of()));
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        initializers.put(constant, Tensor.ofReals(output.type(), new double[] {value}));
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, nodes)
                .withMetadata(graph.metadata());
    }

    private static Tensor replaced(Graph graph, Parameter parameter, @Nullable Tensor old, double[] parameters) {
        if (old == null || old.size() != parameter.size()) {
            throw new IllegalArgumentException("network '" + graph.name() + "' has no initializer '" + parameter.name()
                    + "' of shape " + parameter.shape() + "; the parameters belong to another network");
        }
        int from = Math.toIntExact(parameter.offset());
        ElementType type = old.type();
        return Tensor.ofReals(type, Arrays.copyOfRange(parameters, from, from + (int) parameter.size()), old.shape());
    }
}
