package org.finitentk.internal.autodiff;

import static org.finitentk.internal.autodiff.PerExample.Kind.FACTORS;
import static org.finitentk.internal.autodiff.PerExample.Kind.GRADIENTS;

import java.util.Arrays;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;

/**
 * MatMul of all ranks and Gemm of all attributes, with parameters on either side, shared, and reached through other
 * operators.
 */
final class MatrixRows {
    private MatrixRows() {}

    static void add(Rows rows) {
        dense(rows);
        ranks(rows);
        gemm(rows);
        shared(rows);
        reached(rows);
        rows.add(
                "attention",
                MatrixRows::attention,
                FACTORS,
                GRADIENTS,
                FACTORS,
                GRADIENTS,
                FACTORS,
                GRADIENTS,
                FACTORS);
        rows.add("attention with sequence first", MatrixRows::sequenceFirst, FACTORS, FACTORS, GRADIENTS);
        rows.add(
                "rows that count sequence, example, head",
                n -> {
                    String x = n.transpose(n.x(3, 2, 4), 1, 0, 2, 3);
                    String y = n.op("Add", n.op("MatMul", n.reshape(x, -1, 4), n.p(4, 2)), n.p(2));
                    return n.transpose(n.reshape(n.op("Tanh", y), 3, -1, 2, 2), 1, 2, 0, 3);
                },
                FACTORS,
                GRADIENTS);
        rows.add(
                "examples last",
                n -> n.transpose(n.op("Add", n.op("MatMul", n.p(2, 3), n.transpose(n.x(3), 1, 0)), n.p(2, 1)), 1, 0));
        rows.add(
                "mixer",
                n -> {
                    // mixes positions, then channels
                    String mixed = n.op("Add", n.op("MatMul", n.p(5, 3), n.x(3, 4)), n.p(5, 1));
                    return n.op("MatMul", n.op("Tanh", mixed), n.p(4, 2));
                },
                FACTORS,
                GRADIENTS,
                FACTORS);
    }

    private static void dense(Rows rows) {
        rows.add("MatMul x W", n -> n.op("MatMul", n.x(3), n.p(3, 2)), FACTORS);
        rows.add(
                "MatMul two layers",
                n -> n.op(
                        "Add",
                        n.op("MatMul", n.op("Tanh", n.op("Add", n.op("MatMul", n.x(3), n.p(3, 4)), n.p(4))), n.p(4, 2)),
                        n.p(2)),
                FACTORS,
                GRADIENTS,
                FACTORS,
                GRADIENTS);
        rows.add(
                "MatMul of positions",
                n -> n.op("MatMul", n.op("Tanh", n.op("MatMul", n.x(3, 4), n.p(4, 2))), n.p(2, 3)),
                FACTORS,
                FACTORS);
        rows.add("MatMul of a grid", n -> n.op("MatMul", n.active(2, 3, 4), n.p(4, 2)), GRADIENTS, FACTORS);
        rows.add("MatMul W X", n -> n.op("MatMul", n.p(5, 3), n.active(3, 4)), GRADIENTS, FACTORS);
        rows.add("MatMul W X of rank 4", n -> n.op("MatMul", n.p(5, 3), n.active(2, 3, 4)), GRADIENTS, FACTORS);
        // one matrix product over all examples, which is scaled for each once
        for (long positions : new long[] {1, 8}) {
            rows.add(
                    "MatMul W X of one output, 8 x 8 by 8 x " + positions,
                    n -> n.op("ReduceSum", n.op("Tanh", n.op("MatMul", n.p(8, 8), n.x(8, positions))), n.longs(1, 2)),
                    FACTORS);
        }
        rows.add(
                "MatMul merged positions",
                n -> n.op(
                        "Reshape",
                        n.op("Gemm", n.reshape(n.active(3, 4), -1, 4), n.p(4, 2), n.p(2)),
                        n.longs(-1, 3, 2)),
                GRADIENTS,
                FACTORS,
                GRADIENTS);
    }

