package org.finitentk.internal.autodiff;

import static org.finitentk.internal.autodiff.PerExample.Kind.FACTORS;

import java.util.List;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.Tensor;

/** Reading and writing by indices, and by the order of the elements. */
final class IndexingRows {
    private IndexingRows() {}

    static void add(Rows rows) {
        lookUps(rows);
        gathers(rows);
        scatters(rows);
        order(rows);
    }

    private static Attributes attributes() {
        return new Attributes();
    }

    private static void lookUps(Rows rows) {
        rows.add("Gather of token ids", n -> n.op("Gather", n.p(5, 3), n.ids(5, 4)));
        rows.add("Gather of one id an example", n -> n.op("Gather", n.p(5, 3), n.ids(5)));
        rows.add("Gather of a grid of ids", n -> n.op("Gather", n.p(5, 3), n.ids(5, 2, 2)));
        rows.add(
                "Gather of ids along axis 1",
                n -> n.transpose(n.op("Gather", new Attributes().integer("axis", 1), n.p(3, 5), n.ids(5, 2)), 1, 0, 2));
        for (long axis : new long[] {1, 2, -1, -2}) {
            Attributes at = new Attributes().integer("axis", axis);
            rows.add(
                    "Gather scalar, axis " + axis,
                    n -> n.op("Gather", at, n.active(3, 4), n.tensor(Tensor.ofLongs(new long[] {1}))));
            rows.add(
                    "Gather negative scalar, axis " + axis,
                    n -> n.op("Gather", at, n.active(3, 4), n.tensor(Tensor.ofLongs(new long[] {-1}))));
            rows.add(
                    "Gather vector with repeats, axis " + axis,
                    n -> n.op("Gather", at, n.active(3, 4), n.longs(2, 0, 2, -1)));
            rows.add(
                    "Gather matrix, axis " + axis,
                    n -> n.op(
                            "Gather",
                            at,
                            n.active(3, 4),
                            n.tensor(Tensor.ofLongs(new long[] {0, 1, -2, 1, 0, 2}, 2, 3))));
        }
        rows.add(
                "first token of a sequence",
                n -> n.op(
                        "MatMul",
                        n.op(
                                "Gather",
                                new Attributes().integer("axis", 1),
                                n.op("MatMul", n.x(4, 3), n.p(3, 2)),
                                n.tensor(Tensor.ofLongs(new long[] {0}))),
                        n.p(2, 2)),
                FACTORS,
                FACTORS);
        rows.add(
                "position embedding by constant ids",
                n -> n.op("Add", n.x(3, 2), n.op("Gather", n.p(5, 2), n.longs(0, 1, 2))));
    }

    private static void gathers(Rows rows) {
        for (long axis : new long[] {1, -1}) {
            rows.add(
                    "GatherElements axis " + axis,
                    n -> n.op("GatherElements", attributes().integer("axis", axis), n.active(4, 4), n.ids(4, 3, 4)));
        }
        rows.add(
                "GatherElements of a parameter",
                n -> n.op("Mul", n.x(3), n.op("GatherElements", n.p(4), n.longs(2, -1, 2))));
        rows.add("GatherND of a parameter by data", n -> n.op("GatherND", n.p(4, 3), n.ids(4, 2, 1)));
        rows.add("GatherND of elements of a parameter", n -> n.op("GatherND", n.p(3, 3, 2), n.ids(3, 4, 2)));
        rows.add(
                "GatherND behind a transposition",
                n -> n.transpose(
                        n.op(
                                "GatherND",
                                n.transpose(n.active(4, 2), 1, 2, 0),
                                n.tensor(Tensor.ofLongs(new long[] {0, 1, -1, 0, 0, 1}, 3, 2))),
                        1,
                        0));
    }

