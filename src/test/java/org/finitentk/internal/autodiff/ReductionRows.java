package org.finitentk.internal.autodiff;

import java.util.List;
import org.finitentk.internal.autodiff.Net.Range;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;

/** Sums, means, norms, products and extrema over axes. */
final class ReductionRows {
    private ReductionRows() {}

    static void add(Rows rows) {
        sums(rows);
        norms(rows);
        extrema(rows);
    }

    private static void sums(Rows rows) {
        for (String op : List.of("ReduceSum", "ReduceMean")) {
            for (long keep : new long[] {0, 1}) {
                Attributes keeping = new Attributes().integer("keepdims", keep);
                for (long[] axes : new long[][] {{1}, {2}, {-1}, {1, 2}, {-1, 1}, {1, 2, 3}}) {
                    rows.add(
                            op + java.util.Arrays.toString(axes) + " keepdims " + keep,
                            n -> n.op(op, keeping, n.active(2, 3, 2), n.longs(axes)));
                }
                rows.add(
                        op + " of all of a parameter, keepdims " + keep,
                        n -> n.op("Mul", n.x(1, 2), n.op(op, keeping, n.p(3, 2))));
            }
            Attributes noop = new Attributes().integer("noop_with_empty_axes", 1);
            rows.add(op + " of no axes", n -> n.op(op, noop, n.active(3)));
            rows.add(op + " of empty axes, none", n -> n.op(op, noop, n.active(3), n.longs()));
            rows.add(op + " of omitted axes", n -> n.op("Mul", n.x(2), n.op(op, n.p(3), "")));
            rows.add(op + " over one parameter axis", n -> n.op("Add", n.x(3, 2), n.op(op, n.p(4, 3, 2), n.longs(0))));
            rows.add(
                    op + " broadcast back",
                    n -> n.op("Mul", n.active(3), n.op(op, n.op("Mul", n.active(3), n.scalar(0.5)), n.longs(1))));
        }
    }

    private static void norms(Rows rows) {
        for (String op :
                List.of("ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp", "ReduceProd")) {
            for (long keep : new long[] {0, 1}) {
                Attributes keeping = new Attributes().integer("keepdims", keep);
                for (long[] axes : new long[][] {{1}, {-1}, {3, 1}, {-1, -2}}) {
                    rows.add(
                            op + java.util.Arrays.toString(axes) + " keepdims " + keep,
                            n -> n.op(op, keeping, n.positive(2, 3, 2), n.longs(axes)));
                }
                rows.add(
                        op + " of all of a parameter, keepdims " + keep,
                        n -> n.op("Mul", n.x(1, 2), n.op(op, keeping, n.p(Range.POSITIVE, 3, 2))));
            }
            if (!op.equals("ReduceLogSum")) {
                rows.add(op + " of both signs", n -> n.op(op, n.active(4), n.longs(1)));
            }
        }
        rows.add(
                "ReduceL2 of zeros",
                n -> n.op(
                        "Add",
                        n.active(1),
                        n.op("ReduceL2", n.op("Mul", n.x(3), n.constant(new Range(0, 0, false), 3)), n.longs(1))));
        rows.add(
                "ReduceLogSumExp of large values",
                n -> n.op("ReduceLogSumExp", n.op("Mul", n.active(4), n.scalar(60)), n.longs(1)));
        rows.add(
                "ReduceProd with one zero",
                n -> n.op(
                        "ReduceProd",
                        n.op(
                                "Concat",
                                new Attributes().integer("axis", 1),
                                n.active(3),
                                n.op("Mul", n.x(1), n.zero(1))),
                        n.longs(1)));
        rows.add(
                "ReduceProd with two zeros",
                n -> n.op(
                        "Add",
                        n.active(1),
                        n.op(
                                "ReduceProd",
                                n.op(
                                        "Concat",
                                        new Attributes().integer("axis", 1),
                                        n.active(2),
                                        n.op("Mul", n.x(2), n.zero(2))),
                                n.longs(1))));
    }

    private static void extrema(Rows rows) {
        for (String op : List.of("ReduceMax", "ReduceMin")) {
            rows.add(op, n -> n.op(op, new Attributes().integer("keepdims", 0), n.active(3, 4), n.longs(-1)));
            rows.add(op + " of two axes", n -> n.op(op, n.active(3, 4), n.longs(1, 2)));
            rows.add(op + " of a parameter", n -> n.op("Mul", n.x(2), n.op(op, n.p(5))));
        }
    }
}
