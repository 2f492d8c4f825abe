package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.internal.autodiff.CotangentTerm.Broadcast;
import org.finitentk.internal.autodiff.CotangentTerm.Piece;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.InvalidModelException;

/**
 * Operators that move elements without changing them; all are linear. Pad puts a constant around the data, or the data
 * themselves again.
 */
final class MovementRules {
    /** An axis whose positions are listed: no image is as wide. */
    private static final long LONGEST = 1 << 24;

    private MovementRules() {}

    static void register(RuleTable r) {
        r.jvp("Identity", n -> n.result(n.tangent(0)));
        r.jvp("Dropout", MovementRules::dropoutJvp);
        r.jvp("Cast", Jvp::same);
        r.transpose(
                "Cast",
                n -> n.contribute(0, n.algebra().cast(n.cotangent(), n.in(0).type())));
        for (String op : List.of("Reshape", "Flatten", "Squeeze", "Unsqueeze")) {
            r.jvp(op, n -> n.result(n.algebra().reshape(n.tangent(0), n.out().shape())));
        }
        r.transpose(
                "Reshape",
                n -> n.contribute(0, n.algebra().reshape(n.cotangent(), n.in(0).shape())));
        r.jvp("Transpose", Jvp::same);
        r.transpose("Transpose", n -> n.contribute(0, n.algebra().transpose(n.cotangent(), inverse(n))));
        r.jvp("Expand", Jvp::same);
        r.transpose("Expand", n -> n.contribute(0, new Broadcast(n.cotangent())));
        r.jvp("Concat", MovementRules::concatJvp);
        r.transpose("Concat", MovementRules::transposeConcat);
        r.jvp("Split", MovementRules::splitJvp);
        r.transpose("Split", MovementRules::transposeSplit);
        r.jvp("Slice", Jvp::same);
        r.transpose("Slice", MovementRules::transposeSlice);
        // of input 1, the type alone matters
        r.jvp("CastLike", n -> {
            if (n.isActive(0)) {
                n.result(n.algebra().cast(n.tangent(0), n.out().type()));
            }
        });
        r.jvp("Pad", n -> {
            String mode = n.node().string("mode", "constant");
            if (mode.equals("constant")) {
                padWithZeros(n);
            } else {
                repeat(n, mode);
            }
        });
        r.transpose("Pad", MovementRules::cutOff);
    }

    /** Outside of training, Dropout hands its input on. */
    private static void dropoutJvp(Jvp n) {
        double[] training = n.node().hasInput(2) ? n.in(2).constant() : new double[1];
        if (training == null || training[0] != 0) {
            throw n.refused("is in training mode; export the network for inference");
        }
        n.result(n.tangent(0));
    }

    /**
     * Parts of the tangent, one an output, by one node: its transpose is one Concat, where that of as many slices would
     * add up tensors of the whole's size.
     */
    private static void splitJvp(Jvp n) {
        Algebra a = n.algebra();
        int axis = n.axis("axis", 0);
        int count = n.node().outputs().size();
        long[] sizes = new long[count];
        for (int i = 0; i < count; i++) {
            if (n.node().outputs().get(i).isEmpty()) {
                throw n.refused("leaves out its output " + i + "; expected all parts to be named");
            }
            sizes[i] = n.out(i).shape().dim(axis);
            if (sizes[i] < 0) {
                throw n.refusedOpen("splits", n.in(0).shape());
            }
        }
        List<Value> parts = a.split(n.tangent(0), axis, sizes);
        for (int i = 0; i < count; i++) {
            n.result(i, parts.get(i));
        }
    }

    private static void transposeSplit(Transposition n) {
        Algebra a = n.algebra();
        long given = n.node().integer("axis", 0);
        List<Value> parts = new ArrayList<>();
        for (int i = 0; i < n.node().outputs().size(); i++) {
            Value ct = n.cotangentOrNull(i);
            Value part = a.builder().shapes().get(n.node().outputs().get(i));
            parts.add(ct == null ? a.zeros(part.type(), part.shape()) : ct);
        }
        n.contribute(0, a.concat((int) given, parts));
    }

