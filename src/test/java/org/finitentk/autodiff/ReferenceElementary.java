package org.finitentk.autodiff;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.finitentk.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.Node;

/** Reference semantics of elementary functions, of norms and products over axes, and of normalizations by statistics of the data. */
final class ReferenceElementary {
    private ReferenceElementary() {
    }

    static void register(Map<String, Operator> t) {
        functions(t);
        t.put("Mean", (n, in) -> List.of(map(Arrays.stream(in).reduce((a, b) -> ReferenceArithmetic.broadcast(a, b, a.type(), Double::sum)).orElseThrow(), s -> s / in.length)));
        // Java's remainder has the sign of the dividend, as C's fmod
        t.put("Mod", (n, in) -> List.of(ReferenceArithmetic.broadcast(in[0], in[1], in[0].type(), n.integer("fmod", 0) == 1 ? (a, b) -> a % b : (a, b) -> a - b * Math.floor(a / b))));
        t.put("ReduceL1", (n, in) -> List.of(overAxes(n, in, v -> Arrays.stream(v).map(Math::abs).sum())));
        t.put("ReduceL2", (n, in) -> List.of(overAxes(n, in, v -> Math.sqrt(Arrays.stream(v).map(x -> x * x).sum()))));
        t.put("ReduceSumSquare", (n, in) -> List.of(overAxes(n, in, v -> Arrays.stream(v).map(x -> x * x).sum())));
        t.put("ReduceLogSum", (n, in) -> List.of(overAxes(n, in, v -> Math.log(Arrays.stream(v).sum()))));
        t.put("ReduceLogSumExp", (n, in) -> List.of(overAxes(n, in, v -> Math.log(Arrays.stream(v).map(Math::exp).sum()))));
        t.put("ReduceProd", (n, in) -> List.of(overAxes(n, in, v -> Arrays.stream(v).reduce(1, (a, b) -> a * b))));
        t.put("InstanceNormalization", (n, in) -> List.of(grouped(n, in, in[0].shape()[1])));
        t.put("GroupNormalization", (n, in) -> List.of(grouped(n, in, (int) n.integer("num_groups", 0))));
        t.put("MeanVarianceNormalization", (n, in) -> List.of(meanVariance(n, in[0])));
        t.put("LpNormalization", (n, in) -> List.of(lp(n, in[0])));
        t.put("LRN", (n, in) -> List.of(lrn(n, in[0])));
    }

    private static void functions(Map<String, Operator> t) {
        Map<String, DoubleUnaryOperator> plain = Map.ofEntries(Map.entry("Tan", Math::tan), Map.entry("Asin", Math::asin), Map.entry("Acos", Math::acos), Map.entry("Atan", Math::atan),
            Map.entry("Sinh", Math::sinh), Map.entry("Cosh", Math::cosh), Map.entry("Asinh", x -> Math.signum(x) * Math.log(Math.abs(x) + Math.sqrt(x * x + 1))),
            Map.entry("Acosh", x -> Math.log(x + Math.sqrt(x * x - 1))), Map.entry("Atanh", x -> Math.log((1 + x) / (1 - x)) / 2),
            Map.entry("Softsign", x -> x / (1 + Math.abs(x))), Map.entry("Mish", x -> x * Math.tanh(Math.log1p(Math.exp(x)))), Map.entry("Round", Math::rint));
        plain.forEach((op, f) -> t.put(op, (n, in) -> List.of(map(in[0], f))));
        t.put("Celu", (n, in) -> List.of(map(in[0], x -> Math.max(0, x) + Math.min(0, n.real("alpha", 1) * Math.expm1(x / n.real("alpha", 1))))));
        t.put("ThresholdedRelu", (n, in) -> List.of(map(in[0], x -> x > n.real("alpha", 1) ? x : 0)));
        t.put("Shrink", (n, in) -> List.of(map(in[0], x -> x < -n.real("lambd", 0.5f) ? x + n.real("bias", 0) : x > n.real("lambd", 0.5f) ? x - n.real("bias", 0) : 0)));
        t.put("CastLike", (n, in) -> List.of(new NdArray(in[1].type(), in[0].shape(), in[0].data())));
    }

    private static NdArray map(NdArray x, DoubleUnaryOperator f) {
        return new NdArray(x.type(), x.shape(), Arrays.stream(x.data()).map(f).toArray());
    }

    private interface Reduction {
        double of(double[] values);
    }