    private static void ranks(Rows rows) {
        long[][] rights = {{4}, {4, 2}, {1, 4, 2}, {3, 4, 2}, {1, 3, 4, 2}, {1, 1, 4, 2}};
        for (long[] right : rights) {
            rows.add(
                    "MatMul [n,3,5,4] by parameter " + Arrays.toString(right),
                    n -> n.op("MatMul", n.active(3, 5, 4), n.p(right)));
        }
        long[][] lefts = {{4}, {2, 4}, {1, 2, 4}, {3, 2, 4}, {1, 3, 2, 4}, {1, 1, 2, 4}};
        for (long[] left : lefts) {
            rows.add(
                    "MatMul parameter " + Arrays.toString(left) + " by [n,3,4,5]",
                    n -> n.op("MatMul", n.p(left), n.active(3, 4, 5)));
        }
        rows.add("MatMul active by active", n -> n.op("MatMul", n.active(2, 3), n.active(3, 4)));
        rows.add("MatMul active by active of rank 4", n -> n.op("MatMul", n.active(2, 2, 3), n.active(2, 3, 4)));
        rows.add(
                "MatMul active [n,1,2,3] by active [n,4,3,2]",
                n -> n.op("MatMul", n.active(1, 2, 3), n.active(4, 3, 2)));
        rows.add(
                "MatMul active [n,4,2,3] by active [n,1,3,2]",
                n -> n.op("MatMul", n.active(4, 2, 3), n.active(1, 3, 2)));
        rows.add(
                "MatMul active by constant batch of matrices",
                n -> n.op("MatMul", n.active(3, 2, 4), n.constant(Net.Range.SIGNED, 3, 4, 2)));
        rows.add(
                "MatMul rows of data by a batch of parameters",
                n -> n.transpose(n.op("MatMul", n.active(4), n.p(3, 4, 2)), 1, 0, 2));
        rows.add(
                "MatMul vector parameter by matrix parameter",
                n -> n.op("Mul", n.x(2), n.op("MatMul", n.p(3), n.p(3, 2))));
        rows.add(
                "MatMul matrix parameter by vector parameter",
                n -> n.op("Mul", n.x(2), n.op("MatMul", n.p(2, 3), n.p(3))));
        rows.add(
                "MatMul vector parameter by vector parameter",
                n -> n.op("Mul", n.x(2), n.op("MatMul", n.p(3), n.p(3))));
        rows.add("MatMul low rank W = A B", n -> n.op("MatMul", n.x(3), n.op("MatMul", n.p(3, 2), n.p(2, 4))));
        rows.add(
                "MatMul of a batch of low rank",
                n -> n.op("MatMul", n.x(2, 5, 3), n.op("MatMul", n.p(2, 3, 2), n.p(2, 2, 4))));
    }

