package org.finitentk.internal.autodiff;

import static org.finitentk.internal.autodiff.PerExample.Kind.FACTORS;
import static org.finitentk.internal.autodiff.PerExample.Kind.GRADIENTS;

import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** Operators that move elements, with static and computed shapes. */
final class MovementRows {
    private MovementRows() {}

    static void add(Rows rows) {
        reshapes(rows);
        axes(rows);
        concat(rows);
        slices(rows);
        pads(rows);
        splits(rows);
        casts(rows);
    }

    private static void splits(Rows rows) {
        rows.add("Split evenly", n -> {
            java.util.List<String> parts =
                    n.ops("Split", new Attributes().integer("axis", 1).integer("num_outputs", 2), 2, n.active(4, 2));
            return n.op("Mul", parts.get(0), n.op("Tanh", parts.get(1)));
        });
        rows.add("Split by sizes, the last axis", n -> {
            java.util.List<String> parts =
                    n.ops("Split", new Attributes().integer("axis", -1), 3, n.active(2, 6), n.longs(1, 3, 2));
            return n.op("Concat", new Attributes().integer("axis", -1), parts.get(2), parts.get(0));
        });
    }

    private static void pads(Rows rows) {
        rows.add("Pad both sides", n -> n.op("Pad", n.active(2, 3), n.longs(0, 1, 0, 0, 2, 1)));
        rows.add("Pad with a value", n -> n.op("Pad", n.active(2, 3), n.longs(0, 0, 2, 0, 0, 0), n.scalar(1.5)));
        rows.add("Pad and cut", n -> n.op("Pad", n.active(4, 3), n.longs(0, -1, 1, 0, 2, -2)));
        rows.add("Pad of some axes", n -> n.op("Pad", n.active(4, 3), n.longs(1, 2), "", n.longs(-1)));
        for (String mode : List.of("reflect", "edge", "wrap")) {
            rows.add(
                    "Pad " + mode,
                    n -> n.op("Pad", new Attributes().string("mode", mode), n.active(3, 4), n.longs(0, 2, 1, 0, 1, 3)));
            rows.add(
                    "Pad " + mode + " of an image, the last axes",
                    n -> n.op(
                            "Conv",
                            n.op(
                                    "Pad",
                                    new Attributes().string("mode", mode),
                                    n.op("Tanh", n.op("Conv", n.x(2, 4, 4), n.p(3, 2, 1, 1))),
                                    n.longs(1, 0, 2, 1),
                                    "",
                                    n.longs(-2, 3)),
                            n.p(2, 3, 2, 2)));
        }
        for (String mode : List.of("constant", "reflect", "edge", "wrap")) {
            Attributes how = new Attributes().string("mode", mode);
            for (long[] p : new long[][] {{-1, 2}, {2, -1}, {-2, 1}, {1, -2}, {-1, -1}, {-3, -1}, {0, -2}}) {
                rows.add(
                        "Pad " + mode + " by " + Arrays.toString(p),
                        n -> n.op("Pad", how, n.active(5), n.longs(0, p[0], 0, p[1])));
                rows.add(
                        "Pad " + mode + " of a named axis by " + Arrays.toString(p),
                        n -> n.op("Pad", how, n.active(2, 5, 3), n.longs(p), n.scalar(0.5), n.longs(-2)));
                rows.add(
                        "Pad " + mode + " of two axes by " + Arrays.toString(p),
                        n -> n.op("Pad", how, n.active(5, 5), n.longs(0, p[0], p[1], 0, p[1], p[0])));
            }
        }
        rows.add(
                "Pad edge by more than is left",
                n -> n.op("Pad", new Attributes().string("mode", "edge"), n.active(5), n.longs(0, -3, 0, 7)));
        rows.add(
                "Pad wrap by all that is left",
                n -> n.op("Pad", new Attributes().string("mode", "wrap"), n.active(5), n.longs(0, -3, 0, 2)));
        rows.add("Pad by sizes that are computed from shapes, as PyTorch writes them", n -> {
            String x = n.active(3, 5);
            String missing = n.op(
                    "Mod",
                    n.op("Sub", n.longs(4), n.op("Mod", n.op("Gather", n.op("Shape", x), n.longs(2)), n.longs(4))),
                    n.longs(4));
            String zeros = n.op(
                    "Cast",
                    new Attributes().integer("to", ElementType.INT64.code()),
                    n.op("ConstantOfShape", n.longs(4)));
            String pairs = n.op(
                    "Reshape",
                    n.op("Concat", new Attributes().integer("axis", 0), n.longs(0), missing, zeros),
                    n.longs(-1, 2));
            String lastFirst = n.op("Slice", pairs, n.longs(-1), n.longs(-Long.MAX_VALUE), n.longs(0), n.longs(-1));
            String pads =
                    n.op("Reshape", n.op("Transpose", new Attributes().integers("perm", 1, 0), lastFirst), n.longs(-1));
            return n.op("Gemm", n.op("Flatten", n.op("Pad", x, pads)), n.p(24, 2));
        });
        rows.add(
                "Pad reflect and cut",
                n -> n.op("Pad", new Attributes().string("mode", "reflect"), n.active(5), n.longs(0, 2, 0, -1)));
        rows.add("Pad of a parameter", n -> n.op("Mul", n.x(5), n.op("Pad", n.p(3), n.longs(1, 1))));
    }

