package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;

/** Reference semantics of operators that move elements. */
final class ReferenceMovement {
    private ReferenceMovement() {}

    static void register(Map<String, Operator> t) {
        ReferenceElementwise.unary(t, "Identity", x -> x);
        t.put("Dropout", (n, in) -> {
            NdArray mask = new NdArray(ElementType.BOOL, in[0].shape(), new double[in[0].data().length]);
            Arrays.fill(mask.data(), 1);
            return List.of(in[0], mask);
        });
        t.put("Cast", (n, in) -> List.of(cast(in[0], ElementType.of((int) n.integer("to", 0)))));
        t.put("CastLike", (n, in) -> List.of(new NdArray(in[1].type(), in[0].shape(), in[0].data())));
        t.put("Reshape", (n, in) -> List.of(reshape(n, in)));
        t.put("Flatten", (n, in) -> {
            int axis = ReferenceInterpreter.axis(n.integer("axis", 1), in[0].rank());
            int rows = NdArray.count(Arrays.copyOf(in[0].shape(), axis));
            return List.of(in[0].reshaped(rows, NdArray.count(Arrays.copyOfRange(in[0].shape(), axis, in[0].rank()))));
        });
        t.put("Transpose", (n, in) -> {
            long[] perm = n.integers("perm");
            int rank = in[0].rank();
            return List.of(transpose(
                    in[0],
                    perm == null
                            ? IntStream.range(0, rank).map(i -> rank - 1 - i).toArray()
                            : NdArray.ints(perm)));
        });
        t.put("Squeeze", (n, in) -> List.of(squeeze(in)));
        t.put("Unsqueeze", (n, in) -> List.of(unsqueeze(in)));
        t.put(
                "Expand",
                (n, in) -> List.of(ReferenceElementwise.broadcast(
                        in[0], NdArray.zeros(in[0].type(), NdArray.ints(in[1].longs())), in[0].type(), (a, b) -> a)));
        t.put("Concat", (n, in) -> List.of(concat(ReferenceInterpreter.axis(n.integer("axis", 0), in[0].rank()), in)));
        t.put("Split", ReferenceMovement::split);
        t.put("Slice", (n, in) -> List.of(slice(in)));
        t.put("Pad", (n, in) -> List.of(pad(n.string("mode", "constant"), in)));
    }

    private static List<NdArray> split(Node node, NdArray[] in) {
        int axis = ReferenceInterpreter.axis(node.integer("axis", 0), in[0].rank());
        int parts = node.outputs().size();
        int size = in[0].shape()[axis];
        int each = (size + parts - 1) / parts;
        List<NdArray> out = new ArrayList<>();
        long from = 0;
        for (int i = 0; i < parts; i++) {
            long to = in.length > 1 && in[1] != null ? from + in[1].longs()[i] : Math.min(size, from + each);
            out.add(slice(new NdArray[] {in[0], NdArray.longs(from), NdArray.longs(to), NdArray.longs(axis)}));
            from = to;
        }
        return out;
    }

    /** Floats stay float64 whatever their width; integers are truncated; booleans are 0 and 1. */
    private static NdArray cast(NdArray x, ElementType to) {
        DoubleUnaryOperator f =
                to == ElementType.BOOL ? v -> v != 0 ? 1 : 0 : to.isDifferentiable() ? v -> v : v -> (long) v;
        return new NdArray(to, x.shape(), Arrays.stream(x.data()).map(f).toArray());
    }