    private static void gemm(Rows rows) {
        for (int bits = 0; bits < 4; bits++) {
            long transA = bits & 1;
            long transB = bits >> 1;
            Attributes attributes = new Attributes()
                    .integer("transA", transA)
                    .integer("transB", transB)
                    .real("alpha", 0.7f)
                    .real("beta", 1.3f);
            String name = "Gemm transA " + transA + " transB " + transB;
            rows.add(
                    name,
                    n -> {
                        String x = n.active(3);
                        String y = n.op(
                                "Gemm",
                                attributes,
                                transA == 1 ? n.transpose(x, 1, 0) : x,
                                transB == 1 ? n.p(2, 3) : n.p(3, 2),
                                n.p(2));
                        return n.op("Tanh", y);
                    },
                    GRADIENTS,
                    FACTORS,
                    GRADIENTS);
            rows.add(name + ", parameter A", n -> {
                String x = n.active(3);
                String y = n.op(
                        "Gemm",
                        attributes,
                        transA == 1 ? n.p(3, 2) : n.p(2, 3),
                        transB == 1 ? x : n.transpose(x, 1, 0),
                        n.p(2, 1));
                return n.transpose(y, 1, 0);
            });
            rows.add(name + ", A, B and C active", n -> {
                String a = n.op("Tanh", n.activeConstant(transA == 1 ? new long[] {3, 2} : new long[] {2, 3}));
                String b = n.activeConstant(transB == 1 ? new long[] {4, 3} : new long[] {3, 4});
                return n.op("Mul", n.x(2, 4), n.op("Gemm", attributes, a, b, n.p(4)));
            });
        }
        for (long[] c : new long[][] {{}, {1}, {2}, {1, 1}, {1, 2}}) {
            rows.add(
                    "Gemm with C " + Arrays.toString(c),
                    n -> n.op("Gemm", new Attributes().real("beta", 0.5f), n.active(3), n.p(3, 2), n.p(c)),
                    GRADIENTS,
                    FACTORS,
                    GRADIENTS);
        }
        rows.add(
                "Gemm with active C [n,2]",
                n -> n.op(
                        "Gemm",
                        new Attributes().real("beta", 0.5f),
                        n.x(3),
                        n.constant(Net.Range.SIGNED, 3, 2),
                        n.active(2)));
        rows.add("Gemm with active C [n,1]", n -> n.op("Gemm", n.active(3), n.p(3, 2), n.active(1)));
        rows.add(
                "Gemm of which only C is a parameter",
                n -> n.op("Gemm", new Attributes().real("beta", 2), n.x(3), n.constant(Net.Range.SIGNED, 3, 2), n.p(2)),
                GRADIENTS);
        rows.add(
                "Gemm without C",
                n -> n.op("Gemm", new Attributes().integer("transB", 1), n.active(3), n.p(2, 3)),
                GRADIENTS,
                FACTORS);
    }

    private static void shared(Rows rows) {
        rows.add(
                "a weight shared by two layers",
                n -> {
                    String w = n.p(3, 3);
                    return n.op("MatMul", n.op("Tanh", n.op("MatMul", n.x(3), w)), w);
                },
                FACTORS);
        rows.add(
                "a weight shared by MatMul and transposed Gemm",
                n -> {
                    String w = n.p(3, 3);
                    return n.op(
                            "Gemm", new Attributes().integer("transB", 1), n.op("Tanh", n.op("MatMul", n.x(3), w)), w);
                },
                GRADIENTS);
        rows.add(
                "a weight shared by layers of different numbers of positions",
                n -> {
                    String w = n.p(3, 3);
                    String h = n.op(
                            "ReduceSum",
                            new Attributes().integer("keepdims", 0),
                            n.op("Tanh", n.op("MatMul", n.x(4, 3), w)),
                            n.longs(1));
                    return n.op("MatMul", h, w);
                },
                FACTORS);
        rows.add(
                "a weight shared by dense layer and elementwise product",
                n -> {
                    String w = n.p(3, 3);
                    return n.op("Mul", n.op("MatMul", n.x(3, 3), w), w);
                },
                GRADIENTS);
        rows.add("tied embedding: Gather and transposed MatMul", n -> {
            String table = n.p(5, 3);
            return n.op("MatMul", n.op("Gather", table, n.ids(5, 2)), n.transpose(table, 1, 0));
        });
        rows.add(
                "a weight shared by layers that see it in other shapes",
                n -> {
                    String w = n.p(2, 6);
                    String h = n.op("Tanh", n.op("MatMul", n.x(3), n.reshape(w, 3, 4)));
                    return n.op("MatMul", h, n.reshape(w, 4, 3));
                },
                GRADIENTS);
        rows.add(
                "siamese towers",
                n -> {
                    String w = n.p(3, 2);
                    return n.op("Mul", n.op("Tanh", n.op("MatMul", n.x(3), w)), n.op("MatMul", n.x(3), w));
                },
                FACTORS);
        rows.add(
                "a parameter beside itself, transposed",
                n -> {
                    String w = n.p(3, 3);
                    return n.op("MatMul", n.op("Tanh", n.op("MatMul", n.x(3), w)), n.transpose(w, 1, 0));
                },
                GRADIENTS);
    }

