package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Loop and Scan whose number of iterations is known while a graph is read, as so many copies of their bodies. The
 * constants of a body are the same in all copies.
 */
final class Unrolling {
    /** More nodes than this make no graph that anybody would want to run. */
    static final int MOST_NODES = 10_000;

    /** Puts one copy of a body into the graph. */
    interface Copies {
        /**
         * Adds a body's nodes.
         *
         * @param body without constants of its own
         * @param given what its inputs are
         * @param prefix what stands before names that are taken
         * @return what its outputs are
         */
        List<String> add(GraphProto body, Map<String, String> given, String prefix);

        /** Gives a value, perhaps a sequence, another name too. */
        void alias(String value, String other);
    }

    private final Draft draft;
    private final Copies copies;
    private final Node node;
    private final GraphProto body;
    private final int firstNode;
    private final int bodySize;

    Unrolling(Draft draft, Copies copies, Node node, GraphProto body) {
        this.draft = draft;
        this.copies = copies;
        this.node = node;
        this.body = body;
        this.firstNode = draft.nodes().size();
        this.bodySize = Math.max(1, Bodies.size(body));
    }

    private boolean fits(long iterations) {
        return iterations <= MOST_NODES / bodySize;
    }

    private boolean fits() {
        return draft.nodes().size() - firstNode <= MOST_NODES;
    }

    private String prefix(long iteration) {
        return node.name() + "/" + iteration + "/";
    }

    /** Whether a Loop could be unrolled: its trip count and, after each iteration, its condition are known. */
    boolean loop() {
        int carried = node.inputs().size() - 2;
        int scanned = body.getOutputCount() - 1 - carried;
        if (carried < 0 || scanned < 0 || body.getInputCount() != carried + 2) {
            return false;
        }
        Long trips = node.hasInput(0) ? number(node.input(0)) : Long.valueOf(Long.MAX_VALUE);
        Long going = node.hasInput(1) ? number(node.input(1)) : Long.valueOf(1);
        boolean bounded = trips != null && (fits(trips) || node.hasInput(1));
        if (trips == null || going == null || !bounded) {
            return false;
        }
        List<String> state =
                new ArrayList<>(node.inputs().subList(2, node.inputs().size()));
        List<List<String>> collected = lists(scanned);
        for (long i = 0; i < trips && going != 0; i++) {
            if (!fits(i + 1)) {
                return false;
            }
            List<String> made = copies.add(body, given(i, state), prefix(i));
            going = number(made.get(0));
            if (going == null || !fits()) {
                return false;
            }
            state = made.subList(1, 1 + carried);
            for (int s = 0; s < scanned; s++) {
                collected.get(s).add(made.get(1 + carried + s));
            }
        }
        return finished(state, collected, new long[scanned]);
    }

    private @Nullable Long number(String name) {
        double[] number = draft.sizes().settled(name);
        return number == null || number.length != 1 ? null : Long.valueOf((long) number[0]);
    }

    private Map<String, String> given(long iteration, List<String> state) {
        Map<String, String> given = new HashMap<>();
        given.put(
                body.getInput(0).getName(),
                draft.constant(node.name() + "_iteration", Tensor.ofLongs(new long[] {iteration})));
        given.put(body.getInput(1).getName(), truth());
        for (int s = 0; s < state.size(); s++) {
            given.put(body.getInput(2 + s).getName(), state.get(s));
        }
        return given;
    }

    /** The condition in a body is true, or the body would not be there. */
    private String truth() {
        java.nio.ByteBuffer one = Tensor.allocate(ElementType.BOOL, 1).put(0, (byte) 1);
        return draft.constant(node.name() + "_condition", new Tensor(ElementType.BOOL, new long[0], one));
    }

    private static List<List<String>> lists(int count) {
        return IntStream.range(0, count)
                .<List<String>>mapToObj(i -> new ArrayList<>())
                .toList();
    }

