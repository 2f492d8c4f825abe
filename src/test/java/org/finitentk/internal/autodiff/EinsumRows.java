package org.finitentk.internal.autodiff;

import static org.finitentk.internal.autodiff.PerExample.Kind.FACTORS;
import static org.finitentk.internal.autodiff.PerExample.Kind.GRADIENTS;

import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;

/** Einsum of one to three operands, implicit and explicit, with ellipses, parameters on any side. */
final class EinsumRows {
    private EinsumRows() {}

    private static String einsum(Net n, String equation, String... in) {
        return n.op("Einsum", new Attributes().string("equation", equation), in);
    }

    static void add(Rows rows) {
        rows.add("Einsum of a dense layer", n -> einsum(n, "bi,io->bo", n.active(3), n.p(3, 2)), GRADIENTS, FACTORS);
        rows.add(
                "Einsum of a dense layer, weight [out, in]",
                n -> einsum(n, "bi,oi->bo", n.active(3), n.p(2, 3)),
                GRADIENTS,
                FACTORS);
        rows.add(
                "Einsum of a dense layer, weight first",
                n -> einsum(n, "oi,bi->bo", n.p(2, 3), n.active(3)),
                GRADIENTS,
                FACTORS);
        rows.add(
                "Einsum of a dense layer, implicit output, spaces",
                n -> einsum(n, "bi, ic", n.active(3), n.p(3, 2)),
                GRADIENTS,
                FACTORS);
        rows.add("Einsum of positions", n -> einsum(n, "bti,io->bto", n.active(4, 3), n.p(3, 2)), GRADIENTS, FACTORS);
        rows.add(
                "Einsum of positions, ellipsis",
                n -> einsum(n, "...i,io->...o", n.active(4, 3), n.p(3, 2)),
                GRADIENTS,
                FACTORS);
        rows.add(
                "Einsum of positions, implicit ellipsis",
                n -> einsum(n, "...i,io", n.active(4, 3), n.p(3, 2)),
                GRADIENTS,
                FACTORS);
        rows.add("Einsum to heads", n -> einsum(n, "btd,dhe->bthe", n.active(3, 4), n.p(4, 2, 3)), GRADIENTS, FACTORS);
        rows.add(
                "Einsum to heads, weight [heads, in, out]",
                n -> einsum(n, "btd,hde->bhte", n.active(3, 4), n.p(2, 4, 3)),
                GRADIENTS,
                GRADIENTS);
        rows.add(
                "Einsum from heads",
                n -> einsum(n, "bthe,heo->bto", n.active(3, 2, 3), n.p(2, 3, 4)),
                GRADIENTS,
                FACTORS);
        rows.add(
                "Einsum of a weight a head",
                n -> einsum(n, "bthe,heo->btho", n.active(3, 2, 3), n.p(2, 3, 4)),
                GRADIENTS,
                GRADIENTS);
        rows.add(
                "Einsum of a weight a channel, no positions",
                n -> einsum(n, "bhe,heo->bho", n.active(2, 3), n.p(2, 3, 4)),
                GRADIENTS,
                GRADIENTS);
        rows.add(
                "Einsum mixes positions", n -> einsum(n, "bti,st->bsi", n.active(4, 3), n.p(2, 4)), GRADIENTS, FACTORS);
        rows.add("Einsum of scores", n -> einsum(n, "bqhd,bkhd->bhqk", n.active(3, 2, 4), n.active(2, 2, 4)));
        rows.add("Einsum of values", n -> einsum(n, "bhqk,bkhd->bqhd", n.active(2, 3, 2), n.active(2, 2, 4)));
        rows.add("Einsum of rows with themselves", n -> {
            String a = n.active(3, 2);
            return einsum(n, "bsi,bti->bst", a, a);
        });
        rows.add("Einsum product of elements", n -> einsum(n, "bij,bij->bij", n.active(2, 3), n.active(2, 3)));
        rows.add("Einsum scales channels", n -> einsum(n, "bct,c->bct", n.active(3, 2), n.p(3)), GRADIENTS, GRADIENTS);
        rows.add(
                "Einsum scales channels, transposed",
                n -> einsum(n, "c,bct->btc", n.p(3), n.active(3, 2)),
                GRADIENTS,
                GRADIENTS);
        rows.add("Einsum of inner products", n -> einsum(n, "bi,bi->b", n.active(3), n.active(3)));
        rows.add("Einsum with a vector", n -> einsum(n, "bti,i->bt", n.active(2, 3), n.p(3)), GRADIENTS, FACTORS);
        rows.add("Einsum outer product", n -> einsum(n, "bi,j->bij", n.active(2), n.p(3)), GRADIENTS, GRADIENTS);
        rows.add("Einsum outer product of data", n -> einsum(n, "bi,bj->bij", n.active(2), n.active(3)));
        rows.add("Einsum bilinear form", n -> einsum(n, "bi,kij,bj->bk", n.active(2), n.p(3, 2, 4), n.active(4)));
        rows.add("Einsum of three weights", n -> einsum(n, "bi,ij,jk->bk", n.x(2), n.p(2, 3), n.p(3, 2)));
        rows.add("Einsum transposes", n -> einsum(n, "bij->bji", n.active(2, 3)));
        rows.add("Einsum transposes implicitly", n -> n.transpose(einsum(n, "bca", n.active(2, 3)), 1, 0, 2));
        rows.add("Einsum sums", n -> einsum(n, "bij->bj", n.active(2, 3)));
        rows.add("Einsum sums what only one has", n -> einsum(n, "bit,oj->bo", n.active(2, 3), n.p(4, 2)));
        rows.add(
                "Einsum of two ellipses that broadcast",
                n -> einsum(n, "...ij,...jk->...ik", n.active(1, 2, 3), n.active(4, 3, 2)));
        rows.addWithoutKernel(
                "Einsum of ellipses of two lengths",
                "Ellipsis represents incompatible dimensions",
                n -> einsum(n, "...ij,...jk->...ik", n.active(4, 2, 3), n.p(4, 3, 2)));
        rows.add(
                "Einsum ellipsis of nothing",
                n -> einsum(n, "b...i,io->b...o", n.active(3), n.p(3, 2)),
                GRADIENTS,
                FACTORS);
        rows.add(
                "a network of Einsums",
                n -> einsum(
                        n, "bhe,heo->bo", n.op("Tanh", einsum(n, "bd,dhe->bhe", n.x(3), n.p(3, 2, 2))), n.p(2, 2, 3)),
                FACTORS,
                FACTORS);
    }
}
