package org.finitentk.internal.autodiff;

import java.util.List;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** The forms that operators had in older opsets, and what exporters of those days wrote. */
final class OpsetRows extends OpsetForms {
    private OpsetRows(Rows rows) {
        super(rows);
    }

    static void add(Rows rows) {
        OpsetRows all = new OpsetRows(rows);
        all.axes();
        all.activations();
        all.reductions();
        all.movement();
        all.constants();
        all.shapeChains();
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
}
