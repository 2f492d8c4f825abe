package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.finitentk.internal.autodiff.CotangentTerm.Repeated;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/** Sums, means, norms, products and extrema over axes. */
final class ReductionRules {
    private ReductionRules() {}

    static void register(RuleTable r) {
        r.jvp("ReduceSum", Jvp::same);
        r.transpose("ReduceSum", n -> n.contribute(0, new Repeated(kept(n))));
        r.jvp("ReduceMean", Jvp::same);
        r.transpose("ReduceMean", n -> {
            Shape x = n.in(0).shape();
            long count = 1;
            for (int axis : axes(n)) {
                if (x.dim(axis) < 0) {
                    throw n.refusedOpen("takes the mean over", x);
                }
                count *= x.dim(axis);
            }
            n.contribute(0, new Repeated(n.algebra().mul(kept(n), 1.0 / count)));
        });
        r.jvp("ReduceSumSquare", n -> n.result(n.algebra().mul(weighted(n, n.in(0)), 2)));
        // the derivative at 0 is 0
        r.jvp("ReduceL1", n -> n.result(weighted(n, n.algebra().op("Sign", n.in(0)))));
        // Σ (x / |x|) dx; 0 where all x are 0. Divided first, for 1 / |x| and x dx may be no ordinary numbers
        r.jvp("ReduceL2", n -> {
            Algebra a = n.algebra();
            Value length = a.op("Where", a.op("Equal", n.out(), a.scalar(n.out(), 0)), a.scalar(n.out(), 1), n.out());
            n.result(weighted(n, a.div(n.in(0), a.reshape(length, kept(n.in(0).shape(), axes(n))))));
        });
        // Σ dx / Σ x
        r.jvp(
                "ReduceLogSum",
                n -> n.result(n.quotient(weighted(n, null), n.algebra().unlessNegative(sum(n, n.in(0))))));
        r.singular("ReduceLogSum", Singularity.NOT_POSITIVE);
        // exp(x - out); where all x are -inf, which masks make, that is 0
        r.jvp("ReduceLogSumExp", n -> {
            Algebra a = n.algebra();
            Value finite = a.op("Where", a.op("IsInf", n.out()), a.scalar(n.out(), 0), n.out());
            n.result(weighted(
                    n, a.op("Exp", a.sub(n.in(0), a.reshape(finite, kept(n.in(0).shape(), axes(n)))))));
        });
        r.jvp("ReduceProd", n -> n.result(weighted(n, productOfOthers(n))));
        r.jvp("ReduceMax", ReductionRules::extremumOverAxes);
        r.jvp("ReduceMin", ReductionRules::extremumOverAxes);
        r.constant("ArgMax", "ArgMin");
    }

    /** The sum of the tangent's elements, each with a weight, over the axes that the node reduces. */
    private static Value weighted(Jvp n, @Nullable Value weights) {
        return sum(n, weights == null ? n.tangent(0) : n.product(n.tangent(0), weights));
    }

    /** The sum over the axes that the node reduces. */
    private static Value sum(Jvp n, Value terms) {
        return n.algebra()
                .sum(
                        terms,
                        n.node().integer("keepdims", 1) != 0,
                        axes(n).stream().mapToLong(Integer::longValue).toArray());
    }

    /** What all other elements make together; exact also where some are 0. */
    private static Value productOfOthers(Jvp n) {
        Algebra a = n.algebra();
        Value x = n.in(0);
        long[] axes = axes(n).stream().mapToLong(Integer::longValue).toArray();
        Value isZero = a.cast(a.op("Equal", x, a.scalar(x, 0)), x.type());
        Value zeros = a.sum(isZero, true, axes);
        Value rest = a.add(x, isZero);
        Value product = a.op("ReduceProd", rest, a.builder().vector(axes));
        // how many of the others are 0 decides, not how many of all
        Value alone = a.cast(a.op("Equal", zeros, isZero), x.type());
        return a.mul(a.div(product, rest), alone);
    }

    /** The output's cotangent with the reduced axes kept as size 1. */
    private static Value kept(Transposition n) {
        return n.algebra().reshape(n.cotangent(), kept(n.in(0).shape(), axes(n)));
    }

    private static Shape kept(Shape x, List<Integer> axes) {
        Shape shape = x;
        for (int axis : axes) {
            shape = shape.slice(0, axis).append(1).concat(shape.slice(axis + 1, shape.rank()));
        }
        return shape;
    }

    private static List<Integer> axes(Transposition n) {
        return axes(n.node(), n.in(0).rank(), n.node().hasInput(1) ? n.in(1).constant() : new double[0]);
    }

    /** Of norms and products: without axes it is not settled what they are. */
    private static List<Integer> axes(Jvp n) {
        List<Integer> axes =
                axes(n.node(), n.in(0).rank(), n.node().hasInput(1) ? n.in(1).constant() : new double[0]);
        if (axes.isEmpty()) {
            throw n.refused("reduces over no axes; expected at least one");
        }
        return axes;
    }

    private static List<Integer> axes(Node node, int rank, double @Nullable [] given) {
        if (given == null) {
            throw new InvalidModelException(
                    node.describe() + " reduces over axes that are computed; expected constant axes");
        }
        List<Integer> axes = new ArrayList<>();
        for (double axis : given) {
            axes.add((int) (axis < 0 ? axis + rank : axis));
        }
        if (axes.isEmpty() && node.integer("noop_with_empty_axes", 0) == 0) {
            for (int i = 0; i < rank; i++) {
                axes.add(i);
            }
        }
        return axes;
    }

    private static void extremumOverAxes(Jvp n) {
        Algebra a = n.algebra();
        Value x = n.in(0);
        double[] given = n.node().hasInput(1) ? n.in(1).constant() : new double[0];
        if (given == null) {
            throw n.refused("reduces over axes that are computed; expected constant axes");
        }
        long[] axes = Arrays.stream(given)
                .mapToLong(d -> (long) (d < 0 ? d + x.rank() : d))
                .toArray();
        if (axes.length == 0) {
            boolean nothing = n.node().integer("noop_with_empty_axes", 0) != 0;
            axes = nothing ? axes : LongStream.range(0, x.rank()).toArray();
        }
        Value kept = axes.length == 0
                ? n.out()
                : a.op(
                        n.node().op(),
                        new Attributes().integer("keepdims", 1),
                        x,
                        a.builder().vector(axes));
        Value reached = a.cast(a.op("Equal", x, kept), x.type());
        Value share = a.div(reached, a.sum(reached, true, axes));
        n.result(a.reshape(
                a.sum(n.product(n.tangent(0), share), true, axes), n.out().shape()));
    }
}
