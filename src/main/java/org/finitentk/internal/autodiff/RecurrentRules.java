package org.finitentk.internal.autodiff;

import java.util.List;
import org.finitentk.internal.autodiff.Recurrence.State;
import org.finitentk.internal.onnx.Value;
import org.jspecify.annotations.Nullable;

/**
 * RNN, GRU and LSTM, written as the arithmetic of their steps; the weights' gradients are sums over the steps as those
 * of any weight that is used several times.
 */
final class RecurrentRules {
    private RecurrentRules() {}

    static void register(RuleTable r) {
        r.lower("RNN", n -> new Recurrence(n, 1, List.of("Tanh"), false).unroll(RecurrentRules::plain));
        r.lower(
                "LSTM",
                n -> new Recurrence(n, 4, List.of("Sigmoid", "Tanh", "Tanh"), false)
                        .unroll(RecurrentRules::longShortTerm));
        r.lower("GRU", n -> {
            boolean resetLast = n.node().integer("linear_before_reset", 0) != 0;
            new Recurrence(n, 3, List.of("Sigmoid", "Tanh"), resetLast)
                    .unroll(resetLast ? RecurrentRules::resetLast : RecurrentRules::resetFirst);
        });
    }

    /** h' = f(x Wᵀ + h Rᵀ + biases). */
    private static State plain(Recurrence.Direction d, Value input, State before) {
        return new State(d.activation(0, d.plusRecurrent(input, before.hidden(), d.recurrent())), null);
    }

    /**
     * c' = f c + i g and h' = o tanh(c'), with the gates i, o, f, g in this order; peepholes P look at c, that of o at
     * c'.
     */
    private static State longShortTerm(Recurrence.Direction d, Value input, State before) {
        Algebra a = d.algebra();
        List<Value> gates = d.gates(d.plusRecurrent(input, before.hidden(), d.recurrent()), 4);
        Value i = d.activation(0, d.plusPeephole(gates.get(0), 0, before.cell()));
        Value f = d.couplesForget()
                ? a.sub(a.scalar(i, 1), i)
                : d.activation(0, d.plusPeephole(gates.get(2), 2, before.cell()));
        Value fresh = a.mul(i, d.activation(1, gates.get(3)));
        Value cell = before.cell() == null ? fresh : a.add(a.mul(f, before.cell()), fresh);
        Value o = d.activation(0, d.plusPeephole(gates.get(1), 1, cell));
        // not clipped: only what enters a gate is
        return new State(a.mul(o, d.plainActivation(2, cell)), cell);
    }

    /** h' = (1 - z) g + z h with g = tanh(x Wᵀ + (r h) Rᵀ + biases), and the gates z, r before g. */
    private static State resetFirst(Recurrence.Direction d, Value input, State before) {
        Algebra a = d.algebra();
        Value h = before.hidden();
        List<Value> parts = a.split(input, 1, 2 * d.width(), d.width());
        List<Value> gates = d.gates(d.plusRecurrent(parts.get(0), h, d.recurrentRows(0, 2)), 2);
        Value reset = h == null ? null : a.mul(d.activation(0, gates.get(1)), h);
        Value g = d.activation(1, d.plusRecurrent(parts.get(1), reset, d.recurrentRows(2, 3)));
        return mixed(a, d.activation(0, gates.get(0)), g, h);
    }

    /** The same with g = tanh(x Wᵀ + r (h Rᵀ + its bias)), as PyTorch has it. */
    private static State resetLast(Recurrence.Direction d, Value input, State before) {
        Algebra a = d.algebra();
        Value h = before.hidden();
        List<Value> fromInput = d.gates(input, 3);
        List<Value> fromState = d.recurrentGates(h);
        if (fromState.isEmpty()) {
            return mixed(a, d.activation(0, fromInput.get(0)), d.activation(1, fromInput.get(2)), null);
        }
        Value z = d.activation(0, a.add(fromInput.get(0), fromState.get(0)));
        Value r = d.activation(0, a.add(fromInput.get(1), fromState.get(1)));
        return mixed(a, z, d.activation(1, a.add(fromInput.get(2), a.mul(r, fromState.get(2)))), h);
    }

    /** g + z (h - g). */
    private static State mixed(Algebra a, Value z, Value g, @Nullable Value h) {
        return new State(h == null ? a.sub(g, a.mul(z, g)) : a.add(g, a.mul(z, a.sub(h, g))), null);
    }
}
