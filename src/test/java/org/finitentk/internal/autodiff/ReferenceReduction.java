package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.Node;

/** Reference semantics of sums, means, norms, products and extrema over axes. */
final class ReferenceReduction {
    private ReferenceReduction() {}

    static void register(Map<String, Operator> t) {
        t.put("ReduceSum", (n, in) -> List.of(reduce(n, in, 0, Double::sum)));
        t.put("ReduceMean", (n, in) -> {
            NdArray sum = reduce(n, in, 0, Double::sum);
            int count = in[0].data().length / sum.data().length;
            return List.of(ReferenceElementwise.map(sum, s -> s / count));
        });
        t.put("ReduceMax", (n, in) -> List.of(reduce(n, in, Double.NEGATIVE_INFINITY, Math::max)));
        t.put("ReduceMin", (n, in) -> List.of(reduce(n, in, Double.POSITIVE_INFINITY, Math::min)));
        t.put(
                "ReduceL1",
                (n, in) -> List.of(
                        overAxes(n, in, v -> Arrays.stream(v).map(Math::abs).sum())));
        t.put(
                "ReduceL2",
                (n, in) -> List.of(overAxes(
                        n, in, v -> Math.sqrt(Arrays.stream(v).map(x -> x * x).sum()))));
        t.put(
                "ReduceSumSquare",
                (n, in) -> List.of(
                        overAxes(n, in, v -> Arrays.stream(v).map(x -> x * x).sum())));
        t.put(
                "ReduceLogSum",
                (n, in) ->
                        List.of(overAxes(n, in, v -> Math.log(Arrays.stream(v).sum()))));
        t.put(
                "ReduceLogSumExp",
                (n, in) -> List.of(overAxes(
                        n, in, v -> Math.log(Arrays.stream(v).map(Math::exp).sum()))));
        t.put(
                "ReduceProd",
                (n, in) -> List.of(overAxes(n, in, v -> Arrays.stream(v).reduce(1, (a, b) -> a * b))));
    }

    interface Reduction {
        double of(double[] values);
    }

    static NdArray overAxes(Node node, NdArray[] in, Reduction reduction) {
        NdArray x = in[0];
        long[] given = in.length > 1 && in[1] != null && in[1].data().length > 0
                ? in[1].longs()
                : IntStream.range(0, x.rank()).asLongStream().toArray();
        List<Integer> axes = Arrays.stream(given)
                .mapToObj(a -> ReferenceInterpreter.axis(a, x.rank()))
                .toList();
        int[] kept = x.shape().clone();
        axes.forEach(a -> kept[a] = 1);
        NdArray out = NdArray.zeros(x.type(), kept);
        for (int o = 0; o < out.data().length; o++) {
            int[] at = NdArray.index(o, kept);
            out.data()[o] = reduction.of(IntStream.range(0, x.data().length)
                    .filter(i -> {
                        int[] index = NdArray.index(i, x.shape());
                        return IntStream.range(0, index.length).allMatch(d -> axes.contains(d) || index[d] == at[d]);
                    })
                    .mapToDouble(i -> x.data()[i])
                    .toArray());
        }
        boolean keep = node.integer("keepdims", 1) != 0;
        return keep
                ? out
                : out.reshaped(IntStream.range(0, kept.length)
                        .filter(d -> !axes.contains(d))
                        .map(d -> kept[d])
                        .toArray());
    }

    private static NdArray reduce(Node node, NdArray[] in, double start, DoubleBinaryOperator f) {
        NdArray x = in[0];
        boolean[] reduced = new boolean[x.rank()];
        long[] axes = in.length > 1 && in[1] != null ? in[1].longs() : new long[0];
        if (axes.length == 0) {
            if (node.integer("noop_with_empty_axes", 0) != 0) {
                return x;
            }
            Arrays.fill(reduced, true);
        }
        for (long axis : axes) {
            reduced[ReferenceInterpreter.axis(axis, x.rank())] = true;
        }
        int[] kept = x.shape().clone();
        List<Integer> dropped = new ArrayList<>();
        for (int i = 0; i < kept.length; i++) {
            if (reduced[i]) {
                kept[i] = 1;
            } else {
                dropped.add(kept[i]);
            }
        }
        NdArray sum = NdArray.zeros(x.type(), kept);
        Arrays.fill(sum.data(), start);
        for (int i = 0; i < x.data().length; i++) {
            int[] index = NdArray.index(i, x.shape());
            for (int d = 0; d < kept.length; d++) {
                index[d] = reduced[d] ? 0 : index[d];
            }
            sum.data()[sum.flat(index)] = f.applyAsDouble(sum.data()[sum.flat(index)], x.data()[i]);
        }
        boolean keep = node.integer("keepdims", 1) != 0;
        return keep
                ? sum
                : sum.reshaped(dropped.stream().mapToInt(Integer::intValue).toArray());
    }
}