    private static void reshapes(Rows rows) {
        for (long[] shape : new long[][] {{-1, 6}, {0, 6}, {0, -1}, {-1, 3, 2}, {0, 0, -1}, {-1, 1, 6}, {-1, 2, 3}}) {
            rows.add("Reshape to " + Arrays.toString(shape), n -> n.op("Tanh", n.reshape(n.active(2, 3), shape)));
        }
        rows.add(
                "Reshape through merged rows",
                n -> n.reshape(n.op("Tanh", n.reshape(n.active(2, 3), -1, 3)), -1, 2, 3));
        rows.add("Reshape to a vector and back", n -> n.reshape(n.op("Exp", n.reshape(n.active(2, 3), -1)), -1, 6));
        rows.add("Reshape by Shape, Gather, Unsqueeze, Concat", n -> {
            String x = n.active(2, 3);
            String batch = n.op("Gather", n.op("Shape", x), n.tensor(Tensor.ofLongs(new long[] {0})));
            String shape = n.op(
                    "Concat", new Attributes().integer("axis", 0), n.op("Unsqueeze", batch, n.longs(0)), n.longs(-1));
            return n.op("Reshape", x, shape);
        });
        rows.add("Reshape by Shape and Slice", n -> {
            String x = n.active(2, 3);
            String shape = n.op(
                    "Concat",
                    new Attributes().integer("axis", 0),
                    n.op("Slice", n.op("Shape", x), n.longs(0), n.longs(1)),
                    n.longs(3, 2));
            return n.op("Reshape", x, shape);
        });
        rows.add("Reshape by arithmetic on the batch", n -> {
            String x = n.active(4, 3);
            String batch = n.op("Shape", new Attributes().integer("end", 1), x);
            String rows2 = n.op("Mul", batch, n.longs(2));
            String split =
                    n.op("Reshape", x, n.op("Concat", new Attributes().integer("axis", 0), rows2, n.longs(2, 3)));
            String half = n.op("Div", n.op("Shape", new Attributes().integer("end", 1), split), n.longs(2));
            return n.op(
                    "Reshape",
                    n.op("Tanh", split),
                    n.op("Concat", new Attributes().integer("axis", 0), half, n.longs(12)));
        });
        rows.add(
                "Reshape of a network with two inputs",
                n -> n.op("Add", n.reshape(n.active(2, 2), 0, -1), n.active(4)));
        rows.add("Reshape to rank 1, one output", n -> n.reshape(n.active(1), -1));
        rows.add(
                "output of rank 1 with a bias",
                n -> n.op("Add", n.op("Squeeze", n.op("MatMul", n.x(3), n.p(3, 1)), n.longs(1)), n.p(1)));
        for (long axis : new long[] {1, 2, -1, -2, 3}) {
            rows.add("Flatten axis " + axis, n -> {
                String flat = n.op("Tanh", n.op("Flatten", new Attributes().integer("axis", axis), n.active(2, 3)));
                return n.reshape(flat, -1, 6);
            });
        }
        rows.add(
                "Flatten axis 0",
                n -> n.reshape(
                        n.op("Tanh", n.op("Flatten", new Attributes().integer("axis", 0), n.active(2, 3))), -1, 6));
        rows.add("Flatten of rank 2", n -> n.op("Flatten", n.active(3)));
    }

