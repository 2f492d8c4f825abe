package org.finitentk.internal.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** The forms that operators had in older opsets, and what exporters of those days wrote. */
final class OpsetRows {
    private static final long[] ALL = {7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};

    private final Rows rows;

    private OpsetRows(Rows rows) {
        this.rows = rows;
    }

    static void add(Rows rows) {
        OpsetRows all = new OpsetRows(rows);
        all.axes();
        all.activations();
        all.reductions();
        all.layers();
        all.windows();
        all.movement();
        all.constants();
        all.shapeChains();
        all.sequences();
        all.images();
        all.norms();
    }

    /** A row for each of the opsets from one to another in which an operator has the same form. */
    private void form(long from, long to, String name, Function<Net, String> body) {
        for (long opset : ALL) {
            // both ends and one in three between: the reader does not know more versions than forms
            if (Boolean.getBoolean("finitentk.opsets.all") && opset >= from && opset <= to
                    || opset == from
                    || opset == to
                    || opset > from && opset < to && opset % 3 == 0) {
                rows.add(opset, name, body);
            }
        }
    }

    private static Attributes attributes() {
        return new Attributes();
    }

    private void axes() {
        form(
                7,
                12,
                "Squeeze axes attribute",
                n -> n.op("Squeeze", attributes().integers("axes", 1, 3), n.active(1, 3, 1)));
        form(
                11,
                12,
                "Squeeze negative axes attribute",
                n -> n.op("Squeeze", attributes().integers("axes", -1), n.active(1, 3, 1)));
        form(13, 21, "Squeeze axes input", n -> n.op("Squeeze", n.active(1, 3, 1), n.longs(1, -1)));
        form(7, 21, "Squeeze of all axes", n -> n.op("Mul", n.x(3), n.op("Squeeze", n.p(1, 3, 1))));
        form(
                7,
                12,
                "Unsqueeze axes attribute",
                n -> n.op("Unsqueeze", attributes().integers("axes", 1, 3), n.active(3)));
        form(
                11,
                12,
                "Unsqueeze negative axes attribute",
                n -> n.op("Unsqueeze", attributes().integers("axes", -1), n.active(3)));
        form(13, 21, "Unsqueeze axes input", n -> n.op("Unsqueeze", n.active(3), n.longs(-1)));
        form(7, 21, "Transpose without perm", n -> n.transpose(n.op("Transpose", n.active(2, 3)), 2, 0, 1));
        form(7, 21, "Concat", n -> n.op("Concat", attributes().integer("axis", 1), n.active(2, 2), n.active(2, 2)));
        form(
                11,
                21,
                "Concat negative axis",
                n -> n.op("Concat", attributes().integer("axis", -1), n.active(2, 2), n.active(2, 2)));
        form(7, 21, "Flatten", n -> n.op("Flatten", n.op("Tanh", n.active(2, 3))));
        form(
                9,
                21,
                "Flatten axis 0",
                n -> n.reshape(n.op("Flatten", attributes().integer("axis", 0), n.active(2, 3)), -1, 6));
        form(11, 21, "Flatten negative axis", n -> n.op("Flatten", attributes().integer("axis", -2), n.active(2, 3)));
    }

    private void activations() {
        for (Attributes bounds : List.of(
                attributes(),
                attributes().real("min", -0.7f),
                attributes().real("max", 0.8f),
                attributes().real("min", 0).real("max", 6))) {
            form(7, 10, "Clip bounds as attributes " + bounds.build().keySet(), n -> n.op("Clip", bounds, n.active(8)));
        }
        form(11, 21, "Clip bounds as inputs", n -> n.op("Clip", n.active(8), n.scalar(-0.7), n.scalar(0.8)));
        form(11, 21, "Clip one bound as input", n -> n.op("Clip", n.active(8), "", n.scalar(0.8)));
        for (String op : List.of("Softmax", "LogSoftmax")) {
            form(7, 21, op + " of a matrix, default axis", n -> n.op(op, n.active(4)));
            form(7, 21, op + " of rank 4, default axis", n -> n.op(op, n.active(2, 3, 2)));
            for (long axis : new long[] {0, 1, 2, 3}) {
                // with axis 0 all examples are one: parameters only
                form(
                        7,
                        12,
                        op + " coerced, axis " + axis,
                        n -> axis > 0
                                ? n.op(op, attributes().integer("axis", axis), n.active(2, 3, 2))
                                : n.op("Mul", n.x(2, 3), n.op(op, attributes().integer("axis", axis), n.p(2, 3))));
                form(
                        11,
                        12,
                        op + " coerced, axis " + (axis - 4),
                        n -> axis > 0
                                ? n.op(op, attributes().integer("axis", axis - 4), n.active(2, 3, 2))
                                : n.op("Mul", n.x(2, 3), n.op(op, attributes().integer("axis", -2), n.p(2, 3))));
            }
            form(13, 21, op + " axis 1", n -> n.op(op, attributes().integer("axis", 1), n.active(2, 3, 2)));
        }
        for (String op : List.of(
                "Relu",
                "LeakyRelu",
                "Elu",
                "Selu",
                "Softplus",
                "Tanh",
                "Sigmoid",
                "Exp",
                "Neg",
                "Abs",
                "Reciprocal",
                "Identity")) {
            form(7, 21, op, n -> n.op(op, n.active(4)));
        }
        form(9, 21, "Erf", n -> n.op("Erf", n.active(4)));
        form(7, 21, "Sqrt", n -> n.op("Sqrt", n.positive(4)));
        form(7, 21, "Log", n -> n.op("Log", n.positive(4)));
        form(7, 21, "Pow", n -> n.op("Pow", n.positive(4), n.p(4)));
        form(
                12,
                21,
                "Pow with integer exponent",
                n -> n.op("Pow", n.active(4), n.tensor(Tensor.ofLongs(new long[] {3}))));
        for (String op : List.of("Add", "Sub", "Mul", "Div")) {
            form(7, 21, op, n -> n.op(op, n.active(3, 2), n.p(2)));
        }
        form(7, 11, "Dropout ratio attribute", n -> n.op("Dropout", attributes().real("ratio", 0.3f), n.active(4)));
        form(
                7,
                11,
                "Dropout with a mask that nobody uses",
                n -> n.ops("Dropout", attributes().real("ratio", 0.3f), 2, n.active(4))
                        .get(0));
        form(12, 21, "Dropout ratio input", n -> n.op("Dropout", n.active(4), n.scalar(0.3)));
        form(
                12,
                21,
                "Dropout without ratio, not in training",
                n -> n.op("Dropout", n.active(4), "", n.tensor(MovementRows.bool(false))));
        form(7, 21, "Dropout without ratio", n -> n.op("Dropout", n.active(4)));
    }

