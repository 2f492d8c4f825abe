package org.finitentk.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.finitentk.onnx.ShapeRule.Outcome;
import org.finitentk.onnx.ShapeRule.Sample;
import org.jspecify.annotations.Nullable;

/** The shape rules of the standard operators, by operator; windows (Conv, pooling) are in {@link WindowShapes}. */
final class ShapeRules {
    static final Map<String, ShapeRule> TABLE = table();

    private static final String NO_PRODUCT = "its matrices do not multiply; expected as many rows on the right as columns on the left";

    private ShapeRules() {
    }

    private static Map<String, ShapeRule> table() {
        Map<String, ShapeRule> t = new HashMap<>();
        elementwise(t);
        movement(t);
        linearAlgebra(t);
        reductions(t);
        shapeArithmetic(t);
        WindowShapes.register(t);
        RareShapes.register(t);
        return Map.copyOf(t);
    }

    private static void elementwise(Map<String, ShapeRule> t) {
        for (String op : List.of("Tanh", "Sigmoid", "Relu", "LeakyRelu", "Elu", "Selu", "Softplus", "Erf", "Clip", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Exp", "Log", "Sign", "Gelu",
            "HardSigmoid", "HardSwish", "Mish", "Celu", "ThresholdedRelu", "Softsign", "BatchNormalization", "InstanceNormalization",
            "GroupNormalization", "LRN", "CumSum", "Round", "LpNormalization", "MeanVarianceNormalization", "Trilu",
            "ScatterElements", "ScatterND", "BitwiseNot")) {
            t.put(op, s -> Outcome.of(s.type(0), s.shape(0)));
        }
        unary(t, "Not", x -> x == 0 ? 1 : 0);
        for (String op : List.of("Softmax", "LogSoftmax", "Hardmax", "LayerNormalization")) {
            t.put(op, s -> {
                s.axis("axis", -1, s.shape(0).length);
                return Outcome.of(s.type(0), s.shape(0));
            });
        }
        t.put("Dropout", s -> new Outcome(List.of(s.type(0), ElementType.BOOL), List.of(s.shape(0), s.shape(0)), null));
        unary(t, "Identity", x -> x);
        unary(t, "Neg", x -> -x);
        unary(t, "Abs", Math::abs);
        unary(t, "Floor", Math::floor);
        unary(t, "Ceil", Math::ceil);
        unary(t, "Sqrt", Math::sqrt);
        unary(t, "Reciprocal", x -> 1 / x);
        binary(t, "Add", (a, b) -> a + b);
        binary(t, "Sub", (a, b) -> a - b);
        binary(t, "Mul", (a, b) -> a * b);
        t.put("Div", s -> broadcast(s, null, s.type(0).isDifferentiable() ? (a, b) -> a / b : (a, b) -> a / b < 0 ? Math.ceil(a / b) : Math.floor(a / b)));
        binary(t, "Pow", Math::pow);
        binary(t, "Min", Math::min);
        binary(t, "Max", Math::max);
        binary(t, "Mod", (a, b) -> ((a % b) + b) % b);
        t.put("PRelu", s -> broadcast(s, null, null));
        t.put("Sum", s -> broadcast(s, null, null));
        t.put("Mean", s -> broadcast(s, null, null));
        comparison(t, "Equal", (a, b) -> a == b ? 1 : 0);
        comparison(t, "Less", (a, b) -> a < b ? 1 : 0);
        comparison(t, "Greater", (a, b) -> a > b ? 1 : 0);
        comparison(t, "LessOrEqual", (a, b) -> a <= b ? 1 : 0);
        comparison(t, "GreaterOrEqual", (a, b) -> a >= b ? 1 : 0);
        comparison(t, "And", (a, b) -> a * b);
        comparison(t, "Or", Math::max);
        t.put("Xor", s -> broadcast(s, ElementType.BOOL, null));
        t.put("IsNaN", s -> Outcome.of(ElementType.BOOL, s.shape(0)));
        t.put("IsInf", s -> Outcome.of(ElementType.BOOL, s.shape(0)));
        t.put("Where", ShapeRules::where);
        t.put("Cast", s -> {
            ElementType to = ElementType.of((int) s.node().integer("to", 1));
            double[] x = s.known(0);
            return Outcome.of(to, s.shape(0)).with(x == null || to.isDifferentiable() ? x : Arrays.stream(x).map(v -> (double) (long) v).toArray());
        });
        t.put("CastLike", s -> Outcome.of(s.type(1), s.shape(0)));
    }

