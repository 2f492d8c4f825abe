package org.finitentk.internal.autodiff;

import java.util.List;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;

/**
 * Activation functions. At a kink the derivative is that of the side on which the function is constant or flatter (0
 * for Relu at 0).
 */
final class ActivationRules {
    private ActivationRules() {}

    static void register(RuleTable r) {
        // 1 - tanh²
        r.jvp("Tanh", n -> {
            Algebra a = n.algebra();
            n.scaleBy(a.sub(a.scalar(n.out(), 1), a.mul(n.out(), n.out())));
        });
        // s (1 - s)
        r.jvp("Sigmoid", n -> {
            Algebra a = n.algebra();
            n.scaleBy(a.mul(n.out(), a.sub(a.scalar(n.out(), 1), n.out())));
        });
        r.jvp("Relu", n -> n.scaleBy(step(n)));
        r.jvp(
                "LeakyRelu",
                n -> n.scaleBy(select(n, constant(n, 1), constant(n, n.node().real("alpha", 0.01f)))));
        r.primal("Elu", (node, a) -> node.real("alpha", 1) == 1 ? eluAndSlope(node, a) : a.plain(node));
        // alpha exp(x) = y + alpha where x <= 0
        r.jvp(
                "Elu",
                n -> n.scaleBy(
                        n.node().outputs().size() > 1
                                ? n.out(1)
                                : select(
                                        n,
                                        constant(n, 1),
                                        n.algebra().add(n.out(), n.node().real("alpha", 1)))));
        // gamma alpha exp(x) = y + gamma alpha where x <= 0
        r.jvp("Selu", n -> {
            float alpha = n.node().real("alpha", 1.6732632f);
            float gamma = n.node().real("gamma", 1.050701f);
            n.scaleBy(select(n, constant(n, gamma), n.algebra().add(n.out(), (double) gamma * alpha)));
        });
        r.jvp("Softplus", n -> n.scaleBy(n.algebra().op("Sigmoid", n.in(0))));
        // alpha where y = alpha x + beta is between 0 and 1
        r.jvp(
                "HardSigmoid",
                n -> n.scaleBy(n.algebra().mul(between(n, n.out()), n.node().real("alpha", 0.2f))));
        // y = x h with h = HardSigmoid(x), alpha = 1/6
        r.jvp("HardSwish", n -> {
            Algebra a = n.algebra();
            // as an attribute, a sixth has single precision
            Value h = n.out().type() == ElementType.FLOAT
                    ? a.op("HardSigmoid", new Attributes().real("alpha", 1 / 6f), n.in(0))
                    : a.op("Clip", a.add(a.mul(n.in(0), 1 / 6.0), 0.5), constant(n, 0), constant(n, 1));
            n.scaleBy(a.add(h, a.mul(a.mul(between(n, h), n.in(0)), 1 / 6.0)));
        });
        r.jvp("Gelu", n -> n.scaleBy(n.node().string("approximate", "none").equals("tanh") ? tanhGelu(n) : gelu(n)));
        r.jvp("Softmax", n -> {
            Algebra a = n.algebra();
            Value y = n.tame(n.out(), n.out());
            Value weighted = n.scaled(0).times(y).value();
            n.result(a.sub(weighted, n.product(a.sum(weighted, true, n.axis("axis", -1)), y)));
        });
        r.jvp("LogSoftmax", n -> {
            Algebra a = n.algebra();
            Value weighted = n.product(n.tangent(0), n.tame(a.op("Exp", n.out()), n.out()));
            n.result(a.sub(n.tangent(0), a.sum(weighted, true, n.axis("axis", -1))));
        });
        // x where x > 0, else slope x
        r.jvp("PRelu", n -> {
            Algebra a = n.algebra();
            Value zero = a.scalar(n.in(0), 0);
            if (n.isActive(0)) {
                n.accumulate(n.product(
                        n.tangent(0), a.op("Where", a.op("Greater", n.in(0), zero), a.scalar(zero, 1), n.in(1))));
            }
            if (n.isActive(1)) {
                n.accumulate(n.product(n.tangent(1), a.op("Min", n.in(0), zero)));
            }
            n.finish();
        });
        // x / (1 + |x|) has the derivative 1 / (1 + |x|)²
        r.jvp(
                "Softsign",
                n -> n.scaleBy(n.algebra()
                        .square(n.algebra()
                                .op("Reciprocal", n.algebra().add(n.algebra().op("Abs", n.in(0)), 1)))));
        // exp(min(x, 0) / alpha)
        r.jvp("Celu", n -> {
            Algebra a = n.algebra();
            n.scaleBy(a.op(
                    "Exp",
                    a.mul(a.op("Min", n.in(0), constant(n, 0)), 1.0 / n.node().real("alpha", 1))));
        });
        r.jvp(
                "ThresholdedRelu",
                n -> n.scaleBy(n.algebra()
                        .cast(
                                n.algebra()
                                        .op(
                                                "Greater",
                                                n.in(0),
                                                constant(n, n.node().real("alpha", 1))),
                                n.in(0).type())));
        // x - bias beyond lambd, x + bias below -lambd, 0 between
        r.jvp("Shrink", n -> {
            Algebra a = n.algebra();
            n.scaleBy(a.cast(
                    a.op("Greater", a.op("Abs", n.in(0)), constant(n, n.node().real("lambd", 0.5f))),
                    n.in(0).type()));
        });
        // x t with t = tanh(softplus(x)): t + x (1 - t²) sigmoid(x)
        r.jvp("Mish", n -> {
            Algebra a = n.algebra();
            Value t = a.op("Tanh", a.op("Softplus", n.in(0)));
            n.scaleBy(a.add(t, a.mul(a.mul(n.in(0), a.sub(constant(n, 1), a.square(t))), a.op("Sigmoid", n.in(0)))));
        });
        r.constant("Hardmax");
    }