    private static NdArray overAxes(Node node, NdArray[] in, Reduction reduction) {
        NdArray x = in[0];
        long[] given = in.length > 1 && in[1] != null && in[1].data().length > 0 ? in[1].longs() : IntStream.range(0, x.rank()).asLongStream().toArray();
        List<Integer> axes = Arrays.stream(given).mapToObj(a -> ReferenceInterpreter.axis(a, x.rank())).toList();
        int[] kept = x.shape().clone();
        axes.forEach(a -> kept[a] = 1);
        NdArray out = NdArray.zeros(x.type(), kept);
        for (int o = 0; o < out.data().length; o++) {
            int[] at = NdArray.index(o, kept);
            out.data()[o] = reduction.of(IntStream.range(0, x.data().length).filter(i -> {
                int[] index = NdArray.index(i, x.shape());
                return IntStream.range(0, index.length).allMatch(d -> axes.contains(d) || index[d] == at[d]);
            }).mapToDouble(i -> x.data()[i]).toArray());
        }
        boolean keep = node.integer("keepdims", 1) != 0;
        return keep ? out : out.reshaped(IntStream.range(0, kept.length).filter(d -> !axes.contains(d)).map(d -> kept[d]).toArray());
    }

    /** Groups of channels of one example, standardized together; scale and bias a channel. */
    private static NdArray grouped(Node node, NdArray[] in, int groups) {
        NdArray x = in[0];
        NdArray out = NdArray.zeros(x.type(), x.shape());
        int channels = x.shape()[1];
        int plane = x.data().length / x.shape()[0] / channels;
        int size = channels / groups * plane;
        for (int from = 0; from < x.data().length; from += size) {
            double mean = Arrays.stream(x.data(), from, from + size).sum() / size;
            double variance = Arrays.stream(x.data(), from, from + size).map(v -> (v - mean) * (v - mean)).sum() / size;
            for (int i = from; i < from + size; i++) {
                int c = i / plane % channels;
                out.data()[i] = (x.data()[i] - mean) / Math.sqrt(variance + node.real("epsilon", 1e-5f)) * in[1].data()[c] + in[2].data()[c];
            }
        }
        return out;
    }

    private static NdArray meanVariance(Node node, NdArray x) {
        long[] axes = node.has("axes") ? java.util.Objects.requireNonNull(node.integers("axes")) : new long[] {0, 2, 3};
        Node keeping = new Node("", "", "Reduce", List.of(), List.of(), Map.of());
        NdArray mean = overAxes(keeping, new NdArray[] {x, NdArray.longs(axes)}, v -> Arrays.stream(v).sum() / v.length);
        NdArray square = overAxes(keeping, new NdArray[] {x, NdArray.longs(axes)}, v -> Arrays.stream(v).map(e -> e * e).sum() / v.length);
        NdArray deviation = ReferenceArithmetic.broadcast(square, mean, x.type(), (s, m) -> Math.sqrt(s - m * m) + 1e-9);
        return ReferenceArithmetic.broadcast(ReferenceArithmetic.broadcast(x, mean, x.type(), (v, m) -> v - m), deviation, x.type(), (c, d) -> c / d);
    }

    private static NdArray lp(Node node, NdArray x) {
        Node keeping = new Node("", "", "Reduce", List.of(), List.of(), Map.of());
        boolean first = node.integer("p", 2) == 1;
        NdArray length = overAxes(keeping, new NdArray[] {x, NdArray.longs(node.integer("axis", -1))},
            v -> first ? Arrays.stream(v).map(Math::abs).sum() : Math.sqrt(Arrays.stream(v).map(e -> e * e).sum()));
        return ReferenceArithmetic.broadcast(x, length, x.type(), (v, l) -> l == 0 ? 0 : v / l);
    }

    private static NdArray lrn(Node node, NdArray x) {
        NdArray out = NdArray.zeros(x.type(), x.shape());
        int size = (int) node.integer("size", 0);
        int channels = x.shape()[1];
        for (int i = 0; i < out.data().length; i++) {
            int[] at = NdArray.index(i, x.shape());
            double sum = 0;
            int c = at[1];
            for (at[1] = Math.max(0, c - (int) Math.floor((size - 1) / 2.0)); at[1] <= Math.min(channels - 1, c + (int) Math.ceil((size - 1) / 2.0)); at[1]++) {
                sum += x.at(at) * x.at(at);
            }
            out.data()[i] = x.data()[i] / Math.pow(node.real("bias", 1) + (double) node.real("alpha", 1e-4f) / size * sum, node.real("beta", 0.75f));
        }
        return out;
    }
}
