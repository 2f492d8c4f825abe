package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.Node;

/** Reference semantics of matrix products. */
final class ReferenceMatrix {
    private ReferenceMatrix() {}

    static void register(Map<String, Operator> t) {
        t.put("MatMul", (n, in) -> List.of(matmul(in[0], in[1])));
        t.put("Gemm", (n, in) -> List.of(gemm(n, in)));
    }

    static NdArray matmul(NdArray left, NdArray right) {
        NdArray a = left.rank() == 1 ? left.reshaped(1, left.shape()[0]) : left;
        NdArray b = right.rank() == 1 ? right.reshaped(right.shape()[0], 1) : right;
        int rows = a.shape()[a.rank() - 2];
        int inner = a.shape()[a.rank() - 1];
        int columns = b.shape()[b.rank() - 1];
        if (inner != b.shape()[b.rank() - 2]) {
            throw new IllegalArgumentException("inner sizes differ");
        }
        int[] batch =
                NdArray.broadcastShape(Arrays.copyOf(a.shape(), a.rank() - 2), Arrays.copyOf(b.shape(), b.rank() - 2));
        int[] full = Arrays.copyOf(batch, batch.length + 2);
        full[batch.length] = rows;
        full[batch.length + 1] = columns;
        NdArray out = NdArray.zeros(a.type(), full);
        for (int i = 0; i < out.data().length; i++) {
            int[] ia = NdArray.index(i, full);
            int[] ib = ia.clone();
            double sum = 0;
            for (int t = 0; t < inner; t++) {
                ia[full.length - 1] = t;
                ib[full.length - 2] = t;
                sum += a.broadcast(ia) * b.broadcast(ib);
            }
            out.data()[i] = sum;
        }
        List<Integer> shape = new ArrayList<>(Arrays.stream(batch).boxed().toList());
        if (left.rank() > 1) {
            shape.add(rows);
        }
        if (right.rank() > 1) {
            shape.add(columns);
        }
        return out.reshaped(shape.stream().mapToInt(Integer::intValue).toArray());
    }

    private static NdArray gemm(Node node, NdArray[] in) {
        NdArray a = node.integer("transA", 0) != 0 ? ReferenceMovement.transpose(in[0], 1, 0) : in[0];
        NdArray b = node.integer("transB", 0) != 0 ? ReferenceMovement.transpose(in[1], 1, 0) : in[1];
        float alpha = node.real("alpha", 1);
        NdArray product = ReferenceElementwise.map(matmul(a, b), x -> x * alpha);
        if (in.length < 3 || in[2] == null) {
            return product;
        }
        float beta = node.real("beta", 1);
        return ReferenceElementwise.broadcast(product, in[2], product.type(), (p, c) -> p + beta * c);
    }
}
