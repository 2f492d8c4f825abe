package org.finitentk.internal.autodiff;

import java.util.List;
import java.util.function.BiFunction;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** The forms that layers had in older opsets: convolutions, pooling, recurrent layers, images and norms. */
final class OpsetLayerRows extends OpsetForms {
    private OpsetLayerRows(Rows rows) {
        super(rows);
    }

    static void add(Rows rows) {
        OpsetLayerRows all = new OpsetLayerRows(rows);
        all.layers();
        all.windows();
        all.sequences();
        all.images();
        all.norms();
    }

    private void layers() {
        for (long[] c : new long[][] {{2}, {1}, {1, 2}}) {
            form(
                    7,
                    21,
                    "Gemm with C of rank " + c.length + ", size " + c[c.length - 1],
                    n -> n.op(
                            "Gemm",
                            attributes().integer("transB", 1).real("beta", 0.5f),
                            n.active(3),
                            n.p(2, 3),
                            n.p(c)));
        }
        form(11, 21, "Gemm without C", n -> n.op("Gemm", n.active(3), n.p(3, 2)));
        form(9, 21, "MatMul", n -> n.op("MatMul", n.active(4, 3), n.p(3, 2)));
        form(7, 21, "MatMul of rank 2", n -> n.op("MatMul", n.active(3), n.p(3, 2)));
        BiFunction<Net, Attributes, String> normalization = (n, a) -> n.op(
                "BatchNormalization",
                a.real("epsilon", 0.01f),
                n.active(3, 2, 2),
                n.p(3),
                n.p(3),
                n.constant(Net.Range.SIGNED, 3),
                n.constant(Net.Range.POSITIVE, 3));
        form(
                7,
                8,
                "BatchNormalization spatial",
                n -> normalization.apply(n, attributes().integer("spatial", 1).real("momentum", 0.9f)));
        form(
                7,
                13,
                "BatchNormalization",
                n -> normalization.apply(n, attributes().real("momentum", 0.9f)));
        form(
                14,
                21,
                "BatchNormalization training_mode 0",
                n -> normalization.apply(n, attributes().integer("training_mode", 0)));
        form(
                17,
                21,
                "LayerNormalization",
                n -> n.op("LayerNormalization", attributes().integer("axis", -1), n.active(3, 4), n.p(4), n.p(4)));
    }

    private void windows() {
        Attributes conv = attributes()
                .integers("kernel_shape", 3, 2)
                .integers("pads", 1, 0, 1, 1)
                .integers("strides", 2, 1)
                .integer("group", 2);
        form(7, 21, "Conv", n -> n.op("Conv", conv, n.active(4, 6, 5), n.p(2, 2, 3, 2), n.p(2)));
        for (String auto : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
            form(
                    7,
                    21,
                    "Conv " + auto,
                    n -> n.op(
                            "Conv",
                            attributes().string("auto_pad", auto).integers("strides", 2, 2),
                            n.active(2, 6, 6),
                            n.p(2, 2, 3, 2)));
            form(
                    7,
                    21,
                    "MaxPool " + auto,
                    n -> n.op(
                            "MaxPool",
                            attributes()
                                    .string("auto_pad", auto)
                                    .integers("kernel_shape", 2, 2)
                                    .integers("strides", 2, 2),
                            n.active(2, 5, 5)));
            form(
                    7,
                    21,
                    "AveragePool " + auto,
                    n -> n.op(
                            "AveragePool",
                            attributes()
                                    .string("auto_pad", auto)
                                    .integers("kernel_shape", 2, 2)
                                    .integers("strides", 2, 2),
                            n.active(2, 5, 5)));
        }
        Attributes pool = attributes()
                .integers("kernel_shape", 3, 3)
                .integers("pads", 1, 1, 1, 1)
                .integers("strides", 2, 2);
        form(7, 21, "MaxPool", n -> n.op("MaxPool", pool, n.active(2, 6, 5)));
        form(
                10,
                21,
                "MaxPool ceil_mode, dilations",
                n -> n.op(
                        "MaxPool",
                        new Attributes(pool.build()).integers("dilations", 2, 1).integer("ceil_mode", 1),
                        n.active(2, 6, 6)));
        form(7, 21, "AveragePool", n -> n.op("AveragePool", pool, n.active(2, 6, 5)));
        form(
                7,
                21,
                "AveragePool count_include_pad",
                n -> n.op(
                        "AveragePool",
                        new Attributes(pool.build()).integer("count_include_pad", 1),
                        n.active(2, 6, 5)));
        form(
                10,
                21,
                "AveragePool ceil_mode",
                n -> n.op("AveragePool", new Attributes(pool.build()).integer("ceil_mode", 1), n.active(2, 6, 5)));
        form(
                19,
                21,
                "AveragePool dilations",
                n -> n.op("AveragePool", new Attributes(pool.build()).integers("dilations", 2, 1), n.active(2, 6, 5)));
        form(7, 21, "GlobalAveragePool", n -> n.op("GlobalAveragePool", n.active(2, 3, 4)));
        form(7, 21, "GlobalMaxPool", n -> n.op("GlobalMaxPool", n.active(2, 3, 4)));
    }

