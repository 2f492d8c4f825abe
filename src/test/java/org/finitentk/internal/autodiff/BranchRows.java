package org.finitentk.internal.autodiff;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.Tensor;

/**
 * Branches that are not taken and whose derivative, or value, is infinite or no number there: they contribute nothing.
 * Differences know no branches, so that they tell the right derivative here too.
 */
final class BranchRows {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private final Rows rows;
    /**
     * Functions that are infinite or no number, or have such a derivative, at 0 and below; of a value that is 0 for
     * half of its elements.
     */
    private final Map<String, BiFunction<Net, String, String>> singular = new LinkedHashMap<>();

    private BranchRows(Rows rows) {
        this.rows = rows;
        singular.put("Sqrt", (n, x) -> n.op("Sqrt", x));
        singular.put("Log", (n, x) -> n.op("Log", x));
        singular.put("Reciprocal", (n, x) -> n.op("Reciprocal", x));
        singular.put("Div", (n, x) -> n.op("Div", n.active(4), x));
        singular.put("Div of constants", (n, x) -> n.op("Div", n.scalar(2), x));
        singular.put("Pow 0.3", (n, x) -> n.op("Pow", x, n.scalar(0.3)));
        singular.put("Pow -2", (n, x) -> n.op("Pow", x, n.scalar(-2)));
        singular.put("Pow of a parameter", (n, x) -> n.op("Pow", x, n.p(Net.Range.POSITIVE, 4)));
        singular.put("Acosh", (n, x) -> n.op("Acosh", n.op("Add", x, n.scalar(1))));
        singular.put("Asin", (n, x) -> n.op("Asin", n.op("Sub", n.scalar(1), n.op("Mul", x, n.scalar(0.3)))));
        singular.put("Acos", (n, x) -> n.op("Acos", n.op("Sub", n.op("Mul", x, n.scalar(0.3)), n.scalar(1))));
        singular.put("Atanh", (n, x) -> n.op("Atanh", n.op("Sub", n.scalar(1), n.op("Mul", x, n.scalar(0.3)))));
        singular.put("a norm", (n, x) -> n.op("Div", x, n.op("Sqrt", n.op("Mul", x, x))));
        singular.put("log of log", (n, x) -> n.op("Log", n.op("Neg", n.op("Log", n.op("Mul", x, n.scalar(0.3))))));
    }

    static void add(Rows rows) {
        BranchRows all = new BranchRows(rows);
        all.selections();
        all.overflows();
        all.masks();
        all.others();
    }

    /** Something that always has a derivative is added, so that J is not zero for any examples. */
    private void row(String name, BiFunction<Net, String, String> body) {
        rows.add(name, n -> {
            String h = n.active(4);
            return n.op("Add", body.apply(n, h), n.op("Tanh", n.active(4)));
        });
    }

    private static String isPositive(Net n, String x) {
        return n.op("Greater", x, n.scalar(0));
    }

