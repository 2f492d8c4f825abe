package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One recurrent node, whose sequence has a fixed length, step by step. Inputs: X, W, R, B, sequence_lens, initial_h,
 * initial_c, P.
 */
final class Recurrence {
    private static final int LONGEST = 4096;

    /** What one step hands to the next; null is zero. */
    record State(@Nullable Value hidden, @Nullable Value cell) {}

    /** One step of one direction. */
    interface Cell {
        /** From x Wᵀ with the biases that {@code recurrence} adds to it. */
        State next(Direction d, Value input, State before);
    }

    private final Rewrite n;
    private final Algebra a;
    private final int gates;
    private final boolean separateBiases;
    private final boolean batchFirst;
    /** X [steps, n, width]. */
    private final Value x;

    private final int steps;
    private final int directions;
    private final long hidden;
    private final RecurrentActivations activations;

    Recurrence(Rewrite n, int gates, List<String> defaults, boolean separateBiases) {
        this.n = n;
        this.a = n.algebra();
        this.gates = gates;
        this.separateBiases = separateBiases;
        this.batchFirst = n.node().integer("layout", 0) != 0;
        this.x = batchFirst ? a.transpose(n.in(0), 1, 0, 2) : n.in(0);
        this.steps =
                steps(n.requireStatic(x.shape().slice(0, 1), "sequence length").dim(0));
        this.directions = (int) n.in(1).shape().dim(0);
        this.hidden = n.in(2).shape().dim(2);
        this.activations = RecurrentActivations.of(n, defaults, directions);
    }

    private int steps(long length) {
        if (length > LONGEST) {
            throw n.refused("has sequences of " + length
                    + " steps, each of which becomes nodes of its own; expected at most " + LONGEST);
        }
        return (int) length;
    }

    void unroll(Cell cell) {
        List<List<Value>> hiddens = new ArrayList<>();
        List<State> last = new ArrayList<>();
        for (int d = 0; d < directions; d++) {
            Direction direction = new Direction(d);
            boolean backward = d == 1 || n.node().string("direction", "forward").equals("reverse");
            List<Value> outputs = new ArrayList<>();
            last.add(walk(direction, cell, backward, outputs));
            hiddens.add(outputs);
        }
        List<Value> byStep = new ArrayList<>();
        for (int t = 0; t < steps && n.wants(0); t++) {
            int at = t;
            byStep.add(stacked(hiddens.stream().map(h -> h.get(at)).toList(), 1));
        }
        if (n.wants(0)) {
            Value all = a.concat(0, byStep);
            n.result(0, batchFirst ? a.transpose(all, 2, 0, 1, 3) : all);
        }
        finalState(1, last.stream().map(State::hidden).toList());
        finalState(2, last.stream().map(State::cell).toList());
    }

    /** [n, width] of each direction to [1…, directions, n, width]. */
    private Value stacked(List<Value> states, int leading) {
        return a.concat(
                leading,
                states.stream()
                        .map(s -> a.reshape(s, Shape.ones(leading + 1).concat(s.shape())))
                        .toList());
    }

    private void finalState(int output, List<@Nullable Value> states) {
        if (n.wants(output)) {
            Value all = stacked(states.stream().map(Objects::requireNonNull).toList(), 0);
            n.result(output, batchFirst ? a.transpose(all, 1, 0, 2) : all);
        }
    }

    /** All steps of one direction; its outputs are in the order of the sequence. */
    private State walk(Direction d, Cell cell, boolean backward, List<Value> outputs) {
        List<Value> inputs = new ArrayList<>(a.split(d.inputs(), 0, ones(steps)));
        State state = new State(d.initial(5), d.initial(6));
        for (int i = 0; i < steps; i++) {
            int t = backward ? steps - 1 - i : i;
            Value input = inputs.get(t);
            State next = cell.next(d, a.reshape(input, input.shape().slice(1, 3)), state);
            Value mask = mask(t);
            state = mask == null
                    ? next
                    : new State(held(mask, next.hidden(), state.hidden()), held(mask, next.cell(), state.cell()));
            Value h = Objects.requireNonNull(state.hidden());
            outputs.add(mask == null ? h : a.mul(mask, h));
        }
        if (backward) {
            Collections.reverse(outputs);
        }
        return state;
    }

