package org.finitentk.internal.onnx;

import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.internal.onnx.ShapeRule.Sample;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** Operators that read or write by indices or by the order of the elements. */
final class IndexingShapes {
    private IndexingShapes() {}

    static void register(ShapeTable t) {
        t.put("Gather", 2, 2, IndexingShapes::gather).demands(d -> {
            d.rankFrom(0, 1);
            d.positions(1, d.dim(0, d.axis("axis", 0, d.rank(0))));
        });
        t.put("GatherElements", 2, 2, s -> Outcome.of(s.type(0), s.shape(1))).demands(d -> {
            d.rankFrom(0, 1);
            d.rank(1, d.rank(0));
            int axis = d.axis("axis", 0, d.rank(0));
            d.positions(1, d.dim(0, axis));
            within(d, axis);
        });
        t.put("GatherND", 2, 2, IndexingShapes::gatherNd).demands(d -> {
            d.rankFrom(0, 1);
            d.rankFrom(1, 1);
            long batch = d.number("batch_dims", 0, 0);
            coordinates(d, d.rank(0) - batch);
            for (int i = 0; i < batch && i < d.rank(1) - 1; i++) {
                d.dim(1, i, d.dim(0, i), "that of input 0");
            }
            if (batch >= Math.min(d.rank(0), d.rank(1))) {
                throw Demands.refused(
                        "attribute batch_dims is " + batch + " for shapes "
                                + d.in(0).shape() + " and " + d.in(1).shape(),
                        "less than either rank");
            }
        });
        t.put("ScatterElements", 3, 3, ShapeRule.SAME).demands(d -> {
            d.rankFrom(0, 1);
            d.rank(1, d.rank(0));
            same(d, 2, 1);
            int axis = d.axis("axis", 0, d.rank(0));
            d.positions(1, d.dim(0, axis));
            within(d, axis);
            d.oneOf("reduction", "none", "none", "add", "mul", "max", "min");
        });
        t.put("ScatterND", 3, 3, ShapeRule.SAME).demands(d -> {
            d.rankFrom(0, 1);
            d.rankFrom(1, 1);
            long depth = coordinates(d, d.rank(0));
            if (depth >= 0) {
                d.rank(2, d.rank(1) - 1 + d.rank(0) - (int) depth);
                for (int i = 0; i < d.rank(2); i++) {
                    boolean index = i < d.rank(1) - 1;
                    d.sameDim(2, i, index ? 1 : 0, index ? i : i - d.rank(1) + 1 + (int) depth);
                }
            }
            d.oneOf("reduction", "none", "none", "add", "mul", "max", "min");
        });
        t.put("OneHot", 3, 3, IndexingShapes::oneHot).demands(d -> {
            d.oneElement(1);
            d.within(1, 1, Integer.MAX_VALUE);
            d.vector(2, 2, "the values for off and on");
            d.axis("axis", -1, d.rank(0) + 1);
        });
        t.put("TopK", 2, 2, IndexingShapes::topK)
                .demands(d -> {
                    d.rankFrom(0, 1);
                    d.vector(1, 1, "how many are wanted");
                    long size = d.dim(0, d.axis("axis", -1, d.rank(0)));
                    d.within(1, 0, size < 0 ? Long.MAX_VALUE : size);
                })
                .outputs(2);
        t.put("Trilu", 1, 2, ShapeRule.SAME).demands(d -> {
            d.rankFrom(0, 2);
            d.oneElement(1);
        });
        t.put("CumSum", 2, 2, ShapeRule.SAME).demands(d -> {
            d.rankFrom(0, 1);
            d.oneElement(1);
            d.positions(1, d.rank(0));
            d.flag("exclusive");
            d.flag("reverse");
        });
        t.put("ReverseSequence", ShapeRule.SAME);
    }

    private static Outcome gather(Sample s) {
        long[] x = s.shape(0);
        int axis = s.axis("axis", 0, x.length);
        long[] indices = s.shape(1);
        long[] out = new long[x.length - 1 + indices.length];
        System.arraycopy(x, 0, out, 0, axis);
        System.arraycopy(indices, 0, out, axis, indices.length);
        System.arraycopy(x, axis + 1, out, axis + indices.length, x.length - axis - 1);
        double[] data = s.known(0);
        double[] at = s.known(1);
        if (data == null || at == null || Tensor.count(out) > 1024) {
            return Outcome.of(s.type(0), out);
        }
        return Outcome.of(s.type(0), out)
                .with(along(
                        data,
                        x,
                        axis,
                        Arrays.stream(at)
                                .mapToLong(i -> (long) (i < 0 ? i + x[axis] : i))
                                .toArray()));
    }

    private static Outcome gatherNd(Sample s) {
        long[] x = s.shape(0);
        long[] indices = s.shape(1);
        int depth = (int) indices[indices.length - 1];
        int batch = (int) s.node().integer("batch_dims", 0);
        long[] out = Arrays.copyOf(indices, indices.length - 1 + x.length - depth - batch);
        System.arraycopy(x, batch + depth, out, indices.length - 1, x.length - depth - batch);
        return Outcome.of(s.type(0), out);
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

    /** Indices must not be more than the data along the other axes. */
    private static void within(Demands d, int axis) {
        for (int i = 0; i < d.rank(0); i++) {
            if (i != axis && d.dim(0, i) >= 0 && d.dim(1, i) > d.dim(0, i)) {
                throw Demands.refused(
                        "input 1 has shape " + d.in(1).shape(),
                        "at most " + d.dim(0, i) + " along axis " + i + ", as input 0 has");
            }
        }
    }

    private static long coordinates(Demands d, long most) {
        long depth = d.dim(1, d.rank(1) - 1);
        if (depth == 0 || depth > most) {
            throw Demands.refused(
                    "input 1 has shape " + d.in(1).shape(),
                    "1 to " + most + " coordinates along its last axis for a shape "
                            + d.in(0).shape());
        }
        return depth;
    }

    private static void same(Demands d, int i, int as) {
        d.rank(i, d.rank(as));
        for (int axis = 0; axis < d.rank(i); axis++) {
            d.sameDim(i, axis, as, axis);
        }
    }

    /** Elements at some positions of an axis. */
    static double[] along(double[] elements, long[] shape, int axis, long[] positions) {
        int inner = (int) Tensor.count(Arrays.copyOfRange(shape, axis + 1, shape.length));
        int outer = (int) Tensor.count(Arrays.copyOf(shape, axis));
        double[] out = new double[outer * positions.length * inner];
        for (int o = 0; o < outer; o++) {
            for (int j = 0; j < positions.length; j++) {
                System.arraycopy(
                        elements,
                        (int) (o * shape[axis] + positions[j]) * inner,
                        out,
                        (o * positions.length + j) * inner,
                        inner);
            }
        }
        return out;
    }
}
