package org.finitentk.internal.onnx;

import java.util.Arrays;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.internal.onnx.ShapeRule.Sample;
import org.finitentk.onnx.InvalidModelException;

/** Conv of any number of spatial axes. */
final class ConvShapes {
    private ConvShapes() {}

    static void register(ShapeTable t) {
        t.put("Conv", 2, 3, ConvShapes::conv).demands(d -> {
            d.rankFrom(0, 3);
            d.rank(1, d.rank(0));
            d.windows(d.rank(0) - 2);
            long group = d.number("group", 1, 1);
            d.dim(
                    1,
                    1,
                    d.dim(0, 1) < 0 ? -1 : quotient(d, 0, 1, group),
                    "the channels of input 0 " + d.in(0).shape() + " in one of " + group + " groups");
            d.multiple(1, 0, group);
            d.vector(2, d.dim(1, 0), "one for each filter");
            kernel(d);
        });
    }

    private static Outcome conv(Sample s) {
        long[] x = s.shape(0);
        long[] w = s.shape(1);
        if (x.length != w.length || x.length < 3 || x[1] != w[1] * s.node().integer("group", 1)) {
            throw new InvalidModelException(
                    "its data do not fit its filter; expected equal ranks, and the filter's channels to be "
                            + "those of the data in one group");
        }
        Window window = Window.of(s.node(), Arrays.copyOfRange(w, 2, w.length), Arrays.copyOfRange(x, 2, x.length));
        return Outcome.of(s.type(0), join(x[0], w[0], window.outputs()));
    }

    private static long quotient(Demands d, int i, int axis, long by) {
        d.multiple(i, axis, by);
        return d.dim(i, axis) / by;
    }

    /** The attribute says what the filter's shape is. */
    static void kernel(Demands d) {
        long[] given = d.node().integers("kernel_shape");
        long[] own = d.sizes(1, 2);
        if (given != null && own != null && !Arrays.equals(given, own)) {
            throw Demands.refused(
                    "attribute kernel_shape is " + Arrays.toString(given),
                    Arrays.toString(own) + ", as the filter " + d.in(1).shape() + " has it");
        }
        if (own != null && Arrays.stream(own).anyMatch(s -> s < 1)) {
            throw Demands.refused("input 1 has shape " + d.in(1).shape(), "a filter with elements");
        }
    }

    static long[] join(long batch, long channels, long[] spatial) {
        long[] out = new long[spatial.length + 2];
        out[0] = batch;
        out[1] = channels;
        System.arraycopy(spatial, 0, out, 2, spatial.length);
        return out;
    }
}
