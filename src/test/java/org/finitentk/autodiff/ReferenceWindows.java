package org.finitentk.autodiff;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;

/** Reference semantics of convolutions and pooling of any number of spatial axes. */
final class ReferenceWindows {
    private ReferenceWindows() {
    }

    static void register(Map<String, Operator> t) {
        t.put("Conv", (n, in) -> List.of(conv(n, in)));
        t.put("ConvTranspose", (n, in) -> List.of(convTranspose(n, in)));
        t.put("MaxPool", ReferenceWindows::maxPool);
        t.put("AveragePool", (n, in) -> List.of(averagePool(n, in[0])));
        t.put("GlobalAveragePool", (n, in) -> List.of(global(in[0], false)));
        t.put("GlobalMaxPool", (n, in) -> List.of(global(in[0], true)));
    }

    /** Where windows lie: kernel, strides, dilations, begin and end pads, output sizes. */
    private record Geometry(int[] kernel, int[] strides, int[] dilations, int[] begin, int[] end, int[] outputs) {
        static Geometry of(Node node, int[] kernel, int[] spatial) {
            int rank = kernel.length;
            int[] strides = attribute(node, "strides", rank, 1);
            int[] dilations = attribute(node, "dilations", rank, 1);
            int[] pads = attribute(node, "pads", 2 * rank, 0);
            int[] outputs = new int[rank];
            String auto = node.string("auto_pad", "NOTSET");
            boolean ceil = node.integer("ceil_mode", 0) != 0;
            for (int i = 0; i < rank; i++) {
                int reach = (kernel[i] - 1) * dilations[i] + 1;
                if (auto.startsWith("SAME")) {
                    outputs[i] = (int) Math.ceil((double) spatial[i] / strides[i]);
                    int total = Math.max(0, (outputs[i] - 1) * strides[i] + reach - spatial[i]);
                    int small = total / 2;
                    pads[i] = auto.equals("SAME_UPPER") ? small : total - small;
                    pads[i + rank] = total - pads[i];
                } else {
                    if (auto.equals("VALID")) {
                        pads[i] = 0;
                        pads[i + rank] = 0;
                    }
                    double steps = (double) (spatial[i] + pads[i] + pads[i + rank] - reach) / strides[i];
                    outputs[i] = (int) (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
                    if (ceil && (outputs[i] - 1) * strides[i] >= spatial[i] + pads[i]) {
                        outputs[i]--;
                    }
                }
            }
            return new Geometry(kernel, strides, dilations, Arrays.copyOf(pads, rank), Arrays.copyOfRange(pads, rank, 2 * rank), outputs);
        }

        /** The input position along each axis that kernel offset k meets at output position o; it may lie outside. */
        int[] input(int[] o, int[] k) {
            int[] at = new int[o.length];
            for (int i = 0; i < at.length; i++) {
                at[i] = o[i] * strides[i] + k[i] * dilations[i] - begin[i];
            }
            return at;
        }
    }

    private static int[] attribute(Node node, String key, int length, int value) {
        long[] given = node.integers(key);
        if (given != null) {
            return NdArray.ints(given);
        }
        int[] out = new int[length];
        Arrays.fill(out, value);
        return out;
    }

    private static boolean inside(int[] at, int[] spatial) {
        boolean inside = true;
        for (int i = 0; i < at.length; i++) {
            inside &= at[i] >= 0 && at[i] < spatial[i];
        }
        return inside;
    }

    private static int[] spatial(NdArray x) {
        return Arrays.copyOfRange(x.shape(), 2, x.rank());
    }

    private static int[] join(int first, int second, int[] rest) {
        int[] out = new int[rest.length + 2];
        out[0] = first;
        out[1] = second;
        System.arraycopy(rest, 0, out, 2, rest.length);
        return out;
    }

    private static NdArray conv(Node node, NdArray[] in) {
        NdArray x = in[0];
        NdArray w = in[1];
        int group = (int) node.integer("group", 1);
        Geometry g = Geometry.of(node, spatial(w), spatial(x));
        NdArray out = NdArray.zeros(x.type(), join(x.shape()[0], w.shape()[0], g.outputs()));
        int perGroup = w.shape()[1];
        for (int i = 0; i < out.data().length; i++) {
            int[] o = NdArray.index(i, out.shape());
            int first = o[1] / (w.shape()[0] / group) * perGroup;
            double sum = in.length > 2 && in[2] != null ? in[2].data()[o[1]] : 0;
            for (int k = 0; k < NdArray.count(g.kernel()); k++) {
                int[] offset = NdArray.index(k, g.kernel());
                int[] at = g.input(Arrays.copyOfRange(o, 2, o.length), offset);
                for (int c = 0; c < perGroup && inside(at, spatial(x)); c++) {
                    sum += w.at(join(o[1], c, offset)) * x.at(join(o[0], first + c, at));
                }
            }
            out.data()[i] = sum;
        }
        return out;
    }

