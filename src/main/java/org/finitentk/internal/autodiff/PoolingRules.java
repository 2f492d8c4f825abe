package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.internal.onnx.Window;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;

/** Pooling: maxima by their positions, averages as linear maps. */
final class PoolingRules {
    private PoolingRules() {}

    static void register(RuleTable r) {
        // The tangent at each window's maximum; of equal maxima the first counts, as in the forward pass.
        r.primal("MaxPool", (node, a) -> a.plain(a.withIndices(node)));
        r.jvp("MaxPool", n -> {
            Algebra a = n.algebra();
            if (n.node().integer("storage_order", 0) != 0) {
                throw n.refused("has storage_order 1, whose indices are not supported; export it with storage_order 0");
            }
            Value indices = a.builder().shapes().get(n.node().outputs().get(1));
            Value flat =
                    a.reshape(n.tangent(0), n.in(0).shape().product(0, n.in(0).rank()));
            n.result(a.op("Gather", new Attributes().integer("axis", 0), flat, indices));
        });
        r.jvp("AveragePool", Jvp::same);
        r.transpose("AveragePool", PoolingRules::transposeAveragePool);
        r.jvp("GlobalAveragePool", Jvp::same);
        r.transpose("GlobalAveragePool", n -> {
            Shape x = n.in(0).shape();
            long[] spatial =
                    x.slice(2, x.rank()).isStatic() ? x.slice(2, x.rank()).at(0) : null;
            if (spatial == null) {
                throw n.refused(
                        "has an input with a dynamic spatial size " + x + "; fix the network's image size to numbers");
            }
            n.contribute(0, n.algebra().expand(n.algebra().mul(n.cotangent(), 1.0 / Tensor.count(spatial)), x));
        });
        // Equal maxima share the tangent.
        r.jvp("GlobalMaxPool", n -> {
            Algebra a = n.algebra();
            long[] axes = LongStream.range(2, n.in(0).rank()).toArray();
            Value at = a.cast(a.op("Equal", n.in(0), n.out()), n.in(0).type());
            Value share = a.div(at, a.sum(at, true, axes));
            n.result(a.sum(n.product(n.tangent(0), share), true, axes));
        });
    }

    /** Spreads each cotangent, divided by the divisor that the forward pass used there, over its window. */
    private static void transposeAveragePool(Transposition n) {
        Algebra a = n.algebra();
        Shape x = n.in(0).shape();
        int rank = x.rank() - 2;
        Shape spatial = x.slice(2, x.rank());
        if (!spatial.isStatic()) {
            throw n.refused(
                    "has an input with a dynamic spatial size " + x + "; fix the network's image size to numbers");
        }
        long[] kernel = n.node().integers("kernel_shape");
        Window w = Window.of(n.node(), kernel == null ? new long[rank] : kernel, spatial.at(0));
        long[] pads = new long[2 * rank];
        for (int i = 0; i < rank; i++) {
            long covered = w.strides()[i] * (w.outputs()[i] - 1) + (w.kernel()[i] - 1) * w.dilations()[i] + 1;
            pads[i] = w.padsBegin()[i];
            // negative where strides leave inputs at the end unused, more than declared where ceil_mode reaches beyond
            // the padding
            pads[i + rank] = covered - pads[i] - spatial.at(0)[i];
        }
        Value ct = n.cotangent();
        Shape planes = x.product(0, 2);
        Value divided = a.mul(
                a.reshape(ct, planes.append(1).concat(ct.shape().slice(2, ct.rank()))),
                inverseDivisor(n.node(), n.algebra(), n.in(0).type(), w, spatial));
        n.contribute(0, a.reshape(spread(a, divided, w, pads), x));
    }

    /**
     * One over the number of elements that each window averages over, [1, 1, positions…]. Declared padding counts if
     * count_include_pad says so; what ceil_mode reaches beyond it never does. A constant: ONNX Runtime's shape
     * inference disagrees with its own kernel about the number of windows under ceil_mode, and refuses graphs that
     * compute this from an AveragePool of ones.
     */
    static Value inverseDivisor(Node node, Algebra a, ElementType type, Window w, Shape spatial) {
        boolean includePad = node.integer("count_include_pad", 0) != 0;
        double[] inverse = {1};
        for (int i = 0; i < w.kernel().length; i++) {
            double[] counts = new double[(int) w.outputs()[i]];
            for (int o = 0; o < counts.length; o++) {
                for (long k = 0; k < w.kernel()[i]; k++) {
                    long at = o * w.strides()[i] + k * w.dilations()[i] - w.padsBegin()[i];
                    boolean real = at >= 0 && at < spatial.dim(i);
                    counts[o] += real || (includePad && at < spatial.dim(i) + w.padsEnd()[i]) ? 1 : 0;
                }
            }
            double[] outer = new double[inverse.length * counts.length];
            for (int o = 0; o < outer.length; o++) {
                outer[o] = inverse[o / counts.length] / counts[o % counts.length];
            }
            inverse = outer;
        }
        return a.builder()
                .constant(Tensor.ofReals(
                        type, inverse, Shape.of(1, 1).append(w.outputs()).at(0)));
    }

    private static Value filterOfOnes(Algebra a, Value like, Window w) {
        double[] one = new double[(int) Tensor.count(w.kernel())];
        Arrays.fill(one, 1);
        return a.builder()
                .constant(Tensor.ofReals(
                        like.type(), one, Shape.of(1, 1).append(w.kernel()).at(0)));
    }

    /** ConvTranspose with ones; end padding beyond the window is cut, negative end padding is filled with zeros. */
    private static Value spread(Algebra a, Value ct, Window w, long[] pads) {
        int rank = w.kernel().length;
        long[] cut = pads.clone();
        long[] fill = new long[2 * (rank + 2)];
        for (int i = 0; i < rank; i++) {
            cut[i + rank] = Math.max(0, pads[i + rank]);
            fill[rank + 4 + i] = Math.max(0, -pads[i + rank]);
        }
        Value out = a.op(
                "ConvTranspose",
                new Attributes()
                        .integers("pads", cut)
                        .integers("strides", w.strides())
                        .integers("dilations", w.dilations())
                        .integers("kernel_shape", w.kernel()),
                ct,
                filterOfOnes(a, ct, w));
        return Arrays.stream(fill).allMatch(f -> f == 0)
                ? out
                : a.op("Pad", out, a.builder().vector(fill), a.scalar(ct, 0));
    }
}
