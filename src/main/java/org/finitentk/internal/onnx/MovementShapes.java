package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.internal.onnx.ShapeRule.Sample;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;

/** Operators that move elements without changing them. */
final class MovementShapes {
    private MovementShapes() {}

    static void register(ShapeTable t) {
        t.put("Identity", 1, 1, s -> ShapeRule.elementwise(s, x -> x));
        t.put(
                        "Dropout",
                        1,
                        3,
                        s -> new Outcome(List.of(s.type(0), ElementType.BOOL), List.of(s.shape(0), s.shape(0)), null))
                .demands(d -> {
                    d.rank(1, 0);
                    d.rank(2, 0);
                })
                .outputs(2);
        t.put("Cast", 1, 1, s -> {
            ElementType to = ElementType.of((int) s.node().integer("to", 1));
            double[] x = s.known(0);
            boolean real = to.isDifferentiable();
            double[] cast = x == null || real
                    ? x
                    : Arrays.stream(x)
                            .map(v -> to == ElementType.BOOL ? (v == 0 ? 0 : 1) : (double) (long) v)
                            .toArray();
            return Outcome.of(to, s.shape(0)).with(cast);
        });
        t.put("CastLike", 2, 2, s -> Outcome.of(s.type(1), s.shape(0)));
        t.put(
                        "Reshape",
                        2,
                        2,
                        s -> Outcome.of(
                                        s.type(0),
                                        reshape(s.shape(0), s.longs(1), s.node().integer("allowzero", 0) != 0))
                                .with(s.known(0)))
                .demands(d -> {
                    d.rank(1, 1);
                    d.within(1, -1, Long.MAX_VALUE);
                    long[] target = d.known(1);
                    boolean zeroCopies = d.node().integer("allowzero", 0) == 0;
                    for (int i = 0; target != null && i < target.length; i++) {
                        if (target[i] == 0 && zeroCopies && i >= d.rank(0)) {
                            throw Demands.refused(
                                    "the new shape " + Arrays.toString(target) + " copies axis " + i + " of "
                                            + d.in(0).shape(),
                                    "an axis that it has");
                        }
                    }
                    if (target != null
                            && Arrays.stream(target).filter(v -> v == -1).count() > 1) {
                        throw Demands.refused("the new shape is " + Arrays.toString(target), "at most one -1");
                    }
                });
        t.put("Flatten", 1, 1, s -> {
                    long[] x = s.shape(0);
                    long axis = s.node().integer("axis", 1);
                    int a = axis == x.length ? x.length : ShapeRule.normalize(axis, x.length);
                    return Outcome.of(
                            s.type(0),
                            Tensor.count(Arrays.copyOfRange(x, 0, a)),
                            Tensor.count(Arrays.copyOfRange(x, a, x.length)));
                })
                .demands(d -> {
                    long axis = d.node().integer("axis", 1);
                    if (axis < -d.rank(0) || axis > d.rank(0)) {
                        throw Demands.refused(
                                "attribute axis is " + axis + " for a shape "
                                        + d.in(0).shape(),
                                "an axis from " + -d.rank(0) + " to " + d.rank(0));
                    }
                });
        t.put("Transpose", 1, 1, MovementShapes::transpose).demands(d -> {
            d.length("perm", d.rank(0));
            d.axes("perm", d.rank(0));
            d.atLeast("perm", 0);
        });
        t.put("Squeeze", 1, 2, s -> Outcome.of(s.type(0), squeeze(s)).with(s.known(0)))
                .demands(d -> d.axes(1, d.rank(0)));
        t.put(
                        "Unsqueeze",
                        2,
                        2,
                        s -> Outcome.of(s.type(0), unsqueeze(s.shape(0), s.longs(1)))
                                .with(s.known(0)))
                .demands(d -> {
                    long[] axes = d.known(1);
                    d.axes(1, d.rank(0) + (axes == null ? 0 : axes.length));
                });
        t.put("Expand", 2, 2, s -> Outcome.of(s.type(0), ElementwiseShapes.broadcast(s.shape(0), s.longs(1))))
                .demands(d -> {
                    d.rank(1, 1);
                    d.within(1, 0, Long.MAX_VALUE);
                });
        t.put("Concat", 1, ShapeTable.ANY, MovementShapes::concat).demands(MovementShapes::concat);
        t.put("Split", 1, 2, MovementShapes::split)
                .demands(MovementShapes::split)
                .outputs(ShapeTable.ANY);
        t.put("Slice", 3, 5, MovementShapes::slice).demands(MovementShapes::slice);
        t.put("Pad", 2, 4, MovementShapes::pad).demands(MovementShapes::pad);
    }

