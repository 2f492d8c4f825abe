package org.finitentk.internal.onnx;

import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.internal.onnx.ShapeRule.Sample;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;

/** Pooling over windows and over everything, of any number of spatial axes. */
final class PoolingShapes {
    private PoolingShapes() {}

    static void register(ShapeTable t) {
        t.put("MaxPool", 1, 1, PoolingShapes::pool)
                .demands(PoolingShapes::windows)
                .outputs(2);
        t.put("AveragePool", 1, 1, PoolingShapes::pool).demands(PoolingShapes::windows);
        t.put("LpPool", PoolingShapes::pool);
        for (String op : List.of("GlobalAveragePool", "GlobalMaxPool")) {
            t.put(op, 1, 1, PoolingShapes::everywhere).demands(d -> d.rankFrom(0, 3));
        }
        t.put("GlobalLpPool", PoolingShapes::everywhere);
    }

    private static Outcome everywhere(Sample s) {
        long[] x = s.shape(0);
        Arrays.fill(x, 2, x.length, 1);
        return Outcome.of(s.type(0), x);
    }

    private static void windows(Demands d) {
        d.rankFrom(0, 3);
        d.windows(d.rank(0) - 2);
        long[] kernel = d.node().integers("kernel_shape");
        long[] pads = d.node().integers("pads");
        for (int i = 0; kernel != null && pads != null && i < pads.length; i++) {
            if (pads[i] >= kernel[i % kernel.length]) {
                throw Demands.refused(
                        "attribute pads is " + Arrays.toString(pads),
                        "less than the window " + Arrays.toString(kernel) + " on every side");
            }
        }
    }

    private static Outcome pool(Sample s) {
        long[] x = s.shape(0);
        long[] kernel = s.node().integers("kernel_shape");
        if (kernel == null) {
            throw new InvalidModelException("attribute kernel_shape is missing");
        }
        long[] out = ConvShapes.join(
                x[0],
                x[1],
                Window.of(s.node(), kernel, Arrays.copyOfRange(x, 2, x.length)).outputs());
        return new Outcome(List.of(s.type(0), ElementType.INT64), List.of(out, out), null);
    }
}
