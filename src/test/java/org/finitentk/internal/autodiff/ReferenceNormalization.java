package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.Node;

/** Reference semantics of normalizations, by given statistics and by those of the data. */
final class ReferenceNormalization {
    private ReferenceNormalization() {}

    static void register(Map<String, Operator> t) {
        t.put("BatchNormalization", (n, in) -> List.of(batchNormalization(n, in)));
        t.put("LayerNormalization", (n, in) -> List.of(layerNormalization(n, in)));
        t.put("InstanceNormalization", (n, in) -> List.of(grouped(n, in, in[0].shape()[1])));
        t.put("GroupNormalization", (n, in) -> List.of(grouped(n, in, (int) n.integer("num_groups", 0))));
        t.put("MeanVarianceNormalization", (n, in) -> List.of(meanVariance(n, in[0])));
        t.put("LpNormalization", (n, in) -> List.of(lp(n, in[0])));
        t.put("LRN", (n, in) -> List.of(lrn(n, in[0])));
    }

    private static NdArray batchNormalization(Node node, NdArray[] in) {
        NdArray out = NdArray.zeros(in[0].type(), in[0].shape());
        for (int i = 0; i < out.data().length; i++) {
            int c = in[0].rank() > 1 ? NdArray.index(i, in[0].shape())[1] : 0;
            double deviation = Math.sqrt(in[4].data()[c] + node.real("epsilon", 1e-5f));
            out.data()[i] = (in[0].data()[i] - in[3].data()[c]) / deviation * in[1].data()[c] + in[2].data()[c];
        }
        return out;
    }

    private static NdArray layerNormalization(Node node, NdArray[] in) {
        NdArray x = in[0];
        NdArray out = NdArray.zeros(x.type(), x.shape());
        int first = ReferenceInterpreter.axis(node.integer("axis", -1), x.rank());
        int size = NdArray.count(Arrays.copyOfRange(x.shape(), first, x.rank()));
        for (int from = 0; from < x.data().length; from += size) {
            double mean = Arrays.stream(x.data(), from, from + size).average().orElseThrow();
            double variance = Arrays.stream(x.data(), from, from + size)
                    .map(v -> (v - mean) * (v - mean))
                    .average()
                    .orElseThrow();
            for (int i = 0; i < size; i++) {
                double z = (x.data()[from + i] - mean) / Math.sqrt(variance + node.real("epsilon", 1e-5f));
                out.data()[from + i] = z * in[1].data()[i] + (in.length > 2 && in[2] != null ? in[2].data()[i] : 0);
            }
        }
        return out;
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
            double variance = Arrays.stream(x.data(), from, from + size)
                            .map(v -> (v - mean) * (v - mean))
                            .sum()
                    / size;
            for (int i = from; i < from + size; i++) {
                int c = i / plane % channels;
                out.data()[i] = (x.data()[i] - mean)
                                / Math.sqrt(variance + node.real("epsilon", 1e-5f))
                                * in[1].data()[c]
                        + in[2].data()[c];
            }
        }
        return out;
    }

    private static NdArray meanVariance(Node node, NdArray x) {
        long[] axes = node.has("axes") ? java.util.Objects.requireNonNull(node.integers("axes")) : new long[] {0, 2, 3};
        Node keeping = new Node("", "", "Reduce", List.of(), List.of(), Map.of());
        NdArray mean = ReferenceReduction.overAxes(
                keeping,
                new NdArray[] {x, NdArray.longs(axes)},
                v -> Arrays.stream(v).sum() / v.length);
        NdArray square = ReferenceReduction.overAxes(
                keeping,
                new NdArray[] {x, NdArray.longs(axes)},
                v -> Arrays.stream(v).map(e -> e * e).sum() / v.length);
        NdArray deviation =
                ReferenceElementwise.broadcast(square, mean, x.type(), (s, m) -> Math.sqrt(s - m * m) + 1e-9);
        return ReferenceElementwise.broadcast(
                ReferenceElementwise.broadcast(x, mean, x.type(), (v, m) -> v - m),
                deviation,
                x.type(),
                (c, d) -> c / d);
    }

    private static NdArray lp(Node node, NdArray x) {
        Node keeping = new Node("", "", "Reduce", List.of(), List.of(), Map.of());
        boolean first = node.integer("p", 2) == 1;
        NdArray length = ReferenceReduction.overAxes(
                keeping,
                new NdArray[] {x, NdArray.longs(node.integer("axis", -1))},
                v -> first
                        ? Arrays.stream(v).map(Math::abs).sum()
                        : Math.sqrt(Arrays.stream(v).map(e -> e * e).sum()));
        return ReferenceElementwise.broadcast(x, length, x.type(), (v, l) -> l == 0 ? 0 : v / l);
    }

    private static NdArray lrn(Node node, NdArray x) {
        NdArray out = NdArray.zeros(x.type(), x.shape());
        int size = (int) node.integer("size", 0);
        int channels = x.shape()[1];
        for (int i = 0; i < out.data().length; i++) {
            int[] at = NdArray.index(i, x.shape());
            double sum = 0;
            int c = at[1];
            for (at[1] = Math.max(0, c - (int) Math.floor((size - 1) / 2.0));
                    at[1] <= Math.min(channels - 1, c + (int) Math.ceil((size - 1) / 2.0));
                    at[1]++) {
                sum += x.at(at) * x.at(at);
            }
            out.data()[i] = x.data()[i]
                    / Math.pow(
                            node.real("bias", 1) + (double) node.real("alpha", 1e-4f) / size * sum,
                            node.real("beta", 0.75f));
        }
        return out;
    }
}