    /**
     * 1 where Relu's output is positive, however small, else 0: by comparison a fifth of Sign's time in ONNX Runtime.
     */
    private static Value step(Jvp n) {
        return n.algebra()
                .cast(
                        n.algebra().op("Greater", n.out(), constant(n, 0)),
                        n.out().type());
    }

    /**
     * max(x, e - 1) with e = exp(min(x, 0)), which is the derivative. ONNX Runtime takes 1.3 ms for these four
     * operators on a million floats (its Exp is vectorized for the processor at hand), and 2 ms for Elu and its
     * derivative made from the output.
     */
    private static Node eluAndSlope(Node node, Algebra a) {
        Value x = a.builder().shapes().get(node.input(0));
        Value e = a.op("Exp", a.op("Min", x, a.scalar(x, 0)));
        List<String> inputs = List.of(x.name(), a.sub(e, a.scalar(x, 1)).name());
        a.plain(new Node(node.name(), "", "Max", inputs, node.outputs(), Attributes.NONE));
        return new Node(node.name(), "", node.op(), node.inputs(), List.of(node.output(), e.name()), node.attributes());
    }

    /** 1 where 0 < v < 1 of a value in [0, 1], else 0. */
    private static Value between(Jvp n, Value v) {
        Algebra a = n.algebra();
        return a.mul(a.op("Sign", v), a.op("Sign", a.sub(constant(n, 1), v)));
    }

    /** x Phi(x) has the derivative Phi(x) + x phi(x). */
    private static Value gelu(Jvp n) {
        Algebra a = n.algebra();
        Value cumulative = a.mul(a.add(a.op("Erf", a.mul(n.in(0), Math.sqrt(0.5))), 1), 0.5);
        Value density = a.mul(a.op("Exp", a.mul(a.mul(n.in(0), n.in(0)), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return a.add(cumulative, a.mul(n.in(0), density));
    }

    /**
     * x (1 + t) / 2 with t = tanh(c (x + b x^3)); beyond 20, where t is 1 for all digits, x is cut off so that no
     * square overflows.
     */
    private static Value tanhGelu(Jvp n) {
        Algebra a = n.algebra();
        double c = Math.sqrt(2 / Math.PI);
        double b = 0.044715;
        Value x = a.op("Clip", n.in(0), constant(n, -20), constant(n, 20));
        Value square = a.mul(x, x);
        Value t = a.op("Tanh", a.mul(a.mul(x, a.add(a.mul(square, b), 1)), c));
        Value slope = a.mul(a.add(a.mul(square, 3 * b), 1), c);
        Value inner = a.mul(a.mul(x, a.sub(constant(n, 1), a.mul(t, t))), slope);
        return a.mul(a.add(a.add(t, 1), inner), 0.5);
    }

    private static Value constant(Jvp n, double number) {
        return n.algebra().scalar(n.in(0), number);
    }

    /** One derivative where x > 0, another elsewhere. */
    private static Value select(Jvp n, Value positive, Value rest) {
        Algebra a = n.algebra();
        return a.op("Where", a.op("Greater", n.in(0), constant(n, 0)), positive, rest);
    }
}