    private void selections() {
        singular.forEach((name, f) -> {
            row(name + " in a branch of Where", (n, h) -> n.op("Where", isPositive(n, h), f.apply(n, h), n.scalar(0)));
            row(
                    name + " at 0 in the other branch of Where",
                    (n, h) -> n.op("Where", n.op("Not", isPositive(n, h)), h, f.apply(n, n.op("Relu", h))));
            row(name + ", Where inside and outside", (n, h) -> {
                String positive = isPositive(n, h);
                return n.op("Where", positive, f.apply(n, n.op("Where", positive, h, n.scalar(0))), h);
            });
            row(
                    name + " that is used before it is selected",
                    (n, h) ->
                            n.op("Where", isPositive(n, h), n.op("Mul", n.op("Tanh", f.apply(n, h)), h), n.scalar(0)));
            row(name + " in a matrix product that is selected", (n, h) -> {
                String all = n.op("Greater", n.op("ReduceMin", h, n.longs(1)), n.scalar(0));
                return n.op("Where", all, n.op("MatMul", f.apply(n, h), n.p(4, 4)), n.scalar(0.5));
            });
            row(
                    name + " left over by a slice",
                    (n, h) -> n.op(
                            "Slice",
                            n.op(
                                    "Concat",
                                    new Attributes().integer("axis", 1),
                                    n.op("Exp", h),
                                    f.apply(n, n.op("Relu", h))),
                            n.longs(0),
                            n.longs(4),
                            n.longs(1)));
        });
        row("Sqrt behind Relu", (n, h) -> n.op("Sqrt", n.op("Relu", h)));
        row("Acos of what is clipped", (n, h) -> n.op("Acos", n.op("Clip", h, n.scalar(-1), n.scalar(1))));
        row(
                "Asin of the least and the greatest",
                (n, h) -> n.op("Asin", n.op("Max", n.op("Min", h, n.scalar(1)), n.scalar(-1))));
        row("Acosh of the greatest", (n, h) -> n.op("Acosh", n.op("Max", h, n.scalar(1))));
        row("Pow behind PRelu with slope 0", (n, h) -> n.op("Pow", n.op("PRelu", h, n.scalar(0)), n.scalar(0.5)));
        row(
                "Sqrt behind ThresholdedRelu",
                (n, h) -> n.op("Sqrt", n.op("ThresholdedRelu", new Attributes().real("alpha", 0.6f), h)));
        row(
                "Sqrt of a maximum over an axis",
                (n, h) -> n.op(
                        "Sqrt",
                        n.op(
                                "ReduceMax",
                                n.op("Concat", new Attributes().integer("axis", 1), h, n.op("Sub", h, h)),
                                n.longs(1))));
        row(
                "a maximum over square roots",
                (n, h) -> n.op(
                        "ReduceMax",
                        n.op(
                                "Concat",
                                new Attributes().integer("axis", 1),
                                n.op("Sqrt", n.op("Relu", h)),
                                n.op("Exp", h)),
                        n.longs(1)));
        row(
                "Relu and Max behind Sqrt",
                (n, h) -> n.op(
                        "Relu", n.op("Sub", n.op("Max", n.op("Sqrt", n.op("Relu", h)), n.scalar(0.2)), n.scalar(0.1))));
        row("Clip behind Log", (n, h) -> n.op("Clip", n.op("Log", n.op("Relu", h)), n.scalar(-0.5), n.scalar(0.2)));
        row("Min behind Reciprocal", (n, h) -> n.op("Min", n.op("Reciprocal", n.op("Relu", h)), n.scalar(1.2)));
        row(
                "Sqrt of parameters only",
                (n, h) -> n.op(
                        "Mul",
                        h,
                        n.op(
                                "Sqrt",
                                n.op(
                                        "Relu",
                                        n.op(
                                                "Mul",
                                                n.p(4),
                                                n.tensor(Tensor.ofReals(n.type(), new double[] {1, -1, 1, -1}, 4)))))));
        row("Sqrt behind Gather", (n, h) -> {
            String roots = n.op(
                    "Sqrt",
                    n.op(
                            "Relu",
                            n.op(
                                    "Concat",
                                    new Attributes().integer("axis", 1),
                                    n.op("Abs", h),
                                    n.op("Neg", n.op("Abs", h)))));
            return n.op("Gather", new Attributes().integer("axis", 1), roots, n.longs(0, 1, 2, 3));
        });
        row("a convolution of logarithms that is selected", (n, h) -> {
            String all = n.op("Greater", n.op("ReduceMin", h, n.longs(1)), n.scalar(0));
            String y = n.reshape(n.op("Conv", n.op("Unsqueeze", n.op("Log", h), n.longs(1)), n.p(1, 1, 1)), -1, 4);
            return n.op("Where", all, y, n.scalar(0.5));
        });
    }

    private void overflows() {
        row(
                "Exp that overflows in a branch of Where",
                (n, h) -> n.op(
                        "Where",
                        isPositive(n, h),
                        h,
                        n.op("Sub", n.op("Exp", n.op("Mul", h, n.scalar(1e4))), n.scalar(1))));
        row(
                "Exp that overflows, multiplied",
                (n, h) ->
                        n.op("Where", isPositive(n, h), h, n.op("Mul", n.op("Exp", n.op("Mul", h, n.scalar(1e4))), h)));
        row(
                "Cosh that overflows",
                (n, h) ->
                        n.op("Where", isPositive(n, h), h, n.op("Cosh", n.op("Relu", n.op("Mul", h, n.scalar(1e4))))));
        row(
                "Sinh that overflows",
                (n, h) ->
                        n.op("Where", isPositive(n, h), h, n.op("Sinh", n.op("Relu", n.op("Mul", h, n.scalar(1e4))))));
        row(
                "1 / (1 + exp(-x))",
                (n, h) -> n.op("Reciprocal", n.op("Add", n.op("Exp", n.op("Mul", h, n.scalar(-1e4))), n.scalar(1))));
        row(
                "the reciprocal of what is nearly 0",
                (n, h) -> n.op(
                        "Where",
                        isPositive(n, h),
                        n.op("Reciprocal", h),
                        n.op("Reciprocal", n.op("Add", n.op("Abs", h), n.op("Relu", h)))));
    }

