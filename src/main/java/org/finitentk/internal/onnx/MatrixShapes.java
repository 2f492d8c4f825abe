package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.onnx.InvalidModelException;

/** MatMul of any rank, and Gemm. */
final class MatrixShapes {
    private MatrixShapes() {}

    private static final String NO_PRODUCT =
            "its matrices do not multiply; expected as many rows on the right as columns on the left";

    static void register(ShapeTable t) {
        t.put("MatMul", 2, 2, s -> Outcome.of(s.type(0), matmul(s.shape(0), s.shape(1))))
                .demands(d -> {
                    d.rankFrom(0, 1);
                    d.rankFrom(1, 1);
                });
        t.put("Gemm", 2, 3, s -> {
                    long[] a = s.shape(0);
                    long[] b = s.shape(1);
                    boolean ta = s.node().integer("transA", 0) != 0;
                    boolean tb = s.node().integer("transB", 0) != 0;
                    if (a.length != 2 || b.length != 2 || a[ta ? 0 : 1] != b[tb ? 1 : 0]) {
                        throw new InvalidModelException(NO_PRODUCT);
                    }
                    return Outcome.of(s.type(0), a[ta ? 1 : 0], b[tb ? 0 : 1]);
                })
                .demands(d -> {
                    d.rank(0, 2);
                    d.rank(1, 2);
                    if (d.has(2)) {
                        Shape rows = d.in(0).shape();
                        Shape columns = d.in(1).shape();
                        int row = d.node().integer("transA", 0) != 0 ? 1 : 0;
                        int column = d.node().integer("transB", 0) != 0 ? 0 : 1;
                        d.broadcastsTo(2, rows.slice(row, row + 1).concat(columns.slice(column, column + 1)));
                    }
                });
        t.put("Det", s -> {
            long[] x = s.shape(0);
            return Outcome.of(s.type(0), Arrays.copyOf(x, x.length - 2));
        });
    }

    private static long[] matmul(long[] left, long[] right) {
        long[] a = left.length == 1 ? new long[] {1, left[0]} : left;
        long[] b = right.length == 1 ? new long[] {right[0], 1} : right;
        if (a[a.length - 1] != b[b.length - 2]) {
            throw new InvalidModelException(NO_PRODUCT);
        }
        long[] batch = ElementwiseShapes.broadcast(Arrays.copyOf(a, a.length - 2), Arrays.copyOf(b, b.length - 2));
        List<Long> out = new ArrayList<>(Arrays.stream(batch).boxed().toList());
        if (left.length > 1) {
            out.add(a[a.length - 2]);
        }
        if (right.length > 1) {
            out.add(b[b.length - 1]);
        }
        return out.stream().mapToLong(Long::longValue).toArray();
    }
}
