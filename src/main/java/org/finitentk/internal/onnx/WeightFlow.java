package org.finitentk.internal.onnx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * What the activations at each place of a graph have met so far, node by node in topological order, and what still lies
 * before them.
 */
final class WeightFlow {
    private static final State RAW = new State(Layer.NONE, Layer.NONE, "", null);

    /** The layer that made some activations. */
    enum Layer {
        /** No weight was met yet. */
        NONE,
        /** Its bias, if it has one, is still to come. */
        OPEN,
        /** It has its bias. */
        BIASED
    }

    /**
     * What is known of some activations.
     *
     * @param layer the last layer that they went through
     * @param maker what made them directly, but for their arrangement: {@code NONE} unless a node with a weight did, or
     *     an addition of what such nodes made
     * @param made the value as that node made it
     * @param follows an operator of a formula that they went through since the last weight; null if there is none
     */
    record State(
            Layer layer, Layer maker, String made, @Nullable String follows) {}

    private final Graph graph;
    private final ConstantValues values;
    private final LayerOperands layers;
    private final GraphLinks links;
    private final Map<String, State> states = new HashMap<>();
    /** Nodes that the differentiated output needs. */
    private final Set<Node> needed = new HashSet<>();
    /** Values on whose way to the differentiated output there is a layer. */
    private final Set<String> beforeLayers = new HashSet<>();

    WeightFlow(Graph graph, ConstantValues values, LayerOperands layers, GraphLinks links) {
        this.graph = graph;
        this.values = values;
        this.layers = layers;
        this.links = links;
        Set<String> wanted = new HashSet<>();
        output().ifPresent(wanted::add);
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            Node node = graph.nodes().get(i);
            if (node.outputs().stream().anyMatch(wanted::contains)) {
                needed.add(node);
                wanted.addAll(node.inputs());
                wanted.addAll(node.bodyNames());
                if (layers.isLayer(node)
                        || layers.normalizes(node)
                        || node.outputs().stream().anyMatch(beforeLayers::contains)) {
                    beforeLayers.addAll(node.inputs());
                }
            }
        }
    }

    private Optional<String> output() {
        return graph.outputs().stream()
                .filter(output -> output.type().isDifferentiable())
                .map(ValueInfo::name)
                .findFirst();
    }

    /** What the activations that go into a node have met, all of them together. */
    State before(Node node) {
        List<State> in = Stream.concat(node.inputs().stream(), node.bodyNames().stream())
                .filter(values::isActivation)
                .distinct()
                .map(name -> states.getOrDefault(name, RAW))
                .toList();
        if (in.size() == 1) {
            return in.get(0);
        }
        String follows = in.stream()
                .map(State::follows)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        Layer maker = OperatorTraits.of(node).has(Trait.ADDS) ? most(in.stream().map(State::maker)) : Layer.NONE;
        return new State(most(in.stream().map(State::layer)), maker, node.output(), follows);
    }

    /** A sum lacks a bias if one of its parts does; parts that met no layer do not count. */
    private static Layer most(Stream<Layer> layers) {
        Set<Layer> all = layers.collect(Collectors.toSet());
        return all.contains(Layer.OPEN) ? Layer.OPEN : all.contains(Layer.BIASED) ? Layer.BIASED : Layer.NONE;
    }

    /** Takes the next node in, of whose constants one is a weight or none. */
    void advance(Node node, boolean weighted) {
        State after = after(node, weighted);
        node.outputs().stream().filter(values::isActivation).forEach(output -> states.put(output, after));
    }

    private State after(Node node, boolean weighted) {
        State before = before(node);
        if (ConstantValues.arranges(node)) {
            return before;
        }
        Layer met = weighted && before.layer() == Layer.NONE ? Layer.OPEN : before.layer();
        if (layers.normalizes(node) || layers.standsForAnother(node)) {
            return new State(Layer.OPEN, Layer.NONE, "", before.follows());
        }
        if (layers.isLayer(node)) {
            Layer layer = layers.hasBias(node) ? Layer.BIASED : Layer.OPEN;
            return new State(node.op().equals("PRelu") ? met : layer, layer, node.output(), null);
        }
        OperatorTraits traits = OperatorTraits.of(node);
        boolean addition = traits.has(Trait.ADDS);
        if (weighted && (addition || traits.has(Trait.SUBTRACTS))) {
            boolean bias = before.maker() == Layer.OPEN;
            return new State(bias ? Layer.BIASED : met, bias ? Layer.BIASED : Layer.NONE, node.output(), null);
        }
        if (weighted) {
            boolean factor = traits.has(Trait.SCALES);
            return new State(met, factor ? Layer.OPEN : Layer.NONE, node.output(), factor ? null : before.follows());
        }
        boolean allMoving = node.inputs().stream().allMatch(values::isActivation);
        return new State(
                met,
                addition && allMoving ? before.maker() : Layer.NONE,
                node.output(),
                traits.has(Trait.FORMULA) ? node.op() : before.follows());
    }

    /** Whether a node acts on all that makes the differentiated output, and no layer comes after it. */
    boolean isLast(Node node) {
        if (beforeLayers.contains(node.output()) || !needed.contains(node)) {
            return false;
        }
        Set<String> region = new HashSet<>(Set.of(node.output()));
        for (Node next : graph.nodes()) {
            List<String> moving =
                    next.inputs().stream().filter(values::isActivation).toList();
            if (!needed.contains(next)
                    || OperatorTraits.of(next).has(Trait.TELLS_SIZES)
                    || moving.stream().noneMatch(region::contains)) {
                continue;
            }
            if (!next.op().equals("Concat") && !region.containsAll(moving)) {
                return false;
            }
            region.addAll(next.outputs());
        }
        return output().filter(region::contains).isPresent();
    }

    /**
     * Whether a node subtracts a constant from what is then divided by the root of another: a standardization that was
     * written out.
     */
    boolean isCentered(Node node) {
        return node.op().equals("Sub")
                && links.readersBehindArrangement(node.output()).stream()
                        .anyMatch(reader -> reader.inputs().stream().anyMatch(layers::isDeviation));
    }

    /** An operator of a formula that the output of a factor goes into; null if there is none. */
    @Nullable
    String formulaAhead(Node node) {
        return links.readersBehindArrangement(node.output()).stream()
                .map(Node::op)
                .filter("Erf"::equals)
                .findFirst()
                .orElse(null);
    }

    /** How many nodes take a value. */
    int readers(String value) {
        return links.readers(value).size();
    }
}