    private void masks() {
        singular.forEach((name, f) -> row(name + " times a comparison before and behind it", (n, h) -> {
            String mask = n.op("Cast", new Attributes().integer("to", n.type().code()), isPositive(n, h));
            String safe = n.op("Add", n.op("Mul", h, mask), n.op("Sub", n.scalar(1), mask));
            return n.op("Mul", f.apply(n, safe), mask);
        }));
        for (String name : new String[] {"Sqrt", "Pow 0.3"}) {
            BiFunction<Net, String, String> f = Objects.requireNonNull(singular.get(name));
            row(
                    name + " times a comparison",
                    (n, h) -> n.op(
                            "Mul",
                            f.apply(n, n.op("Relu", h)),
                            n.op("Cast", new Attributes().integer("to", n.type().code()), isPositive(n, h))));
            row(
                    name + " of what a constant masks",
                    (n, h) -> f.apply(
                            n,
                            n.op(
                                    "Mul",
                                    n.op("Abs", h),
                                    n.tensor(Tensor.ofReals(n.type(), new double[] {1, 0, 1, 0}, 4)))));
            row(name + " that a constant masks", (n, h) -> {
                String zeros =
                        n.op("Mul", n.op("Abs", h), n.tensor(Tensor.ofReals(n.type(), new double[] {1, 0, 1, 0}, 4)));
                return n.op("Mul", f.apply(n, zeros), n.tensor(Tensor.ofReals(n.type(), new double[] {1, 0, 0, 0}, 4)));
            });
        }
    }

    private void others() {
        for (String op : new String[] {"Softmax", "LogSoftmax"}) {
            boolean logarithm = op.equals("LogSoftmax");
            row(op + " of logarithms of 0", (n, h) -> {
                String y = n.op(
                        op,
                        n.op(
                                "Log",
                                n.op(
                                        "Relu",
                                        n.op(
                                                "Concat",
                                                new Attributes().integer("axis", 1),
                                                h,
                                                n.op("Abs", n.active(1))))));
                return logarithm
                        ? n.op("Slice", y, n.longs(4), n.longs(5), n.longs(1))
                        : n.op("Slice", y, n.longs(0), n.longs(4), n.longs(1));
            });
            row(op + " of what is masked by infinity", (n, h) -> {
                String y = n.op(op, n.op("Where", isPositive(n, n.x(4)), h, n.scalar(-INFINITY)));
                return n.op("Where", n.op("IsInf", y), n.scalar(0), n.op("Where", n.op("IsNaN", y), n.scalar(0), y));
            });
            row(op + " with infinity added", (n, h) -> {
                String y = n.op(
                        op,
                        n.op(
                                "Add",
                                h,
                                n.tensor(Tensor.ofReals(n.type(), new double[] {0, -INFINITY, 0, -INFINITY}, 4))));
                return n.op(
                        "Mul",
                        n.tensor(Tensor.ofReals(n.type(), new double[] {2, 1, 1, 1}, 4)),
                        n.op("Where", n.op("IsInf", y), n.scalar(0), y));
            });
        }
        row("Softmax of rows that are masked wholly, whose largest element says so", (n, h) -> {
            String scores = n.op("Where", isPositive(n, n.x(1)), h, n.scalar(-INFINITY));
            String all = n.op("Equal", n.op("ReduceMax", scores, n.longs(1)), n.scalar(-INFINITY));
            return n.op("Where", all, n.scalar(0), n.op("Softmax", scores));
        });
        row(
                "ReduceMax over infinities",
                (n, h) -> n.op("ReduceMax", n.op("Where", isPositive(n, n.x(4)), h, n.scalar(-INFINITY)), n.longs(1)));
        row("ReduceMax over infinities, selected", (n, h) -> {
            String most = n.op("ReduceMax", n.op("Where", isPositive(n, n.x(4)), h, n.scalar(-INFINITY)), n.longs(1));
            return n.op("Where", n.op("IsInf", most), n.scalar(0), most);
        });
        row("ReduceLogSumExp over infinities, selected", (n, h) -> {
            String sum =
                    n.op("ReduceLogSumExp", n.op("Where", isPositive(n, n.x(4)), h, n.scalar(-INFINITY)), n.longs(1));
            return n.op("Where", n.op("IsInf", sum), n.scalar(0), sum);
        });
        row("a sum of logarithms that is selected", (n, h) -> {
            String sum = n.op("ReduceLogSum", n.op("Relu", n.op("Sub", h, n.scalar(0.8))), n.longs(1));
            return n.op("Where", n.op("IsInf", sum), n.scalar(0), sum);
        });
    }
}
