package org.finitentk.internal.network;

import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.onnx.ShapeInference;
import org.finitentk.internal.onnx.Value;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.internal.runtime.Scratch;
import org.finitentk.network.Examples;
import org.finitentk.network.NotFiniteException;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Finds the example and the node that make a product NaN or infinite: the example is run again with all values in
 * between as outputs.
 */
final class NotFinite {
    private static final String OUTPUT_ADVICE =
            "expected a finite number, so look for extreme features in that example or for broken weights";
    private static final String JACOBIAN_ADVICE =
            "expected finite derivatives, so correct or remove that example, or keep the network away from "
                    + "where a derivative has no finite value "
                    + "(a root, logarithm or power at 0) and from what its precision cannot hold";
    private static final int BLOCK = 1 << 12;

    private final OpenNetwork network;
    private final Examples x;
    private final Function<Examples, double[]> forward;

    NotFinite(OpenNetwork network, Examples x, Function<Examples, double[]> forward) {
        this.network = network;
        this.x = x;
        this.forward = forward;
    }

    /** The place of the first number that is NaN or infinite, or -1. */
    static int first(double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                return i;
            }
        }
        return -1;
    }

    /** The same for a tensor. */
    static long first(Tensor tensor) {
        return switch (tensor.type()) {
            case FLOAT -> isFinite(tensor.data().asIntBuffer()) ? -1 : tensor.firstNotFinite();
            case DOUBLE -> isFinite(tensor.data().asLongBuffer()) ? -1 : tensor.firstNotFinite();
            default -> -1;
        };
    }

    /**
     * Without their sign, the bits of infinities and NaN are the largest; a loop over arrays takes several at a time.
     */
    private static boolean isFinite(IntBuffer values) {
        int[] block = new int[Math.min(BLOCK, values.remaining())];
        while (values.hasRemaining()) {
            int count = Math.min(block.length, values.remaining());
            values.get(block, 0, count);
            int largest = 0;
            for (int i = 0; i < count; i++) {
                largest = Math.max(largest, block[i] & Integer.MAX_VALUE);
            }
            if (largest >= Float.floatToRawIntBits(Float.POSITIVE_INFINITY)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isFinite(LongBuffer values) {
        while (values.hasRemaining()) {
            if ((values.get() & Long.MAX_VALUE) >= Double.doubleToRawLongBits(Double.POSITIVE_INFINITY)) {
                return false;
            }
        }
        return true;
    }

    /** Says that an output is not finite. */
    NotFiniteException output(int example, int output, double value) {
        String node = node(example, Product.FORWARD, null);
        return new NotFiniteException(
                "output " + output + " of network '" + network.graphs().name() + "' is " + value + " for example "
                        + x.position(example) + (node.isEmpty() ? "" : ", where " + node) + "; " + OUTPUT_ADVICE);
    }

    /** Says that a product with the Jacobian is not finite for an example. */
    NotFiniteException product(int example, Product product, double[] vector) {
        int k = network.outputSize();
        double[] f = forward.apply(x.slice(example, example + 1));
        int output = first(f);
        if (output >= 0) {
            return output(example, output, f[output]);
        }
        double[] own = product == Product.VJP ? Arrays.copyOfRange(vector, example * k, (example + 1) * k) : vector;
        String node = node(example, product, own);
        return new NotFiniteException(
                "the Jacobian of network '" + network.graphs().name() + "' is not finite for example "
                        + x.position(example) + (node.isEmpty() ? "" : ", where " + node) + "; " + JACOBIAN_ADVICE);
    }

    /** Says for which example Jᵀu is not finite. */
    NotFiniteException transposed(double[] u, BiFunction<Examples, double[], double[]> vjp) {
        int k = network.outputSize();
        int from = 0;
        int to = x.size();
        while (to - from > 1) {
            int middle = (from + to) >>> 1;
            if (first(vjp.apply(x.slice(from, middle), Arrays.copyOfRange(u, from * k, middle * k))) >= 0) {
                to = middle;
            } else if (first(vjp.apply(x.slice(middle, to), Arrays.copyOfRange(u, middle * k, to * k))) >= 0) {
                from = middle;
            } else {
                return new NotFiniteException(
                        "the sum of gradients of network '" + network.graphs().name() + "' over examples "
                                + x.position(from) + " to " + x.position(to - 1)
                                + " leaves the range of its precision, and each half of it does not; "
                                + "expected smaller cotangents or gradients");
            }
        }
        return product(from, Product.VJP, u);
    }

    /**
     * What a node gives that has finite inputs and another output, or nothing if there is none in a run of one example.
     */
    private String node(int example, Product product, double @Nullable [] vector) {
        try {
            Graph graph = network.isMoved()
                    ? network.graphs().graphAt(product)
                    : network.graphs().graph(product);
            Map<String, Tensor> values = values(graph, example, product, vector);
            Node found = culprit(graph, values);
            return found == null ? "" : describe(graph, found, values);
        } catch (IllegalArgumentException | IllegalStateException e) {
            // a graph whose values in between cannot be told: the example is what can be said
            return "";
        }
    }

    private Map<String, Tensor> values(Graph graph, int example, Product product, double @Nullable [] vector) {
        Examples one = network.chunk(x.slice(example, example + 1), 0, 1);
        Map<String, Tensor> feeds = new HashMap<>(one.inputs());
        feeds.putAll(network.movedParameters(graph.inputs()));
        try (Scratch scratch = network.scratch();
                GraphRunner runner = new GraphRunner(
                        Linearization.runnable(withAllValues(graph)),
                        network.sessions().runSettings())) {
            if (vector != null) {
                long[] shape = product == Product.VJP
                        ? new long[] {one.size(), network.outputSize()}
                        : new long[] {vector.length};
                feeds.put(product.vector(), network.vector(vector, 0, vector.length, shape, scratch));
            }
            Map<String, Tensor> values = new HashMap<>(feeds);
            values.putAll(graph.initializers());
            values.putAll(runner.run(feeds));
            return values;
        }
    }

    private static Graph withAllValues(Graph graph) {
        ShapeInference shapes = ShapeInference.of(graph);
        Map<String, ValueInfo> outputs = new LinkedHashMap<>();
        graph.outputs().forEach(output -> outputs.put(output.name(), output));
        for (Node node : graph.nodes()) {
            for (String name : node.outputs()) {
                Value value = name.isEmpty() ? null : shapes.find(name);
                if (value != null && value.type().isDifferentiable()) {
                    List<String> dims = new ArrayList<>();
                    for (int i = 0; i < value.rank(); i++) {
                        dims.add(name + "_axis" + i);
                    }
                    outputs.putIfAbsent(name, new ValueInfo(name, value.type(), dims));
                }
            }
        }
        return new Graph(
                graph.name() + "_values",
                graph.inputs(),
                List.copyOf(outputs.values()),
                graph.initializers(),
                graph.nodes(),
                graph.declared());
    }

    /**
     * From the graph's outputs back along what is not finite, as far as that goes. Infinities that were given, as a
     * mask's are, are not what is looked for.
     */
    private static @Nullable Node culprit(Graph graph, Map<String, Tensor> values) {
        Map<String, Node> makers = makers(graph);
        String at = graph.outputs().stream()
                .map(ValueInfo::name)
                .filter(name -> isBroken(name, values))
                .reduce((one, other) -> other)
                .orElse(null);
        Node maker = at == null ? null : makers.get(at);
        while (maker != null) {
            Node before = null;
            for (String input : maker.inputs()) {
                boolean made = isBroken(input, values) && makers.containsKey(input);
                before = made && before == null ? makers.get(input) : before;
            }
            if (before == null) {
                return maker;
            }
            maker = before;
        }
        return null;
    }

    private static Map<String, Node> makers(Graph graph) {
        Map<String, Node> makers = new HashMap<>();
        graph.nodes().forEach(node -> node.outputs().forEach(output -> makers.put(output, node)));
        return makers;
    }

    private static boolean isBroken(String name, Map<String, Tensor> values) {
        Tensor tensor = values.get(name);
        return tensor != null && first(tensor) >= 0;
    }

    /**
     * Derivatives are made of nodes that the user has not seen: the one they are of stands before them, or before what
     * they are made from.
     */
    private String describe(Graph graph, Node found, Map<String, Tensor> values) {
        String value = found.outputs().stream()
                .map(values::get)
                .filter(tensor -> tensor != null && first(tensor) >= 0)
                .map(tensor -> Double.toString(number(tensor, first(tensor))))
                .findFirst()
                .orElse("not finite");
        Linearization linearization = network.graphs().linearization();
        if (linearization == null) {
            return found.describe() + " of graph '" + graph.name() + "' gives " + value;
        }
        Map<String, Node> own = new HashMap<>();
        linearization.source().nodes().forEach(node -> node.outputs().forEach(output -> own.put(output, node)));
        Map<Node, Node> sourceOf = new HashMap<>();
        Node current = null;
        int last = -1;
        for (int i = 0; i < graph.nodes().size(); i++) {
            last = source(graph.nodes().get(i), own) != null ? i : last;
        }
        for (int i = 0; i <= last; i++) {
            Node source = source(graph.nodes().get(i), own);
            current = source != null ? source : current;
            if (current != null) {
                sourceOf.put(graph.nodes().get(i), current);
            }
        }
        Node of = nearest(found, sourceOf, makers(graph), linearization.source().nodes());
        if (of == null) {
            return "a derivative is " + value;
        }
        return source(found, own) != null
                ? of.describe() + " gives " + value
                : "the derivative of " + of.describe() + " is " + value;
    }

    private static double number(Tensor tensor, long at) {
        return tensor.type() == ElementType.FLOAT
                ? tensor.data().asFloatBuffer().get((int) at)
                : tensor.data().asDoubleBuffer().get((int) at);
    }

    /** The user's node of which a node of a derived graph is a copy or a part, or null. */
    private static @Nullable Node source(Node node, Map<String, Node> own) {
        for (String output : node.outputs()) {
            Node source = own.get(output);
            if (source != null) {
                return source;
            }
        }
        int slash = node.name().lastIndexOf('/');
        String owner = slash < 0 ? "" : node.name().substring(0, slash);
        return owner.isEmpty()
                ? null
                : own.values().stream()
                        .filter(source -> source.name().equals(owner))
                        .findFirst()
                        .orElse(null);
    }

    /**
     * The source of a node, or of the nearest that it is made from; of several equally near ones the last, since a
     * derivative multiplies what came before it by its own factor.
     */
    private static @Nullable Node nearest(
            Node found, Map<Node, Node> sourceOf, Map<String, Node> makers, List<Node> order) {
        List<Node> level = List.of(found);
        Set<Node> seen = new HashSet<>(level);
        while (!level.isEmpty()) {
            Node last = level.stream()
                    .map(sourceOf::get)
                    .filter(Objects::nonNull)
                    .max(Comparator.comparingInt(order::indexOf))
                    .orElse(null);
            if (last != null) {
                return last;
            }
            level = level.stream()
                    .flatMap(node -> node.inputs().stream())
                    .map(makers::get)
                    .filter(maker -> maker != null && seen.add(maker))
                    .toList();
        }
        return null;
    }
}
