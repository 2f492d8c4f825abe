package org.finitentk.internal.autodiff;

import static org.finitentk.internal.autodiff.PerExample.Kind.GRADIENTS;

import java.util.List;
import org.finitentk.internal.autodiff.Net.Range;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.Tensor;

/** Arithmetic with broadcasting, functions and choices element by element. */
final class ElementwiseRows {
    private ElementwiseRows() {}

    /** Functions of one number, each swept as well. */
    static List<SweptRow> functions() {
        return List.of(
                SweptRow.of("Neg", x -> -1),
                SweptRow.of("Identity", x -> 1),
                SweptRow.of("Abs", Math::signum),
                SweptRow.of("Exp", Math::exp),
                SweptRow.of("Reciprocal", x -> -(1 / x) / x),
                SweptRow.of("Sqrt", x -> 0.5 / Math.sqrt(x))
                        .within(0, Double.MAX_VALUE)
                        .on(n -> n.positive(5)),
                SweptRow.of("Log", x -> 1 / x).within(0, Double.MAX_VALUE).on(n -> n.positive(5)),
                SweptRow.of("Erf", x -> 2 / Math.sqrt(Math.PI) * Math.exp(-Math.min(1e4, x * x)))
                        .saturates(1),
                SweptRow.of("Sin", Math::cos).saturates(1).times(2),
                SweptRow.of("Cos", x -> -Math.sin(x)).saturates(1).times(2),
                SweptRow.of("Tan", x -> 1 + Math.tan(x) * Math.tan(x))
                        .within(-1e4, 1e4)
                        .times(0.9),
                SweptRow.of("Asin", x -> 1 / Math.sqrt((1 - x) * (1 + x)))
                        .within(-1, 1)
                        .times(0.4),
                SweptRow.of("Acos", x -> -1 / Math.sqrt((1 - x) * (1 + x)))
                        .within(-1, 1)
                        .times(0.4),
                SweptRow.of("Atan", x -> Math.pow(Math.hypot(1, x), -1) / Math.hypot(1, x))
                        .times(0.9),
                SweptRow.of("Sinh", Math::cosh).times(0.9),
                SweptRow.of("Cosh", Math::sinh).times(0.9),
                SweptRow.of("Asinh", x -> 1 / Math.hypot(1, x)).times(0.9),
                SweptRow.of("Acosh", x -> 1 / Math.sqrt(x - 1) / Math.sqrt(x + 1))
                        .within(1, Double.MAX_VALUE)
                        .on(n -> n.op("Add", n.positive(6), n.scalar(1))),
                SweptRow.of("Atanh", x -> 1 / (1 - x) / (1 + x)).within(-1, 1).times(0.4));
    }

    static void add(Rows rows) {
        functions().forEach(row -> row.addTo(rows));
        rows.add("Abs at zero", n -> n.op("Add", n.op("Abs", n.zero(4)), n.active(4)));
        chains(rows);
        binary(rows);
        choices(rows);
        rows.add("Sum", n -> n.op("Sum", n.active(3, 1), n.p(2), n.x(1, 2)));
        rows.add("Sum of one", n -> n.op("Sum", n.active(3)));
        rows.add("Mean", n -> n.op("Mean", n.active(3, 1), n.p(2), n.x(1, 2)));
        rows.add("Mean of one", n -> n.op("Mean", n.active(3)));
        rows.add(
                "Mod",
                n -> n.op(
                        "Mod",
                        new Attributes().integer("fmod", 1),
                        n.op("Mul", n.active(6, 2), n.scalar(3)),
                        n.p(Range.POSITIVE, 2)));
        rows.add(
                "Mod of data by a parameter",
                n -> n.op(
                        "Mod",
                        new Attributes().integer("fmod", 1),
                        n.op("Mul", n.x(6), n.scalar(2.7)),
                        n.p(Range.POSITIVE, 6)));
        pow(rows);
        clip(rows);
    }

    /** Elementwise operators on one tangent, which is multiplied once for all of them. */
    private static void chains(Rows rows) {
        rows.add("Gelu of plain operators", n -> {
            String x = n.active(3, 4);
            return n.op(
                    "Mul",
                    n.op("Mul", x, n.op("Add", n.op("Erf", n.op("Div", x, n.scalar(Math.sqrt(2)))), n.scalar(1))),
                    n.scalar(0.5));
        });
        rows.add("quotients of quotients", n -> {
            String x = n.positive(5);
            return n.op("Div", n.op("Div", n.op("Log", x), n.scalar(3)), n.op("Sqrt", n.op("Add", x, n.scalar(2))));
        });
        rows.add("sums and differences of one tangent", n -> {
            String x = n.active(5);
            return n.op(
                    "Sub",
                    n.op("Add", n.op("Mul", x, x), n.op("Div", x, n.scalar(4))),
                    n.op("Sub", n.op("Tanh", x), n.op("Neg", x)));
        });
        rows.add(
                "a chain that is broadcast half way",
                n -> n.op("Mul", n.op("Mul", n.op("Tanh", n.active(1, 4)), n.x(3, 4)), n.op("Exp", n.active(3, 1))));
        rows.add("a chain that is used half way", n -> {
            String y = n.op("Tanh", n.active(4));
            return n.op("Add", n.op("Mul", n.op("Exp", y), n.scalar(2)), n.op("MatMul", y, n.p(4, 4)));
        });
    }