    private static void axes(Rows rows) {
        rows.add("Transpose", n -> n.transpose(n.active(2, 3, 4), 0, 3, 1, 2));
        rows.add(
                "Transpose cyclic, batch away and back",
                n -> n.transpose(n.op("Tanh", n.transpose(n.active(2, 3), 2, 0, 1)), 1, 2, 0));
        // with a bias, ONNX Runtime's own f is that of the other matrix
        rows.add(
                "Transpose that leaves axes where they are, before a product",
                n -> n.op("MatMul", n.transpose(n.active(3), 0, 1), n.p(3, 3)));
        rows.add("Transpose default", n -> n.transpose(n.op("Transpose", n.active(2, 3)), 2, 0, 1));
        rows.add("Squeeze", n -> n.op("Squeeze", n.active(1, 3, 1), n.longs(1)));
        rows.add("Squeeze negative axes", n -> n.op("Squeeze", n.active(1, 3, 1), n.longs(-1, -3)));
        rows.add("Squeeze all", n -> n.op("Mul", n.x(3), n.op("Squeeze", n.p(1, 3, 1))), GRADIENTS);
        rows.add("Unsqueeze", n -> n.op("Unsqueeze", n.active(3), n.longs(1)));
        rows.add("Unsqueeze several, unsorted", n -> n.op("Unsqueeze", n.active(3), n.longs(3, 1)));
        rows.add("Unsqueeze negative", n -> n.op("Unsqueeze", n.active(3), n.longs(-1, -3)));
        rows.add("Expand", n -> n.op("Expand", n.active(1, 3), n.longs(1, 2, 3)));
        rows.add("Expand to higher rank", n -> n.op("Mul", n.x(2, 3), n.op("Expand", n.p(3), n.longs(2, 3))));
        rows.add("Expand a parameter over the batch", n -> {
            String x = n.active(3);
            String shape = n.op(
                    "Concat",
                    new Attributes().integer("axis", 0),
                    n.op("Shape", new Attributes().integer("end", 1), x),
                    n.longs(3));
            return n.op("Mul", x, n.op("Expand", n.p(1, 3), shape));
        });
        rows.add(
                "class token: a parameter expanded and concatenated",
                n -> {
                    String x = n.op("MatMul", n.x(2, 3), n.p(3, 4));
                    String shape = n.op(
                            "Concat",
                            new Attributes().integer("axis", 0),
                            n.op("Shape", new Attributes().integer("end", 1), x),
                            n.longs(1, 4));
                    return n.op(
                            "Add",
                            n.op("Concat", new Attributes().integer("axis", 1), n.op("Expand", n.p(1, 1, 4), shape), x),
                            n.p(1, 3, 4));
                },
                FACTORS,
                GRADIENTS,
                GRADIENTS);
    }

    private static void concat(Rows rows) {
        for (long axis : new long[] {1, 2, -1, -2}) {
            Attributes at = new Attributes().integer("axis", axis);
            rows.add("Concat axis " + axis, n -> n.op("Concat", at, n.active(2, 2), n.active(2, 2)));
            rows.add(
                    "Concat axis " + axis + " with inactive",
                    n -> n.op("Concat", at, n.x(2, 2), n.active(2, 2), n.x(2, 2)));
        }
        rows.add(
                "Concat of different sizes",
                n -> n.op(
                        "Tanh",
                        n.op(
                                "Concat",
                                new Attributes().integer("axis", 1),
                                n.active(3, 2),
                                n.x(1, 2),
                                n.active(2, 2))));
        rows.add("Concat of a value with itself", n -> {
            String a = n.active(2);
            return n.op("Concat", new Attributes().integer("axis", 1), a, a);
        });
        rows.add("Concat of one", n -> n.op("Concat", new Attributes().integer("axis", 1), n.active(2)));
        rows.add(
                "Concat of parameters to one weight",
                n -> n.op("MatMul", n.x(3), n.op("Concat", new Attributes().integer("axis", 1), n.p(3, 2), n.p(3, 1))));
        rows.add(
                "Concat of a parameter and a constant",
                n -> n.op(
                        "MatMul",
                        n.x(3),
                        n.op(
                                "Concat",
                                new Attributes().integer("axis", -1),
                                n.p(3, 2),
                                n.constant(Net.Range.SIGNED, 3, 20))));
        rows.add("Concat of examples, twice the batch", n -> {
            String both = n.op("Concat", new Attributes().integer("axis", 0), n.p(2, 3), n.p(1, 3));
            return n.op("MatMul", n.x(3), both);
        });
    }

