package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.internal.onnx.TensorReader;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** Reference semantics of sizes as numbers, and of constants of a size. */
final class ReferenceSize {
    private ReferenceSize() {}

    static void register(Map<String, Operator> t) {
        t.put("Shape", (n, in) -> {
            long rank = in[0].rank();
            long start = n.integer("start", 0);
            long end = n.integer("end", rank);
            int from = (int) Math.max(0, Math.min(rank, start < 0 ? start + rank : start));
            int to = (int) Math.max(from, Math.min(rank, end < 0 ? end + rank : end));
            return List.of(NdArray.longs(
                    IntStream.range(from, to).mapToLong(i -> in[0].shape()[i]).toArray()));
        });
        t.put(
                "Size",
                (n, in) -> List.of(new NdArray(ElementType.INT64, new int[0], new double[] {in[0].data().length})));
        t.put("Range", (n, in) -> {
            double step = in[2].data()[0];
            int count = (int) Math.max(0, Math.ceil((in[1].data()[0] - in[0].data()[0]) / step));
            double first = in[0].data()[0];
            return List.of(new NdArray(
                    in[0].type(),
                    new int[] {count},
                    IntStream.range(0, count).mapToDouble(i -> first + i * step).toArray()));
        });
        t.put("ConstantOfShape", (n, in) -> {
            Tensor value = TensorReader.attribute(n, "value");
            NdArray out = NdArray.zeros(value == null ? ElementType.FLOAT : value.type(), NdArray.ints(in[0].longs()));
            Arrays.fill(out.data(), value == null ? 0 : value.toDoubles()[0]);
            return List.of(out);
        });
    }
}
