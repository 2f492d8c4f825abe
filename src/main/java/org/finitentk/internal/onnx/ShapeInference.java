package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Types and shapes of a graph's values with dynamic dimensions (see {@link Shape}), node by node. Small integer
 * arithmetic on shapes (Shape, Gather, Concat, … into Reshape) is computed on the way.
 */
public final class ShapeInference {
    /** Larger constants are never read: shape arithmetic is on small vectors. */
    private static final int KNOWN_LIMIT = 1024;
    /** Sample sizes of symbolic dimensions; the first pair is the batch. Large enough for kernels and pools to fit. */
    private static final long[][] PRIMES = {
        {101, 103}, {211, 223}, {307, 311}, {401, 409}, {503, 509}, {601, 607}, {701, 709}
    };

    private final Map<String, long[]> symbols = new HashMap<>();
    private final Map<String, Value> values = new LinkedHashMap<>();
    private final Map<String, ValueInfo> declared = new HashMap<>();

    /** Why nothing is known of values, a sentence each. */
    private final Map<String, String> culprits = new HashMap<>();

    private final long[][] samples;

    /** Starts with no values. */
    public ShapeInference() {
        this(PRIMES[0]);
    }

    /** The same with other sample sizes of the first symbolic dimension. */
    ShapeInference(long[] first) {
        samples = PRIMES.clone();
        samples[0] = first;
    }

    /**
     * Infers a whole graph. Values of operators without a shape rule stay unknown.
     *
     * @param graph a normalized graph
     * @return the inference, holding every value that could be inferred
     * @throws InvalidModelException if a node's inputs do not fit its operator, naming the node
     */
    public static ShapeInference of(Graph graph) {
        ShapeInference inference = new ShapeInference();
        inference.declare(graph.declared());
        graph.inputs().forEach(inference::input);
        graph.initializers().forEach(inference::constant);
        graph.nodes().forEach(inference::infer);
        return inference;
    }

    /**
     * Takes notes of a file on its values, for use where nothing can be inferred.
     *
     * @param infos declarations by name
     */
    public void declare(Map<String, ValueInfo> infos) {
        declared.putAll(infos);
    }

    /**
     * Declares a graph input.
     *
     * @param info its declaration; equal symbolic dimension names are equal sizes
     * @return the value
     */
    public Value input(ValueInfo info) {
        long[][] dims = new long[Shape.SAMPLES][info.dims().size()];
        for (int i = 0; i < info.dims().size(); i++) {
            long[] sizes = info.isFixed(i)
                    ? new long[] {info.dim(i), info.dim(i)}
                    : symbol(info.dims().get(i));
            dims[0][i] = sizes[0];
            dims[1][i] = sizes[1];
        }
        return put(new Value(info.name(), info.type(), new Shape(dims)));
    }

    private long[] symbol(String name) {
        long[] known = symbols.get(name);
        if (known != null) {
            return known;
        }
        if (symbols.size() >= samples.length) {
            throw new InvalidModelException("the graph's inputs have more than " + samples.length
                    + " different dynamic dimensions (at '" + name + "'); fix some of them to numbers");
        }
        long[] sizes = samples[symbols.size()];
        symbols.put(name, sizes);
        return sizes;
    }

    /**
     * Declares a constant.
     *
     * @param name its name
     * @param tensor its value
     * @return the value
     */
    public Value constant(String name, Tensor tensor) {
        double[][] known = null;
        if (tensor.size() <= KNOWN_LIMIT) {
            double[] elements = tensor.toDoubles();
            known = new double[][] {elements, elements};
        }
        return put(new Value(name, tensor.type(), Shape.of(tensor.shape()), known));
    }

    /**
     * Adds a value whose type and shape are known otherwise.
     *
     * @param value the value
     * @return the same
     */
    public Value put(Value value) {
        values.put(value.name(), value);
        return value;
    }

    /**
     * What is known of a value.
     *
     * @param name its name
     * @return the value, or null if its producer has no shape rule
     */
    public @Nullable Value find(String name) {
        return values.get(name);
    }

    /**
     * What is known of a value.
     *
     * @param name its name
     * @return the value
     * @throws InvalidModelException if it could not be inferred
     */
    public Value get(String name) {
        Value value = values.get(name);
        if (value == null) {
            String culprit = culprits.get(name);
            throw new InvalidModelException(
                    culprit != null ? culprit : "the shape of value '" + name + "' cannot be inferred");
        }
        return value;
    }

    /**
     * All values so far.
     *
     * @return in order of inference
     */
    public List<Value> values() {
        return List.copyOf(values.values());
    }

    /**
     * Infers one node's outputs.
     *
     * @param node the node, whose inputs have been inferred
     * @return its outputs' values; empty if nothing is known
     * @throws InvalidModelException if the inputs do not fit the operator, naming the node
     */
    public List<Value> infer(Node node) {
        List<Value> outputs = byRule(node);
        List<Value> known = outputs.isEmpty()
                ? node.outputs().stream()
                        .map(this::asDeclared)
                        .filter(java.util.Objects::nonNull)
                        .map(this::put)
                        .toList()
                : outputs;
        if (known.isEmpty()) {
            blame(node);
        }
        return known;
    }