    private static int[] inverse(Transposition n) {
        int rank = n.in(0).rank();
        long[] perm = n.node().integers("perm");
        int[] inverse = new int[rank];
        for (int i = 0; i < rank; i++) {
            inverse[perm == null ? rank - 1 - i : (int) perm[i]] = i;
        }
        return inverse;
    }

    private static void concatJvp(Jvp n) {
        Algebra a = n.algebra();
        List<Value> parts = new ArrayList<>();
        for (int i = 0; i < n.node().inputs().size(); i++) {
            Value t = n.tangentOrNull(i);
            parts.add(t == null ? a.zeros(n.in(i).type(), n.in(i).shape()) : t);
        }
        n.result(a.builder().emit("Concat", n.node().attributes(), parts.toArray(Value[]::new)));
    }

    private static void transposeConcat(Transposition n) {
        int axis = n.axis("axis", 0);
        long from = 0;
        for (int i = 0; i < n.node().inputs().size(); i++) {
            long size = n.in(i).shape().dim(axis);
            if (size < 0) {
                throw n.refusedOpen("joins along", n.in(i).shape());
            }
            if (n.isLinear(i)) {
                n.contribute(i, n.algebra().slice(n.cotangent(), axis, from, from + size));
            }
            from += size;
        }
    }

    /**
     * Puts the cotangent back where it was read: turned around for a negative step, spread out for a larger one, zeros
     * elsewhere.
     */
    private static void transposeSlice(Transposition n) {
        Algebra a = n.algebra();
        Shape x = n.in(0).shape();
        double[] starts = constant(n, 1);
        double[] axes = n.node().hasInput(3) ? constant(n, 3) : null;
        double[] steps = n.node().hasInput(4) ? constant(n, 4) : null;
        long[] pads = new long[2 * x.rank()];
        Value ct = n.cotangent();
        for (int i = 0; i < starts.length; i++) {
            int axis = (int) (axes == null ? i : axes[i] < 0 ? axes[i] + x.rank() : axes[i]);
            long step = steps == null ? 1 : (long) steps[i];
            long size = x.dim(axis);
            long count = ct.shape().dim(axis);
            if (step == 1 && ct.shape().sameDim(axis, x, axis)) {
                continue;
            }
            if (size < 0 || count < 0) {
                throw n.refusedOpen("slices", x);
            }
            long start = (long) starts[i];
            long first = Math.max(0, Math.min(size - 1, start < 0 ? start + size : start));
            if (step < 0 && count > 1) {
                ct = a.slice(ct, axis, -1, Long.MIN_VALUE, -1);
            }
            long low = step < 0 ? first + (count - 1) * step : first;
            ct = spread(a, ct, axis, Math.abs(step));
            pads[axis] = low;
            // what spreading appended to the last element may reach beyond the end: a negative pad cuts it off
            pads[axis + x.rank()] = size - low - ct.shape().dim(axis);
        }
        int[] cut = IntStream.range(0, x.rank())
                .filter(axis -> pads[axis] != 0 || pads[axis + x.rank()] != 0)
                .toArray();
        if (cut.length == 0) {
            n.contribute(0, ct);
        } else if (cut.length == 1 && pads[cut[0] + x.rank()] >= 0) {
            n.contribute(0, new Piece(cut[0], pads[cut[0]], ct));
        } else {
            n.contribute(0, a.op("Pad", ct, a.builder().vector(pads), a.scalar(ct, 0)));
        }
    }

    /** Appends step - 1 zeros to every element along an axis. */
    private static Value spread(Algebra a, Value v, int axis, long step) {
        if (step == 1) {
            return v;
        }
        Shape before = v.shape().slice(0, axis + 1);
        Shape after = v.shape().slice(axis + 1, v.rank());
        long[] pads = new long[2 * (v.rank() + 1)];
        pads[v.rank() + 1 + axis + 1] = step - 1;
        Value padded = a.op(
                "Pad", a.reshape(v, before.append(1).concat(after)), a.builder().vector(pads), a.scalar(v, 0));
        return a.reshape(
                padded,
                v.shape().slice(0, axis).append(v.shape().dim(axis) * step).concat(after));
    }