    private static void reached(Rows rows) {
        rows.add("a weight through Identity", n -> n.op("MatMul", n.x(3), n.op("Identity", n.p(3, 2))), FACTORS);
        rows.add("a weight through Transpose", n -> n.op("MatMul", n.x(3), n.transpose(n.p(2, 3), 1, 0)), FACTORS);
        rows.add(
                "a weight through default Transpose",
                n -> n.op("MatMul", n.x(3), n.op("Transpose", n.p(2, 3))),
                FACTORS);
        rows.add("a weight through Reshape", n -> n.op("MatMul", n.x(3), n.reshape(n.p(6), 3, 2)), FACTORS);
        rows.add(
                "a weight through Transpose to a matrix of the same size and Reshape",
                n -> n.op("MatMul", n.x(3), n.reshape(n.transpose(n.p(3, 2), 1, 0), 3, 2)),
                GRADIENTS);
        rows.add(
                "a weight through Transpose and Reshape",
                n -> n.op("MatMul", n.x(3), n.reshape(n.transpose(n.p(2, 3, 1), 1, 2, 0), 3, 2)),
                GRADIENTS);
        rows.add(
                "a weight through Transpose twice",
                n -> n.op("MatMul", n.x(3), n.transpose(n.transpose(n.p(3, 2), 1, 0), 1, 0)),
                FACTORS);
        rows.add(
                "a bias through Reshape and Unsqueeze",
                n -> n.op("Add", n.x(3, 2), n.op("Unsqueeze", n.reshape(n.p(6), 3, 2), n.longs(0))),
                GRADIENTS);
        rows.add(
                "a weight through Slice",
                n -> n.op("MatMul", n.x(3), n.op("Slice", n.p(4, 2), n.longs(1), n.longs(4))),
                GRADIENTS);
        rows.add(
                "a weight in two parts",
                n -> {
                    String w = n.p(3, 5);
                    String first = n.op("Slice", w, n.longs(0), n.longs(2), n.longs(-1));
                    String second = n.op("Slice", w, n.longs(-3), n.longs(Long.MAX_VALUE), n.longs(1), n.longs(1));
                    return n.op(
                            "Concat",
                            new Attributes().integer("axis", 1),
                            n.op("MatMul", n.x(3), first),
                            n.op("MatMul", n.x(3), n.transpose(n.transpose(second, 1, 0), 1, 0)));
                },
                GRADIENTS);
        rows.add(
                "a weight through a Slice that turns it around",
                n -> n.op(
                        "MatMul",
                        n.x(3),
                        n.op("Slice", n.p(3, 2), n.longs(-1), n.longs(Long.MIN_VALUE), n.longs(0), n.longs(-1))));
        rows.add(
                "a bias in parts",
                n -> {
                    String b = n.p(2, 3);
                    return n.op(
                            "Add",
                            n.op("Add", n.x(3), n.op("Slice", b, n.longs(0), n.longs(1))),
                            n.op("Slice", b, n.longs(1), n.longs(2)));
                },
                GRADIENTS);
        Attributes narrow = new Attributes().integer("to", org.finitentk.onnx.ElementType.FLOAT.code());
        rows.add(
                "a weight and a bias through Cast",
                n -> n.op(
                        "Cast",
                        new Attributes().integer("to", n.type().code()),
                        n.op(
                                "Add",
                                n.op("MatMul", n.op("Cast", narrow, n.x(3)), n.op("Cast", narrow, n.p(3, 2))),
                                n.op("Cast", narrow, n.p(2)))),
                FACTORS,
                GRADIENTS);
        rows.add(
                "a weight through Squeeze",
                n -> n.op("MatMul", n.x(3), n.op("Squeeze", n.p(1, 3, 2), n.longs(0))),
                FACTORS);
        rows.add("a weight scaled", n -> n.op("MatMul", n.x(3), n.op("Mul", n.p(3, 2), n.scalar(0.5))), FACTORS);
        rows.add(
                "a weight scaled by a constant on the left",
                n -> n.op("MatMul", n.x(3), n.op("Mul", n.constant(Net.Range.SIGNED, 1), n.p(3, 2))),
                FACTORS);
        rows.add(
                "a weight divided by a constant",
                n -> n.op("MatMul", n.x(3), n.op("Div", n.p(3, 2), n.scalar(0.5))),
                FACTORS);
        rows.add(
                "a weight negated and transposed",
                n -> n.op("MatMul", n.x(3), n.transpose(n.op("Neg", n.p(2, 3)), 1, 0)),
                FACTORS);
        rows.add(
                "a weight masked",
                n -> n.op("MatMul", n.x(3), n.op("Mul", n.p(3, 2), n.constant(Net.Range.SIGNED, 3, 2))),
                GRADIENTS);
        rows.add(
                "a weight scaled by rows",
                n -> n.op("MatMul", n.x(3), n.op("Div", n.p(3, 2), n.constant(Net.Range.SIGNED, 3, 1))),
                GRADIENTS);
        rows.add(
                "a weight widened by a constant",
                n -> n.op("MatMul", n.x(3), n.op("Mul", n.p(3, 1), n.constant(Net.Range.SIGNED, 3, 2))));
        rows.add(
                "a bias scaled",
                n -> n.op("Add", n.x(3, 2), n.op("Mul", n.p(1, 2), n.constant(Net.Range.SIGNED, 2))),
                GRADIENTS);
        rows.add(
                "a bias multiplied to higher rank",
                n -> n.op("Add", n.x(3, 2), n.op("Mul", n.p(2), n.constant(Net.Range.SIGNED, 1, 1, 2))),
                GRADIENTS);
        rows.add("a bias scaled by the data", n -> n.op("Mul", n.op("Add", n.x(3, 2), n.p(2)), n.x(3, 2)), GRADIENTS);
        rows.add("weight standardization", n -> {
            String w = n.p(3, 2);
            String centered = n.op("Sub", w, n.op("ReduceMean", w, n.longs(0)));
            String variance = n.op("ReduceMean", n.op("Mul", centered, centered), n.longs(0));
            return n.op("MatMul", n.x(3), n.op("Div", centered, n.op("Sqrt", n.op("Add", variance, n.scalar(0.1)))));
        });
    }

