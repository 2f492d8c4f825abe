package org.finitentk.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.ShapeRule.Outcome;
import org.finitentk.onnx.ShapeRule.Sample;

/** Shapes of sliding windows: Conv, ConvTranspose and pooling of any number of spatial axes. */
final class WindowShapes {
    private WindowShapes() {
    }

    static void register(Map<String, ShapeRule> t) {
        t.put("Conv", WindowShapes::conv);
        t.put("ConvTranspose", WindowShapes::convTranspose);
        t.put("MaxPool", WindowShapes::pool);
        t.put("AveragePool", WindowShapes::pool);
        t.put("LpPool", WindowShapes::pool);
        for (String op : List.of("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")) {
            t.put(op, s -> {
                long[] x = s.shape(0);
                Arrays.fill(x, 2, x.length, 1);
                return Outcome.of(s.type(0), x);
            });
        }
    }

    private static Outcome conv(Sample s) {
        long[] x = s.shape(0);
        long[] w = s.shape(1);
        if (x.length != w.length || x.length < 3 || x[1] != w[1] * s.node().integer("group", 1)) {
            throw new InvalidModelException("its data do not fit its filter; expected equal ranks, and the filter's channels to be those of the data in one group");
        }
        Window window = Window.of(s.node(), Arrays.copyOfRange(w, 2, w.length), Arrays.copyOfRange(x, 2, x.length));
        return Outcome.of(s.type(0), join(x[0], w[0], window.outputs()));
    }

    private static Outcome pool(Sample s) {
        long[] x = s.shape(0);
        long[] kernel = s.node().integers("kernel_shape");
        if (kernel == null) {
            throw new InvalidModelException("attribute kernel_shape is missing");
        }
        long[] out = join(x[0], x[1], Window.of(s.node(), kernel, Arrays.copyOfRange(x, 2, x.length)).outputs());
        return new Outcome(List.of(s.type(0), ElementType.INT64), List.of(out, out), null);
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
            long full = strides[i] * (x[i + 2] - 1) + extra[i] + (w[i + 2] - 1) * dilations[i] + 1 - pads[i] - pads[i + rank];
            spatial.add(fixed != null ? fixed[fixed.length - rank + i] : same ? x[i + 2] * strides[i] : full);
        }
        return Outcome.of(s.type(0), join(x[0], w[1] * s.node().integer("group", 1), spatial.stream().mapToLong(Long::longValue).toArray()));
    }

    private static long[] join(long batch, long channels, long[] spatial) {
        long[] out = new long[spatial.length + 2];
        out[0] = batch;
        out[1] = channels;
        System.arraycopy(spatial, 0, out, 2, spatial.length);
        return out;
    }
}
