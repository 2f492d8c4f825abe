package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.internal.onnx.ShapeRule.Sample;

/** ConvTranspose of any number of spatial axes. */
final class ConvTransposeShapes {
    private ConvTransposeShapes() {}

    static void register(ShapeTable t) {
        t.put("ConvTranspose", 2, 3, ConvTransposeShapes::convTranspose).demands(d -> {
            d.rankFrom(0, 3);
            d.rank(1, d.rank(0));
            int spatial = d.rank(0) - 2;
            d.windows(spatial);
            d.length("output_padding", spatial);
            d.atLeast("output_padding", 0);
            d.atLeast("output_shape", 1);
            long[] fixed = d.node().integers("output_shape");
            if (fixed != null && fixed.length != spatial && fixed.length != spatial + 2) {
                throw Demands.refused("attribute output_shape is " + Arrays.toString(fixed), spatial + " numbers");
            }
            long group = d.number("group", 1, 1);
            d.dim(1, 0, d.dim(0, 1), "the channels of input 0 " + d.in(0).shape());
            d.multiple(0, 1, group);
            d.vector(
                    2,
                    d.dim(1, 1) < 0 ? -1 : Math.multiplyExact(d.dim(1, 1), group),
                    "one for each channel of the output");
            ConvShapes.kernel(d);
        });
    }

    private static Outcome convTranspose(Sample s) {
        long[] x = s.shape(0);
        long[] w = s.shape(1);
        int rank = x.length - 2;
        long[] strides = Window.orElse(s.node().integers("strides"), rank, 1);
        long[] dilations = Window.orElse(s.node().integers("dilations"), rank, 1);
        long[] extra = Window.orElse(s.node().integers("output_padding"), rank, 0);
        long[] pads = Window.orElse(s.node().integers("pads"), 2 * rank, 0);
        long[] fixed = s.node().integers("output_shape");
        boolean same = s.node().string("auto_pad", "NOTSET").startsWith("SAME");
        List<Long> spatial = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            long full = strides[i] * (x[i + 2] - 1)
                    + extra[i]
                    + (w[i + 2] - 1) * dilations[i]
                    + 1
                    - pads[i]
                    - pads[i + rank];
            spatial.add(fixed != null ? fixed[fixed.length - rank + i] : same ? x[i + 2] * strides[i] : full);
        }
        return Outcome.of(
                s.type(0),
                ConvShapes.join(
                        x[0],
                        w[1] * s.node().integer("group", 1),
                        spatial.stream().mapToLong(Long::longValue).toArray()));
    }
}