    /** Of the first axis after the batch. */
    private static String slice(Net n, String x, long from, long to) {
        return n.op("Slice", x, n.longs(from), n.longs(to), n.longs(1));
    }

    private static void slices(Rows rows) {
        rows.add("Slice", n -> n.op("Slice", n.active(5, 4), n.longs(1), n.longs(4), n.longs(1)));
        rows.add("Slice negative", n -> n.op("Slice", n.active(5, 4), n.longs(-3, 0), n.longs(-1, 2), n.longs(-2, -1)));
        rows.add(
                "Slice beyond the end",
                n -> n.op("Slice", n.active(5, 4), n.longs(2), n.longs(Long.MAX_VALUE), n.longs(2)));
        rows.add(
                "Slice with the batch, default axes",
                n -> n.op("Slice", n.active(5), n.longs(0, 1), n.longs(Long.MAX_VALUE, 3)));
        rows.add("Slices side by side", n -> {
            String x = n.active(6, 4);
            return n.op("Mul", n.op("Tanh", slice(n, x, 4, 6)), n.op("Add", slice(n, x, 0, 2), slice(n, x, 2, 4)));
        });
        rows.add("Slices with a gap", n -> {
            String x = n.active(6, 4);
            return n.op("Mul", slice(n, x, 0, 2), slice(n, x, 4, 6));
        });
        rows.add("Slices that overlap, and the whole", n -> {
            String x = n.active(6, 4);
            return n.op(
                    "Concat",
                    new Attributes().integer("axis", 1),
                    n.op("Mul", slice(n, x, 0, 4), slice(n, x, 2, 6)),
                    n.op("Sigmoid", x));
        });
        rows.add("Slices of different axes", n -> {
            String x = n.active(4, 4);
            return n.op(
                    "Mul",
                    slice(n, x, 0, 4),
                    n.op("Add", n.op("Slice", x, n.longs(1), n.longs(2), n.longs(2)), slice(n, x, 3, 4)));
        });
        rows.add(
                "Slice with steps",
                n -> n.op("Slice", n.active(5, 4), n.longs(0, 1), n.longs(5, 4), n.longs(1, 2), n.longs(2, 2)));
        rows.add(
                "Slice backwards",
                n -> n.op("Slice", n.active(5), n.longs(-1), n.longs(Long.MIN_VALUE), n.longs(1), n.longs(-1)));
        rows.add(
                "Slice backwards by two",
                n -> n.op("Slice", n.active(5), n.longs(3), n.longs(Long.MIN_VALUE), n.longs(1), n.longs(-2)));
    }

    private static void casts(Rows rows) {
        rows.add("Dropout", n -> n.op("Dropout", n.active(8)));
        rows.add(
                "Dropout with ratio and mask",
                n -> n.ops("Dropout", new Attributes(), 2, n.active(8), n.scalar(0.3))
                        .get(0));
        rows.add(
                21, "Dropout not in training", n -> n.op("Dropout", n.active(8), n.scalar(0.3), n.tensor(bool(false))));
        rows.add(
                "Cast of parameters to another float",
                n -> n.op(
                        "Cast",
                        new Attributes().integer("to", n.type().code()),
                        n.op(
                                "Tanh",
                                n.op("Cast", new Attributes().integer("to", ElementType.FLOAT.code()), n.active(8)))));
        rows.add("Identity", n -> n.op("Identity", n.active(3, 4)));
        rows.add("CastLike", n -> n.op("CastLike", n.active(4), n.x(4)));
        rows.add("CastLike, as what has a tangent", n -> {
            String like = n.active(4);
            return n.op("Mul", n.op("CastLike", n.x(4), like), n.op("CastLike", like, like));
        });
    }

    static Tensor bool(boolean value) {
        java.nio.ByteBuffer one = java.nio.ByteBuffer.allocate(1);
        one.put(0, (byte) (value ? 1 : 0));
        return new Tensor(ElementType.BOOL, new long[0], one);
    }
}