    private static void choices(Rows rows) {
        for (String op : List.of("Max", "Min")) {
            rows.add(op, n -> n.op(op, n.active(3, 2), n.p(2), n.x(1, 2)));
            rows.add(op + " of one", n -> n.op(op, n.active(3)));
        }
        rows.add("Where", n -> n.op("Where", n.op("Greater", n.x(3, 2), n.scalar(0)), n.active(3, 1), n.p(2)));
        rows.add(
                "Where of a mask",
                n -> n.op("Softmax", n.op("Where", n.op("Greater", n.x(4), n.scalar(0)), n.active(4), n.scalar(-1e4))));
    }

    private static void binary(Rows rows) {
        for (String op : List.of("Add", "Sub", "Mul", "Div")) {
            long[][] shapes = {{}, {1}, {2}, {3, 2}, {3, 1}, {1, 2}, {1, 3, 2}, {1, 1, 1}};
            for (long[] shape : shapes) {
                String name = op + " with parameter " + java.util.Arrays.toString(shape);
                boolean ownAxis = shape.length < 3 || shape[0] == 1;
                PerExample.Kind[] kinds =
                        ownAxis && !op.equals("Div") ? new PerExample.Kind[] {GRADIENTS} : new PerExample.Kind[0];
                rows.add(name + " on the right", n -> n.op(op, n.x(3, 2), n.p(shape)), kinds);
                rows.add(name + " on the left", n -> n.op(op, n.p(shape), n.x(3, 2)), kinds);
                rows.add(name + " and active data", n -> n.op(op, n.active(3, 2), n.p(shape)));
            }
            rows.add(op + " broadcasts data on the left", n -> n.op(op, n.active(3, 1), n.active(1, 2)));
            rows.add(
                    op + " broadcasts data of lower rank",
                    n -> n.transpose(n.op(op, n.reshape(n.active(2), -1, 1, 2), n.active(3, 2)), 0, 2, 1));
            rows.add(op + " widens data by a parameter", n -> n.op(op, n.x(1, 2), n.p(3, 2)), GRADIENTS);
            rows.add(op + " of a value and itself", n -> {
                String a = n.active(4);
                return n.op(op.equals("Sub") || op.equals("Div") ? "Add" : op, n.op(op, a, n.op("Exp", a)), a);
            });
            rows.add(
                    op + " with a parameter before the batch",
                    n -> n.transpose(n.op(op, n.active(2), n.p(3, 1, 2)), 1, 0, 2));
        }
        rows.add(
                "a bias shared by two sites",
                n -> {
                    String b = n.p(3);
                    return n.op("Add", n.op("Tanh", n.op("Add", n.x(3), b)), b);
                },
                GRADIENTS);
        rows.add(
                "a scale and bias shared",
                n -> {
                    String b = n.p(3);
                    return n.op("Add", n.op("Mul", n.x(3), b), b);
                },
                GRADIENTS);
    }

    private static void pow(Rows rows) {
        rows.add("Pow square", n -> n.op("Pow", n.active(4), n.scalar(2)));
        rows.add("Pow cube", n -> n.op("Pow", n.active(4), n.scalar(3)));
        rows.add("Pow root", n -> n.op("Pow", n.positive(4), n.scalar(0.5)));
        for (double exponent : new double[] {0, 1, 2, 3}) {
            rows.add(
                    "Pow " + exponent + " at zero",
                    n -> n.op("Add", n.op("Pow", n.zero(4), n.scalar(exponent)), n.active(4)));
        }
        rows.add(
                "Pow computed exponent 0 at zero",
                n -> n.op("Add", n.op("Pow", n.zero(4), n.op("Sub", n.scalar(1), n.scalar(1))), n.active(4)));
        rows.add("Pow integer exponent", n -> n.op("Pow", n.active(4), n.tensor(Tensor.ofLongs(new long[] {3}))));
        rows.add(
                "Pow broadcast exponents",
                n -> n.op(
                        "Pow", n.positive(3, 2), n.tensor(Tensor.ofReals(n.type(), new double[] {2, -1, 0.5}, 3, 1))));
        rows.add("Pow parameter exponent", n -> n.op("Pow", n.positive(3, 2), n.p(2)));
        rows.add("Pow parameter exponent of data", n -> n.op("Pow", n.x(Range.POSITIVE, 3), n.p(3)));
        rows.add("Pow constant base", n -> n.op("Pow", n.scalar(1.7), n.active(3)));
    }

    private static void clip(Rows rows) {
        rows.add("Clip both", n -> n.op("Clip", n.active(8), n.scalar(-0.7), n.scalar(0.8)));
        rows.add("Clip below", n -> n.op("Clip", n.active(8), n.scalar(-0.7)));
        rows.add("Clip above", n -> n.op("Clip", n.active(8), "", n.scalar(0.8)));
        rows.add("Clip nothing", n -> n.op("Clip", n.active(8)));
        rows.add("Clip trailing empty", n -> n.op("Clip", n.active(8), n.scalar(-0.7), ""));
        rows.add(
                "Clip by computed bounds",
                n -> n.op("Clip", n.active(8), times(n, n.p(Net.Range.POSITIVE), -0.5), times(n, n.p(), 0.3)));
        rows.add(
                "Clip of data by computed bounds",
                n -> n.op("Clip", n.x(8), "", times(n, n.p(Net.Range.POSITIVE), 0.3)));
        rows.add("constants where no tangent goes", n -> {
            String a = n.active(4);
            String mask =
                    n.op("Cast", new Attributes().integer("to", n.type().code()), n.op("Greater", a, n.scalar(0)));
            return n.op("Mul", n.op("Mul", a, mask), n.op("Add", n.op("Floor", n.active(4)), n.op("Sign", a)));
        });
    }

    private static String times(Net n, String value, double factor) {
        return n.op("Mul", value, n.scalar(factor));
    }
}
