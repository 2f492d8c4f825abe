package org.finitentk.finetune;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.internal.onnx.FloatOutput;
import org.finitentk.internal.onnx.OperatorTraits;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.internal.onnx.ParameterChoice;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;

/**
 * Finds a network's last layer, for training or linearizing that alone.
 *
 * <p>The rule: walk back from the first float output. Every node's parameters are taken, and on each path the walk ends
 * behind the first node that contracts activations with weights: Gemm, MatMul, Conv, ConvTranspose, Einsum, a recurrent
 * operator, or an embedding's Gather. So a MatMul's separate bias, and scales after the last weights, belong to the
 * last layer; where two branches are added at the end, the last layer of each does. Of these, the selected ones are
 * kept: if the last layer's weights are excluded, an earlier layer does not take their place. Weights that are used
 * elsewhere too (tied ones) move there as well.
 */
final class LastLayer {
    private final Graph graph;
    private final Set<String> parameters;
    private final Map<String, Node> producers = new HashMap<>();
    /** Values that change with the network's inputs. */
    private final Set<String> activations = new HashSet<>();

    private final Set<String> found = new LinkedHashSet<>();

    private LastLayer(Graph graph, Set<String> parameters) {
        this.graph = graph;
        this.parameters = parameters;
    }

    /**
     * Narrows a selection to the last layer.
     *
     * @param graph the network
     * @param selection which initializers count as parameters
     * @return a selection of the last layer's parameters by their exact names
     * @throws InvalidModelException if nothing is selected, or no selected parameter is in the last layer
     */
    static ParameterSelection of(Graph graph, ParameterSelection selection) {
        Set<String> names = ParameterChoice.of(graph, selection).stream()
                .map(Parameter::name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Set<String> last = new LastLayer(graph, names).find();
        if (last.isEmpty()) {
            throw new InvalidModelException("none of the " + names.size() + " selected parameters of graph '"
                    + graph.name() + "' is in its last layer; widen the selection (include, exclude)");
        }
        return ParameterSelection.exactly(names.stream().filter(last::contains).toList());
    }

    private Set<String> find() {
        graph.inputs().forEach(input -> activations.add(input.name()));
        for (Node node : graph.nodes()) {
            node.outputs().forEach(output -> producers.put(output, node));
            // a bias that is expanded to the size of a layer is not behind it
            if (!OperatorTraits.of(node).has(Trait.TELLS_SIZES)
                    && node.inputs().stream().anyMatch(activations::contains)) {
                activations.addAll(node.outputs());
            }
        }
        activations.remove("");
        walk(FloatOutput.of(graph).name());
        return found;
    }

    private void walk(String from) {
        Deque<String> open = new ArrayDeque<>(List.of(from));
        Set<String> seen = new HashSet<>(open);
        while (!open.isEmpty()) {
            Node node = producers.get(open.pop());
            if (node == null) {
                continue;
            }
            node.inputs().stream().filter(input -> !activations.contains(input)).forEach(this::takeParameters);
            if (!endsPath(node)) {
                node.inputs().stream()
                        .filter(activations::contains)
                        .filter(seen::add)
                        .forEach(open::push);
            }
        }
    }

    /** Whether weights meet activations here; they may be weights that are not selected. */
    private boolean endsPath(Node node) {
        boolean constantData = !activations.contains(node.input(0));
        boolean constantWeight = node.hasInput(1) && !activations.contains(node.input(1));
        OperatorTraits traits = OperatorTraits.of(node);
        if (traits.hasAnyOperand()) {
            return !activations.containsAll(node.inputs());
        }
        // A Gather with constant indices only picks activations, e.g. the first token's.
        return traits.has(Trait.CONTRACTS) && (constantData || constantWeight && !traits.has(Trait.LOOKS_UP));
    }

    /** Takes the parameters that a value is computed from which does not change with the inputs. */
    private void takeParameters(String value) {
        if (activations.contains(value)) {
            // only its size is used
            return;
        }
        if (parameters.contains(value)) {
            found.add(value);
        }
        Node node = producers.get(value);
        if (node != null) {
            node.inputs().forEach(this::takeParameters);
        }
    }
}