    private static void unary(Map<String, ShapeRule> t, String op, DoubleUnaryOperator f) {
        t.put(op, s -> {
            double[] x = s.known(0);
            return Outcome.of(s.type(0), s.shape(0)).with(x == null ? null : Arrays.stream(x).map(f).toArray());
        });
    }

    private static void binary(Map<String, ShapeRule> t, String op, DoubleBinaryOperator f) {
        t.put(op, s -> broadcast(s, null, f));
    }

    private static void comparison(Map<String, ShapeRule> t, String op, DoubleBinaryOperator f) {
        t.put(op, s -> broadcast(s, ElementType.BOOL, f));
    }

    /** Broadcasts all inputs; elements are computed for two known inputs. */
    private static Outcome broadcast(Sample s, @Nullable ElementType type, @Nullable DoubleBinaryOperator f) {
        long[] shape = s.shape(0);
        for (int i = 1; i < s.inputs().size(); i++) {
            shape = broadcast(shape, s.shape(i));
        }
        double[] a = s.known(0);
        double[] b = s.known(1);
        double[] known = a == null || b == null || s.inputs().size() != 2 ? null : combine(s, shape, a, b, f);
        return Outcome.of(type == null ? s.type(0) : type, shape).with(known);
    }

    private static double @Nullable [] combine(Sample s, long[] shape, double[] a, double[] b, @Nullable DoubleBinaryOperator f) {
        long size = Tensor.count(shape);
        if (f == null || size > 1024) {
            return null;
        }
        double[] out = new double[(int) size];
        for (int i = 0; i < out.length; i++) {
            out[i] = f.applyAsDouble(a[source(i, shape, s.shape(0))], b[source(i, shape, s.shape(1))]);
        }
        return out;
    }