    private static double[] constant(Transposition n, int i) {
        double[] c = n.in(i).constant();
        if (c == null) {
            throw n.refused("moves by positions that are computed from data; expected constants");
        }
        return c;
    }

    /** The constant around the data has no tangent. */
    private static void padWithZeros(Jvp n) {
        n.requireInactive(2, "padding value");
        Algebra a = n.algebra();
        n.result(
                n.node().hasInput(3)
                        ? a.op("Pad", n.tangent(0), n.in(1), a.scalar(n.tangent(0), 0), n.in(3))
                        : a.op("Pad", n.tangent(0), n.in(1), a.scalar(n.tangent(0), 0)));
    }

    /** Cuts off what was added; what was cut off by negative pads comes back as zeros. */
    private static void cutOff(Transposition n) {
        Algebra a = n.algebra();
        long[] undo =
                Arrays.stream(constant(n.describe(), n.in(1))).map(p -> -p).toArray();
        Value vector = a.builder().vector(undo);
        Value zero = a.scalar(n.cotangent(), 0);
        n.contribute(
                0,
                n.node().hasInput(3)
                        ? a.op("Pad", n.cotangent(), vector, zero, n.in(3))
                        : a.op("Pad", n.cotangent(), vector, zero));
    }

    /**
     * Along each padded axis the tangent's elements are read where the data's are: what negative pads cut off is gone
     * before anything is repeated.
     */
    private static void repeat(Jvp n, String mode) {
        Value t = n.tangent(0);
        long[] pads = constant(n.describe(), n.in(1));
        long[] axes = n.node().hasInput(3) ? constant(n.describe(), n.in(3)) : null;
        int padded = pads.length / 2;
        for (int i = 0; i < padded; i++) {
            long before = pads[i];
            long after = pads[padded + i];
            int axis = (int) (axes == null ? i : axes[i] < 0 ? axes[i] + t.rank() : axes[i]);
            if (before == 0 && after == 0) {
                continue;
            }
            long size = n.in(0).shape().dim(axis);
            if (size < 1) {
                throw n.refusedOpen("repeats elements of", n.in(0).shape());
            }
            long[] positions = positions(n, mode, axis, size, before, after);
            t = n.algebra()
                    .op(
                            "Gather",
                            new Attributes().integer("axis", axis),
                            t,
                            n.algebra().builder().vector(positions));
        }
        n.result(t);
    }

    /** Which element of an axis stands at each place of the padded axis. */
    private static long[] positions(Jvp n, String mode, int axis, long size, long before, long after) {
        long length = before + size + after;
        if (length < 0 || length > LONGEST) {
            throw n.refused(
                    "makes axis " + axis + " of size " + size + " one of " + length + "; expected 0 to " + LONGEST);
        }
        long cut = Math.max(0, -before);
        long left = size - cut - Math.max(0, -after);
        long most = mode.equals("reflect") ? left - 1 : LONGEST;
        if (left < 1 || before > most || after > most) {
            throw n.refused("pads axis " + axis + " of size " + size + " by " + before + " and " + after
                    + " in mode '" + mode + "'; expected at least one element to be left by negative pads"
                    + (mode.equals("reflect") ? ", and fewer than are left to be added at either end" : ""));
        }
        long[] positions = new long[(int) length];
        for (int j = 0; j < positions.length; j++) {
            positions[j] = cut + position(n, mode, j - Math.max(0, before), left);
        }
        return positions;
    }

    private static long position(Jvp n, String mode, long at, long size) {
        return switch (mode) {
            case "edge" -> Math.max(0, Math.min(size - 1, at));
            case "wrap" -> Math.floorMod(at, size);
            // there and back again, without the first and the last element twice
            case "reflect" -> size == 1 ? 0 : size - 1 - Math.abs(size - 1 - Math.floorMod(at, 2 * (size - 1)));
            default -> throw n.refused("pads in mode '" + mode + "'; expected constant, edge, reflect or wrap");
        };
    }

    private static long[] constant(String node, Value value) {
        double[] c = value.constant();
        if (c == null) {
            throw new InvalidModelException(node + " pads by numbers that are computed from data; expected constants");
        }
        return Arrays.stream(c).mapToLong(p -> (long) p).toArray();
    }
}