    /** Notes of whose doing it is that nothing is known of a node's outputs: the node's, or one's in front of it. */
    private void blame(Node node) {
        String before = node.inputs().stream()
                .filter(name -> !values.containsKey(name))
                .map(culprits::get)
                .filter(java.util.Objects::nonNull)
                .findFirst()
                .orElse(null);
        String culprit = before != null
                ? before
                : node.describe() + " makes values whose shape is not known before the network runs; "
                        + Advice.onShape(node);
        node.outputs().forEach(output -> culprits.putIfAbsent(output, culprit));
    }

    private @Nullable Value asDeclared(String name) {
        ValueInfo info = declared.get(name);
        if (info == null) {
            return null;
        }
        long[][] dims = new long[Shape.SAMPLES][info.dims().size()];
        for (int i = 0; i < info.dims().size(); i++) {
            long[] sizes = info.isFixed(i)
                    ? new long[] {info.dim(i), info.dim(i)}
                    : symbols.get(info.dims().get(i));
            if (sizes == null) {
                return null;
            }
            dims[0][i] = sizes[0];
            dims[1][i] = sizes[1];
        }
        return new Value(name, info.type(), new Shape(dims));
    }

    private List<Value> byRule(Node node) {
        ShapeTable.Entry known = ShapeRules.find(node);
        List<@Nullable Value> inputs = new ArrayList<>();
        for (String name : node.inputs()) {
            Value in = values.get(name);
            if (in == null && !name.isEmpty()) {
                return List.of();
            }
            inputs.add(in);
        }
        if (known == null) {
            return List.of();
        }
        demand(known, node, inputs);
        List<Value> outputs = apply(known.rule(), node, inputs);
        outputs.forEach(this::put);
        return outputs;
    }

    private static void demand(ShapeTable.Entry known, Node node, List<@Nullable Value> inputs) {
        try {
            known.check(new Demands(node, inputs));
        } catch (InvalidModelException e) {
            throw new InvalidModelException(
                    node.describe() + ": " + e.getMessage() + " (inputs " + describe(inputs) + ")", e);
        } catch (ArithmeticException e) {
            throw new InvalidModelException(node.describe() + " has inputs that do not fit it: " + describe(inputs), e);
        }
    }

    private static List<Value> apply(ShapeRule rule, Node node, List<@Nullable Value> inputs) {
        ShapeRule.Outcome[] outcomes = new ShapeRule.Outcome[Shape.SAMPLES];
        for (int sample = 0; sample < Shape.SAMPLES; sample++) {
            int s = sample;
            try {
                outcomes[s] = rule.infer(new ShapeRule.Sample(node, inputs, s));
                outcomes[s].shapes().forEach(ShapeInference::requireSizes);
            } catch (InvalidModelException e) {
                String why = SampledSizes.hidden(e, () -> refusal(rule, node, inputs, s == 0 ? 1 : 0));
                throw new InvalidModelException(node.describe() + ": " + why + " (inputs " + describe(inputs) + ")", e);
            } catch (IndexOutOfBoundsException
                    | ArithmeticException
                    | NegativeArraySizeException
                    | NullPointerException
                    | IllegalArgumentException e) {
                throw new InvalidModelException(
                        node.describe() + " has inputs that do not fit it: " + describe(inputs), e);
            }
        }
        List<Value> values = new ArrayList<>();
        for (int o = 0; o < node.outputs().size() && o < outcomes[0].shapes().size(); o++) {
            String name = node.outputs().get(o);
            if (!name.isEmpty()
                    && outcomes[0].shapes().get(o).length
                            == outcomes[1].shapes().get(o).length) {
                values.add(value(name, outcomes, o));
            }
        }
        return values;
    }

    /** What a rule says about a sample; null if it takes it. */
    private static @Nullable String refusal(ShapeRule rule, Node node, List<@Nullable Value> inputs, int sample) {
        try {
            rule.infer(new ShapeRule.Sample(node, inputs, sample)).shapes().forEach(ShapeInference::requireSizes);
            return null;
        } catch (RuntimeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static void requireSizes(long[] shape) {
        if (Arrays.stream(shape).anyMatch(d -> d < 0)) {
            throw new InvalidModelException("the output would have the shape " + Arrays.toString(shape));
        }
        Math.multiplyExact(Tensor.count(shape), Double.BYTES);
    }

    private static Value value(String name, ShapeRule.Outcome[] outcomes, int o) {
        Shape shape = new Shape(
                new long[][] {outcomes[0].shapes().get(o), outcomes[1].shapes().get(o)});
        double[] first = outcomes[0].known();
        double[] second = outcomes[1].known();
        boolean fits = first != null && second != null && first.length <= KNOWN_LIMIT && second.length <= KNOWN_LIMIT;
        return new Value(
                name, outcomes[0].types().get(o), shape, fits && o == 0 ? new double[][] {first, second} : null);
    }

    private static String describe(List<@Nullable Value> inputs) {
        return Arrays.toString(inputs.stream()
                .map(v -> v == null ? "none" : v.type() + v.shape().toString())
                .toArray());
    }
}
