package org.finitentk.autodiff;

import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.Value;
import org.jspecify.annotations.Nullable;

/** Arithmetic and elementary functions, with numpy broadcasting. */
final class ElementwiseRules {
    private ElementwiseRules() {
    }

    static void register(Rules r) {
        r.constant("Shape", "Size", "ArgMax", "ArgMin", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor",
            "Not", "Sign", "Floor", "Ceil", "Round", "IsNaN", "IsInf", "ConstantOfShape", "Range", "NonZero", "OneHot");

        // d(x + y) = dx + dy
        r.jvp("Add", ElementwiseRules::addJvp);
        r.transpose("Add", n -> {
            n.contributeBroadcast(0, n.cotangent());
            n.contributeBroadcast(1, n.cotangent());
        });

        // d(x - y) = dx - dy
        r.jvp("Sub", n -> {
            Algebra a = n.algebra();
            if (n.isActive(0) && n.isActive(1)) {
                ScaledTangent difference = n.scaled(0).minus(n.scaled(1));
                n.result(difference != null ? difference : ScaledTangent.of(a, a.sub(n.tangent(0), n.tangent(1))));
            } else if (n.isActive(0)) {
                n.result(n.scaled(0));
            } else {
                n.result(a.neg(n.tangent(1)));
            }
        });
        r.transpose("Sub", n -> {
            n.contributeBroadcast(0, n.cotangent());
            if (n.isLinear(1)) {
                n.contributeBroadcast(1, n.algebra().neg(n.cotangent()));
            }
        });

        // d(x y) = y dx + x dy
        r.jvp("Mul", n -> {
            if (n.isActive(0)) {
                n.accumulate(n.scaled(0).times(n.in(1)));
            }
            if (n.isActive(1)) {
                n.accumulate(n.scaled(1).times(n.in(0)));
            }
            n.finish();
        });
        r.transpose("Mul", n -> {
            int linear = n.isLinear(0) ? 0 : 1;
            n.contributeBroadcast(linear, n.algebra().mul(n.cotangent(), n.in(1 - linear)));
        });

        // d(x / y) = (dx - (x / y) dy) / y
        r.jvp("Div", n -> {
            Algebra a = n.algebra();
            if (n.isActive(1)) {
                Value down = n.product(n.tangent(1), n.out());
                n.result(n.quotient(n.isActive(0) ? a.sub(n.tangent(0), down) : a.neg(down), n.in(1)));
            } else {
                n.result(n.scaled(0).over(n.in(1)));
            }
        });
        r.transpose("Div", n -> n.contributeBroadcast(0, n.algebra().div(n.cotangent(), n.in(1))));

        // d(x + y + …) = dx + dy + …
        r.jvp("Sum", n -> {
            for (int i = 0; i < n.node().inputs().size(); i++) {
                if (n.isActive(i)) {
                    n.accumulate(n.scaled(i));
                }
            }
            n.finish();
        });

        r.jvp("Sin", n -> n.scaleBy(n.algebra().op("Cos", n.in(0))));
        r.jvp("Cos", n -> n.scaleBy(n.algebra().neg(n.algebra().op("Sin", n.in(0)))));

        // d(-x) = -dx
        r.jvp("Neg", Jvp::same);
        r.transpose("Neg", n -> n.contribute(0, n.algebra().neg(n.cotangent())));

        // d(x^p) = p x^(p-1) dx + x^p log(x) dp
        r.jvp("Pow", ElementwiseRules::powJvp);

        // d sqrt(x) = dx / (2 sqrt(x))
        r.jvp("Sqrt", n -> n.result(n.scaled(0).over(n.algebra().mul(n.out(), 2))));
        r.jvp("Exp", n -> n.scaleBy(n.out()));
        r.jvp("Log", n -> n.result(n.scaled(0).over(n.in(0))));
        // d|x| = sign(x) dx, 0 at x = 0
        r.jvp("Abs", n -> n.scaleBy(n.algebra().op("Sign", n.in(0))));
        // d(1/x) = -(1/x)^2 dx
        r.jvp("Reciprocal", n -> n.scaleBy(n.algebra().neg(n.algebra().mul(n.out(), n.out()))));
        // d erf(x) = 2/sqrt(pi) exp(-x^2) dx
        r.jvp("Erf", n -> {
            Algebra a = n.algebra();
            Value gauss = a.op("Exp", a.neg(a.mul(n.in(0), n.in(0))));
            n.scaleBy(a.mul(gauss, 2 / Math.sqrt(Math.PI)));
        });
        // Clip passes tangents strictly inside its bounds and at them when x equals a bound exactly (as PyTorch does).
        r.jvp("Clip", ElementwiseRules::clipJvp);
    }

    private static void addJvp(Jvp n) {
        for (int i = 0; i < 2; i++) {
            if (n.isActive(i)) {
                n.accumulate(n.scaled(i));
            }
        }
        n.finish();
    }

    private static void powJvp(Jvp n) {
        Algebra a = n.algebra();
        Value x = n.in(0);
        Value p = a.cast(n.in(1), x.type());
        if (n.isActive(0)) {
            double[] constant = n.in(1).constant();
            boolean square = constant != null && constant.length == 1 && constant[0] == 2;
            n.accumulate(n.scaled(0).times(square ? a.mul(x, 2) : a.mul(p, a.op("Pow", x, oneLess(a, p, constant)))));
        }
        if (n.isActive(1)) {
            // x^p log(x) tends to 0 with x, where log alone would make it NaN
            Value positive = a.op("Greater", x, a.scalar(x, 0));
            Value log = a.op("Log", a.op("Where", positive, x, a.scalar(x, 1)));
            n.accumulate(n.product(a.cast(n.tangent(1), x.type()), a.mul(n.out(), log)));
        }
        n.finish();
    }

    /** p - 1; but 1 where p is 0, so that 0 · 0^-1 is not NaN: x^0 has derivative 0 everywhere. */
    private static Value oneLess(Algebra a, Value p, double @Nullable [] constant) {
        if (constant == null) {
            return a.op("Where", a.op("Equal", p, a.scalar(p, 0)), a.scalar(p, 1), a.add(p, -1));
        }
        double[] lower = java.util.Arrays.stream(constant).map(e -> e == 0 ? 1 : e - 1).toArray();
        return a.builder().constant(Tensor.ofReals(p.type(), lower, p.shape().at(0)));
    }

    private static void clipJvp(Jvp n) {
        Algebra a = n.algebra();
        n.requireInactive(1, "lower bound");
        n.requireInactive(2, "upper bound");
        ScaledTangent dx = n.scaled(0);
        for (int bound = 1; bound <= 2; bound++) {
            if (n.node().hasInput(bound)) {
                Value inside = a.op(bound == 1 ? "GreaterOrEqual" : "LessOrEqual", n.in(0), n.in(bound));
                dx = dx.times(a.cast(inside, n.in(0).type()));
            }
        }
        n.result(dx);
    }
}