    /** Each input element scatters a scaled kernel. */
    private static NdArray convTranspose(Node node, NdArray[] in) {
        NdArray x = in[0];
        NdArray w = in[1];
        int[] kernel = spatial(w);
        int rank = kernel.length;
        int group = (int) node.integer("group", 1);
        int[] strides = attribute(node, "strides", rank, 1);
        int[] dilations = attribute(node, "dilations", rank, 1);
        int[] pads = attribute(node, "pads", 2 * rank, 0);
        int[] extra = attribute(node, "output_padding", rank, 0);
        int[] outputs = attribute(node, "output_shape", rank, 0);
        String auto = node.string("auto_pad", "NOTSET");
        for (int i = 0; i < rank; i++) {
            int whole = strides[i] * (x.shape()[i + 2] - 1) + extra[i] + (kernel[i] - 1) * dilations[i] + 1;
            outputs[i] = auto.startsWith("SAME") ? x.shape()[i + 2] * strides[i] : outputs[i] == 0 ? whole - pads[i] - pads[i + rank] : outputs[i];
            int total = Math.max(0, whole - outputs[i]);
            if (auto.startsWith("SAME") || node.has("output_shape")) {
                pads[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
            }
        }
        int perGroup = w.shape()[1];
        NdArray out = NdArray.zeros(x.type(), join(x.shape()[0], perGroup * group, outputs));
        int plane = NdArray.count(outputs);
        for (int i = 0; in.length > 2 && in[2] != null && i < out.data().length; i++) {
            out.data()[i] = in[2].data()[i / plane % (perGroup * group)];
        }
        for (int i = 0; i < x.data().length; i++) {
            int[] p = NdArray.index(i, x.shape());
            int g = p[1] / (x.shape()[1] / group);
            for (int k = 0; k < NdArray.count(kernel); k++) {
                int[] offset = NdArray.index(k, kernel);
                int[] at = new int[rank];
                for (int d = 0; d < rank; d++) {
                    at[d] = p[d + 2] * strides[d] + offset[d] * dilations[d] - pads[d];
                }
                for (int c = 0; c < perGroup && inside(at, outputs); c++) {
                    out.data()[out.flat(join(p[0], g * perGroup + c, at))] += x.data()[i] * w.at(join(p[1], c, offset));
                }
            }
        }
        return out;
    }

    private static List<NdArray> maxPool(Node node, NdArray[] in) {
        NdArray x = in[0];
        Geometry g = Geometry.of(node, attribute(node, "kernel_shape", 0, 0), spatial(x));
        NdArray out = NdArray.zeros(x.type(), join(x.shape()[0], x.shape()[1], g.outputs()));
        NdArray indices = NdArray.zeros(ElementType.INT64, out.shape());
        for (int i = 0; i < out.data().length; i++) {
            int[] o = NdArray.index(i, out.shape());
            double best = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < NdArray.count(g.kernel()); k++) {
                int[] at = g.input(Arrays.copyOfRange(o, 2, o.length), NdArray.index(k, g.kernel()));
                if (inside(at, spatial(x)) && x.at(join(o[0], o[1], at)) > best) {
                    best = x.at(join(o[0], o[1], at));
                    indices.data()[i] = x.flat(join(o[0], o[1], at));
                }
            }
            out.data()[i] = best;
        }
        return List.of(out, indices);
    }

    /** With count_include_pad the divisor counts the declared padding, but not what ceil_mode reaches beyond it. */
    private static NdArray averagePool(Node node, NdArray x) {
        Geometry g = Geometry.of(node, attribute(node, "kernel_shape", 0, 0), spatial(x));
        boolean includePad = node.integer("count_include_pad", 0) != 0;
        NdArray out = NdArray.zeros(x.type(), join(x.shape()[0], x.shape()[1], g.outputs()));
        for (int i = 0; i < out.data().length; i++) {
            int[] o = NdArray.index(i, out.shape());
            double sum = 0;
            int count = 0;
            for (int k = 0; k < NdArray.count(g.kernel()); k++) {
                int[] at = g.input(Arrays.copyOfRange(o, 2, o.length), NdArray.index(k, g.kernel()));
                boolean declared = true;
                for (int d = 0; d < at.length; d++) {
                    declared &= at[d] < spatial(x)[d] + g.end()[d];
                }
                if (inside(at, spatial(x))) {
                    sum += x.at(join(o[0], o[1], at));
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
        NdArray out = NdArray.zeros(x.type(), join(x.shape()[0], x.shape()[1], ones));
        int size = NdArray.count(spatial(x));
        for (int i = 0; i < out.data().length; i++) {
            double[] plane = Arrays.copyOfRange(x.data(), i * size, (i + 1) * size);
            out.data()[i] = max ? Arrays.stream(plane).max().orElseThrow() : Arrays.stream(plane).sum() / size;
        }
        return out;
    }
}