    /** The flat index in a broadcast operand of the flat index i of the result. */
    private static int source(int i, long[] shape, long[] operand) {
        long rest = i;
        long index = 0;
        long stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            long coordinate = rest % shape[axis];
            rest /= shape[axis];
            int own = axis - (shape.length - operand.length);
            if (own >= 0) {
                index += (operand[own] == 1 ? 0 : coordinate) * stride;
                stride *= operand[own];
            }
        }
        return (int) index;
    }

    static long[] broadcast(long[] a, long[] b) {
        long[] out = new long[Math.max(a.length, b.length)];
        for (int i = 0; i < out.length; i++) {
            int ia = i - (out.length - a.length);
            int ib = i - (out.length - b.length);
            long da = ia < 0 ? 1 : a[ia];
            long db = ib < 0 ? 1 : b[ib];
            if (da != db && da != 1 && db != 1) {
                throw new InvalidModelException("its inputs do not broadcast; expected sizes that are equal or 1, counted from the last axis");
            }
            out[i] = da == 1 ? db : da;
        }
        return out;
    }

    private static Outcome where(Sample s) {
        long[] shape = broadcast(broadcast(s.shape(0), s.shape(1)), s.shape(2));
        double[] c = s.known(0);
        double[] a = s.known(1);
        double[] b = s.known(2);
        double[] out = null;
        if (c != null && a != null && b != null && Tensor.count(shape) <= 1024) {
            out = new double[(int) Tensor.count(shape)];
            for (int i = 0; i < out.length; i++) {
                out[i] = c[source(i, shape, s.shape(0))] != 0 ? a[source(i, shape, s.shape(1))] : b[source(i, shape, s.shape(2))];
            }
        }
        return Outcome.of(s.type(1), shape).with(out);
    }

    private static void movement(Map<String, ShapeRule> t) {
        t.put("Reshape", s -> Outcome.of(s.type(0), reshape(s.shape(0), s.longs(1), s.node().integer("allowzero", 0) != 0)).with(s.known(0)));
        t.put("Flatten", s -> {
            long[] x = s.shape(0);
            long axis = s.node().integer("axis", 1);
            int a = axis == x.length ? x.length : ShapeRule.normalize(axis, x.length);
            return Outcome.of(s.type(0), Tensor.count(Arrays.copyOfRange(x, 0, a)), Tensor.count(Arrays.copyOfRange(x, a, x.length)));
        });
        t.put("Transpose", ShapeRules::transpose);
        t.put("Squeeze", s -> Outcome.of(s.type(0), squeeze(s)).with(s.known(0)));
        t.put("Unsqueeze", s -> Outcome.of(s.type(0), unsqueeze(s.shape(0), s.longs(1))).with(s.known(0)));
        t.put("Expand", s -> Outcome.of(s.type(0), broadcast(s.shape(0), s.longs(1))));
        t.put("Tile", s -> {
            long[] x = s.shape(0);
            long[] repeats = s.longs(1);
            for (int i = 0; i < x.length; i++) {
                x[i] *= repeats[i];
            }
            return Outcome.of(s.type(0), x);
        });
        t.put("Concat", ShapeRules::concat);
        t.put("Slice", ShapeRules::slice);
        t.put("Split", ShapeRules::split);
        t.put("Gather", ShapeRules::gather);
        t.put("GatherElements", s -> Outcome.of(s.type(0), s.shape(1)));
        t.put("GatherND", ShapeRules::gatherNd);
        t.put("Pad", ShapeRules::pad);
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
        long[] axes = s.has(3) ? s.longs(3) : java.util.stream.LongStream.range(0, starts.length).toArray();
        double[] elements = s.known(0);
        for (int i = 0; i < starts.length; i++) {
            int axis = ShapeRule.normalize(axes[i], x.length);
            long step = s.has(4) ? s.longs(4)[i] : 1;
            long d = x[axis];
            long from = clamp(starts[i] < 0 ? starts[i] + d : starts[i], 0, step > 0 ? d : d - 1);
            long to = ends[i] < 0 ? ends[i] + d : ends[i];
            to = step > 0 ? clamp(to, 0, d) : clamp(to, -1, d - 1);
            long length = Math.max(0, (to - from + step - Long.signum(step)) / step);
            elements = elements == null ? null : along(elements, x, axis, java.util.stream.LongStream.range(0, length).map(j -> from + j * step).toArray());
            x[axis] = length;
        }
        return Outcome.of(s.type(0), x).with(elements);
    }

    /** Elements at some positions of an axis. */
    private static double[] along(double[] elements, long[] shape, int axis, long[] positions) {
        int inner = (int) Tensor.count(Arrays.copyOfRange(shape, axis + 1, shape.length));
        int outer = (int) Tensor.count(Arrays.copyOf(shape, axis));
        double[] out = new double[outer * positions.length * inner];
        for (int o = 0; o < outer; o++) {
            for (int j = 0; j < positions.length; j++) {
                System.arraycopy(elements, (int) (o * shape[axis] + positions[j]) * inner, out, (o * positions.length + j) * inner, inner);
            }
        }
        return out;
    }

    private static long clamp(long v, long low, long high) {
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
        return Outcome.of(s.type(0), out).with(along(data, x, axis, Arrays.stream(at).mapToLong(i -> (long) (i < 0 ? i + x[axis] : i)).toArray()));
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

    private static Outcome pad(Sample s) {
        long[] x = s.shape(0);
        long[] pads = s.longs(1);
        long[] axes = s.has(3) ? s.longs(3) : java.util.stream.LongStream.range(0, x.length).toArray();
        for (int i = 0; i < axes.length; i++) {
            x[ShapeRule.normalize(axes[i], x.length)] += pads[i] + pads[i + axes.length];
        }
        return Outcome.of(s.type(0), x);
    }

    private static void linearAlgebra(Map<String, ShapeRule> t) {
        t.put("MatMul", s -> Outcome.of(s.type(0), matmul(s.shape(0), s.shape(1))));
        t.put("Gemm", s -> {
            long[] a = s.shape(0);
            long[] b = s.shape(1);
            boolean ta = s.node().integer("transA", 0) != 0;
            boolean tb = s.node().integer("transB", 0) != 0;
            if (a.length != 2 || b.length != 2 || a[ta ? 0 : 1] != b[tb ? 1 : 0]) {
                throw new InvalidModelException(NO_PRODUCT);
            }
            return Outcome.of(s.type(0), a[ta ? 1 : 0], b[tb ? 0 : 1]);
        });
    }

    private static long[] matmul(long[] left, long[] right) {
        long[] a = left.length == 1 ? new long[] {1, left[0]} : left;
        long[] b = right.length == 1 ? new long[] {right[0], 1} : right;
        if (a[a.length - 1] != b[b.length - 2]) {
            throw new InvalidModelException(NO_PRODUCT);
        }
        long[] batch = broadcast(Arrays.copyOf(a, a.length - 2), Arrays.copyOf(b, b.length - 2));
        List<Long> out = new ArrayList<>(Arrays.stream(batch).boxed().toList());
        if (left.length > 1) {
            out.add(a[a.length - 2]);
        }
        if (right.length > 1) {
            out.add(b[b.length - 1]);
        }
        return out.stream().mapToLong(Long::longValue).toArray();
    }

    private static void reductions(Map<String, ShapeRule> t) {
        for (String op : List.of("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceLogSum",
            "ReduceLogSumExp", "ReduceSumSquare", "ReduceProd")) {
            t.put(op, ShapeRules::reduce);
        }
        for (String op : List.of("ArgMax", "ArgMin")) {
            t.put(op, s -> {
                long[] x = s.shape(0);
                int axis = s.axis("axis", 0, x.length);
                return Outcome.of(ElementType.INT64, dropOrKeep(x, new boolean[x.length], axis, s.node().integer("keepdims", 1) != 0));
            });
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
        Outcome outcome = Outcome.of(s.type(0), dropOrKeep(x, reduced, -1, s.node().integer("keepdims", 1) != 0));
        if (known == null || x.length != 1) {
            return outcome;
        }
        return switch (s.node().op()) {
            case "ReduceProd" -> outcome.with(new double[] {Arrays.stream(known).reduce(1, (a, b) -> a * b)});
            case "ReduceSum" -> outcome.with(new double[] {Arrays.stream(known).sum()});
            default -> outcome;
        };
    }

    private static void shapeArithmetic(Map<String, ShapeRule> t) {
        t.put("Shape", s -> {
            long[] x = s.shape(0);
            long start = s.node().integer("start", 0);
            long end = s.node().integer("end", x.length);
            int from = (int) clamp(start < 0 ? start + x.length : start, 0, x.length);
            int to = (int) clamp(end < 0 ? end + x.length : end, from, x.length);
            return Outcome.of(ElementType.INT64, to - from).with(Arrays.stream(x, from, to).asDoubleStream().toArray());
        });
        t.put("Size", s -> Outcome.of(ElementType.INT64).with(new double[] {Tensor.count(s.shape(0))}));
        t.put("ConstantOfShape", s -> {
            Tensor given = s.node().tensor("value");
            Tensor value = given == null ? Tensor.ofFloats(new float[1], 1) : given;
            long[] shape = s.longs(0);
            double[] out = null;
            if (Tensor.count(shape) <= 1024) {
                out = new double[(int) Tensor.count(shape)];
                Arrays.fill(out, value.toDoubles()[0]);
            }
            return Outcome.of(value.type(), shape).with(out);
        });
        t.put("Range", s -> {
            double[] start = s.known(0);
            double[] limit = s.known(1);
            double[] delta = s.known(2);
            if (start == null || limit == null || delta == null) {
                throw new InvalidModelException("the length of the range is computed from data");
            }
            double length = Math.max(0, Math.ceil((limit[0] - start[0]) / delta[0]));
            if (!(length <= 1024)) {
                return Outcome.of(s.type(0), (long) length);
            }
            double[] out = new double[(int) length];
            for (int i = 0; i < out.length; i++) {
                out[i] = start[0] + i * delta[0];
            }
            return Outcome.of(s.type(0), out.length).with(out);
        });
    }
}
