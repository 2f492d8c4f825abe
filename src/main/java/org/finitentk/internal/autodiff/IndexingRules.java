package org.finitentk.internal.autodiff;

import java.util.List;
import org.finitentk.internal.autodiff.CotangentTerm.TableRows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;

/**
 * Operators that read or write by indices, or by the order of the elements, which is constant where it is
 * differentiated.
 */
final class IndexingRules {
    private IndexingRules() {}

    static void register(RuleTable r) {
        r.jvp("Gather", Jvp::same);
        r.transpose("Gather", IndexingRules::transposeGather);
        r.jvp("GatherElements", Jvp::same);
        r.transpose("GatherElements", n -> {
            Algebra a = n.algebra();
            Attributes adding = new Attributes()
                    .integer("axis", n.node().integer("axis", 0))
                    .string("reduction", "add");
            n.contribute(
                    0,
                    a.op(
                            "ScatterElements",
                            adding,
                            a.zeros(n.cotangent().type(), n.in(0).shape()),
                            n.in(1),
                            n.cotangent()));
        });
        r.jvp("GatherND", n -> {
            if (n.node().integer("batch_dims", 0) != 0) {
                throw n.refused("has batch_dims " + n.node().integer("batch_dims", 0)
                        + ", through which no tangent can flow; expected 0, so express it by GatherElements");
            }
            n.same();
        });
        r.transpose("GatherND", n -> {
            Algebra a = n.algebra();
            n.contribute(
                    0,
                    a.op(
                            "ScatterND",
                            new Attributes().string("reduction", "add"),
                            a.zeros(n.cotangent().type(), n.in(0).shape()),
                            n.in(1),
                            n.cotangent()));
        });
        for (String op : List.of("ScatterElements", "ScatterND")) {
            r.jvp(op, IndexingRules::scatterJvp);
            r.transpose(op, IndexingRules::transposeScatter);
        }
        r.primal("TopK", (node, a) -> a.plain(a.withIndices(node)));
        r.jvp(
                "TopK",
                n -> n.result(n.algebra()
                        .op(
                                "GatherElements",
                                new Attributes().integer("axis", n.node().integer("axis", -1)),
                                n.tangent(0),
                                n.out(1))));
        r.jvp("Trilu", Jvp::same);
        r.transpose(
                "Trilu",
                n -> n.contribute(
                        0,
                        n.node().hasInput(1)
                                ? n.algebra()
                                        .op("Trilu", new Attributes(n.node().attributes()), n.cotangent(), n.in(1))
                                : n.algebra()
                                        .op("Trilu", new Attributes(n.node().attributes()), n.cotangent())));
        r.jvp("CumSum", Jvp::same);
        // sums of the elements before become sums of those behind
        r.transpose("CumSum", n -> {
            Attributes turned = new Attributes(n.node().attributes())
                    .integer("reverse", 1 - n.node().integer("reverse", 0));
            n.contribute(0, n.algebra().op("CumSum", turned, n.cotangent(), n.in(1)));
        });
        r.constant("OneHot", "NonZero");
    }

    /** Adds each cotangent row back to the row that it was read from. */
    private static void transposeGather(Transposition n) {
        Algebra a = n.algebra();
        Shape data = n.in(0).shape();
        int axis = n.axis("axis", 0);
        if (axis == 0) {
            n.contribute(0, new TableRows(n.in(1), n.cotangent()));
            return;
        }
        int indexRank = n.in(1).rank();
        int rank = n.cotangent().rank();
        // index axes first, then the axes before the gathered one, then those after it
        int[] perm = new int[rank];
        for (int i = 0; i < rank; i++) {
            perm[i] = i < indexRank ? axis + i : i < indexRank + axis ? i - indexRank : i;
        }
        Shape index = n.in(1).shape();
        Value rows = a.transpose(n.cotangent(), perm);
        Value flatRows =
                a.reshape(rows, index.product(0, indexRank).concat(rows.shape().slice(indexRank, rank)));
        Value flatIndex = a.reshape(n.in(1), index.product(0, indexRank).append(1));
        Shape moved = data.slice(axis, axis + 1).concat(data.slice(0, axis)).concat(data.slice(axis + 1, data.rank()));
        Value indices = a.cast(flatIndex, ElementType.INT64);
        Value sum = a.op(
                "ScatterND",
                new Attributes().string("reduction", "add"),
                a.zeros(n.in(0).type(), moved),
                indices,
                flatRows);
        int[] back = new int[data.rank()];
        for (int i = 0; i < back.length; i++) {
            back[i] = i < axis ? i + 1 : i == axis ? 0 : i;
        }
        n.contribute(0, a.transpose(sum, back));
    }

    /** Linear in data and updates; without an addition the data under an index are replaced. */
    private static void scatterJvp(Jvp n) {
        Algebra a = n.algebra();
        String reduction = n.node().string("reduction", "none");
        if (!reduction.equals("none") && !reduction.equals("add")) {
            throw n.refused("combines values by '" + reduction
                    + "', through which no tangent can flow; expected reduction 'none' or 'add'");
        }
        Value data = n.tangentOrNull(0);
        Value updates = n.tangentOrNull(2);
        n.result(a.op(
                n.node().op(),
                new Attributes(n.node().attributes()),
                data == null ? a.zeros(n.in(0).type(), n.in(0).shape()) : data,
                n.in(1),
                updates == null ? a.zeros(n.in(2).type(), n.in(2).shape()) : updates));
    }

    private static void transposeScatter(Transposition n) {
        Algebra a = n.algebra();
        Attributes attributes = new Attributes(n.node().attributes());
        if (n.isLinear(0)) {
            boolean replaced = n.node().string("reduction", "none").equals("none");
            n.contribute(
                    0,
                    replaced
                            ? a.op(
                                    n.node().op(),
                                    attributes,
                                    n.cotangent(),
                                    n.in(1),
                                    a.zeros(n.in(2).type(), n.in(2).shape()))
                            : n.cotangent());
        }
        if (n.isLinear(2)) {
            boolean elements = n.node().op().equals("ScatterElements");
            n.contribute(
                    2,
                    elements
                            ? a.op(
                                    "GatherElements",
                                    new Attributes().integer("axis", n.node().integer("axis", 0)),
                                    n.cotangent(),
                                    n.in(1))
                            : a.op("GatherND", n.cotangent(), n.in(1)));
        }
    }
}
