package org.finitentk.internal.onnx;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Makes quantized constants float ones when a network is read, those of simulated quantization (QuantizeLinear, then
 * DequantizeLinear) too: (x - zero point) · scale in float32, which is what DequantizeLinear computes, element for
 * element. ONNX Runtime would fuse the operator into products of lower accuracy, and a weight that stays an integer has
 * no tangent.
 *
 * <p>The float constant has the name of the quantized one, or, where that one is also used otherwise, that name with
 * {@code _dequantized}.
 */
final class Dequantization {
    /** What constants may go through before they are dequantized. */
    private static final Set<String> MOVES =
            Set.of("Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten");

    /** One way to dequantize one constant: equal calls make one weight. */
    private record Call(String x, String scale, String zeroPoint, long axis, long block) {
        static Call of(Node node) {
            return new Call(
                    node.input(0),
                    node.input(1),
                    node.input(2),
                    node.integer("axis", 1),
                    node.integer("block_size", 0));
        }
    }

    private final Graph graph;
    private final ShapeInference shapes = new ShapeInference();
    private final Map<String, Tensor> initializers;
    /** Constants that are made on the way, for this pass only. */
    private final Map<String, Tensor> moved = new HashMap<>();
    /** What those were made of. */
    private final Map<String, String> movedFrom = new HashMap<>();

    private final Map<Call, String> done = new HashMap<>();
    private final Map<String, Set<Call>> calls = new HashMap<>();
    private final Set<String> otherwiseUsed = new HashSet<>();
    private final Map<String, Integer> uses = new HashMap<>();
    private final Map<String, Node> gathers = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, String> notes = new LinkedHashMap<>();

    private Dequantization(Graph graph) {
        this.graph = graph;
        this.initializers = new LinkedHashMap<>(graph.initializers());
        names.addAll(initializers.keySet());
        graph.inputs().forEach(input -> names.add(input.name()));
        graph.outputs().forEach(output -> otherwiseUsed.add(output.name()));
        for (Node node : graph.nodes()) {
            names.addAll(node.outputs());
            names.addAll(node.bodyNames());
            otherwiseUsed.addAll(node.bodyNames());
            if (node.domain().isEmpty() && node.op().equals("Gather")) {
                gathers.put(node.output(), node);
            }
            for (int i = 0; i < node.inputs().size(); i++) {
                uses.merge(node.input(i), 1, Integer::sum);
                if (i == 0 && isDequantization(node)) {
                    calls.computeIfAbsent(node.input(0), unseen -> new HashSet<>())
                            .add(Call.of(node));
                } else {
                    otherwiseUsed.add(node.input(i));
                }
            }
        }
    }

    /**
     * The network with float weights.
     *
     * @param graph a normalized graph
     * @return the same graph if nothing in it dequantizes constants
     * @throws InvalidModelException if scale or zero point do not fit the constant, naming the node
     */
    static Graph of(Graph graph) {
        if (graph.nodes().stream().noneMatch(Dequantization::isDequantization)) {
            return graph;
        }
        Dequantization pass = new Dequantization(graph);
        graph.initializers().forEach(pass.shapes::constant);
        List<Node> nodes = new ArrayList<>();
        graph.nodes().forEach(node -> nodes.add(pass.rewritten(node)));
        return pass.finished(nodes);
    }

    private static boolean isDequantization(Node node) {
        return node.op().equals("DequantizeLinear")
                && (node.domain().isEmpty() || node.domain().equals("com.microsoft"));
    }

