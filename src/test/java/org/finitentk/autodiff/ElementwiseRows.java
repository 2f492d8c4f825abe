package org.finitentk.autodiff;

import static org.finitentk.autodiff.PerExample.Kind.GRADIENTS;

import java.util.List;
import org.finitentk.autodiff.Net.Range;
import org.finitentk.autodiff.RulesTest.Rows;
import org.finitentk.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** Arithmetic with broadcasting, elementary functions, activations, reductions and normalizations. */
final class ElementwiseRows {
    private ElementwiseRows() {
    }

    /** Elementwise operators on one tangent, which is multiplied once for all of them. */
    private static void chains(Rows rows) {
        rows.add("Gelu of plain operators", n -> {
            String x = n.active(3, 4);
            return n.op("Mul", n.op("Mul", x, n.op("Add", n.op("Erf", n.op("Div", x, n.scalar(Math.sqrt(2)))), n.scalar(1))), n.scalar(0.5));
        });
        rows.add("quotients of quotients", n -> {
            String x = n.positive(5);
            return n.op("Div", n.op("Div", n.op("Log", x), n.scalar(3)), n.op("Sqrt", n.op("Add", x, n.scalar(2))));
        });
        rows.add("sums and differences of one tangent", n -> {
            String x = n.active(5);
            return n.op("Sub", n.op("Add", n.op("Mul", x, x), n.op("Div", x, n.scalar(4))), n.op("Sub", n.op("Tanh", x), n.op("Neg", x)));
        });
        rows.add("a chain that is broadcast half way", n -> n.op("Mul", n.op("Mul", n.op("Tanh", n.active(1, 4)), n.x(3, 4)), n.op("Exp", n.active(3, 1))));
        rows.add("a chain that is used half way", n -> {
            String y = n.op("Tanh", n.active(4));
            return n.op("Add", n.op("Mul", n.op("Exp", y), n.scalar(2)), n.op("MatMul", y, n.p(4, 4)));
        });
    }

    static void add(Rows rows) {
        for (String op : List.of("Neg", "Exp", "Abs", "Reciprocal", "Erf", "Tanh", "Sigmoid", "Relu", "LeakyRelu", "Elu", "Selu", "Softplus", "Identity")) {
            rows.add(op, n -> n.op(op, n.active(3, 4)));
            rows.add(op + " of what is made of parameters only", n -> n.op("Mul", n.x(3), n.op(op, n.activeConstant(3))));
        }
        rows.add("Abs at zero", n -> n.op("Add", n.op("Abs", n.zero(4)), n.active(4)));
        rows.add("Sqrt", n -> n.op("Sqrt", n.positive(5)));
        rows.add("Log", n -> n.op("Log", n.positive(5)));
        rows.add("LeakyRelu alpha", n -> n.op("LeakyRelu", new Attributes().real("alpha", 0.3f), n.active(6)));
        rows.add("Elu alpha", n -> n.op("Elu", new Attributes().real("alpha", 1.7f), n.active(6)));
        rows.add("Selu alpha gamma", n -> n.op("Selu", new Attributes().real("alpha", 1.2f).real("gamma", 0.7f), n.active(6)));
        rows.add("Softplus of large values", n -> n.op("Softplus", n.op("Mul", n.active(6), n.scalar(40))));
        chains(rows);
        binary(rows);
        choices(rows);
        for (String op : List.of("Sin", "Cos", "HardSigmoid", "HardSwish", "Gelu")) {
            rows.add(op, n -> n.op(op, n.op("Mul", n.active(9), n.scalar(2))));
        }
        rows.add("HardSigmoid alpha beta", n -> n.op("HardSigmoid", new Attributes().real("alpha", 0.6f).real("beta", 0.3f), n.active(9)));
        rows.add("Gelu tanh", n -> n.op("Gelu", new Attributes().string("approximate", "tanh"), n.active(9)));
        rows.add("Sum", n -> n.op("Sum", n.active(3, 1), n.p(2), n.x(1, 2)));
        rows.add("Sum of one", n -> n.op("Sum", n.active(3)));
        pow(rows);
        clip(rows);
        softmax(rows);
        reductions(rows);
        batchNormalization(rows);
    }