    private static Outcome transpose(Sample s) {
        long[] x = s.shape(0);
        int[] perm = permutation(s.node(), x.length);
        long[] out = permute(x, perm);
        double[] elements = s.known(0);
        if (elements == null) {
            return Outcome.of(s.type(0), out);
        }
        double[] moved = new double[elements.length];
        for (int i = 0; i < moved.length; i++) {
            long rest = i;
            long from = 0;
            for (int axis = out.length - 1; axis >= 0; axis--) {
                from += rest % out[axis] * Tensor.count(Arrays.copyOfRange(x, perm[axis] + 1, x.length));
                rest /= out[axis];
            }
            moved[i] = elements[(int) from];
        }
        return Outcome.of(s.type(0), out).with(moved);
    }

    static int[] permutation(Node node, int rank) {
        long[] perm = node.integers("perm");
        int[] out = new int[rank];
        for (int i = 0; i < rank; i++) {
            out[i] = perm == null ? rank - 1 - i : (int) perm[i];
        }
        return out;
    }

    private static long[] permute(long[] x, int[] perm) {
        return Arrays.stream(perm).mapToLong(p -> x[p]).toArray();
    }

    static long[] reshape(long[] x, long[] target, boolean allowZero) {
        long[] out = target.clone();
        int free = -1;
        long known = 1;
        for (int i = 0; i < out.length; i++) {
            if (out[i] == 0 && !allowZero) {
                out[i] = x[i];
            }
            if (out[i] == -1) {
                free = i;
            } else {
                known *= out[i];
            }
        }
        long size = Tensor.count(x);
        if (free >= 0) {
            out[free] = known == 0 ? 0 : size / known;
        }
        if (Tensor.count(out) != size) {
            throw new InvalidModelException("its elements do not fill the new shape; expected as many as there are");
        }
        return out;
    }

    private static long[] squeeze(Sample s) {
        long[] x = s.shape(0);
        boolean[] drop = new boolean[x.length];
        if (s.has(1)) {
            for (long axis : s.longs(1)) {
                drop[ShapeRule.normalize(axis, x.length)] = true;
            }
        } else {
            for (int i = 0; i < x.length; i++) {
                drop[i] = x[i] == 1;
            }
        }
        List<Long> out = new ArrayList<>();
        for (int i = 0; i < x.length; i++) {
            if (!drop[i]) {
                out.add(x[i]);
            } else if (x[i] != 1) {
                throw new InvalidModelException("axis " + i + " cannot be squeezed; expected size 1 there");
            }
        }
        return out.stream().mapToLong(Long::longValue).toArray();
    }

    static long[] unsqueeze(long[] x, long[] axes) {
        long[] out = new long[x.length + axes.length];
        Arrays.fill(out, -1);
        for (long axis : axes) {
            out[ShapeRule.normalize(axis, out.length)] = 1;
        }
        int next = 0;
        for (int i = 0; i < out.length; i++) {
            if (out[i] == -1) {
                out[i] = x[next++];
            }
        }
        return out;
    }

    private static Outcome concat(Sample s) {
        long[] out = s.shape(0);
        int axis = s.axis("axis", 0, out.length);
        boolean known = s.known(0) != null && out.length == 1;
        for (int i = 1; i < s.inputs().size(); i++) {
            out[axis] += s.shape(i)[axis];
            known &= s.known(i) != null;
        }
        Outcome outcome = Outcome.of(s.type(0), out);
        if (!known) {
            return outcome;
        }
        double[] elements = new double[0];
        for (int i = 0; i < s.inputs().size(); i++) {
            double[] part = s.known(i);
            if (part != null) {
                int at = elements.length;
                elements = Arrays.copyOf(elements, at + part.length);
                System.arraycopy(part, 0, elements, at, part.length);
            }
        }
        return outcome.with(elements);
    }

    private static Outcome slice(Sample s) {
        long[] x = s.shape(0);
        long[] starts = s.longs(1);
        long[] ends = s.longs(2);
        long[] axes = s.has(3) ? s.longs(3) : LongStream.range(0, starts.length).toArray();
        double[] elements = s.known(0);
        for (int i = 0; i < starts.length; i++) {
            int axis = ShapeRule.normalize(axes[i], x.length);
            long step = s.has(4) ? s.longs(4)[i] : 1;
            long d = x[axis];
            long from = clamp(starts[i] < 0 ? starts[i] + d : starts[i], 0, step > 0 ? d : d - 1);
            long to = ends[i] < 0 ? ends[i] + d : ends[i];
            to = step > 0 ? clamp(to, 0, d) : clamp(to, -1, d - 1);
            long length = Math.max(0, (to - from + step - Long.signum(step)) / step);
            if (elements != null) {
                long[] positions =
                        LongStream.range(0, length).map(j -> from + j * step).toArray();
                elements = IndexingShapes.along(elements, x, axis, positions);
            }
            x[axis] = length;
        }
        return Outcome.of(s.type(0), x).with(elements);
    }

    static long clamp(long v, long low, long high) {
        return Math.max(low, Math.min(high, v));
    }