    private static String attention(Net n) {
        String x = n.x(4, 3);
        String[] heads = new String[3];
        for (int i = 0; i < 3; i++) {
            String projected = n.op("Add", n.op("MatMul", x, n.p(3, 4)), n.p(4));
            heads[i] = n.transpose(
                    n.reshape(projected, 0, 0, 2, 2), i == 1 ? new long[] {0, 2, 3, 1} : new long[] {0, 2, 1, 3});
        }
        String scores = n.op("Softmax", n.op("Div", n.op("MatMul", heads[0], heads[1]), n.scalar(1.4)));
        String mixed = n.reshape(n.transpose(n.op("MatMul", scores, heads[2]), 0, 2, 1, 3), 0, 0, 4);
        return n.op("Add", n.op("MatMul", mixed, n.p(4, 3)), x);
    }

    /**
     * As PyTorch's MultiheadAttention exports it: examples are not the slowest index of the rows that meet the last
     * weight.
     */
    private static String sequenceFirst(Net n) {
        String x = n.transpose(n.x(4, 3), 1, 0, 2);
        String hidden = n.op("Tanh", n.op("MatMul", x, n.p(3, 2)));
        String rows = n.op("Gemm", n.reshape(hidden, -1, 2), n.p(2, 3), n.p(3));
        return n.transpose(n.reshape(rows, 4, -1, 3), 1, 0, 2);
    }
}
