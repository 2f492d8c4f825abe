package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.ElementType;

/** Reference semantics of arithmetic, functions and choices element by element. */
final class ReferenceElementwise {
    private ReferenceElementwise() {}

    static void register(Map<String, Operator> t) {
        unary(t, "Neg", x -> -x);
        unary(t, "Sqrt", Math::sqrt);
        unary(t, "Exp", Math::exp);
        unary(t, "Log", Math::log);
        unary(t, "Abs", Math::abs);
        unary(t, "Sign", Math::signum);
        unary(t, "Floor", Math::floor);
        unary(t, "Reciprocal", x -> 1 / x);
        unary(t, "Erf", ReferenceElementwise::erf);
        unary(t, "Sin", Math::sin);
        unary(t, "Cos", Math::cos);
        t.put("IsInf", (n, in) -> List.of(map(in[0], x -> Double.isInfinite(x) ? 1 : 0)));
        t.put("IsNaN", (n, in) -> List.of(map(in[0], x -> Double.isNaN(x) ? 1 : 0)));
        t.put("Not", (n, in) -> List.of(map(in[0], x -> x == 0 ? 1 : 0)));
        binary(t, "Add", Double::sum);
        binary(t, "Sub", (a, b) -> a - b);
        binary(t, "Mul", (a, b) -> a * b);
        t.put(
                "Div",
                (n, in) -> List.of(broadcast(
                        in[0],
                        in[1],
                        in[0].type(),
                        in[0].type().isDifferentiable() ? (a, b) -> a / b : (a, b) -> (long) (a / b))));
        binary(t, "Pow", Math::pow);
        fold(t, "Min", Math::min);
        fold(t, "Max", Math::max);
        fold(t, "Sum", Double::sum);
        comparison(t, "Equal", (a, b) -> a == b ? 1 : 0);
        comparison(t, "Less", (a, b) -> a < b ? 1 : 0);
        comparison(t, "Greater", (a, b) -> a > b ? 1 : 0);
        comparison(t, "LessOrEqual", (a, b) -> a <= b ? 1 : 0);
        comparison(t, "GreaterOrEqual", (a, b) -> a >= b ? 1 : 0);
        comparison(t, "And", (a, b) -> a * b);
        comparison(t, "Or", Math::max);
        unary(t, "Tan", Math::tan);
        unary(t, "Asin", Math::asin);
        unary(t, "Acos", Math::acos);
        unary(t, "Atan", Math::atan);
        unary(t, "Sinh", Math::sinh);
        unary(t, "Cosh", Math::cosh);
        unary(t, "Asinh", x -> Math.signum(x) * Math.log(Math.abs(x) + Math.sqrt(x * x + 1)));
        unary(t, "Acosh", x -> Math.log(x + Math.sqrt(x * x - 1)));
        unary(t, "Atanh", x -> Math.log((1 + x) / (1 - x)) / 2);
        unary(t, "Round", Math::rint);
        t.put(
                "Mean",
                (n, in) -> List.of(map(
                        Arrays.stream(in)
                                .reduce((a, b) -> broadcast(a, b, a.type(), Double::sum))
                                .orElseThrow(),
                        s -> s / in.length)));
        // Java's remainder has the sign of the dividend, as C's fmod
        t.put(
                "Mod",
                (n, in) -> List.of(broadcast(
                        in[0],
                        in[1],
                        in[0].type(),
                        n.integer("fmod", 0) == 1 ? (a, b) -> a % b : (a, b) -> a - b * Math.floor(a / b))));
        t.put(
                "Clip",
                (n, in) -> List.of(map(in[0], x -> {
                    double low = in.length > 1 && in[1] != null ? Math.max(x, in[1].data()[0]) : x;
                    return in.length > 2 && in[2] != null ? Math.min(low, in[2].data()[0]) : low;
                })));
        t.put("Where", (n, in) -> List.of(where(in[0], in[1], in[2])));
    }

    static void unary(Map<String, Operator> t, String op, DoubleUnaryOperator f) {
        t.put(op, (n, in) -> List.of(map(in[0], f)));
    }

    static NdArray map(NdArray x, DoubleUnaryOperator f) {
        return new NdArray(x.type(), x.shape(), Arrays.stream(x.data()).map(f).toArray());
    }

    /** The series of erf where it converges fast, else the continued fraction of erfc; both to float64 precision. */
    static double erf(double x) {
        double z = Math.abs(x);
        if (z < 2.5) {
            double term = z;
            double sum = z;
            for (int k = 1; k < 120; k++) {
                term *= -z * z / k;
                sum += term / (2 * k + 1);
            }
            return Math.signum(x) * sum * 2 / Math.sqrt(Math.PI);
        }
        double fraction = 0;
        for (int k = 120; k >= 1; k--) {
            fraction = k / 2.0 / (z + fraction);
        }
        return Math.signum(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
    }

    private static void fold(Map<String, Operator> t, String op, DoubleBinaryOperator f) {
        t.put(
                op,
                (n, in) -> List.of(Arrays.stream(in)
                        .reduce((a, b) -> broadcast(a, b, a.type(), f))
                        .orElseThrow()));
    }

    static void binary(Map<String, Operator> t, String op, DoubleBinaryOperator f) {
        t.put(op, (n, in) -> List.of(broadcast(in[0], in[1], in[0].type(), f)));
    }

    private static void comparison(Map<String, Operator> t, String op, DoubleBinaryOperator f) {
        t.put(op, (n, in) -> List.of(broadcast(in[0], in[1], ElementType.BOOL, f)));
    }

    static NdArray broadcast(NdArray a, NdArray b, ElementType type, DoubleBinaryOperator f) {
        int[] shape = NdArray.broadcastShape(a.shape(), b.shape());
        double[] out = new double[NdArray.count(shape)];
        for (int i = 0; i < out.length; i++) {
            int[] index = NdArray.index(i, shape);
            out[i] = f.applyAsDouble(a.broadcast(index), b.broadcast(index));
        }
        return new NdArray(type, shape, out);
    }

    private static NdArray where(NdArray condition, NdArray a, NdArray b) {
        int[] shape = NdArray.broadcastShape(condition.shape(), NdArray.broadcastShape(a.shape(), b.shape()));
        double[] out = new double[NdArray.count(shape)];
        for (int i = 0; i < out.length; i++) {
            int[] index = NdArray.index(i, shape);
            out[i] = (condition.broadcast(index) != 0 ? a : b).broadcast(index);
        }
        return new NdArray(a.type(), shape, out);
    }
}
