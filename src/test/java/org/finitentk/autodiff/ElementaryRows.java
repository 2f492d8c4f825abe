package org.finitentk.autodiff;

import static org.finitentk.autodiff.PerExample.Kind.GRADIENTS;

import java.util.List;
import org.finitentk.autodiff.Net.Range;
import org.finitentk.autodiff.RulesTest.Rows;
import org.finitentk.onnx.Attributes;

/** Elementary functions, norms and products over axes, normalizations by statistics of the data. */
final class ElementaryRows {
    private ElementaryRows() {
    }

    static void add(Rows rows) {
        for (String op : List.of("Tan", "Atan", "Sinh", "Cosh", "Asinh", "Softsign", "Celu", "ThresholdedRelu", "Shrink", "Mish")) {
            rows.add(op, n -> n.op(op, n.op("Mul", n.active(6), n.scalar(0.9))));
        }
        for (String op : List.of("Asin", "Acos", "Atanh")) {
            rows.add(op, n -> n.op(op, n.op("Mul", n.active(6), n.scalar(0.4))));
        }
        rows.add("Acosh", n -> n.op("Acosh", n.op("Add", n.positive(6), n.scalar(1))));
        rows.add("Celu alpha", n -> n.op("Celu", new Attributes().real("alpha", 1.7f), n.active(6)));
        rows.add("Celu of large values", n -> n.op("Celu", n.op("Mul", n.active(6), n.scalar(60))));
        rows.add("ThresholdedRelu alpha", n -> n.op("ThresholdedRelu", new Attributes().real("alpha", 0.3f), n.active(8)));
        rows.add("Shrink lambd bias", n -> n.op("Shrink", new Attributes().real("lambd", 0.8f).real("bias", 0.3f), n.active(8)));
        rows.add("CastLike", n -> n.op("CastLike", n.active(4), n.x(4)));
        rows.add("Mean", n -> n.op("Mean", n.active(3, 1), n.p(2), n.x(1, 2)));
        rows.add("Mean of one", n -> n.op("Mean", n.active(3)));
        rows.add("Mod", n -> n.op("Mod", new Attributes().integer("fmod", 1), n.op("Mul", n.active(6, 2), n.scalar(3)), n.p(Range.POSITIVE, 2)));
        rows.add("Mod of data by a parameter", n -> n.op("Mod", new Attributes().integer("fmod", 1), n.op("Mul", n.x(6), n.scalar(2.7)), n.p(Range.POSITIVE, 6)));
        reductions(rows);
        statistics(rows);
    }

    private static void reductions(Rows rows) {
        for (String op : List.of("ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp", "ReduceProd")) {
            for (long keep : new long[] {0, 1}) {
                Attributes keeping = new Attributes().integer("keepdims", keep);
                for (long[] axes : new long[][] {{1}, {-1}, {3, 1}, {-1, -2}}) {
                    rows.add(op + java.util.Arrays.toString(axes) + " keepdims " + keep, n -> n.op(op, keeping, n.positive(2, 3, 2), n.longs(axes)));
                }
                rows.add(op + " of all of a parameter, keepdims " + keep, n -> n.op("Mul", n.x(1, 2), n.op(op, keeping, n.p(Range.POSITIVE, 3, 2))));
            }
            if (!op.equals("ReduceLogSum")) {
                rows.add(op + " of both signs", n -> n.op(op, n.active(4), n.longs(1)));
            }
        }
        rows.add("ReduceL2 of zeros", n -> n.op("Add", n.active(1), n.op("ReduceL2", n.op("Mul", n.x(3), n.constant(new Range(0, 0, false), 3)), n.longs(1))));
        rows.add("ReduceLogSumExp of large values", n -> n.op("ReduceLogSumExp", n.op("Mul", n.active(4), n.scalar(60)), n.longs(1)));
        rows.add("ReduceProd with one zero", n -> n.op("ReduceProd", n.op("Concat", new Attributes().integer("axis", 1), n.active(3), n.op("Mul", n.x(1), n.zero(1))), n.longs(1)));
        rows.add("ReduceProd with two zeros", n -> n.op("Add", n.active(1),
            n.op("ReduceProd", n.op("Concat", new Attributes().integer("axis", 1), n.active(2), n.op("Mul", n.x(2), n.zero(2))), n.longs(1))));
    }

    private static void statistics(Rows rows) {
        Attributes wide = new Attributes().real("epsilon", 0.1f);
        for (long[] dims : new long[][] {{4, 5}, {4, 2, 3}, {4, 2, 2, 2}}) {
            String rank = " of rank " + (dims.length + 1);
            rows.add("InstanceNormalization" + rank, n -> n.op("InstanceNormalization", wide, n.active(dims), n.p(4), n.p(4)), GRADIENTS, GRADIENTS, GRADIENTS);
            rows.add("InstanceNormalization of data" + rank, n -> n.op("InstanceNormalization", n.x(dims), n.p(4), n.p(4)), GRADIENTS, GRADIENTS);
            rows.add("GroupNormalization" + rank, n -> n.op("GroupNormalization", new Attributes(wide.build()).integer("num_groups", 2), n.active(dims), n.p(4), n.p(4)),
                GRADIENTS, GRADIENTS, GRADIENTS);
        }
        rows.add("GroupNormalization of one group, scale and bias only", n -> n.op("GroupNormalization", new Attributes().integer("num_groups", 1), n.x(4, 3), n.p(4), n.p(4)),
            GRADIENTS, GRADIENTS);
        rows.add("MeanVarianceNormalization", n -> n.op("MeanVarianceNormalization", new Attributes().integers("axes", 2, 3), n.active(2, 3, 2)));
        rows.add("MeanVarianceNormalization negative axes", n -> n.op("MeanVarianceNormalization", new Attributes().integers("axes", -1, 1), n.active(2, 3, 2)));
        for (long p : new long[] {1, 2}) {
            rows.add("LpNormalization p " + p, n -> n.op("LpNormalization", new Attributes().integer("p", p), n.active(2, 3)));
            rows.add("LpNormalization p " + p + " axis 1", n -> n.op("LpNormalization", new Attributes().integer("p", p).integer("axis", 1), n.active(2, 3)));
        }
        Attributes lrn = new Attributes().real("alpha", 0.3f).real("beta", 0.6f).real("bias", 1.5f);
        for (long size : new long[] {1, 3, 5}) {
            rows.add("LRN size " + size, n -> n.op("LRN", new Attributes(lrn.build()).integer("size", size), n.active(4, 3, 2)));
        }
        rows.add("LRN defaults", n -> n.op("LRN", new Attributes().integer("size", 3), n.active(4, 3, 2)));
        rows.add("a network with instance and group normalization", n -> {
            String hidden = n.op("Relu", n.op("InstanceNormalization", n.op("Conv", n.x(2, 5, 5), n.p(4, 2, 3, 3)), n.p(4), n.p(4)));
            String second = n.op("GroupNormalization", new Attributes().integer("num_groups", 2), n.op("Conv", hidden, n.p(4, 4, 1, 1)), n.p(4), n.p(4));
            return n.op("Gemm", n.op("Flatten", n.op("GlobalAveragePool", n.op("Mish", second))), n.p(4, 3), n.p(3));
        }, PerExample.Kind.FACTORS, GRADIENTS, GRADIENTS, PerExample.Kind.FACTORS, GRADIENTS, GRADIENTS, PerExample.Kind.FACTORS, GRADIENTS);
    }
}
