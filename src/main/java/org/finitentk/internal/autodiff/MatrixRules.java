package org.finitentk.internal.autodiff;

import org.finitentk.internal.autodiff.CotangentTerm.Broadcast;
import org.finitentk.internal.autodiff.CotangentTerm.OuterProduct;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;

/** MatMul (any rank) and Gemm: bilinear, and the sites of dense layers' weights. */
final class MatrixRules {
    private MatrixRules() {}

    static void register(RuleTable r) {
        // d(A B) = dA B + A dB
        r.jvp("MatMul", n -> {
            if (n.isActive(0)) {
                n.accumulate(n.algebra().matmul(n.tangent(0), n.partner(1)));
            }
            if (n.isActive(1)) {
                n.accumulate(n.algebra().matmul(n.partner(0), n.tangent(1)));
            }
            n.finish();
        });
        r.transpose("MatMul", MatrixRules::transposeMatMul);
        r.jvp("Gemm", MatrixRules::gemmJvp);
        r.transpose("Gemm", MatrixRules::transposeGemm);
    }

    private static void transposeMatMul(Transposition n) {
        Algebra a = n.algebra();
        Shape left = n.in(0).shape();
        Shape right = n.in(1).shape();
        Value ct = n.cotangent();
        if (left.rank() == 1 || right.rank() == 1) {
            transposeVector(n, left, right);
        } else if (n.isLinear(0)) {
            if (left.rank() == 2 && right.rank() > 2) {
                // Y = W X: the gradient's outer products are over X's last axis and the batch axes.
                n.contribute(0, new OuterProduct(n.in(1), ct, true, true));
            } else {
                n.contribute(0, new Broadcast(a.matmul(ct, a.swap(n.in(1)))));
            }
        } else if (right.rank() == 2) {
            n.contribute(1, new OuterProduct(n.in(0), ct, false, false));
        } else {
            n.contribute(1, new Broadcast(a.matmul(a.swap(n.in(0)), ct)));
        }
    }

    /** A vector on one side is a matrix with one row or column. */
    private static void transposeVector(Transposition n, Shape left, Shape right) {
        Algebra a = n.algebra();
        Shape l = left.rank() == 1 ? Shape.of(1).concat(left) : left;
        Shape rt = right.rank() == 1 ? right.append(1) : right;
        Shape out = n.cotangent().shape();
        if (left.rank() == 1) {
            int at = out.rank() - (right.rank() == 1 ? 0 : 1);
            out = out.slice(0, at).append(1).concat(out.slice(at, out.rank()));
        }
        Value ct = a.reshape(n.cotangent(), right.rank() == 1 ? out.append(1) : out);
        if (n.isLinear(0)) {
            Value full = a.matmul(ct, a.swap(a.reshape(n.in(1), rt)));
            n.contribute(0, new Broadcast(left.rank() == 1 ? a.reshape(full, dropSecondLast(full.shape())) : full));
        } else {
            Value full = a.matmul(a.swap(a.reshape(n.in(0), l)), ct);
            n.contribute(
                    1,
                    new Broadcast(
                            right.rank() == 1 ? a.reshape(full, full.shape().slice(0, full.rank() - 1)) : full));
        }
    }

    private static Shape dropSecondLast(Shape s) {
        return s.slice(0, s.rank() - 2).concat(s.slice(s.rank() - 1, s.rank()));
    }

    /** Y = alpha A' B' + beta C; the terms are chained through Gemm's C, so that adding them costs nothing. */
    private static void gemmJvp(Jvp n) {
        Value sum = n.tangentOrNull(2);
        float beta = n.node().real("beta", 1);
        if (!n.isActive(0) && !n.isActive(1)) {
            n.result(n.algebra().mul(n.tangent(2), beta));
            return;
        }
        for (int side = 0; side < 2; side++) {
            if (n.isActive(side)) {
                Value left = side == 0 ? n.tangent(0) : n.partner(0);
                Value right = side == 1 ? n.tangent(1) : n.partner(1);
                Attributes attributes = new Attributes(n.node().attributes()).real("beta", beta);
                sum = sum == null
                        ? n.algebra().op("Gemm", attributes, left, right)
                        : n.algebra().op("Gemm", attributes, left, right, sum);
                beta = 1;
            }
        }
        if (sum != null) {
            n.result(sum);
        }
    }

    private static void transposeGemm(Transposition n) {
        Algebra a = n.algebra();
        boolean transA = n.node().integer("transA", 0) != 0;
        boolean transB = n.node().integer("transB", 0) != 0;
        Value ct = n.cotangent();
        Value scaled = a.mul(ct, n.node().real("alpha", 1));
        if (n.isLinear(0)) {
            n.contribute(0, transA ? a.gemm(n.in(1), transB, scaled, true) : a.gemm(scaled, false, n.in(1), !transB));
        }
        if (n.isLinear(1)) {
            n.contribute(1, new OuterProduct(transA ? a.swap(n.in(0)) : n.in(0), scaled, false, transB));
        }
        if (n.node().hasInput(2)) {
            n.contribute(2, new Broadcast(a.mul(ct, n.node().real("beta", 1))));
        }
    }
}
