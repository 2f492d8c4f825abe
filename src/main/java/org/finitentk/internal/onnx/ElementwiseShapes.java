package org.finitentk.internal.onnx;

import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.internal.onnx.ShapeRule.Sample;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic, functions and choices element by element, with broadcasting: all that the standard has, with a derivative
 * rule or without.
 */
final class ElementwiseShapes {
    private ElementwiseShapes() {}

    static void register(ShapeTable t) {
        for (String op : List.of(
                "Erf", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Exp",
                "Log", "Sign", "Round")) {
            t.put(op, 1, 1, ShapeRule.SAME);
        }
        unary(t, "Neg", x -> -x);
        unary(t, "Abs", Math::abs);
        unary(t, "Floor", Math::floor);
        unary(t, "Ceil", Math::ceil);
        unary(t, "Sqrt", Math::sqrt);
        unary(t, "Reciprocal", x -> 1 / x);
        unary(t, "Not", x -> x == 0 ? 1 : 0);
        binary(t, "Add", (a, b) -> a + b);
        binary(t, "Sub", (a, b) -> a - b);
        binary(t, "Mul", (a, b) -> a * b);
        t.put(
                "Div",
                2,
                2,
                s -> broadcast(
                        s,
                        null,
                        s.type(0).isDifferentiable()
                                ? (a, b) -> a / b
                                : (a, b) -> a / b < 0 ? Math.ceil(a / b) : Math.floor(a / b)));
        binary(t, "Pow", Math::pow);
        t.put("Mod", 2, 2, s -> broadcast(s, null, (a, b) -> ((a % b) + b) % b)).demands(d -> d.flag("fmod"));
        t.put("Min", 1, ShapeTable.ANY, s -> broadcast(s, null, Math::min));
        t.put("Max", 1, ShapeTable.ANY, s -> broadcast(s, null, Math::max));
        for (String op : List.of("Sum", "Mean")) {
            t.put(op, 1, ShapeTable.ANY, s -> broadcast(s, null, null));
        }
        comparison(t, "Equal", (a, b) -> a == b ? 1 : 0);
        comparison(t, "Less", (a, b) -> a < b ? 1 : 0);
        comparison(t, "Greater", (a, b) -> a > b ? 1 : 0);
        comparison(t, "LessOrEqual", (a, b) -> a <= b ? 1 : 0);
        comparison(t, "GreaterOrEqual", (a, b) -> a >= b ? 1 : 0);
        comparison(t, "And", (a, b) -> a * b);
        comparison(t, "Or", Math::max);
        comparison(t, "Xor", null);
        for (String op : List.of("IsNaN", "IsInf")) {
            t.put(op, 1, 1, s -> Outcome.of(ElementType.BOOL, s.shape(0)));
        }
        t.put("Where", 3, 3, ElementwiseShapes::where);
        t.put("Clip", 1, 3, ShapeRule.SAME).demands(d -> {
            d.oneNumber(1);
            d.oneNumber(2);
        });
        for (String op : List.of("BitwiseNot", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor")) {
            t.put(op, ShapeRule.SAME);
        }
    }

    private static void unary(ShapeTable t, String op, DoubleUnaryOperator f) {
        t.put(op, 1, 1, s -> ShapeRule.elementwise(s, f));
    }

    private static void binary(ShapeTable t, String op, DoubleBinaryOperator f) {
        t.put(op, 2, 2, s -> broadcast(s, null, f));
    }

    private static void comparison(ShapeTable t, String op, @Nullable DoubleBinaryOperator f) {
        t.put(op, 2, 2, s -> broadcast(s, ElementType.BOOL, f));
    }

    /** Broadcasts all inputs; elements are computed for two known inputs. */
    static Outcome broadcast(Sample s, @Nullable ElementType type, @Nullable DoubleBinaryOperator f) {
        long[] shape = s.shape(0);
        for (int i = 1; i < s.inputs().size(); i++) {
            shape = broadcast(shape, s.shape(i));
        }
        double[] a = s.known(0);
        double[] b = s.known(1);
        double[] known = a == null || b == null || s.inputs().size() != 2 ? null : combine(s, shape, a, b, f);
        return Outcome.of(type == null ? s.type(0) : type, shape).with(known);
    }

    private static double @Nullable [] combine(
            Sample s, long[] shape, double[] a, double[] b, @Nullable DoubleBinaryOperator f) {
        long size = Tensor.count(shape);
        if (f == null || size > 1024) {
            return null;
        }
        double[] out = new double[(int) size];
        for (int i = 0; i < out.length; i++) {
            out[i] = f.applyAsDouble(a[source(i, shape, s.shape(0))], b[source(i, shape, s.shape(1))]);
        }
        return out;
    }

    /** The flat index in a broadcast operand of the flat index i of the result. */
    private static int source(int i, long[] shape, long[] operand) {
        long rest = i;
        long index = 0;
        long stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            long coordinate = rest % shape[axis];
            rest /= shape[axis];
            int own = axis - (shape.length - operand.length);
            if (own >= 0) {
                index += (operand[own] == 1 ? 0 : coordinate) * stride;
                stride *= operand[own];
            }
        }
        return (int) index;
    }

    static long[] broadcast(long[] a, long[] b) {
        long[] out = new long[Math.max(a.length, b.length)];
        for (int i = 0; i < out.length; i++) {
            int ia = i - (out.length - a.length);
            int ib = i - (out.length - b.length);
            long da = ia < 0 ? 1 : a[ia];
            long db = ib < 0 ? 1 : b[ib];
            if (da != db && da != 1 && db != 1) {
                throw new InvalidModelException(
                        "its inputs do not broadcast; expected sizes that are equal or 1, counted from the last axis");
            }
            out[i] = da == 1 ? db : da;
        }
        return out;
    }

    private static Outcome where(Sample s) {
        long[] shape = broadcast(broadcast(s.shape(0), s.shape(1)), s.shape(2));
        double[] c = s.known(0);
        double[] a = s.known(1);
        double[] b = s.known(2);
        double[] out = null;
        if (c != null && a != null && b != null && Tensor.count(shape) <= 1024) {
            out = new double[(int) Tensor.count(shape)];
            for (int i = 0; i < out.length; i++) {
                out[i] = c[source(i, shape, s.shape(0))] != 0
                        ? a[source(i, shape, s.shape(1))]
                        : b[source(i, shape, s.shape(2))];
            }
        }
        return Outcome.of(s.type(1), shape).with(out);
    }
}
