package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.Node;

/** Reference semantics of Conv, of any number of spatial axes. */
final class ReferenceConv {
    private ReferenceConv() {}

    static void register(Map<String, Operator> t) {
        t.put("Conv", (n, in) -> List.of(conv(n, in)));
    }

    private static NdArray conv(Node node, NdArray[] in) {
        NdArray x = in[0];
        NdArray w = in[1];
        int group = (int) node.integer("group", 1);
        WindowGeometry g = WindowGeometry.of(node, WindowGeometry.spatial(w), WindowGeometry.spatial(x));
        NdArray out = NdArray.zeros(x.type(), WindowGeometry.join(x.shape()[0], w.shape()[0], g.outputs()));
        int perGroup = w.shape()[1];
        for (int i = 0; i < out.data().length; i++) {
            int[] o = NdArray.index(i, out.shape());
            int first = o[1] / (w.shape()[0] / group) * perGroup;
            double sum = in.length > 2 && in[2] != null ? in[2].data()[o[1]] : 0;
            for (int k = 0; k < NdArray.count(g.kernel()); k++) {
                int[] offset = NdArray.index(k, g.kernel());
                int[] at = g.input(Arrays.copyOfRange(o, 2, o.length), offset);
                for (int c = 0; c < perGroup && WindowGeometry.inside(at, WindowGeometry.spatial(x)); c++) {
                    sum += w.at(WindowGeometry.join(o[1], c, offset)) * x.at(WindowGeometry.join(o[0], first + c, at));
                }
            }
            out.data()[i] = sum;
        }
        return out;
    }
}