    /**
     * The operators themselves run in ONNX Runtime on the file: in the derivative graphs they are written in others.
     */
    private void sequences() {
        java.util.Map<String, Integer> gates = java.util.Map.of("RNN", 1, "GRU", 3, "LSTM", 4);
        gates.forEach((op, g) -> {
            for (String direction : List.of("forward", "reverse", "bidirectional")) {
                int d = direction.equals("bidirectional") ? 2 : 1;
                Attributes a = attributes().integer("hidden_size", 3).string("direction", direction);
                BiFunction<Net, Attributes, String> unrolled = (n, with) -> n.transpose(
                        n.op(
                                op,
                                with,
                                n.transpose(n.x(4, 2), 1, 0, 2),
                                n.p(d, g * 3L, 2),
                                n.p(d, g * 3L, 3),
                                n.p(d, g * 6L)),
                        2,
                        0,
                        1,
                        3);
                form(7, 21, op + " " + direction, n -> unrolled.apply(n, a));
                if (op.equals("GRU")) {
                    form(
                            7,
                            21,
                            op + " " + direction + ", linear_before_reset",
                            n -> unrolled.apply(n, new Attributes(a.build()).integer("linear_before_reset", 1)));
                }
            }
        });
        form(
                7,
                21,
                "LSTM with peepholes and initial states, clipped",
                n -> n.transpose(
                        n.op(
                                "LSTM",
                                attributes().integer("hidden_size", 3).real("clip", 0.8f),
                                n.transpose(n.x(4, 2), 1, 0, 2),
                                n.p(1, 12, 2),
                                n.p(1, 12, 3),
                                n.p(1, 24),
                                "",
                                n.transpose(n.active(1, 3), 1, 0, 2),
                                n.transpose(n.active(1, 3), 1, 0, 2),
                                n.p(1, 9)),
                        2,
                        0,
                        1,
                        3));
        form(
                7,
                21,
                "LSTM of sequences of different lengths",
                n -> n.transpose(
                        n.op(
                                "LSTM",
                                attributes().integer("hidden_size", 3).string("direction", "bidirectional"),
                                n.transpose(n.x(3, 2), 1, 0, 2),
                                n.p(2, 12, 2),
                                n.p(2, 12, 3),
                                n.p(2, 24),
                                n.op(
                                        "Cast",
                                        attributes().integer("to", ElementType.INT32.code()),
                                        n.op("Add", n.op("Abs", n.ids(2)), n.tensor(Tensor.ofLongs(new long[] {1}))))),
                        2,
                        0,
                        1,
                        3));
        for (String equation : List.of("bti,io->bto", "...i,io->...o", "bti,io", "bti, hio -> bhto")) {
            form(
                    12,
                    21,
                    "Einsum " + equation,
                    n -> n.op(
                            "Einsum",
                            attributes().string("equation", equation),
                            n.active(4, 3),
                            equation.contains("h") ? n.p(2, 3, 2) : n.p(3, 2)));
        }
    }