    private static long[] ones(int count) {
        long[] ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** [n, 1]: 1 for examples whose sequence has a step t, if these have lengths of their own. */
    private @Nullable Value mask(int t) {
        Value lengths = n.inOrNull(4);
        if (lengths == null) {
            return null;
        }
        Value longer = a.op(
                "Greater",
                a.cast(lengths, org.finitentk.onnx.ElementType.INT64),
                a.builder().constant(Tensor.ofLongs(new long[] {t})));
        return a.reshape(a.cast(longer, x.type()), lengths.shape().append(1));
    }

    /** The new state where the sequence goes on, else the one before. */
    private @Nullable Value held(Value mask, @Nullable Value next, @Nullable Value before) {
        if (next == null) {
            return null;
        }
        return before == null ? a.mul(mask, next) : a.add(before, a.mul(mask, a.sub(next, before)));
    }

    /** The weights of one direction. */
    final class Direction {
        private final int index;
        private final Value recurrent;
        private final @Nullable Value bias;

        Direction(int index) {
            this.index = index;
            this.recurrent = part(n.in(2));
            this.bias = n.node().hasInput(3) ? part(n.in(3)) : null;
        }

        /** [directions, …] to […]. */
        private Value part(Value all) {
            Value own = directions == 1 ? all : a.slice(all, 0, index, index + 1);
            return a.reshape(own, all.shape().slice(1, all.rank()));
        }

        Algebra algebra() {
            return a;
        }

        long width() {
            return hidden;
        }

        /** X Wᵀ and biases for all steps at once. */
        private Value inputs() {
            Value product = a.matmul(x, a.swap(part(n.in(1))));
            if (bias == null) {
                return product;
            }
            Value first = a.add(product, a.slice(bias, 0, 0, gates * hidden));
            return separateBiases ? first : a.add(first, a.slice(bias, 0, gates * hidden, 2L * gates * hidden));
        }

        private @Nullable Value initial(int input) {
            if (!n.node().hasInput(input)) {
                return null;
            }
            Value given = n.in(input);
            return part(batchFirst ? a.transpose(given, 1, 0, 2) : given);
        }

        Value recurrent() {
            return recurrent;
        }

        Value recurrentRows(int from, int to) {
            return a.slice(recurrent, 0, from * hidden, to * hidden);
        }

        Value plusRecurrent(Value input, @Nullable Value state, Value weights) {
            return state == null ? input : a.op("Gemm", new Attributes().integer("transB", 1), state, weights, input);
        }

        /** h Rᵀ and its bias, gate by gate; nothing if there is neither. */
        List<Value> recurrentGates(@Nullable Value state) {
            Attributes transposed = new Attributes().integer("transB", 1);
            if (state != null) {
                Value own = bias == null ? null : a.slice(bias, 0, gates * hidden, 2L * gates * hidden);
                return gates(
                        own == null
                                ? a.op("Gemm", transposed, state, recurrent)
                                : a.op("Gemm", transposed, state, recurrent, own),
                        gates);
            }
            List<Value> parts = new ArrayList<>();
            for (int i = gates; bias != null && i < 2 * gates; i++) {
                // slices, through which a bias's gradient of each example is known; of so small a vector they cost
                // nothing
                parts.add(a.reshape(a.slice(bias, 0, i * hidden, (i + 1) * hidden), Shape.of(1, hidden)));
            }
            return parts;
        }

        List<Value> gates(Value all, int count) {
            long[] sizes = new long[count];
            Arrays.fill(sizes, hidden);
            return a.split(all, 1, sizes);
        }

        Value plusPeephole(Value gate, int i, @Nullable Value cell) {
            if (cell == null || !n.node().hasInput(7)) {
                return gate;
            }
            return a.add(gate, a.mul(cell, a.slice(part(n.in(7)), 0, i * hidden, (i + 1) * hidden)));
        }

        boolean couplesForget() {
            return n.node().integer("input_forget", 0) != 0;
        }

        /** Of what enters a gate, clipped if the node has a threshold. */
        Value activation(int i, Value gate) {
            float clip = n.node().real("clip", 0);
            return plainActivation(
                    i, clip > 0 ? a.op("Clip", gate, a.scalar(gate, -clip), a.scalar(gate, clip)) : gate);
        }

        Value plainActivation(int i, Value v) {
            return activations.apply(a, index, i, v);
        }
    }
}
