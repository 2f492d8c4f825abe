package org.finitentk.internal.autodiff;

import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.Node;

/** Reference semantics of ConvTranspose, of any number of spatial axes. */
final class ReferenceConvTranspose {
    private ReferenceConvTranspose() {}

    static void register(Map<String, Operator> t) {
        t.put("ConvTranspose", (n, in) -> List.of(convTranspose(n, in)));
    }

    /** Each input element scatters a scaled kernel. */
    private static NdArray convTranspose(Node node, NdArray[] in) {
        NdArray x = in[0];
        NdArray w = in[1];
        int[] kernel = WindowGeometry.spatial(w);
        int rank = kernel.length;
        int group = (int) node.integer("group", 1);
        int[] strides = WindowGeometry.attribute(node, "strides", rank, 1);
        int[] dilations = WindowGeometry.attribute(node, "dilations", rank, 1);
        int[] pads = WindowGeometry.attribute(node, "pads", 2 * rank, 0);
        int[] extra = WindowGeometry.attribute(node, "output_padding", rank, 0);
        int[] outputs = WindowGeometry.attribute(node, "output_shape", rank, 0);
        String auto = node.string("auto_pad", "NOTSET");
        for (int i = 0; i < rank; i++) {
            int whole = strides[i] * (x.shape()[i + 2] - 1) + extra[i] + (kernel[i] - 1) * dilations[i] + 1;
            outputs[i] = auto.startsWith("SAME")
                    ? x.shape()[i + 2] * strides[i]
                    : outputs[i] == 0 ? whole - pads[i] - pads[i + rank] : outputs[i];
            int total = Math.max(0, whole - outputs[i]);
            if (auto.startsWith("SAME") || node.has("output_shape")) {
                pads[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
            }
        }
        int perGroup = w.shape()[1];
        NdArray out = NdArray.zeros(x.type(), WindowGeometry.join(x.shape()[0], perGroup * group, outputs));
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
                for (int c = 0; c < perGroup && WindowGeometry.inside(at, outputs); c++) {
                    out.data()[out.flat(WindowGeometry.join(p[0], g * perGroup + c, at))] +=
                            x.data()[i] * w.at(WindowGeometry.join(p[1], c, offset));
                }
            }
        }
        return out;
    }
}
