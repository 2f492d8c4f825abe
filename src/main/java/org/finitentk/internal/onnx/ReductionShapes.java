package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.internal.onnx.ShapeRule.Sample;
import org.finitentk.onnx.ElementType;

/** Sums, means, norms, products and extrema over axes. */
final class ReductionShapes {
    private ReductionShapes() {}

    static void register(ShapeTable t) {
        for (String op : List.of(
                "ReduceSum",
                "ReduceMean",
                "ReduceMax",
                "ReduceMin",
                "ReduceL1",
                "ReduceL2",
                "ReduceLogSum",
                "ReduceLogSumExp",
                "ReduceSumSquare",
                "ReduceProd")) {
            t.put(op, 1, 2, ReductionShapes::reduce).demands(d -> d.axes(1, d.rank(0)));
        }
        for (String op : List.of("ArgMax", "ArgMin")) {
            t.put(op, 1, 1, s -> {
                        long[] x = s.shape(0);
                        int axis = s.axis("axis", 0, x.length);
                        return Outcome.of(
                                ElementType.INT64,
                                dropOrKeep(
                                        x, new boolean[x.length], axis, s.node().integer("keepdims", 1) != 0));
                    })
                    .demands(d -> d.axis("axis", 0, d.rank(0)));
        }
    }

    private static long[] dropOrKeep(long[] x, boolean[] reduced, int axis, boolean keep) {
        if (axis >= 0) {
            reduced[axis] = true;
        }
        List<Long> out = new ArrayList<>();
        for (int i = 0; i < x.length; i++) {
            if (!reduced[i]) {
                out.add(x[i]);
            } else if (keep) {
                out.add(1L);
            }
        }
        return out.stream().mapToLong(Long::longValue).toArray();
    }

    private static Outcome reduce(Sample s) {
        long[] x = s.shape(0);
        boolean[] reduced = new boolean[x.length];
        long[] axes = s.has(1) ? s.longs(1) : new long[0];
        if (axes.length == 0) {
            if (s.node().integer("noop_with_empty_axes", 0) != 0) {
                return Outcome.of(s.type(0), x);
            }
            Arrays.fill(reduced, true);
        }
        for (long axis : axes) {
            reduced[ShapeRule.normalize(axis, x.length)] = true;
        }
        double[] known = s.known(0);
        Outcome outcome =
                Outcome.of(s.type(0), dropOrKeep(x, reduced, -1, s.node().integer("keepdims", 1) != 0));
        if (known == null || x.length != 1) {
            return outcome;
        }
        return switch (s.node().op()) {
            case "ReduceProd" -> outcome.with(new double[] {Arrays.stream(known).reduce(1, (a, b) -> a * b)});
            case "ReduceSum" -> outcome.with(new double[] {Arrays.stream(known).sum()});
            default -> outcome;
        };
    }
}
