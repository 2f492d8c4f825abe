package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What the values of a graph are made of: which of them change with the numbers that go in (activations), and of which
 * float constants the others are made. Sizes of the inputs make no activation, so that a class token that is expanded
 * to the size of the batch is still a constant.
 */
final class ConstantValues {
    /** What became of a constant on its way, from the least to the most. */
    enum Form {
        /** All of it, perhaps arranged otherwise. */
        WHOLE,
        /** Some of its elements, or several copies of them. */
        PART,
        /** A function of each element. */
        FUNCTION,
        /** Computed from it and other constants. */
        COMPUTED,
        /** The root of it and a small number: what a variance is divided by. */
        DEVIATION
    }

    /**
     * A float constant that a value is made of.
     *
     * @param name the initializer
     * @param form what became of it
     * @param expanded whether it was expanded to a larger shape
     */
    record Source(String name, Form form, boolean expanded) {
        private Source as(Form later, boolean expands) {
            return new Source(name, later.compareTo(form) > 0 ? later : form, expanded || expands);
        }
    }

    private final Graph graph;
    private final Set<String> activations = new HashSet<>();
    private final Map<String, List<Source>> sources = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();
    /** Constants in the order in which nodes use them for more than another arrangement. */
    private final Map<String, Node> firstUses = new LinkedHashMap<>();

    private final Set<String> running = new HashSet<>();

    ConstantValues(Graph graph) {
        this.graph = graph;
        graph.inputs().forEach(input -> activations.add(input.name()));
        graph.initializers().forEach((name, tensor) -> {
            if (tensor.type().isDifferentiable()) {
                sources.put(name, List.of(new Source(name, Form.WHOLE, false)));
            }
        });
        graph.nodes().forEach(this::add);
    }

    static boolean arranges(Node node) {
        return OperatorTraits.of(node).has(Trait.ARRANGES);
    }

    private void add(Node node) {
        if (arranges(node)) {
            List<Source> same = sources(node.input(0));
            if (!same.isEmpty()) {
                sources.put(node.output(), same);
            }
        } else {
            node.inputs().forEach(name -> use(node, name));
            if (node.domain().isEmpty() && node.op().equals("BatchNormalization")) {
                List.of(node.input(3), node.input(4))
                        .forEach(name -> sources(name).forEach(source -> running.add(source.name())));
            }
        }
        boolean moving = node.inputs().stream().anyMatch(activations::contains)
                || node.bodyNames().stream().anyMatch(activations::contains);
        boolean size = OperatorTraits.of(node).has(Trait.TELLS_SIZES);
        if (moving && !size) {
            node.outputs().stream().filter(output -> !output.isEmpty()).forEach(activations::add);
        } else if (!arranges(node) && !size) {
            List<Source> made = made(node);
            node.outputs().forEach(output -> sources.put(output, made));
        }
    }

    private void use(Node node, String name) {
        for (Source source : sources(name)) {
            firstUses.putIfAbsent(source.name(), node);
            if (source.form() == Form.WHOLE) {
                uses.merge(source.name(), 1, Integer::sum);
            }
        }
    }

    /** What constants a node computes a constant from. Scalars of a formula end in it. */
    private List<Source> made(Node node) {
        OperatorTraits traits = OperatorTraits.of(node);
        List<String> given =
                node.inputs().stream().filter(name -> !name.isEmpty()).toList();
        List<Source> made = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            for (Source source : sources(node.input(i))) {
                boolean scalar = constant(source).size() == 1;
                if (traits.has(Trait.PARTS)) {
                    made.add(source.as(Form.PART, traits.has(Trait.REPEATS)));
                } else if (given.size() == 1) {
                    made.add(source.as(
                            node.op().equals("Sqrt") && isSumWithScalar(given.get(0)) ? Form.DEVIATION : Form.FUNCTION,
                            false));
                } else if (!scalar) {
                    made.add(source.as(Form.COMPUTED, false));
                }
            }
        }
        return made.stream().distinct().toList();
    }

    private boolean isSumWithScalar(String value) {
        for (Node node : graph.nodes()) {
            if (node.op().equals("Add") && node.output().equals(value)) {
                return node.inputs().stream()
                        .anyMatch(name -> sources(name).stream()
                                .anyMatch(source -> constant(source).size() == 1));
            }
        }
        return false;
    }

    Tensor constant(Source source) {
        return Objects.requireNonNull(graph.initializers().get(source.name()), source.name());
    }

    /** An initializer by its own name; null if the value is none. */
    @Nullable
    Tensor initializer(String value) {
        return graph.initializers().get(value);
    }

    boolean isActivation(String value) {
        return activations.contains(value);
    }

    /** The float constants that a value is made of; none for activations. */
    List<Source> sources(String value) {
        return sources.getOrDefault(value, List.of());
    }

    /** How many inputs of nodes take a constant as it is, but for its arrangement. */
    int uses(String constant) {
        return uses.getOrDefault(constant, 0);
    }

    /** Float constants that nodes use, each with its first user, in this order. */
    Map<String, Node> firstUses() {
        return firstUses;
    }

    /** Running means and variances of BatchNormalization. */
    Set<String> running() {
        return running;
    }
}