    private Graph finished(List<Node> nodes) {
        if (done.isEmpty()) {
            return graph;
        }
        Set<String> used = new HashSet<>();
        graph.outputs().forEach(output -> used.add(output.name()));
        List<Node> kept = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            boolean ofConstant = moved.containsKey(node.output()) || gathers.containsKey(node.output());
            if (!ofConstant || used.contains(node.output())) {
                used.addAll(node.inputs());
                used.addAll(node.bodyNames());
                kept.add(node);
            }
        }
        Collections.reverse(kept);
        // scales, zero points and quantized values that nothing uses now
        initializers.keySet().removeIf(name -> !used.contains(name) && uses.containsKey(name));
        String list = notes.entrySet().stream()
                .map(note -> "'" + note.getKey() + "' (" + note.getValue() + ")")
                .collect(Collectors.joining(", "));
        return graph.with(initializers, kept)
                .noting("quantized constants are dequantized, (x - zero point) · scale in float32, and are "
                        + "weights like others: " + list);
    }

    private Node rewritten(Node node) {
        Node result = node;
        if (isDequantization(node)) {
            result = dequantized(node);
        } else if (node.op().equals("QuantizeLinear")
                && (node.domain().isEmpty() || node.domain().equals("com.microsoft"))) {
            quantize(node);
        } else if (node.domain().isEmpty() && MOVES.contains(node.op()) && constant(node.input(0)) != null) {
            follow(node);
        }
        infer(result);
        return result;
    }

    private void infer(Node node) {
        try {
            shapes.infer(node);
        } catch (InvalidModelException e) {
            // whoever needs the shape will say what is wrong with it
            return;
        }
    }

    private @Nullable Tensor constant(String name) {
        Tensor own = moved.get(name);
        // a constant that has been dequantized under its name is none that can be again
        return own != null ? own : graph.initializers().get(name);
    }

    /** Data movement of a constant. */
    private void follow(Node node) {
        Tensor x = Objects.requireNonNull(constant(node.input(0)));
        infer(node);
        Value out = shapes.find(node.output());
        if (out == null || !out.shape().isStatic() || Tensor.count(out.shape().at(0)) != x.size()) {
            return;
        }
        movedFrom.put(node.output(), node.input(0));
        long[] perm = node.op().equals("Transpose") ? node.integers("perm") : null;
        moved.put(
                node.output(),
                node.op().equals("Transpose")
                        ? transposed(x, perm)
                        : x.reshaped(out.shape().at(0)));
    }

    /** The axes in another order: of each, which axis of x it is, or null to reverse them. */
    private static Tensor transposed(Tensor x, long @Nullable [] perm) {
        long[] shape = x.shape();
        ByteBuffer data = x.data();
        int bytes = x.type().bytes();
        int rank = shape.length;
        long[] to = new long[rank];
        long[] steps = new long[rank];
        long[] own = new long[rank];
        long step = 1;
        for (int i = rank - 1; i >= 0; i--) {
            own[i] = step;
            step *= shape[i];
        }
        for (int i = 0; i < rank; i++) {
            int from = perm == null ? rank - 1 - i : (int) perm[i];
            to[i] = shape[from];
            steps[i] = own[from];
        }
        ByteBuffer out = Tensor.allocate(x.type(), Math.toIntExact(x.size()));
        for (int i = 0; i < out.limit() / bytes; i++) {
            long rest = i;
            long at = 0;
            for (int axis = rank - 1; axis >= 0; axis--) {
                at += rest % to[axis] * steps[axis];
                rest /= to[axis];
            }
            for (int b = 0; b < bytes; b++) {
                out.put(data.get((int) at * bytes + b));
            }
        }
        return new Tensor(x.type(), to, out.flip());
    }

    /**
     * A constant that is quantized here, as training with simulated quantization leaves it, is one that was quantized.
     */
    private void quantize(Node node) {
        Tensor x = constant(node.input(0));
        // as they are in the file: a copy does not tell how many bits they had there
        Tensor scale = graph.initializers().get(node.input(1));
        Tensor zeroPoint = node.hasInput(2) ? graph.initializers().get(node.input(2)) : null;
        if (x == null || scale == null || node.hasInput(2) && zeroPoint == null) {
            return;
        }
        ElementType to = QuantizedValues.type(node, zeroPoint);
        if (to != null && x.type() == ElementType.FLOAT && scale.type() == ElementType.FLOAT) {
            QuantizedValues.Spread spread = spread(node, x, scale, zeroPoint);
            movedFrom.put(node.output(), node.input(0));
            moved.put(node.output(), QuantizedValues.of(x, scale, zeroPoint, to, spread));
        }
    }

    private Node dequantized(Node node) {
        Tensor x = constant(node.input(0));
        Tensor scale = constant(node.input(1));
        Tensor zeroPoint = node.hasInput(2) ? constant(node.input(2)) : null;
        if (scale == null || node.hasInput(2) && zeroPoint == null) {
            return node;
        }
        Node gather = gathers.get(node.input(0));
        if (x == null) {
            return gather != null && scale.size() == 1 && !node.has("block_size")
                    ? gathered(node, gather, scale, zeroPoint)
                    : node;
        }
        String name = weight(node, Call.of(node), x, scale, zeroPoint);
        return new Node(node.name(), "", "Identity", List.of(name), List.of(node.output()), Map.of());
    }

    /** With one scale for all, rows of a table that are dequantized are rows of the dequantized table. */
    private Node gathered(Node node, Node gather, Tensor scale, @Nullable Tensor zeroPoint) {
        Tensor table = constant(gather.input(0));
        if (table == null) {
            return node;
        }
        Call call = new Call(gather.input(0), node.input(1), node.input(2), 1, 0);
        if (uses.getOrDefault(gather.input(0), 0) == 1 && uses.getOrDefault(gather.output(), 0) == 1) {
            otherwiseUsed.remove(call.x());
        }
        calls.computeIfAbsent(call.x(), unseen -> new HashSet<>()).add(call);
        String name = weight(node, call, table, scale, zeroPoint);
        return new Node(
                node.name(), "", "Gather", List.of(name, gather.input(1)), List.of(node.output()), gather.attributes());
    }

    private String weight(Node node, Call call, Tensor x, Tensor scale, @Nullable Tensor zeroPoint) {
        String name = done.get(call);
        if (name == null) {
            name = name(call);
            Tensor weight = product(node, x, scale, zeroPoint);
            notes.put(name, x.type().toString());
            done.put(call, name);
            initializers.put(name, weight);
            shapes.constant(name, weight);
        }
        return name;
    }

    private String name(Call call) {
        boolean alone = !otherwiseUsed.contains(call.x())
                && Objects.requireNonNull(calls.get(call.x())).size() == 1;
        String origin = call.x();
        for (String before = movedFrom.get(origin); before != null; before = movedFrom.get(origin)) {
            origin = before;
            alone &= uses.getOrDefault(origin, 0) == 1
                    && graph.outputs().stream().map(ValueInfo::name).noneMatch(origin::equals);
        }
        String name = alone ? origin : origin + "_dequantized";
        while (!alone && !names.add(name)) {
            name += "_";
        }
        return name;
    }

    private static Tensor product(Node node, Tensor x, Tensor scale, @Nullable Tensor zeroPoint) {
        QuantizedValues.Spread spread = spread(node, x, scale, zeroPoint);
        return QuantizedValues.dequantized(x, scale, zeroPoint, spread);
    }

    /** One scale for everything, for each index of an axis, or for each block of indices of an axis. */
    private static QuantizedValues.Spread spread(Node node, Tensor x, Tensor scale, @Nullable Tensor zeroPoint) {
        long[] shape = x.shape();
        long block = node.integer("block_size", 0);
        boolean one = scale.size() == 1 && block == 0;
        long given = node.integer("axis", 1);
        int axis = (int) (given < 0 ? given + shape.length : given);
        if (!one
                        && (axis < 0
                                || axis >= shape.length
                                || !Arrays.equals(scale.shape(), expected(shape, axis, block, scale.shape())))
                || zeroPoint != null
                        && !Arrays.equals(zeroPoint.shape(), scale.shape())
                        && zeroPoint.size() * scale.size() != 1) {
            throw new InvalidModelException(node.describe() + " has scales of shape " + Arrays.toString(scale.shape())
                    + (zeroPoint == null ? "" : " and zero points of shape " + Arrays.toString(zeroPoint.shape()))
                    + " for constants of shape " + Arrays.toString(shape)
                    + " along axis " + given + (block == 0 ? "" : " in blocks of " + block)
                    + "; expected one for each index" + (block == 0 ? "" : " or block"));
        }
        long inner = 1;
        for (int i = axis + 1; i < shape.length && !one; i++) {
            inner *= shape[i];
        }
        return new QuantizedValues.Spread(one ? x.size() : inner, one ? 1 : shape[axis], block);
    }

    private static long[] expected(long[] shape, int axis, long block, long[] found) {
        if (block == 0) {
            return new long[] {shape[axis]};
        }
        long[] blocks = shape.clone();
        blocks[axis] = (shape[axis] + block - 1) / block;
        return found.length == shape.length ? blocks : new long[0];
    }
}