    private void images() {
        for (String auto : List.of("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET")) {
            form(
                    7,
                    21,
                    "ConvTranspose " + auto,
                    n -> n.op(
                            "ConvTranspose",
                            attributes().string("auto_pad", auto).integers("strides", 2, 1),
                            n.active(2, 4, 3),
                            n.p(2, 3, 3, 2),
                            n.p(3)));
        }
        form(
                7,
                21,
                "ConvTranspose",
                n -> n.op(
                        "ConvTranspose",
                        attributes()
                                .integers("strides", 2, 2)
                                .integers("pads", 1, 0, 1, 1)
                                .integers("output_padding", 1, 0)
                                .integer("group", 2),
                        n.active(4, 3, 3),
                        n.p(4, 2, 3, 2),
                        n.p(4)));
        form(
                7,
                21,
                "ConvTranspose output_shape",
                n -> n.op(
                        "ConvTranspose",
                        attributes().integers("strides", 2, 2).integers("output_shape", 6, 7),
                        n.active(2, 3, 3),
                        n.p(2, 2, 3, 3)));
        form(7, 8, "Upsample scales attribute", n -> n.op("Upsample", floats("scales", 1, 1, 2, 3), n.active(2, 3, 2)));
        form(
                9,
                9,
                "Upsample linear",
                n -> n.op(
                        "Upsample",
                        attributes().string("mode", "linear"),
                        n.active(2, 3, 2),
                        n.tensor(Tensor.ofFloats(new float[] {1, 1, 2, 3}, 4))));
        form(
                10,
                10,
                "Resize",
                n -> n.op("Resize", n.active(2, 3, 2), n.tensor(Tensor.ofFloats(new float[] {1, 1, 2, 3}, 4))));
        for (String mode : List.of("nearest", "linear", "cubic")) {
            for (String coordinates : List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")) {
                Attributes how =
                        attributes().string("mode", mode).string("coordinate_transformation_mode", coordinates);
                form(
                        11,
                        21,
                        "Resize " + mode + " " + coordinates,
                        n -> n.op(
                                "Resize",
                                how,
                                n.active(2, 3, 4),
                                n.tensor(Tensor.ofFloats(new float[0], 0)),
                                n.tensor(Tensor.ofFloats(new float[] {1, 1, 2, 1.5f}, 4))));
            }
        }
        form(7, 21, "DepthToSpace", n -> n.op("DepthToSpace", attributes().integer("blocksize", 2), n.active(8, 2, 3)));
        form(
                11,
                21,
                "DepthToSpace CRD",
                n -> n.op(
                        "DepthToSpace", attributes().integer("blocksize", 2).string("mode", "CRD"), n.active(8, 2, 3)));
        form(7, 21, "SpaceToDepth", n -> n.op("SpaceToDepth", attributes().integer("blocksize", 2), n.active(2, 4, 6)));
        form(7, 21, "Tile", n -> n.op("Tile", n.active(2, 3), n.longs(1, 2, 3)));
        form(
                7,
                9,
                "TopK attribute",
                n -> n.ops("TopK", attributes().integer("k", 2).integer("axis", 1), 2, n.active(5))
                        .get(0));
        form(
                10,
                21,
                "TopK",
                n -> n.ops("TopK", attributes().integer("axis", 1), 2, n.active(5), n.longs(2))
                        .get(0));
        form(
                11,
                21,
                "CumSum",
                n -> n.op(
                        "CumSum", attributes().integer("exclusive", 1).integer("reverse", 1), n.active(5), n.longs(1)));
        form(
                14,
                21,
                "Trilu",
                n -> n.op(
                        "Trilu", attributes().integer("upper", 0), n.active(3, 4), n.tensor(Tensor.ofLongs(new long[] {1
                        }))));
    }

    private void norms() {
        for (String op :
                List.of("ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp", "ReduceProd")) {
            form(
                    7,
                    17,
                    op + " axes attribute",
                    n -> n.op(op, attributes().integers("axes", 1, 2).integer("keepdims", 0), n.positive(2, 3, 2)));
            form(18, 21, op + " axes input", n -> n.op(op, n.positive(2, 3, 2), n.longs(-1, 1)));
        }
        for (String op : List.of("Softsign", "Tan", "Asin", "Acos", "Atan")) {
            form(7, 21, op, n -> n.op(op, n.op("Mul", n.active(5), n.scalar(0.4))));
        }
        for (String op : List.of("Sinh", "Cosh", "Asinh", "Atanh")) {
            form(9, 21, op, n -> n.op(op, n.op("Mul", n.active(5), n.scalar(0.4))));
        }
        form(
                9,
                21,
                "Shrink",
                n -> n.op("Shrink", attributes().real("lambd", 0.8f).real("bias", 0.3f), n.active(8)));
        form(
                10,
                21,
                "ThresholdedRelu",
                n -> n.op("ThresholdedRelu", attributes().real("alpha", 0.6f), n.active(8)));
        form(12, 21, "Celu", n -> n.op("Celu", attributes().real("alpha", 1.7f), n.active(8)));
        form(18, 21, "Mish", n -> n.op("Mish", n.active(8)));
        form(8, 21, "Mean", n -> n.op("Mean", n.active(3, 1), n.p(2)));
        form(
                10,
                21,
                "Mod",
                n -> n.op(
                        "Mod",
                        attributes().integer("fmod", 1),
                        n.op("Mul", n.active(6), n.scalar(3)),
                        n.p(Net.Range.POSITIVE, 6)));
        form(
                7,
                21,
                "InstanceNormalization",
                n -> n.op(
                        "InstanceNormalization",
                        attributes().real("epsilon", 0.01f),
                        n.active(3, 4, 2),
                        n.p(3),
                        n.p(3)));
        form(
                18,
                20,
                "GroupNormalization, scale of groups",
                n -> n.op(
                        "GroupNormalization",
                        attributes().integer("num_groups", 2).real("epsilon", 0.01f),
                        n.active(4, 3, 2),
                        n.p(2),
                        n.p(2)));
        form(
                21,
                21,
                "GroupNormalization",
                n -> n.op(
                        "GroupNormalization",
                        attributes().integer("num_groups", 2).real("epsilon", 0.01f),
                        n.active(4, 3, 2),
                        n.p(4),
                        n.p(4)));
        form(7, 21, "LRN", n -> n.op("LRN", attributes().integer("size", 3).real("alpha", 0.3f), n.active(4, 3, 2)));
        form(
                9,
                21,
                "MeanVarianceNormalization",
                n -> n.op("MeanVarianceNormalization", attributes().integers("axes", 2, 3), n.active(2, 3, 2)));
        form(7, 21, "LpNormalization", n -> n.op("LpNormalization", attributes().integer("axis", 1), n.active(3, 2)));
    }
}
