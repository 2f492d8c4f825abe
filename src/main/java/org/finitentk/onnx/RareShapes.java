package org.finitentk.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.ShapeRule.Outcome;
import org.finitentk.onnx.ShapeRule.Sample;

/** Shapes of operators that have no derivative rules but may stand before the first parameter or beside the tangents' way. */
final class RareShapes {
    private RareShapes() {
    }

    static void register(Map<String, ShapeRule> t) {
        for (String op : List.of("Shrink", "DequantizeLinear", "ReverseSequence", "EyeLike", "GlobalLpPool", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor")) {
            t.putIfAbsent(op, s -> Outcome.of(op.equals("DequantizeLinear") ? s.type(1) : s.type(0), s.shape(0)));
        }
        t.put("OneHot", RareShapes::oneHot);
        t.put("TopK", RareShapes::topK);
        t.put("DepthToSpace", s -> blocks(s, true));
        t.put("SpaceToDepth", s -> blocks(s, false));
        t.put("Resize", RareShapes::resize);
        t.put("Det", s -> {
            long[] x = s.shape(0);
            return Outcome.of(s.type(0), Arrays.copyOf(x, x.length - 2));
        });
    }

    private static Outcome oneHot(Sample s) {
        long[] x = s.shape(0);
        int axis = s.axis("axis", -1, x.length + 1);
        long[] out = new long[x.length + 1];
        for (int i = 0; i < out.length; i++) {
            out[i] = i == axis ? s.longs(1)[0] : x[i < axis ? i : i - 1];
        }
        return Outcome.of(s.type(2), out);
    }

    private static Outcome topK(Sample s) {
        long[] out = s.shape(0);
        out[s.axis("axis", -1, out.length)] = s.longs(1)[0];
        return new Outcome(List.of(s.type(0), ElementType.INT64), List.of(out, out), null);
    }

    private static Outcome blocks(Sample s, boolean toSpace) {
        long[] x = s.shape(0);
        long size = s.node().integer("blocksize", 1);
        return toSpace ? Outcome.of(s.type(0), x[0], x[1] / (size * size), x[2] * size, x[3] * size)
            : Outcome.of(s.type(0), x[0], x[1] * size * size, x[2] / size, x[3] / size);
    }

    private static Outcome resize(Sample s) {
        long[] x = s.shape(0);
        if (s.node().has("axes") || !s.node().string("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
            throw new InvalidModelException("resizing of some axes only is not supported; give scales or sizes of all axes");
        }
        if (s.has(3)) {
            return Outcome.of(s.type(0), s.longs(3));
        }
        double[] scales = s.known(2);
        if (scales == null) {
            throw new InvalidModelException("scales are computed from data");
        }
        for (int i = 0; i < x.length; i++) {
            x[i] = (long) Math.floor(x[i] * scales[i]);
        }
        return Outcome.of(s.type(0), x);
    }
}
