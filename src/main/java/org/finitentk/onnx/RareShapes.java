package org.finitentk.onnx;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.ShapeRule.Outcome;
import org.finitentk.onnx.ShapeRule.Sample;

/** Shapes of operators that few networks have; some have no derivative rules but may stand before the first parameter or beside the tangents' way. */
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
        t.put("Einsum", RareShapes::einsum);
        for (String op : List.of("RNN", "GRU", "LSTM")) {
            t.put(op, RareShapes::recurrent);
        }
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

    private static Outcome einsum(Sample s) {
        List<Integer> ranks = s.inputs().stream().map(v -> v == null ? 0 : v.rank()).toList();
        EinsumEquation equation = EinsumEquation.of(s.node(), ranks);
        Map<Integer, Long> sizes = new HashMap<>();
        for (int i = 0; i < ranks.size(); i++) {
            for (int axis = 0; axis < ranks.get(i); axis++) {
                int label = equation.operands().get(i).get(axis);
                long size = s.shape(i)[axis];
                long before = sizes.getOrDefault(label, 1L);
                if (size != before && size != 1 && before != 1) {
                    throw new InvalidModelException("axes of different sizes have the same label; expected equal sizes, or 1");
                }
                sizes.put(label, before == 1 ? size : before);
            }
        }
        long[] out = new long[equation.output().size()];
        for (int i = 0; i < out.length; i++) {
            Long size = sizes.get(equation.output().get(i));
            if (size == null) {
                throw new InvalidModelException("a label of the output is in no input; expected one of the labels of the inputs");
            }
            out[i] = size;
        }
        return Outcome.of(s.type(0), out);
    }

    /** Y, Y_h and Y_c. */
    private static Outcome recurrent(Sample s) {
        boolean batchFirst = s.node().integer("layout", 0) != 0;
        long[] x = s.shape(0);
        long steps = x[batchFirst ? 1 : 0];
        long batch = x[batchFirst ? 0 : 1];
        long directions = s.shape(2)[0];
        long hidden = s.shape(2)[2];
        long[] last = batchFirst ? new long[] {batch, directions, hidden} : new long[] {directions, batch, hidden};
        long[] all = batchFirst ? new long[] {batch, steps, directions, hidden} : new long[] {steps, directions, batch, hidden};
        return new Outcome(List.of(s.type(0), s.type(0), s.type(0)), List.of(all, last, last), null);
    }

    private static Outcome resize(Sample s) {
        long[] x = s.shape(0);
        if (!s.node().string("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
            throw new InvalidModelException("resizing that keeps the aspect ratio is not supported; give the sizes themselves");
        }
        long[] given = s.node().integers("axes");
        long[] axes = given == null ? java.util.stream.LongStream.range(0, x.length).toArray() : given;
        double[] scales = s.known(2);
        if (!s.has(3) && scales == null) {
            throw new InvalidModelException("scales are computed from data");
        }
        for (int i = 0; i < axes.length; i++) {
            int axis = ShapeRule.normalize(axes[i], x.length);
            x[axis] = s.has(3) || scales == null ? s.longs(3)[i] : (long) Math.floor(x[axis] * scales[i]);
        }
        return Outcome.of(s.type(0), x);
    }
}