    /** Final states, and what was collected along an axis of its own. */
    private boolean finished(List<String> state, List<List<String>> collected, long[] axes) {
        for (int o = 0; o < node.outputs().size(); o++) {
            String output = node.outputs().get(o);
            if (output.isEmpty()) {
                continue;
            }
            if (o < state.size()) {
                copies.alias(state.get(o), output);
                continue;
            }
            int s = o - state.size();
            if (s >= collected.size() || collected.get(s).isEmpty()) {
                return false;
            }
            stack(collected.get(s), axes[s], output);
        }
        return true;
    }

    private void stack(List<String> parts, long axis, String output) {
        String axes = draft.constant(output + "_axes", Tensor.vector(axis));
        List<String> raised = new ArrayList<>();
        for (String part : parts) {
            String name = draft.fresh(output + "_part");
            draft.add(new Node(name, "", "Unsqueeze", List.of(part, axes), List.of(name), Map.of()));
            raised.add(name);
        }
        draft.add(new Node(
                node.name() + "/" + output,
                "",
                "Concat",
                raised,
                List.of(output),
                new Attributes().integer("axis", axis).build()));
    }

    /** Whether a Scan of opset 9 or newer could be unrolled: the length of what it goes through is known. */
    boolean scan() {
        int scans = (int) node.integer("num_scan_inputs", 0);
        int states = node.inputs().size() - scans;
        int outputs = body.getOutputCount() - states;
        if (scans < 1 || states < 0 || outputs < 0 || body.getInputCount() != states + scans) {
            return false;
        }
        long[] axes = axes("scan_input_axes", scans);
        long[] ways = axes("scan_input_directions", scans);
        long[] outAxes = axes("scan_output_axes", outputs);
        long[] outWays = axes("scan_output_directions", outputs);
        long length = length(states, axes);
        if (length < 1 || !fits(length) || LongStream.of(outAxes).anyMatch(axis -> axis < 0)) {
            return false;
        }
        List<String> state = new ArrayList<>(node.inputs().subList(0, states));
        List<List<String>> collected = lists(outputs);
        for (long i = 0; i < length; i++) {
            Map<String, String> given = new HashMap<>();
            for (int s = 0; s < states; s++) {
                given.put(body.getInput(s).getName(), state.get(s));
            }
            for (int s = 0; s < scans; s++) {
                long at = ways[s] == 0 ? i : length - 1 - i;
                given.put(body.getInput(states + s).getName(), slice(node.input(states + s), axes[s], at));
            }
            List<String> made = copies.add(body, given, prefix(i));
            if (!fits()) {
                return false;
            }
            state = made.subList(0, states);
            for (int o = 0; o < outputs; o++) {
                List<String> all = collected.get(o);
                all.add(outWays[o] == 0 ? all.size() : 0, made.get(states + o));
            }
        }
        return finished(state, collected, outAxes);
    }

    private long[] axes(String key, int count) {
        long[] given = node.integers(key);
        return given != null && given.length == count ? given : new long[count];
    }

    /** The common length of what a Scan goes through; 0 if it is not known. */
    private long length(int states, long[] axes) {
        long length = 0;
        for (int s = 0; s < axes.length; s++) {
            Value x = draft.find(node.input(states + s));
            if (x == null || axes[s] < -x.rank() || axes[s] >= x.rank()) {
                return 0;
            }
            axes[s] = axes[s] < 0 ? axes[s] + x.rank() : axes[s];
            long own = x.shape().dim((int) axes[s]);
            if (own < 1 || length > 0 && own != length) {
                return 0;
            }
            length = own;
        }
        return length;
    }

    private String slice(String value, long axis, long at) {
        String name = draft.fresh(value + "_at");
        String index = draft.constant(value + "_index", Tensor.ofLongs(new long[] {at}));
        draft.add(new Node(
                name,
                "",
                "Gather",
                List.of(value, index),
                List.of(name),
                new Attributes().integer("axis", axis).build()));
        return name;
    }
}
