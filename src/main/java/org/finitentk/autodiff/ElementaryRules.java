package org.finitentk.autodiff;

import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Value;

/** Trigonometric and hyperbolic functions, and activation functions that few networks have. */
final class ElementaryRules {
    private ElementaryRules() {
    }

    static void register(Rules r) {
        r.jvp("Tan", n -> n.scaleBy(n.algebra().add(square(n, n.out()), 1)));
        // 1 / sqrt((1 - x)(1 + x)): near 1, what is lost in 1 - x² is not
        r.jvp("Asin", n -> n.result(n.scaled(0).over(n.algebra().op("Sqrt", complement(n)))));
        r.jvp("Acos", n -> n.result(n.scaled(0).over(n.algebra().neg(n.algebra().op("Sqrt", complement(n))))));
        r.jvp("Atan", n -> n.result(n.scaled(0).over(n.algebra().add(square(n, n.in(0)), 1))));
        r.jvp("Sinh", n -> n.scaleBy(n.algebra().op("Cosh", n.in(0))));
        r.jvp("Cosh", n -> n.scaleBy(n.algebra().op("Sinh", n.in(0))));
        r.jvp("Asinh", ElementaryRules::asinhJvp);
        // 1 / sqrt(x² - 1), whose square would overflow
        r.jvp("Acosh", n -> {
            Algebra a = n.algebra();
            n.result(n.scaled(0).over(a.mul(a.op("Sqrt", a.add(n.in(0), -1)), a.op("Sqrt", a.add(n.in(0), 1)))));
        });
        r.jvp("Atanh", n -> n.result(n.scaled(0).over(complement(n))));
        // x / (1 + |x|) has the derivative 1 / (1 + |x|)²
        r.jvp("Softsign", n -> n.scaleBy(square(n, n.algebra().op("Reciprocal", n.algebra().add(n.algebra().op("Abs", n.in(0)), 1)))));
        // exp(min(x, 0) / alpha)
        r.jvp("Celu", n -> {
            Algebra a = n.algebra();
            n.scaleBy(a.op("Exp", a.mul(a.op("Min", n.in(0), constant(n, 0)), 1.0 / n.node().real("alpha", 1))));
        });
        r.jvp("ThresholdedRelu", n -> n.scaleBy(n.algebra().cast(n.algebra().op("Greater", n.in(0), constant(n, n.node().real("alpha", 1))), n.in(0).type())));
        // x - bias beyond lambd, x + bias below -lambd, 0 between
        r.jvp("Shrink", n -> {
            Algebra a = n.algebra();
            n.scaleBy(a.cast(a.op("Greater", a.op("Abs", n.in(0)), constant(n, n.node().real("lambd", 0.5f))), n.in(0).type()));
        });
        // x t with t = tanh(softplus(x)): t + x (1 - t²) sigmoid(x)
        r.jvp("Mish", n -> {
            Algebra a = n.algebra();
            Value t = a.op("Tanh", a.op("Softplus", n.in(0)));
            n.scaleBy(a.add(t, a.mul(a.mul(n.in(0), a.sub(constant(n, 1), square(n, t))), a.op("Sigmoid", n.in(0)))));
        });
        r.jvp("CastLike", n -> n.result(n.algebra().cast(n.tangent(0), n.out().type())));
        r.lower("Mean", n -> {
            Value[] in = n.node().inputs().stream().map(n.algebra().builder().shapes()::get).toArray(Value[]::new);
            n.result(n.algebra().mul(n.algebra().op("Sum", in), 1.0 / in.length));
        });
        r.jvp("Mod", ElementaryRules::modJvp);
        r.constant("Hardmax");
    }

    /** x - trunc(x / y) y, where the truncated quotient is constant: (x - out) / y but for rounding. */
    private static void modJvp(Jvp n) {
        Algebra a = n.algebra();
        if (n.node().integer("fmod", 0) == 0) {
            throw new InvalidModelException(n.node().describe() + " takes the remainder of floating-point numbers with fmod 0; expected fmod 1");
        }
        if (n.isActive(0)) {
            n.accumulate(n.tangent(0));
        }
        if (n.isActive(1)) {
            Value quotient = a.op("Round", a.div(a.sub(n.out(), n.in(0)), n.in(1)));
            n.accumulate(n.product(n.tangent(1), quotient));
        }
        n.finish();
    }

    private static Value square(Jvp n, Value v) {
        return n.algebra().mul(v, v);
    }

    private static Value constant(Jvp n, double number) {
        return n.algebra().scalar(n.in(0), number);
    }

    /** (1 - x)(1 + x). */
    private static Value complement(Jvp n) {
        Algebra a = n.algebra();
        return a.mul(a.sub(constant(n, 1), n.in(0)), a.add(n.in(0), 1));
    }

    /** 1 / sqrt(x² + 1) as 1 / (s sqrt((x / s)² + (1 / s)²)) with s = max(|x|, 1), for x² would overflow. */
    private static void asinhJvp(Jvp n) {
        Algebra a = n.algebra();
        Value s = a.op("Max", a.op("Abs", n.in(0)), constant(n, 1));
        Value inner = a.add(square(n, a.div(n.in(0), s)), square(n, a.op("Reciprocal", s)));
        n.result(n.scaled(0).over(a.mul(s, a.op("Sqrt", inner))));
    }
}
