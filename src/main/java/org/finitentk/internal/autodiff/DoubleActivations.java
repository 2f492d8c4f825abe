package org.finitentk.internal.autodiff;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;

/**
 * Activation functions, poolings over everything and choices, in operators that ONNX Runtime has for float64. Nothing
 * differentiates them: a branch that is not taken may be NaN.
 */
final class DoubleActivations {
    private DoubleActivations() {}

    static void register(Map<String, Lowering> t) {
        t.put(
                "LeakyRelu",
                n -> n.result(belowZero(n, n.algebra().mul(n.in(0), n.node().real("alpha", 0.01f)), n.in(0))));
        t.put("PRelu", n -> n.result(belowZero(n, n.algebra().mul(n.in(0), n.in(1)), n.in(0))));
        t.put("ThresholdedRelu", n -> {
            Algebra a = n.algebra();
            Value x = n.in(0);
            n.result(a.op("Where", a.op("Greater", x, a.scalar(x, n.node().real("alpha", 1))), x, a.scalar(x, 0)));
        });
        // ONNX Runtime's own has float64, but computes in float32
        t.put("Shrink", n -> {
            Algebra a = n.algebra();
            Value x = n.in(0);
            float limit = n.node().real("lambd", 0.5f);
            float bias = n.node().real("bias", 0);
            Value below = a.op("Where", a.op("Less", x, a.scalar(x, -limit)), a.add(x, bias), a.scalar(x, 0));
            n.result(a.op("Where", a.op("Greater", x, a.scalar(x, limit)), a.add(x, -bias), below));
        });
        t.put("Elu", n -> n.result(exponentialBelowZero(n, n.node().real("alpha", 1))));
        t.put(
                "Selu",
                n -> n.result(n.algebra()
                        .mul(
                                exponentialBelowZero(n, n.node().real("alpha", 1.6732632f)),
                                n.node().real("gamma", 1.050701f))));
        // max(0, x) + min(0, alpha (exp(x / alpha) - 1))
        t.put("Celu", n -> {
            Algebra a = n.algebra();
            Value x = n.in(0);
            float alpha = n.node().real("alpha", 1);
            n.result(belowZero(
                    n, a.mul(DoubleElementary.expm1(a, a.mul(a.op("Min", x, a.scalar(x, 0)), 1.0 / alpha)), alpha), x));
        });
        t.put("Softplus", n -> n.result(softplus(n.algebra(), n.in(0))));
        t.put("Mish", n -> n.result(n.algebra().mul(n.in(0), n.algebra().op("Tanh", softplus(n.algebra(), n.in(0))))));
        t.put(
                "Softsign",
                n -> n.result(n.algebra()
                        .div(n.in(0), n.algebra().add(n.algebra().op("Abs", n.in(0)), 1))));
        t.put(
                "HardSigmoid",
                n -> n.result(line(n, n.node().real("alpha", 0.2f), n.node().real("beta", 0.5f))));
        t.put("HardSwish", n -> n.result(n.algebra().mul(n.in(0), line(n, 1 / 6.0, 0.5))));
        t.put("Gelu", n -> {
            Algebra a = n.algebra();
            Value x = n.in(0);
            Value inner = a.mul(a.mul(x, a.add(a.mul(a.mul(x, x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
            boolean tanh = n.node().string("approximate", "none").equals("tanh");
            Value twice = tanh ? a.op("Tanh", inner) : DoubleElementary.erf(a, a.mul(x, Math.sqrt(0.5)));
            n.result(a.mul(a.mul(x, a.add(twice, 1)), 0.5));
        });
        t.put("GlobalAveragePool", n -> n.result(overSpace(n, "ReduceMean", n.in(0))));
        t.put("GlobalMaxPool", n -> n.result(overSpace(n, "ReduceMax", n.in(0))));
        t.put("GlobalLpPool", n -> {
            Algebra a = n.algebra();
            double p = n.node().integer("p", 2);
            n.result(power(a, overSpace(n, "ReduceSum", power(a, a.op("Abs", n.in(0)), p)), 1 / p));
        });
        t.put("NonZero", n -> {
            String present = n.algebra().cast(n.in(0), ElementType.BOOL).name();
            n.algebra()
                    .builder()
                    .add(new Node(
                            n.node().name(),
                            "",
                            "NonZero",
                            List.of(present),
                            n.node().outputs(),
                            Attributes.NONE));
        });
        t.put("OneHot", DoubleActivations::oneHot);
        t.put("Hardmax", DoubleActivations::hardmax);
    }

    /** One value where x < 0, another elsewhere and where x is NaN. */
    private static Value belowZero(Rewrite n, Value below, Value rest) {
        Algebra a = n.algebra();
        return a.op("Where", a.op("Less", n.in(0), a.scalar(n.in(0), 0)), below, rest);
    }

    /** x where x >= 0, alpha (exp(x) - 1) below. */
    private static Value exponentialBelowZero(Rewrite n, float alpha) {
        Algebra a = n.algebra();
        Value x = n.in(0);
        return belowZero(n, a.mul(DoubleElementary.expm1(a, a.op("Min", x, a.scalar(x, 0))), alpha), x);
    }

    /** max(x, 0) + log(1 + exp(-|x|)). */
    private static Value softplus(Algebra a, Value x) {
        return a.add(a.op("Relu", x), DoubleElementary.log1p(a, a.op("Exp", a.neg(a.op("Abs", x)))));
    }

    /** max(0, min(1, slope · x + intercept)). */
    private static Value line(Rewrite n, double slope, double intercept) {
        Algebra a = n.algebra();
        Value y = a.add(a.mul(n.in(0), slope), intercept);
        return a.op("Clip", y, a.scalar(y, 0), a.scalar(y, 1));
    }

    private static Value overSpace(Rewrite n, String reduction, Value of) {
        long[] axes = LongStream.range(2, of.rank()).toArray();
        return n.algebra()
                .op(
                        reduction,
                        new Attributes().integer("keepdims", 1),
                        of,
                        n.algebra().builder().vector(axes));
    }

    static Value power(Algebra a, Value x, double exponent) {
        return exponent == 1 ? x : a.op("Pow", x, a.scalar(x, exponent));
    }

    /** off + hot · (on - off), where hot is 0 or 1. */
    private static void oneHot(Rewrite n) {
        Algebra a = n.algebra();
        Value offOn = n.in(2);
        Value hot = hot(n, n.in(0), n.in(1), n.node().integer("axis", -1));
        Value off = a.slice(offOn, 0, 0, 1);
        n.result(a.add(off, a.mul(hot, a.sub(a.slice(offOn, 0, 1, 2), off))));
    }

    /** 1 at the first maximum. */
    private static void hardmax(Rewrite n) {
        Algebra a = n.algebra();
        int axis = n.axis("axis", -1);
        long depth = n.requireStatic(n.in(0).shape().slice(axis, axis + 1), "size along its axis")
                .dim(0);
        Value best = a.op("ArgMax", new Attributes().integer("axis", axis).integer("keepdims", 0), n.in(0));
        n.result(hot(n, best, a.builder().constant(Tensor.ofLongs(new long[] {depth})), axis));
    }

    private static Value hot(Rewrite n, Value index, Value depth, long axis) {
        Value values = n.algebra().builder().constant(Tensor.ofFloats(new float[] {0, 1}, 2));
        return n.algebra()
                .cast(
                        n.algebra().op("OneHot", new Attributes().integer("axis", axis), index, depth, values),
                        ElementType.DOUBLE);
    }
}