    private static void choices(Rows rows) {
        for (String op : List.of("Max", "Min")) {
            rows.add(op, n -> n.op(op, n.active(3, 2), n.p(2), n.x(1, 2)));
            rows.add(op + " of one", n -> n.op(op, n.active(3)));
            rows.add("Reduce" + op, n -> n.op("Reduce" + op, new Attributes().integer("keepdims", 0), n.active(3, 4), n.longs(-1)));
            rows.add("Reduce" + op + " of two axes", n -> n.op("Reduce" + op, n.active(3, 4), n.longs(1, 2)));
            rows.add("Reduce" + op + " of a parameter", n -> n.op("Mul", n.x(2), n.op("Reduce" + op, n.p(5))));
        }
        rows.add("Where", n -> n.op("Where", n.op("Greater", n.x(3, 2), n.scalar(0)), n.active(3, 1), n.p(2)));
        rows.add("Where of a mask", n -> n.op("Softmax", n.op("Where", n.op("Greater", n.x(4), n.scalar(0)), n.active(4), n.scalar(-1e4))));
        rows.add("PRelu", n -> n.op("PRelu", n.active(3, 2), n.p(3, 1)));
        rows.add("PRelu of one slope", n -> n.op("PRelu", n.active(3), n.p(1)));
    }

    private static void binary(Rows rows) {
        for (String op : List.of("Add", "Sub", "Mul", "Div")) {
            long[][] shapes = {{}, {1}, {2}, {3, 2}, {3, 1}, {1, 2}, {1, 3, 2}, {1, 1, 1}};
            for (long[] shape : shapes) {
                String name = op + " with parameter " + java.util.Arrays.toString(shape);
                boolean ownAxis = shape.length < 3 || shape[0] == 1;
                PerExample.Kind[] kinds = ownAxis && !op.equals("Div") ? new PerExample.Kind[] {GRADIENTS} : new PerExample.Kind[0];
                rows.add(name + " on the right", n -> n.op(op, n.x(3, 2), n.p(shape)), kinds);
                rows.add(name + " on the left", n -> n.op(op, n.p(shape), n.x(3, 2)), kinds);
                rows.add(name + " and active data", n -> n.op(op, n.active(3, 2), n.p(shape)));
            }
            rows.add(op + " broadcasts data on the left", n -> n.op(op, n.active(3, 1), n.active(1, 2)));
            rows.add(op + " broadcasts data of lower rank", n -> n.transpose(n.op(op, n.reshape(n.active(2), -1, 1, 2), n.active(3, 2)), 0, 2, 1));
            rows.add(op + " widens data by a parameter", n -> n.op(op, n.x(1, 2), n.p(3, 2)), GRADIENTS);
            rows.add(op + " of a value and itself", n -> {
                String a = n.active(4);
                return n.op(op.equals("Sub") || op.equals("Div") ? "Add" : op, n.op(op, a, n.op("Exp", a)), a);
            });
            rows.add(op + " with a parameter before the batch", n -> n.transpose(n.op(op, n.active(2), n.p(3, 1, 2)), 1, 0, 2));
        }
        rows.add("a bias shared by two sites", n -> {
            String b = n.p(3);
            return n.op("Add", n.op("Tanh", n.op("Add", n.x(3), b)), b);
        }, GRADIENTS);
        rows.add("a scale and bias shared", n -> {
            String b = n.p(3);
            return n.op("Add", n.op("Mul", n.x(3), b), b);
        }, GRADIENTS);
    }

    private static void pow(Rows rows) {
        rows.add("Pow square", n -> n.op("Pow", n.active(4), n.scalar(2)));
        rows.add("Pow cube", n -> n.op("Pow", n.active(4), n.scalar(3)));
        rows.add("Pow root", n -> n.op("Pow", n.positive(4), n.scalar(0.5)));
        for (double exponent : new double[] {0, 1, 2, 3}) {
            rows.add("Pow " + exponent + " at zero", n -> n.op("Add", n.op("Pow", n.zero(4), n.scalar(exponent)), n.active(4)));
        }
        rows.add("Pow computed exponent 0 at zero", n -> n.op("Add", n.op("Pow", n.zero(4), n.op("Sub", n.scalar(1), n.scalar(1))), n.active(4)));
        rows.add("Pow integer exponent", n -> n.op("Pow", n.active(4), n.tensor(Tensor.ofLongs(new long[] {3}))));
        rows.add("Pow broadcast exponents", n -> n.op("Pow", n.positive(3, 2), n.tensor(Tensor.ofReals(n.type(), new double[] {2, -1, 0.5}, 3, 1))));
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
        rows.add("Dropout", n -> n.op("Dropout", n.active(8)));
        rows.add("Dropout with ratio and mask", n -> n.ops("Dropout", new Attributes(), 2, n.active(8), n.scalar(0.3)).get(0));
        rows.add(21, "Dropout not in training", n -> n.op("Dropout", n.active(8), n.scalar(0.3), n.tensor(bool(false))));
        rows.add("Cast of parameters to another float", n -> n.op("Cast", new Attributes().integer("to", n.type().code()),
            n.op("Tanh", n.op("Cast", new Attributes().integer("to", ElementType.FLOAT.code()), n.active(8)))));
        rows.add("constants where no tangent goes", n -> {
            String a = n.active(4);
            String mask = n.op("Cast", new Attributes().integer("to", n.type().code()), n.op("Greater", a, n.scalar(0)));
            return n.op("Mul", n.op("Mul", a, mask), n.op("Add", n.op("Floor", n.active(4)), n.op("Sign", a)));
        });
    }