    private static void scatters(Rows rows) {
        for (String reduction : List.of("none", "add")) {
            Attributes how = attributes().string("reduction", reduction);
            // each index once: which of several updates stays is not defined
            String indices = reduction.equals("none") ? "other indices" : "repeated indices";
            long[] at = reduction.equals("none") ? new long[] {2, 0, -1} : new long[] {2, 0, 2};
            rows.add(
                    "ScatterElements " + reduction + ", " + indices,
                    n -> n.transpose(
                            n.op(
                                    "ScatterElements",
                                    how,
                                    n.op("MatMul", n.p(4, 3), n.transpose(n.x(3), 1, 0)),
                                    n.op(
                                            "Expand",
                                            n.tensor(Tensor.ofLongs(at, 3, 1)),
                                            n.op(
                                                    "Concat",
                                                    attributes().integer("axis", 0),
                                                    n.longs(3),
                                                    n.op("Shape", attributes().integer("end", 1), "x0"))),
                                    n.transpose(n.active(3), 1, 0)),
                            1,
                            0));
            rows.add(
                    "ScatterElements " + reduction + " of parameters",
                    n -> n.op(
                            "Mul",
                            n.x(4),
                            n.op(
                                    "ScatterElements",
                                    new Attributes(how.build()).integer("axis", -1),
                                    n.p(4),
                                    n.longs(at),
                                    n.p(3))));
            rows.add(
                    "ScatterElements " + reduction + " of constant data",
                    n -> n.op(
                            "Mul",
                            n.x(4),
                            n.op("ScatterElements", how, n.constant(Net.Range.SIGNED, 4), n.longs(at), n.p(3))));
            rows.add(
                    "ScatterND " + reduction,
                    n -> n.transpose(
                            n.op(
                                    "ScatterND",
                                    how,
                                    n.transpose(n.active(4), 1, 0),
                                    n.tensor(Tensor.ofLongs(at, 3, 1)),
                                    n.transpose(n.active(3), 1, 0)),
                            1,
                            0));
            rows.add(
                    "ScatterND " + reduction + " of constant updates",
                    n -> n.op(
                            "Mul",
                            n.x(4),
                            n.op(
                                    "ScatterND",
                                    how,
                                    n.p(4),
                                    n.tensor(Tensor.ofLongs(at, 3, 1)),
                                    n.constant(Net.Range.SIGNED, 3))));
        }
    }

    private static void order(Rows rows) {
        for (long largest : new long[] {0, 1}) {
            Attributes how = attributes().integer("largest", largest);
            rows.add(
                    "TopK largest " + largest,
                    n -> n.ops("TopK", how, 2, n.active(6), n.longs(3)).get(0));
            rows.add(
                    "TopK of the middle axis, largest " + largest,
                    n -> n.ops("TopK", new Attributes(how.build()).integer("axis", 1), 2, n.active(5, 2), n.longs(2))
                            .get(0));
            rows.addWithoutKernel(
                    "TopK values only, largest " + largest,
                    "output size 1 not in range",
                    n -> n.op("TopK", new Attributes(how.build()).integer("axis", 1), n.active(5, 2), n.longs(2)));
        }
        for (long upper : new long[] {0, 1}) {
            Attributes how = attributes().integer("upper", upper);
            rows.add("Trilu upper " + upper, n -> n.op("Trilu", how, n.active(3, 4)));
            for (long k : new long[] {-1, 1}) {
                rows.add(
                        "Trilu upper " + upper + " k " + k,
                        n -> n.op("Trilu", how, n.active(2, 4, 3), n.tensor(Tensor.ofLongs(new long[] {k}))));
            }
            for (long exclusive : new long[] {0, 1}) {
                Attributes sum = attributes().integer("reverse", upper).integer("exclusive", exclusive);
                rows.add(
                        "CumSum reverse " + upper + " exclusive " + exclusive,
                        n -> n.op("CumSum", sum, n.active(4, 2), n.tensor(Tensor.ofLongs(new long[] {1}))));
            }
        }
        rows.add(
                "CumSum negative axis", n -> n.op("CumSum", n.active(4, 2), n.tensor(Tensor.ofLongs(new long[] {-1}))));
    }
}
