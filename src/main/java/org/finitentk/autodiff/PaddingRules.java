package org.finitentk.autodiff;

import java.util.Arrays;
import org.finitentk.onnx.Attributes;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Value;

/** Pad: a constant around the data, or the data itself again. */
final class PaddingRules {
    /** An axis whose positions are listed: no image is as wide. */
    private static final long LONGEST = 1 << 24;

    private PaddingRules() {
    }

    static void register(Rules r) {
        r.jvp("Pad", n -> {
            String mode = n.node().string("mode", "constant");
            if (mode.equals("constant")) {
                padWithZeros(n);
            } else {
                repeat(n, mode);
            }
        });
        r.transpose("Pad", PaddingRules::cutOff);
    }

    /** The constant around the data has no tangent. */
    private static void padWithZeros(Jvp n) {
        n.requireInactive(2, "padding value");
        Algebra a = n.algebra();
        n.result(n.node().hasInput(3) ? a.op("Pad", n.tangent(0), n.in(1), a.scalar(n.tangent(0), 0), n.in(3)) : a.op("Pad", n.tangent(0), n.in(1), a.scalar(n.tangent(0), 0)));
    }

    /** Cuts off what was added; what was cut off by negative pads comes back as zeros. */
    private static void cutOff(Transposition n) {
        Algebra a = n.algebra();
        long[] undo = Arrays.stream(constant(n.node().describe(), n.in(1))).map(p -> -p).toArray();
        Value vector = a.builder().vector(undo);
        Value zero = a.scalar(n.cotangent(), 0);
        n.contribute(0, n.node().hasInput(3) ? a.op("Pad", n.cotangent(), vector, zero, n.in(3)) : a.op("Pad", n.cotangent(), vector, zero));
    }

    /** Along each padded axis the tangent's elements are read where the data's are: what negative pads cut off is gone before anything is repeated. */
    private static void repeat(Jvp n, String mode) {
        Value t = n.tangent(0);
        long[] pads = constant(n.node().describe(), n.in(1));
        long[] axes = n.node().hasInput(3) ? constant(n.node().describe(), n.in(3)) : null;
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
                throw new InvalidModelException(n.node().describe() + " repeats elements of an axis of dynamic size of " + n.in(0).shape() + "; fix that size to a number");
            }
            long[] positions = positions(n, mode, axis, size, before, after);
            t = n.algebra().op("Gather", new Attributes().integer("axis", axis), t, n.algebra().builder().vector(positions));
        }
        n.result(t);
    }

    /** Which element of an axis stands at each place of the padded axis. */
    private static long[] positions(Jvp n, String mode, int axis, long size, long before, long after) {
        long length = before + size + after;
        if (length < 0 || length > LONGEST) {
            throw new InvalidModelException(n.node().describe() + " makes axis " + axis + " of size " + size + " one of " + length + "; expected 0 to " + LONGEST);
        }
        long cut = Math.max(0, -before);
        long left = size - cut - Math.max(0, -after);
        long most = mode.equals("reflect") ? left - 1 : LONGEST;
        if (left < 1 || before > most || after > most) {
            throw new InvalidModelException(n.node().describe() + " pads axis " + axis + " of size " + size + " by " + before + " and " + after + " in mode '" + mode
                + "'; expected at least one element to be left by negative pads" + (mode.equals("reflect") ? ", and fewer than are left to be added at either end" : ""));
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
            default -> throw new InvalidModelException(n.node().describe() + " pads in mode '" + mode + "'; expected constant, edge, reflect or wrap");
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
