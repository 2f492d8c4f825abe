package org.finitentk.internal.autodiff;

import java.util.Map;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;

/**
 * Elementary functions in operators that ONNX Runtime has for float64: Exp, Log, Sqrt, Sin, Tanh and arithmetic. Right
 * to a few units in the last place; sines of large angles to some 1e-16 of the angle. Nothing differentiates these: a
 * branch that is not taken may be NaN.
 */
final class DoubleElementary {
    /**
     * Terms of erf's power series below 1/2, and of the Chebyshev series of erfc(x) exp(x²) in 4 / (2 + x) - 1
     * elsewhere.
     */
    private static final int POWERS = 12;

    private static final double[] SCALED_ERFC = chebyshev(32);

    private DoubleElementary() {}

    static void register(Map<String, Lowering> t) {
        t.put("Cos", n -> n.result(cos(n.algebra(), n.in(0))));
        t.put("Tan", n -> n.result(n.algebra().div(n.algebra().op("Sin", n.in(0)), cos(n.algebra(), n.in(0)))));
        t.put("Atan", n -> n.result(atan(n.algebra(), n.in(0))));
        // asin x = 2 atan(x / (1 + sqrt(1 - x²))), acos x = 2 atan(sqrt((1 - x) / (1 + x)))
        t.put("Asin", n -> {
            Algebra a = n.algebra();
            Value x = n.in(0);
            Value cosine = a.op("Sqrt", a.mul(a.add(a.neg(x), 1), a.add(x, 1)));
            n.result(a.mul(atan(a, a.div(x, a.add(cosine, 1))), 2));
        });
        t.put("Acos", n -> {
            Algebra a = n.algebra();
            Value x = n.in(0);
            n.result(a.mul(atan(a, a.op("Sqrt", a.div(a.add(a.neg(x), 1), a.add(x, 1)))), 2));
        });
        t.put("Sinh", n -> n.result(sinh(n.algebra(), n.in(0))));
        t.put("Cosh", n -> n.result(cosh(n.algebra(), n.in(0))));
        t.put("Asinh", n -> n.result(asinh(n.algebra(), n.in(0))));
        t.put("Acosh", n -> n.result(acosh(n.algebra(), n.in(0))));
        // sign(x) log1p(2 |x| / (1 - |x|)) / 2
        t.put("Atanh", n -> {
            Algebra a = n.algebra();
            Value size = a.op("Abs", n.in(0));
            Value quotient = a.div(a.mul(size, 2), a.add(a.neg(size), 1));
            n.result(a.mul(a.mul(a.op("Sign", n.in(0)), log1p(a, quotient)), 0.5));
        });
        t.put("Erf", n -> n.result(erf(n.algebra(), n.in(0))));
    }

    /** exp(x) - 1 for x <= 0: 2 t / (1 - t) with t = tanh(x / 2). */
    static Value expm1(Algebra a, Value x) {
        Value t = a.op("Tanh", a.mul(x, 0.5));
        return a.div(a.mul(t, 2), a.add(a.neg(t), 1));
    }

    /** log(1 + x) for x >= 0: with u = 1 + x as it is rounded, log(u) x / (u - 1). */
    static Value log1p(Algebra a, Value x) {
        Value u = a.add(x, 1);
        Value log = a.op("Log", u);
        Value rounded = a.sub(u, a.scalar(u, 1));
        Value corrected = a.op("Where", a.op("Equal", rounded, a.scalar(x, 0)), x, a.mul(log, a.div(x, rounded)));
        return a.op("Where", a.op("Less", x, a.scalar(x, 1e15)), corrected, log);
    }

    /** 1 - 2 sin²(x / 2). */
    private static Value cos(Algebra a, Value x) {
        Value half = a.op("Sin", a.mul(x, 0.5));
        return a.add(a.mul(a.mul(half, half), -2), 1);
    }

    /**
     * With y the float32 arctangent: atan x = y + atan((x - tan y) / (1 + x tan y)), whose last term is so small that
     * it is its own tangent. Beyond 1 in size, atan x = sign(x) π/2 - atan(1 / x).
     */
    private static Value atan(Algebra a, Value x) {
        Value large = a.op("Greater", a.op("Abs", x), a.scalar(x, 1));
        Value z = a.op("Where", large, a.op("Reciprocal", x), x);
        Value y = a.cast(a.op("Atan", a.cast(z, ElementType.FLOAT)), ElementType.DOUBLE);
        Value sine = a.op("Sin", y);
        Value cosine = cos(a, y);
        Value rest = a.div(a.sub(a.mul(z, cosine), sine), a.add(cosine, a.mul(z, sine)));
        Value small = a.add(y, rest);
        return a.op("Where", large, a.sub(a.mul(a.op("Sign", x), Math.PI / 2), small), small);
    }

    /**
     * 2 t / (1 - t²) with t = tanh(x / 2) below 1 in size; elsewhere the exponentials, halved so as not to overflow
     * early.
     */
    private static Value sinh(Algebra a, Value x) {
        Value size = a.op("Abs", x);
        Value t = a.op("Tanh", a.mul(x, 0.5));
        Value near = a.div(a.mul(t, 2), a.add(a.neg(a.mul(t, t)), 1));
        Value root = a.op("Exp", a.mul(size, 0.5));
        Value far = a.sub(a.mul(a.mul(root, 0.5), root), a.mul(a.op("Exp", a.neg(size)), 0.5));
        return a.op("Where", a.op("Less", size, a.scalar(x, 1)), near, a.mul(a.op("Sign", x), far));
    }