    private static NdArray reshape(Node node, NdArray[] in) {
        int[] shape = NdArray.ints(in[1].longs());
        int known = 1;
        int free = -1;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] == 0 && node.integer("allowzero", 0) == 0) {
                shape[i] = in[0].shape()[i];
            }
            if (shape[i] == -1) {
                free = i;
            } else {
                known *= shape[i];
            }
        }
        if (free >= 0) {
            shape[free] = in[0].data().length / known;
        }
        return in[0].reshaped(shape);
    }

    static NdArray transpose(NdArray x, int... perm) {
        int[] shape = Arrays.stream(perm).map(p -> x.shape()[p]).toArray();
        NdArray out = NdArray.zeros(x.type(), shape);
        for (int i = 0; i < out.data().length; i++) {
            int[] index = NdArray.index(i, shape);
            int[] source = new int[perm.length];
            for (int d = 0; d < perm.length; d++) {
                source[perm[d]] = index[d];
            }
            out.data()[i] = x.at(source);
        }
        return out;
    }

    private static NdArray squeeze(NdArray[] in) {
        int rank = in[0].rank();
        List<Integer> shape = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            int d = i;
            boolean drop = in.length < 2
                    ? in[0].shape()[i] == 1
                    : Arrays.stream(in[1].longs()).anyMatch(a -> ReferenceInterpreter.axis(a, rank) == d);
            if (!drop) {
                shape.add(in[0].shape()[i]);
            }
        }
        return in[0].reshaped(shape.stream().mapToInt(Integer::intValue).toArray());
    }

    private static NdArray unsqueeze(NdArray[] in) {
        int rank = in[0].rank() + in[1].data().length;
        List<Integer> shape =
                new ArrayList<>(Arrays.stream(in[0].shape()).boxed().toList());
        Arrays.stream(in[1].longs())
                .mapToInt(a -> ReferenceInterpreter.axis(a, rank))
                .sorted()
                .forEach(a -> shape.add(a, 1));
        return in[0].reshaped(shape.stream().mapToInt(Integer::intValue).toArray());
    }

    private static NdArray concat(int axis, NdArray[] in) {
        int[] shape = in[0].shape().clone();
        shape[axis] = Arrays.stream(in).mapToInt(a -> a.shape()[axis]).sum();
        NdArray out = NdArray.zeros(in[0].type(), shape);
        int from = 0;
        for (NdArray part : in) {
            for (int i = 0; i < part.data().length; i++) {
                int[] index = NdArray.index(i, part.shape());
                index[axis] += from;
                out.data()[out.flat(index)] = part.data()[i];
            }
            from += part.shape()[axis];
        }
        return out;
    }

    private static NdArray slice(NdArray[] in) {
        NdArray x = in[0];
        int rank = x.rank();
        int[] shape = x.shape().clone();
        long[] from = new long[rank];
        long[] step = new long[rank];
        Arrays.fill(step, 1);
        for (int i = 0; i < in[1].data().length; i++) {
            int axis = in.length > 3 && in[3] != null ? ReferenceInterpreter.axis(in[3].longs()[i], rank) : i;
            long size = x.shape()[axis];
            long stride = in.length > 4 && in[4] != null ? in[4].longs()[i] : 1;
            long start = in[1].longs()[i];
            long end = in[2].longs()[i];
            start = start < 0 ? start + size : start;
            end = end < 0 ? end + size : end;
            start = Math.max(0, Math.min(stride > 0 ? size : size - 1, start));
            end = stride > 0 ? Math.max(0, Math.min(size, end)) : Math.max(-1, Math.min(size - 1, end));
            from[axis] = start;
            step[axis] = stride;
            int count = 0;
            for (long at = start; stride > 0 ? at < end : at > end; at += stride) {
                count++;
            }
            shape[axis] = count;
        }
        NdArray out = NdArray.zeros(x.type(), shape);
        for (int i = 0; i < out.data().length; i++) {
            int[] index = NdArray.index(i, shape);
            for (int d = 0; d < rank; d++) {
                index[d] = (int) (from[d] + index[d] * step[d]);
            }
            out.data()[i] = x.at(index);
        }
        return out;
    }

    /**
     * Two steps, as ONNX Runtime takes them: negative pads cut off elements, then positive ones are added to what is
     * left.
     */
    private static NdArray pad(String mode, NdArray[] in) {
        NdArray x = in[0];
        int rank = x.rank();
        long[] pads = new long[2 * rank];
        long[] given = in[1].longs();
        long[] axes = in.length > 3
                ? in[3].longs()
                : IntStream.range(0, rank).asLongStream().toArray();
        for (int i = 0; i < axes.length; i++) {
            int axis = ReferenceInterpreter.axis(axes[i], rank);
            pads[axis] = given[i];
            pads[axis + rank] = given[i + axes.length];
        }
        NdArray left = cut(x, pads);
        int[] shape = left.shape().clone();
        for (int i = 0; i < rank; i++) {
            shape[i] += (int) (Math.max(0, pads[i]) + Math.max(0, pads[i + rank]));
        }
        NdArray out = NdArray.zeros(x.type(), shape);
        if (in.length > 2 && in[2] != null) {
            Arrays.fill(out.data(), in[2].data()[0]);
        }
        for (int i = 0; i < out.data().length; i++) {
            int[] index = NdArray.index(i, shape);
            boolean inside = true;
            for (int d = 0; d < rank; d++) {
                index[d] = inside(mode, index[d] - (int) Math.max(0, pads[d]), left.shape()[d]);
                inside &= index[d] >= 0 && index[d] < left.shape()[d];
            }
            if (inside) {
                out.data()[i] = left.at(index);
            }
        }
        return out;
    }

    private static NdArray cut(NdArray x, long[] pads) {
        int rank = x.rank();
        int[] shape = x.shape().clone();
        for (int i = 0; i < rank; i++) {
            shape[i] += (int) (Math.min(0, pads[i]) + Math.min(0, pads[i + rank]));
        }
        NdArray out = NdArray.zeros(x.type(), shape);
        for (int i = 0; i < out.data().length; i++) {
            int[] index = NdArray.index(i, shape);
            for (int d = 0; d < rank; d++) {
                index[d] -= (int) Math.min(0, pads[d]);
            }
            out.data()[i] = x.at(index);
        }
        return out;
    }

    /** Steps back into the data from outside, one reflection or turn at a time; a constant stays outside. */
    private static int inside(String mode, int position, int size) {
        int at = position;
        while (!mode.equals("constant") && (at < 0 || at >= size)) {
            switch (mode) {
                case "edge" -> at = at < 0 ? 0 : size - 1;
                case "wrap" -> at += at < 0 ? size : -size;
                default -> at = at < 0 ? -at : 2 * (size - 1) - at;
            }
        }
        return at;
    }
}
