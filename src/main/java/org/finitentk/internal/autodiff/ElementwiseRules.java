package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import org.finitentk.internal.autodiff.CotangentTerm.Broadcast;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** Arithmetic, functions and choices element by element, with broadcasting. */
final class ElementwiseRules {
    private ElementwiseRules() {}

    static void register(RuleTable r) {
        arithmetic(r);
        powers(r);
        functions(r);
        choices(r);
    }

    private static void arithmetic(RuleTable r) {
        // d(x + y + …) = dx + dy + …
        r.jvp("Add", ElementwiseRules::sum);
        r.jvp("Sum", ElementwiseRules::sum);
        r.lower("Mean", n -> {
            Value[] in = n.node().inputs().stream()
                    .map(n.algebra().builder().shapes()::get)
                    .toArray(Value[]::new);
            n.result(n.algebra().mul(n.algebra().op("Sum", in), 1.0 / in.length));
        });
        r.transpose("Add", n -> {
            n.contribute(0, new Broadcast(n.cotangent()));
            n.contribute(1, new Broadcast(n.cotangent()));
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
            n.contribute(0, new Broadcast(n.cotangent()));
            if (n.isLinear(1)) {
                n.contribute(1, new Broadcast(n.algebra().neg(n.cotangent())));
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
        r.transpose("Mul", n -> transposeProduct(n, n.algebra()::mul));
        r.transpose(GuardedProduct.OP, n -> transposeProduct(n, n.algebra()::guarded));
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
        r.singular("Div", (node, values) -> !values.isDivisor(node.input(1)));
        r.transpose("Div", n -> n.contribute(0, new Broadcast(n.algebra().div(n.cotangent(), n.in(1)))));
        r.transpose(
                GuardedProduct.QUOTIENT,
                n -> n.contribute(0, new Broadcast(n.algebra().guardedQuotient(n.cotangent(), n.in(1)))));
        // d(-x) = -dx
        r.jvp("Neg", Jvp::same);
        r.transpose("Neg", n -> n.contribute(0, n.algebra().neg(n.cotangent())));
        r.jvp("Mod", ElementwiseRules::modJvp);
    }

    private static void powers(RuleTable r) {
        // d(x^p) = p x^(p-1) dx + x^p log(x) dp
        r.jvp("Pow", ElementwiseRules::powJvp);
        // not where p is a whole number of at least 1, or 0, or x stays away from 0
        r.singular(
                "Pow",
                (node, values) ->
                        !values.isWholePower(node.input(1)) && Singularity.NOT_POSITIVE.isPossible(node, values));
        // d sqrt(x) = dx / (2 sqrt(x))
        r.jvp("Sqrt", n -> n.result(n.scaled(0).over(n.algebra().mul(n.out(), 2))));
        r.singular("Sqrt", Singularity.NOT_POSITIVE);
        r.jvp("Exp", n -> n.scaleBy(n.out()));
        r.singular("Exp", (node, values) -> !(values.range(node.input(0)).high() <= Singularity.LARGEST_EXPONENT));
        r.jvp("Log", n -> n.result(n.scaled(0).over(n.algebra().unlessNegative(n.in(0)))));
        r.singular("Log", Singularity.NOT_POSITIVE);
        // d|x| = sign(x) dx, 0 at x = 0
        r.jvp("Abs", n -> n.scaleBy(n.algebra().op("Sign", n.in(0))));
        // d(1/x) = -(1/x)^2 dx
        r.jvp("Reciprocal", n -> n.scaleBy(n.algebra().neg(n.algebra().mul(n.out(), n.out()))));
        r.singular("Reciprocal", (node, values) -> !values.isDivisor(node.input(0)));
    }

    private static void functions(RuleTable r) {
        r.jvp("Sin", n -> n.scaleBy(n.algebra().op("Cos", n.in(0))));
        r.jvp("Cos", n -> n.scaleBy(n.algebra().neg(n.algebra().op("Sin", n.in(0)))));
        // d erf(x) = 2/sqrt(pi) exp(-x^2) dx
        r.jvp("Erf", n -> {
            Algebra a = n.algebra();
            Value gauss = a.op("Exp", a.neg(a.mul(n.in(0), n.in(0))));
            n.scaleBy(a.mul(gauss, 2 / Math.sqrt(Math.PI)));
        });
        r.jvp("Tan", n -> n.scaleBy(n.algebra().add(n.algebra().square(n.out()), 1)));
        // 1 / sqrt((1 - x)(1 + x)): near 1, what is lost in 1 - x² is not
        r.jvp("Asin", n -> n.result(n.scaled(0).over(n.algebra().op("Sqrt", complement(n)))));
        r.singular("Asin", Singularity.outside(-0.999, 0.999));
        r.jvp("Acos", n -> n.result(n.scaled(0).over(n.algebra().neg(n.algebra().op("Sqrt", complement(n))))));
        r.singular("Acos", Singularity.outside(-0.999, 0.999));
        r.jvp("Atan", n -> n.result(n.scaled(0).over(n.algebra().add(n.algebra().square(n.in(0)), 1))));
        r.jvp("Sinh", n -> n.scaleBy(n.algebra().op("Cosh", n.in(0))));
        r.singular("Sinh", Singularity.OVERFLOWING);
        r.jvp("Cosh", n -> n.scaleBy(n.algebra().op("Sinh", n.in(0))));
        r.singular("Cosh", Singularity.OVERFLOWING);
        r.jvp("Asinh", ElementwiseRules::asinhJvp);
        // 1 / sqrt(x² - 1), whose square would overflow
        r.jvp("Acosh", n -> {
            Algebra a = n.algebra();
            n.result(n.scaled(0).over(a.mul(a.op("Sqrt", a.add(n.in(0), -1)), a.op("Sqrt", a.add(n.in(0), 1)))));
        });
        r.singular("Acosh", (node, values) -> !(values.range(node.input(0)).low() > 1.001));
        r.jvp("Atanh", n -> n.result(n.scaled(0).over(n.algebra().unlessNegative(complement(n)))));
        r.singular("Atanh", Singularity.outside(-0.999, 0.999));
    }

    private static void choices(RuleTable r) {
        // Clip passes tangents strictly inside its bounds and at them when x equals a bound exactly (as PyTorch does).
        r.jvp("Clip", ElementwiseRules::clipJvp);
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
        r.jvp("Max", ElementwiseRules::extremum);
        r.jvp("Min", ElementwiseRules::extremum);
        r.constant(
                "Equal",
                "Less",
                "Greater",
                "LessOrEqual",
                "GreaterOrEqual",
                "And",
                "Or",
                "Xor",
                "Not",
                "Sign",
                "Floor",
                "Ceil",
                "Round",
                "IsNaN",
                "IsInf");
    }

    private static void sum(Jvp n) {
        for (int i = 0; i < n.node().inputs().size(); i++) {
            if (n.isActive(i)) {
                n.accumulate(n.scaled(i));
            }
        }
        n.finish();
    }

    private static void transposeProduct(Transposition n, BinaryOperator<Value> product) {
        int linear = n.isLinear(0) ? 0 : 1;
        n.contribute(linear, new Broadcast(product.apply(n.cotangent(), n.in(1 - linear))));
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
        double[] lower = Arrays.stream(constant).map(e -> e == 0 ? 1 : e - 1).toArray();
        return a.builder().constant(Tensor.ofReals(p.type(), lower, p.shape().at(0)));
    }

    /** min(upper, max(x, lower)): each has the derivative where it is what comes out. */
    private static void clipJvp(Jvp n) {
        Algebra a = n.algebra();
        if (n.isActive(0)) {
            ScaledTangent dx = n.scaled(0);
            for (int bound = 1; bound <= 2; bound++) {
                if (n.node().hasInput(bound)) {
                    Value inside = a.op(bound == 1 ? "GreaterOrEqual" : "LessOrEqual", n.in(0), n.in(bound));
                    dx = dx.times(a.cast(inside, n.in(0).type()));
                }
            }
            n.accumulate(dx);
        }
        for (int bound = 1; bound <= 2; bound++) {
            if (n.isActive(bound)) {
                Value beyond = a.cast(beyond(n, bound), n.in(0).type());
                n.accumulate(n.product(n.tangent(bound), beyond));
            }
        }
        n.finish();
    }

    /** Where a bound of Clip is what comes out; the upper one wins where they cross. */
    private static Value beyond(Jvp n, int bound) {
        Algebra a = n.algebra();
        if (bound == 2) {
            Value low = n.node().hasInput(1) ? a.op("Max", n.in(0), n.in(1)) : n.in(0);
            return a.op("Greater", low, n.in(2));
        }
        Value below = a.op("Less", n.in(0), n.in(1));
        return n.node().hasInput(2) ? a.op("And", below, a.op("LessOrEqual", n.in(1), n.in(2))) : below;
    }

    /** x - trunc(x / y) y, where the truncated quotient is constant: (x - out) / y but for rounding. */
    private static void modJvp(Jvp n) {
        Algebra a = n.algebra();
        if (n.node().integer("fmod", 0) == 0) {
            throw n.refused("takes the remainder of floating-point numbers with fmod 0; expected fmod 1");
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
        Value inner = a.add(n.algebra().square(a.div(n.in(0), s)), n.algebra().square(a.op("Reciprocal", s)));
        n.result(n.scaled(0).over(a.mul(s, a.op("Sqrt", inner))));
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
}