    private static Outcome split(Sample s) {
        long[] x = s.shape(0);
        int axis = s.axis("axis", 0, x.length);
        int parts = s.node().outputs().size();
        long[] sizes = new long[parts];
        if (s.has(1)) {
            sizes = s.longs(1);
        } else {
            long each = (x[axis] + parts - 1) / parts;
            Arrays.fill(sizes, each);
            sizes[parts - 1] = x[axis] - each * (parts - 1);
        }
        List<ElementType> types = new ArrayList<>();
        List<long[]> shapes = new ArrayList<>();
        for (long size : sizes) {
            long[] part = x.clone();
            part[axis] = size;
            types.add(s.type(0));
            shapes.add(part);
        }
        return new Outcome(types, shapes, null);
    }

    private static Outcome pad(Sample s) {
        long[] x = s.shape(0);
        long[] pads = s.longs(1);
        long[] axes = s.has(3) ? s.longs(3) : LongStream.range(0, x.length).toArray();
        for (int i = 0; i < axes.length; i++) {
            x[ShapeRule.normalize(axes[i], x.length)] += pads[i] + pads[i + axes.length];
        }
        return Outcome.of(s.type(0), x);
    }

    private static void concat(Demands d) {
        d.rankFrom(0, 1);
        int axis = d.axis("axis", 0, d.rank(0));
        if (!d.node().has("axis")) {
            throw Demands.refused("attribute axis is missing", "the axis along which to join");
        }
        for (int i = 1; i < d.node().inputs().size(); i++) {
            d.rank(i, d.rank(0));
            for (int other = 0; other < d.rank(0); other++) {
                if (other != axis) {
                    d.sameDim(i, other, 0, other);
                }
            }
        }
    }

    private static void split(Demands d) {
        d.rankFrom(0, 1);
        int axis = d.axis("axis", 0, d.rank(0));
        int parts = d.node().outputs().size();
        if (d.node().has("num_outputs") && d.node().integer("num_outputs", parts) != parts) {
            throw Demands.refused(
                    "attribute num_outputs is " + d.node().integer("num_outputs", parts) + " and it has " + parts
                            + " outputs",
                    "the same number");
        }
        long size = d.dim(0, axis);
        long each = (size + parts - 1) / parts;
        if (!d.has(1) && size >= 0 && each * (parts - 1) > size) {
            throw Demands.refused(
                    "axis " + axis + " of " + d.in(0).shape() + " has " + size + " elements for " + parts + " parts",
                    "enough for all but the last of equal size");
        }
        d.vector(1, parts, "one for each output");
        d.within(1, 0, Long.MAX_VALUE);
        long[] sizes = d.known(1);
        if (sizes != null && size >= 0 && Arrays.stream(sizes).sum() != size) {
            throw Demands.refused(
                    "the parts " + Arrays.toString(sizes) + " have "
                            + Arrays.stream(sizes).sum() + " elements",
                    size + " along axis " + axis + " of " + d.in(0).shape());
        }
    }

    private static void slice(Demands d) {
        d.rankFrom(0, 1);
        d.rank(1, 1);
        long count = d.dim(1, 0);
        d.vector(2, count, "as many as there are starts");
        d.vector(3, count, "as many as there are starts");
        d.vector(4, count, "as many as there are starts");
        d.axes(3, d.rank(0));
        if (!d.has(3) && count > d.rank(0)) {
            throw Demands.refused(
                    "it has " + count + " starts for a shape " + d.in(0).shape(), "at most " + d.rank(0));
        }
        long[] steps = d.known(4);
        if (steps != null && Arrays.stream(steps).anyMatch(s -> s == 0)) {
            throw Demands.refused("its steps are " + Arrays.toString(steps), "none of 0");
        }
    }

    private static void pad(Demands d) {
        d.oneOf("mode", "constant", "constant", "reflect", "edge", "wrap");
        d.rank(1, 1);
        d.axes(3, d.rank(0));
        d.oneElement(2);
        long padded = d.has(3) ? d.dim(3, 0) : d.rank(0);
        d.dim(1, 0, padded < 0 ? -1 : 2 * padded, "two for each padded axis");
        long[] pads = d.known(1);
        long[] axes = d.known(3);
        for (int i = 0; pads != null && i < pads.length / 2 && (axes != null || !d.has(3)); i++) {
            int axis = (int) (axes == null ? i : axes[i] < 0 ? axes[i] + d.rank(0) : axes[i]);
            long size = d.dim(0, axis);
            long cut = Math.max(0, -pads[i]) + Math.max(0, -pads[i + pads.length / 2]);
            if (size >= 0 && cut > size) {
                throw Demands.refused(
                        "its pads cut " + cut + " elements off axis " + axis + " of "
                                + d.in(0).shape(),
                        "at most " + size);
            }
            // ONNX Runtime then hands out what lies in memory
            if (size >= 0
                    && Math.max(pads[i], pads[i + pads.length / 2]) > size - cut
                    && d.node().string("mode", "constant").equals("wrap")) {
                throw Demands.refused(
                        "it wraps axis " + axis + " of " + d.in(0).shape() + " by " + pads[i] + " and "
                                + pads[i + pads.length / 2],
                        "at most the " + (size - cut) + " elements that there are, on either side");
            }
        }
    }
}