    private void reductions() {
        for (String op : List.of("ReduceSum", "ReduceMean")) {
            long last = op.equals("ReduceSum") ? 12 : 17;
            for (long keep : new long[] {0, 1}) {
                Attributes keeping = attributes().integer("keepdims", keep);
                form(
                        7,
                        last,
                        op + " axes attribute, keepdims " + keep,
                        n -> n.op(op, new Attributes(keeping.build()).integers("axes", 1, 3), n.active(2, 3, 2)));
                form(
                        11,
                        last,
                        op + " negative axes attribute, keepdims " + keep,
                        n -> n.op(op, new Attributes(keeping.build()).integers("axes", -1), n.active(2, 3)));
                form(
                        last + 1,
                        21,
                        op + " axes input, keepdims " + keep,
                        n -> n.op(op, keeping, n.active(2, 3, 2), n.longs(-1, 1)));
                form(
                        7,
                        21,
                        op + " of all, keepdims " + keep,
                        n -> n.op("Mul", n.x(1, 2), n.op(op, keeping, n.p(3, 2))));
            }
            form(
                    last + 1,
                    21,
                    op + " noop_with_empty_axes",
                    n -> n.op(op, attributes().integer("noop_with_empty_axes", 1), n.active(3)));
            form(last + 1, 21, op + " of omitted axes", n -> n.op("Mul", n.x(2), n.op(op, n.p(3), "")));
        }
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

    private void movement() {
        form(7, 21, "Gather", n -> n.op("Gather", attributes().integer("axis", 1), n.active(3, 4), n.longs(2, 0)));
        form(
                11,
                21,
                "Gather negative indices",
                n -> n.op("Gather", attributes().integer("axis", -1), n.active(3, 4), n.longs(-1, 0)));
        form(7, 21, "Gather of token ids", n -> n.op("Gather", n.p(6, 3), n.op("Abs", n.ids(5, 4))));
        form(7, 21, "Reshape 0 and -1", n -> n.reshape(n.op("Tanh", n.active(2, 3, 2)), 0, -1));
        form(
                14,
                21,
                "Reshape allowzero 0",
                n -> n.op(
                        "Reshape", attributes().integer("allowzero", 0), n.op("Tanh", n.active(2, 3)), n.longs(0, 6)));
        form(
                7,
                9,
                "Slice attributes",
                n -> n.op(
                        "Slice",
                        attributes()
                                .integers("starts", 1, -2)
                                .integers("ends", 4, Long.MAX_VALUE)
                                .integers("axes", 1, 2),
                        n.active(5, 4)));
        form(
                7,
                9,
                "Slice attributes, default axes",
                n -> n.op(
                        "Slice",
                        attributes().integers("starts", 0, 1).integers("ends", Long.MAX_VALUE, 4),
                        n.active(5)));
        form(
                10,
                21,
                "Slice inputs",
                n -> n.op("Slice", n.active(5, 4), n.longs(1), n.longs(4), n.longs(2), n.longs(2)));
        form(
                7,
                10,
                "Pad attributes",
                n -> n.op("Pad", attributes().integers("pads", 0, 1, 0, 0, 0, 2).real("value", 0.5f), n.active(2, 3)));
        form(11, 21, "Pad inputs", n -> n.op("Pad", n.active(2, 3), n.longs(0, 1, 0, 0, 0, 2), n.scalar(0.5)));
        form(8, 21, "Expand", n -> n.op("Expand", n.active(1, 3), n.longs(1, 2, 3)));
        form(
                7,
                21,
                "Cast",
                n -> n.op(
                        "Cast",
                        attributes().integer("to", n.type().code()),
                        n.op("Cast", attributes().integer("to", ElementType.FLOAT.code()), n.active(4))));
    }

    private void constants() {
        form(
                7,
                21,
                "Constant value as weight",
                n -> n.op(
                        "MatMul",
                        n.active(2),
                        n.op("Constant", value(Tensor.ofReals(n.type(), new double[] {1, -2, 0.5, 3}, 2, 2)))));
        form(
                12,
                21,
                "Constant value_floats",
                n -> n.op(
                        "Add",
                        n.active(2),
                        n.op(
                                "Cast",
                                attributes().integer("to", n.type().code()),
                                n.op("Constant", floats("value_floats", 0.5f, 2)))));
        form(
                12,
                21,
                "Constant value_float",
                n -> n.op(
                        "Mul",
                        n.active(2),
                        n.op(
                                "Cast",
                                attributes().integer("to", n.type().code()),
                                n.op("Constant", attributes().real("value_float", 0.5f)))));
        form(
                12,
                21,
                "Constant value_ints",
                n -> n.op(
                        "Reshape", n.active(2, 3), n.op("Constant", attributes().integers("value_ints", 0, 6))));
        form(
                12,
                21,
                "Constant value_int",
                n -> n.op(
                        "Gather",
                        attributes().integer("axis", 1),
                        n.active(2, 3),
                        n.op("Constant", attributes().integer("value_int", 1))));
        form(14, 21, "parameter through Identity", n -> {
            String w = n.p(3, 3);
            return n.op(
                    "MatMul",
                    n.op("Tanh", n.op("MatMul", n.x(3), n.op("Identity", w))),
                    n.op("Identity", n.op("Identity", w)));
        });
    }

    private static Attributes value(Tensor tensor) {
        AttributeProto proto = AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(tensor.toProto(""))
                .build();
        return new Attributes(java.util.Map.of("value", proto));
    }

    private static Attributes floats(String key, float... values) {
        AttributeProto.Builder proto =
                AttributeProto.newBuilder().setName(key).setType(AttributeProto.AttributeType.FLOATS);
        for (float v : values) {
            proto.addFloats(v);
        }
        return new Attributes(java.util.Map.of(key, proto.build()));
    }

    /** x.view(x.size(0), -1) and x.view(b * t, c) as PyTorch exports them. */
    private void shapeChains() {
        form(7, 12, "view(x.size(0), -1) of opset 12", n -> {
            String x = n.op("Tanh", n.active(2, 3));
            String size = n.op(
                    "Gather",
                    attributes().integer("axis", 0),
                    n.op("Shape", x),
                    n.op("Constant", value(Tensor.ofLongs(new long[] {0}))));
            Attributes unsqueeze = attributes().integers("axes", 0);
            String minusOne = n.op("Constant", value(Tensor.ofLongs(new long[] {-1})));
            return n.op(
                    "Reshape",
                    x,
                    n.op(
                            "Concat",
                            attributes().integer("axis", 0),
                            n.op("Unsqueeze", unsqueeze, size),
                            n.op("Unsqueeze", unsqueeze, minusOne)));
        });
        form(13, 21, "view(x.size(0), -1)", n -> {
            String x = n.op("Tanh", n.active(2, 3));
            String size = n.op(
                    "Gather",
                    attributes().integer("axis", 0),
                    n.op("Shape", x),
                    n.op("Constant", value(Tensor.ofLongs(new long[] {0}))));
            String zero = n.op("Constant", value(Tensor.vector(0)));
            String minusOne = n.op("Constant", value(Tensor.vector(-1)));
            return n.op(
                    "Reshape",
                    x,
                    n.op("Concat", attributes().integer("axis", 0), n.op("Unsqueeze", size, zero), minusOne));
        });
        form(13, 21, "view(b * t, c) and back", n -> {
            String x = n.active(3, 2);
            String shape = n.op("Shape", x);
            String b = n.op("Gather", attributes().integer("axis", 0), shape, n.tensor(Tensor.ofLongs(new long[] {0})));
            String t =
                    n.op("Gather", attributes().integer("axis", 0), shape, n.tensor(Tensor.ofLongs(new long[] {-2})));
            Attributes axis = attributes().integer("axis", 0);
            String merged = n.op("Concat", axis, n.op("Unsqueeze", n.op("Mul", b, t), n.longs(0)), n.longs(2));
            String back = n.op(
                    "Concat", axis, n.op("Unsqueeze", b, n.longs(0)), n.op("Unsqueeze", t, n.longs(0)), n.longs(4));
            return n.op("Reshape", n.op("MatMul", n.op("Reshape", x, merged), n.p(2, 4)), back);
        });
        form(15, 21, "view by Shape with start and end", n -> {
            String x = n.op("Tanh", n.active(2, 3));
            return n.op(
                    "Reshape",
                    x,
                    n.op(
                            "Concat",
                            attributes().integer("axis", 0),
                            n.op("Shape", attributes().integer("start", 0).integer("end", 1), x),
                            n.longs(-1)));
        });
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
