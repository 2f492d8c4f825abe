package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;

/** Reference semantics of pooling over windows and over everything. */
final class ReferencePooling {
    private ReferencePooling() {}

    static void register(Map<String, Operator> t) {
        t.put("MaxPool", ReferencePooling::maxPool);
        t.put("AveragePool", (n, in) -> List.of(averagePool(n, in[0])));
        t.put("GlobalAveragePool", (n, in) -> List.of(global(in[0], false)));
        t.put("GlobalMaxPool", (n, in) -> List.of(global(in[0], true)));
    }

    private static List<NdArray> maxPool(Node node, NdArray[] in) {
        NdArray x = in[0];
        WindowGeometry g = WindowGeometry.of(
                node, WindowGeometry.attribute(node, "kernel_shape", 0, 0), WindowGeometry.spatial(x));
        NdArray out = NdArray.zeros(x.type(), WindowGeometry.join(x.shape()[0], x.shape()[1], g.outputs()));
        NdArray indices = NdArray.zeros(ElementType.INT64, out.shape());
        for (int i = 0; i < out.data().length; i++) {
            int[] o = NdArray.index(i, out.shape());
            double best = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < NdArray.count(g.kernel()); k++) {
                int[] at = g.input(Arrays.copyOfRange(o, 2, o.length), NdArray.index(k, g.kernel()));
                if (WindowGeometry.inside(at, WindowGeometry.spatial(x))
                        && x.at(WindowGeometry.join(o[0], o[1], at)) > best) {
                    best = x.at(WindowGeometry.join(o[0], o[1], at));
                    indices.data()[i] = x.flat(WindowGeometry.join(o[0], o[1], at));
                }
            }
            out.data()[i] = best;
        }
        return List.of(out, indices);
    }

    /** With count_include_pad the divisor counts the declared padding, but not what ceil_mode reaches beyond it. */
    private static NdArray averagePool(Node node, NdArray x) {
        WindowGeometry g = WindowGeometry.of(
                node, WindowGeometry.attribute(node, "kernel_shape", 0, 0), WindowGeometry.spatial(x));
        boolean includePad = node.integer("count_include_pad", 0) != 0;
        NdArray out = NdArray.zeros(x.type(), WindowGeometry.join(x.shape()[0], x.shape()[1], g.outputs()));
        for (int i = 0; i < out.data().length; i++) {
            int[] o = NdArray.index(i, out.shape());
            double sum = 0;
            int count = 0;
            for (int k = 0; k < NdArray.count(g.kernel()); k++) {
                int[] at = g.input(Arrays.copyOfRange(o, 2, o.length), NdArray.index(k, g.kernel()));
                boolean declared = true;
                for (int d = 0; d < at.length; d++) {
                    declared &= at[d] < WindowGeometry.spatial(x)[d] + g.end()[d];
                }
                if (WindowGeometry.inside(at, WindowGeometry.spatial(x))) {
                    sum += x.at(WindowGeometry.join(o[0], o[1], at));
                    count++;
                } else if (includePad && declared) {
                    count++;
                }
            }
            out.data()[i] = sum / count;
        }
        return out;
    }

    private static NdArray global(NdArray x, boolean max) {
        int[] ones = new int[x.rank() - 2];
        Arrays.fill(ones, 1);
        NdArray out = NdArray.zeros(x.type(), WindowGeometry.join(x.shape()[0], x.shape()[1], ones));
        int size = NdArray.count(WindowGeometry.spatial(x));
        for (int i = 0; i < out.data().length; i++) {
            double[] plane = Arrays.copyOfRange(x.data(), i * size, (i + 1) * size);
            out.data()[i] = max
                    ? Arrays.stream(plane).max().orElseThrow()
                    : Arrays.stream(plane).sum() / size;
        }
        return out;
    }
}
