package org.finitentk.autodiff;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.onnx.Attributes;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Value;

/** Operators that choose among values, element by element. */
final class ChoiceRules {
    private ChoiceRules() {
    }

    static void register(Rules r) {
        r.jvp("Where", n -> {
            Algebra a = n.algebra();
            n.requireInactive(0, "condition");
            Value chosen = a.cast(n.in(0), n.out().type());
            if (n.isActive(1)) {
                n.accumulate(n.product(n.tangent(1), chosen));
            }
            if (n.isActive(2)) {
                n.accumulate(n.product(n.tangent(2), a.sub(a.scalar(chosen, 1), chosen)));
            }
            n.finish();
        });
        r.jvp("Max", ChoiceRules::extremum);
        r.jvp("Min", ChoiceRules::extremum);
        r.jvp("ReduceMax", ChoiceRules::extremumOverAxes);
        r.jvp("ReduceMin", ChoiceRules::extremumOverAxes);
        // x where x > 0, else slope x
        r.jvp("PRelu", n -> {
            Algebra a = n.algebra();
            Value zero = a.scalar(n.in(0), 0);
            if (n.isActive(0)) {
                n.accumulate(n.product(n.tangent(0), a.op("Where", a.op("Greater", n.in(0), zero), a.scalar(zero, 1), n.in(1))));
            }
            if (n.isActive(1)) {
                n.accumulate(n.product(n.tangent(1), a.op("Min", n.in(0), zero)));
            }
            n.finish();
        });
    }

    /** Equal extrema share the tangent. */
    private static void extremum(Jvp n) {
        Algebra a = n.algebra();
        List<Value> reached = new ArrayList<>();
        for (int i = 0; i < n.node().inputs().size(); i++) {
            reached.add(a.cast(a.op("Equal", n.in(i), n.out()), n.out().type()));
        }
        Value count = reached.stream().reduce(a::add).orElseThrow();
        for (int i = 0; i < reached.size(); i++) {
            if (n.isActive(i)) {
                n.accumulate(n.product(n.tangent(i), a.div(reached.get(i), count)));
            }
        }
        n.finish();
    }

    private static void extremumOverAxes(Jvp n) {
        Algebra a = n.algebra();
        Value x = n.in(0);
        double[] given = n.node().hasInput(1) ? n.in(1).constant() : new double[0];
        if (given == null) {
            throw new InvalidModelException(n.node().describe() + " reduces over axes that are computed; expected constant axes");
        }
        long[] axes = java.util.Arrays.stream(given).mapToLong(d -> (long) (d < 0 ? d + x.rank() : d)).toArray();
        if (axes.length == 0) {
            boolean nothing = n.node().integer("noop_with_empty_axes", 0) != 0;
            axes = nothing ? axes : java.util.stream.LongStream.range(0, x.rank()).toArray();
        }
        Value kept = axes.length == 0 ? n.out() : a.op(n.node().op(), new Attributes().integer("keepdims", 1), x, a.builder().vector(axes));
        Value reached = a.cast(a.op("Equal", x, kept), x.type());
        Value share = a.div(reached, a.sum(reached, true, axes));
        n.result(a.reshape(a.sum(n.product(n.tangent(0), share), true, axes), n.out().shape()));
    }
}
