package org.finitentk.internal.autodiff;

import static org.finitentk.internal.autodiff.PerExample.Kind.GRADIENTS;

import org.finitentk.internal.autodiff.Net.Range;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;

/** Normalizations, by given statistics and by those of the data. */
final class NormalizationRows {
    private NormalizationRows() {}

    static void add(Rows rows) {
        batchNormalization(rows);
        layerNormalization(rows);
        statistics(rows);
    }

    private static void batchNormalization(Rows rows) {
        for (long[] dims : new long[][] {{3}, {3, 4}, {3, 2, 2}}) {
            String name = "BatchNormalization of rank " + (dims.length + 1);
            rows.add(
                    name,
                    n -> n.op(
                            "BatchNormalization",
                            new Attributes().real("epsilon", 0.01f),
                            n.active(dims),
                            n.p(3),
                            n.p(3),
                            n.constant(Range.SIGNED, 3),
                            n.constant(Range.POSITIVE, 3)));
            rows.add(
                    name + ", of computed mean and variance",
                    n -> n.op(
                            "BatchNormalization",
                            new Attributes().real("epsilon", 0.01f),
                            n.active(dims),
                            n.p(3),
                            n.p(3),
                            n.op("Tanh", n.p(3)),
                            n.op("Exp", n.p(3))));
            rows.add(
                    name + ", scale and bias only",
                    n -> n.op(
                            "BatchNormalization",
                            n.x(dims),
                            n.p(3),
                            n.p(3),
                            n.constant(Range.SIGNED, 3),
                            n.constant(Range.POSITIVE, 3)),
                    GRADIENTS,
                    GRADIENTS);
            rows.add(
                    name + ", data only",
                    n -> n.op(
                            "BatchNormalization",
                            n.active(dims),
                            n.constant(Range.SIGNED, 3),
                            n.constant(Range.SIGNED, 3),
                            n.constant(Range.SIGNED, 3),
                            n.constant(Range.POSITIVE, 3)),
                    GRADIENTS);
        }
        rows.add(
                "two BatchNormalizations that share scale and bias",
                n -> {
                    String scale = n.p(3);
                    String bias = n.p(3);
                    String mean = n.constant(Range.SIGNED, 3);
                    String variance = n.constant(Range.POSITIVE, 3);
                    return n.op(
                            "BatchNormalization",
                            n.op("Tanh", n.op("BatchNormalization", n.x(3, 2), scale, bias, mean, variance)),
                            scale,
                            bias,
                            mean,
                            variance);
                },
                GRADIENTS,
                GRADIENTS);
    }

    private static void layerNormalization(Rows rows) {
        Attributes last = new Attributes().integer("axis", -1);
        Attributes all = new Attributes().integer("axis", 1).real("epsilon", 0.1f);
        rows.add(
                "LayerNormalization",
                n -> n.op("LayerNormalization", last, n.active(3, 4), n.p(4), n.p(4)),
                GRADIENTS,
                GRADIENTS,
                GRADIENTS);
        rows.add(
                "LayerNormalization of all axes",
                n -> n.op("LayerNormalization", all, n.active(3, 4), n.p(3, 4), n.p(3, 4)),
                GRADIENTS,
                GRADIENTS,
                GRADIENTS);
        rows.add(
                "LayerNormalization of data, without a bias",
                n -> n.op("LayerNormalization", last, n.x(3, 4), n.p(4)),
                GRADIENTS);
    }

    private static void statistics(Rows rows) {
        Attributes wide = new Attributes().real("epsilon", 0.1f);
        for (long[] dims : new long[][] {{4, 5}, {4, 2, 3}, {4, 2, 2, 2}}) {
            String rank = " of rank " + (dims.length + 1);
            rows.add(
                    "InstanceNormalization" + rank,
                    n -> n.op("InstanceNormalization", wide, n.active(dims), n.p(4), n.p(4)),
                    GRADIENTS,
                    GRADIENTS,
                    GRADIENTS);
            rows.add(
                    "InstanceNormalization of data" + rank,
                    n -> n.op("InstanceNormalization", n.x(dims), n.p(4), n.p(4)),
                    GRADIENTS,
                    GRADIENTS);
            rows.add(
                    "GroupNormalization" + rank,
                    n -> n.op(
                            "GroupNormalization",
                            new Attributes(wide.build()).integer("num_groups", 2),
                            n.active(dims),
                            n.p(4),
                            n.p(4)),
                    GRADIENTS,
                    GRADIENTS,
                    GRADIENTS);
        }
        rows.add(
                "GroupNormalization of one group, scale and bias only",
                n -> n.op("GroupNormalization", new Attributes().integer("num_groups", 1), n.x(4, 3), n.p(4), n.p(4)),
                GRADIENTS,
                GRADIENTS);
        rows.add(
                "MeanVarianceNormalization",
                n -> n.op("MeanVarianceNormalization", new Attributes().integers("axes", 2, 3), n.active(2, 3, 2)));
        rows.add(
                "MeanVarianceNormalization negative axes",
                n -> n.op("MeanVarianceNormalization", new Attributes().integers("axes", -1, 1), n.active(2, 3, 2)));
        for (long p : new long[] {1, 2}) {
            rows.add(
                    "LpNormalization p " + p,
                    n -> n.op("LpNormalization", new Attributes().integer("p", p), n.active(2, 3)));
            rows.add(
                    "LpNormalization p " + p + " axis 1",
                    n -> n.op(
                            "LpNormalization", new Attributes().integer("p", p).integer("axis", 1), n.active(2, 3)));
        }
        Attributes lrn = new Attributes().real("alpha", 0.3f).real("beta", 0.6f).real("bias", 1.5f);
        for (long size : new long[] {1, 3, 5}) {
            rows.add(
                    "LRN size " + size,
                    n -> n.op("LRN", new Attributes(lrn.build()).integer("size", size), n.active(4, 3, 2)));
        }
        rows.add("LRN defaults", n -> n.op("LRN", new Attributes().integer("size", 3), n.active(4, 3, 2)));
        rows.add(
                "a network with instance and group normalization",
                n -> {
                    String hidden = n.op(
                            "Relu",
                            n.op("InstanceNormalization", n.op("Conv", n.x(2, 5, 5), n.p(4, 2, 3, 3)), n.p(4), n.p(4)));
                    String second = n.op(
                            "GroupNormalization",
                            new Attributes().integer("num_groups", 2),
                            n.op("Conv", hidden, n.p(4, 4, 1, 1)),
                            n.p(4),
                            n.p(4));
                    return n.op(
                            "Gemm",
                            n.op("Flatten", n.op("GlobalAveragePool", n.op("Mish", second))),
                            n.p(4, 3),
                            n.p(3));
                },
                PerExample.Kind.FACTORS,
                GRADIENTS,
                GRADIENTS,
                PerExample.Kind.FACTORS,
                GRADIENTS,
                GRADIENTS,
                PerExample.Kind.FACTORS,
                GRADIENTS);
    }
}