    private static Value cosh(Algebra a, Value x) {
        Value size = a.op("Abs", x);
        Value root = a.op("Exp", a.mul(size, 0.5));
        return a.add(a.mul(a.mul(root, 0.5), root), a.mul(a.op("Exp", a.neg(size)), 0.5));
    }

    /** sign(x) log1p(s + s² / (1 + sqrt(1 + s²))) with s = |x| up to 1; beyond, log s + log(1 + sqrt(1 + 1/s²)). */
    private static Value asinh(Algebra a, Value x) {
        Value size = a.op("Abs", x);
        Value square = a.mul(size, size);
        Value near = log1p(a, a.add(size, a.div(square, a.add(a.op("Sqrt", a.add(square, 1)), 1))));
        Value inverse = a.op("Reciprocal", size);
        Value far = a.add(a.op("Log", size), a.op("Log", a.add(a.op("Sqrt", a.add(a.mul(inverse, inverse), 1)), 1)));
        return a.mul(a.op("Sign", x), a.op("Where", a.op("Less", size, a.scalar(x, 1)), near, far));
    }

    /** log1p(d + sqrt(d (d + 2))) with d = x - 1 up to x = 2; beyond, log x + log(1 + sqrt(1 - 1/x²)). */
    private static Value acosh(Algebra a, Value x) {
        Value d = a.add(x, -1);
        Value near = log1p(a, a.add(d, a.op("Sqrt", a.mul(d, a.add(d, 2)))));
        Value inverse = a.op("Reciprocal", x);
        Value far =
                a.add(a.op("Log", x), a.op("Log", a.add(a.op("Sqrt", a.add(a.neg(a.mul(inverse, inverse)), 1)), 1)));
        return a.op("Where", a.op("Less", x, a.scalar(x, 2)), near, far);
    }

    /** The power series below 1/2 in size; elsewhere 1 - exp(-x²) times the series of the scaled complement. */
    static Value erf(Algebra a, Value x) {
        Value square = a.mul(x, x);
        Value near = a.mul(x, powers(a, square));
        Value size = a.op("Abs", x);
        Value t = a.add(a.div(a.scalar(x, 4), a.add(size, 2)), -1);
        Value complement = a.mul(a.op("Exp", a.neg(square)), series(a, t));
        Value far = a.mul(a.op("Sign", x), a.add(a.neg(complement), 1));
        Value exact = a.op("Where", a.op("Less", size, a.scalar(x, 0.5)), near, far);
        // beyond 6 erf is 1 in float64, and the square may be infinite
        return a.op("Where", a.op("Greater", size, a.scalar(x, 6)), a.op("Sign", x), exact);
    }

    /** 2 / sqrt(π) Σ (-s)^i / (i! (2 i + 1)), by Horner's rule. */
    private static Value powers(Algebra a, Value s) {
        double[] coefficients = new double[POWERS];
        double factorial = 1;
        for (int i = 0; i < POWERS; i++) {
            factorial *= Math.max(1, i);
            coefficients[i] = (i % 2 == 0 ? 2 : -2) / (Math.sqrt(Math.PI) * factorial * (2 * i + 1));
        }
        Value sum = a.scalar(s, coefficients[POWERS - 1]);
        for (int i = POWERS - 2; i >= 0; i--) {
            sum = a.add(a.mul(sum, s), coefficients[i]);
        }
        return sum;
    }

    /** Clenshaw's rule. */
    private static Value series(Algebra a, Value t) {
        Value twice = a.mul(t, 2);
        Value next = a.scalar(t, SCALED_ERFC[SCALED_ERFC.length - 1]);
        Value afterNext = a.scalar(t, 0);
        for (int i = SCALED_ERFC.length - 2; i > 0; i--) {
            Value own = a.add(a.sub(a.mul(twice, next), afterNext), SCALED_ERFC[i]);
            afterNext = next;
            next = own;
        }
        return a.add(a.sub(a.mul(t, next), afterNext), SCALED_ERFC[0] / 2);
    }

    /**
     * Coefficients of erfc(x) exp(x²) for x >= 0 as a series of Chebyshev polynomials in t = 4 / (2 + x) - 1, from its
     * values at their nodes.
     */
    private static double[] chebyshev(int count) {
        double[] coefficients = new double[count];
        for (int k = 0; k < count; k++) {
            double angle = Math.PI * (k + 0.5) / count;
            double value = scaledErfc(4 / (Math.cos(angle) + 1) - 2);
            for (int i = 0; i < count; i++) {
                coefficients[i] += 2.0 / count * value * Math.cos(i * angle);
            }
        }
        return coefficients;
    }

    /**
     * The power series of exp(x²) erf(x), whose terms are all positive, for small x; the continued fraction elsewhere.
     */
    private static double scaledErfc(double x) {
        if (x < 1) {
            double term = 2 / Math.sqrt(Math.PI) * x;
            double sum = 0;
            for (int i = 0; i < 60; i++) {
                sum += term;
                term *= 2 * x * x / (2 * i + 3);
            }
            return Math.exp(x * x) - sum;
        }
        double fraction = x;
        for (int i = 400; i > 0; i--) {
            fraction = x + i / 2.0 / fraction;
        }
        return 1 / (Math.sqrt(Math.PI) * fraction);
    }
}