    static Tensor bool(boolean value) {
        java.nio.ByteBuffer one = java.nio.ByteBuffer.allocate(1);
        one.put(0, (byte) (value ? 1 : 0));
        return new Tensor(ElementType.BOOL, new long[0], one);
    }

    private static void softmax(Rows rows) {
        for (String op : List.of("Softmax", "LogSoftmax")) {
            rows.add(op, n -> n.op(op, n.active(4)));
            for (long axis : new long[] {1, 2, -1, -2}) {
                rows.add(op + " axis " + axis, n -> n.op(op, new Attributes().integer("axis", axis), n.active(3, 4)));
            }
            rows.add(op + " of a parameter", n -> n.op("Mul", n.x(3, 4), n.op(op, n.p(3, 4))));
            rows.add(op + " of large values", n -> n.op(op, n.op("Mul", n.active(4), n.scalar(12))));
        }
    }

    private static void reductions(Rows rows) {
        for (String op : List.of("ReduceSum", "ReduceMean")) {
            for (long keep : new long[] {0, 1}) {
                Attributes keeping = new Attributes().integer("keepdims", keep);
                for (long[] axes : new long[][] {{1}, {2}, {-1}, {1, 2}, {-1, 1}, {1, 2, 3}}) {
                    rows.add(op + java.util.Arrays.toString(axes) + " keepdims " + keep, n -> n.op(op, keeping, n.active(2, 3, 2), n.longs(axes)));
                }
                rows.add(op + " of all of a parameter, keepdims " + keep, n -> n.op("Mul", n.x(1, 2), n.op(op, keeping, n.p(3, 2))));
            }
            Attributes noop = new Attributes().integer("noop_with_empty_axes", 1);
            rows.add(op + " of no axes", n -> n.op(op, noop, n.active(3)));
            rows.add(op + " of empty axes, none", n -> n.op(op, noop, n.active(3), n.longs()));
            rows.add(op + " of omitted axes", n -> n.op("Mul", n.x(2), n.op(op, n.p(3), "")));
            rows.add(op + " over one parameter axis", n -> n.op("Add", n.x(3, 2), n.op(op, n.p(4, 3, 2), n.longs(0))));
            rows.add(op + " broadcast back", n -> n.op("Mul", n.active(3), n.op(op, n.op("Mul", n.active(3), n.scalar(0.5)), n.longs(1))));
        }
    }

    private static void batchNormalization(Rows rows) {
        for (long[] dims : new long[][] {{3}, {3, 4}, {3, 2, 2}}) {
            String name = "BatchNormalization of rank " + (dims.length + 1);
            rows.add(name, n -> n.op("BatchNormalization", new Attributes().real("epsilon", 0.01f),
                n.active(dims), n.p(3), n.p(3), n.constant(Range.SIGNED, 3), n.constant(Range.POSITIVE, 3)));
            rows.add(name + ", scale and bias only", n -> n.op("BatchNormalization",
                n.x(dims), n.p(3), n.p(3), n.constant(Range.SIGNED, 3), n.constant(Range.POSITIVE, 3)), GRADIENTS, GRADIENTS);
            rows.add(name + ", data only", n -> n.op("BatchNormalization", n.active(dims), n.constant(Range.SIGNED, 3), n.constant(Range.SIGNED, 3),
                n.constant(Range.SIGNED, 3), n.constant(Range.POSITIVE, 3)), GRADIENTS);
        }
        rows.add("two BatchNormalizations that share scale and bias", n -> {
            String scale = n.p(3);
            String bias = n.p(3);
            String mean = n.constant(Range.SIGNED, 3);
            String variance = n.constant(Range.POSITIVE, 3);
            return n.op("BatchNormalization", n.op("Tanh", n.op("BatchNormalization", n.x(3, 2), scale, bias, mean, variance)), scale, bias, mean, variance);
        }, GRADIENTS, GRADIENTS);
    }
}
