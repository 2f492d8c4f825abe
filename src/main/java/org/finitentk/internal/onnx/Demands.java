package org.finitentk.internal.onnx;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * What one node has, for an operator to make demands of: each that is not met is refused with what was found and what
 * was expected.
 */
final class Demands {
    private final Node node;
    private final List<@Nullable Value> inputs;

    Demands(Node node, List<@Nullable Value> inputs) {
        this.node = node;
        this.inputs = inputs;
    }

    Node node() {
        return node;
    }

    boolean has(int i) {
        return i < inputs.size() && inputs.get(i) != null;
    }

    Value in(int i) {
        Value value = i < inputs.size() ? inputs.get(i) : null;
        if (value == null) {
            throw refused("input " + i + " is missing", "it to be given");
        }
        return value;
    }

    int rank(int i) {
        return in(i).rank();
    }

    /** The size of an axis, -1 if it is dynamic. */
    long dim(int i, int axis) {
        return in(i).shape().dim(axis);
    }

    static InvalidModelException refused(String found, String expected) {
        return new InvalidModelException(found + "; expected " + expected);
    }

    private String of(int i) {
        return "input " + i + " ('" + in(i).name() + "') has shape " + in(i).shape();
    }

    /** How many inputs there are; the last ones may be left out. */
    void inputs(int least, int most) {
        if (inputs.size() < least || inputs.size() > most) {
            throw refused(
                    "it has " + inputs.size() + " inputs",
                    (least == most ? "" : least + " to ") + (most == Integer.MAX_VALUE ? "any number" : most));
        }
        for (int i = 0; i < least; i++) {
            in(i);
        }
    }

    void outputs(int most) {
        if (node.outputs().size() > most) {
            throw refused("it has " + node.outputs().size() + " outputs", most == 1 ? "1" : "1 to " + most);
        }
    }

    void rank(int i, int expected) {
        if (has(i) && rank(i) != expected) {
            throw refused(of(i), "rank " + expected);
        }
    }

    void rankFrom(int i, int least) {
        if (has(i) && rank(i) < least) {
            throw refused(of(i), "rank " + least + " or more");
        }
    }

    /** An axis of known size must have another size. */
    void dim(int i, int axis, long expected, String what) {
        if (has(i) && expected >= 0 && dim(i, axis) >= 0 && dim(i, axis) != expected) {
            throw refused(of(i), "size " + expected + " along axis " + axis + ", " + what);
        }
    }

    void multiple(int i, int axis, long of) {
        if (dim(i, axis) >= 0 && dim(i, axis) % of != 0) {
            throw refused("input " + i + " has shape " + in(i).shape(), "a multiple of " + of + " along axis " + axis);
        }
    }

    /** An axis must always have the size of another one. */
    void sameDim(int i, int axis, int as, int otherAxis) {
        if (has(i) && !in(i).shape().sameDim(axis, in(as).shape(), otherAxis)) {
            throw refused(
                    of(i),
                    "along axis " + axis + " the size of axis " + otherAxis + " of input " + as + " " + in(as).shape());
        }
    }

    /** A vector of a known size; -1 for any. */
    void vector(int i, long size, String what) {
        rank(i, 1);
        dim(i, 0, size, what);
    }

    /** One number, whatever the rank. */
    void oneElement(int i) {
        Shape shape = has(i) ? in(i).shape() : Shape.of();
        if (!shape.product(0, shape.rank()).equals(Shape.of(1))) {
            throw refused(of(i), "one element");
        }
    }

    /** One number, of rank 0 or 1. */
    void oneNumber(int i) {
        oneElement(i);
        if (has(i) && in(i).shape().rank() > 1) {
            throw refused(of(i), "one number, of rank 0 or 1");
        }
    }

    /** An attribute that is 0 or 1. */
    void flag(String key) {
        long given = node.integer(key, 0);
        if (given != 0 && given != 1) {
            throw refused("attribute " + key + " is " + given, "0 or 1");
        }
    }

    /** Constants, if they are known. */
    long @Nullable [] known(int i) {
        double[] elements = has(i) ? in(i).constant() : null;
        return elements == null
                ? null
                : Arrays.stream(elements).mapToLong(d -> (long) d).toArray();
    }

    /** A list attribute must have a length, if it is given. */
    void length(String key, int expected) {
        long[] given = node.integers(key);
        if (given != null && given.length != expected) {
            throw refused("attribute " + key + " is " + Arrays.toString(given), expected + " numbers");
        }
    }

    void atLeast(String key, long least) {
        long[] given = node.integers(key);
        if (given != null && Arrays.stream(given).anyMatch(v -> v < least || v > Integer.MAX_VALUE)) {
            throw refused(
                    "attribute " + key + " is " + Arrays.toString(given),
                    "numbers from " + least + " to " + Integer.MAX_VALUE);
        }
    }

    long number(String key, long defaultValue, long least) {
        long given = node.integer(key, defaultValue);
        if (given < least || given > Integer.MAX_VALUE) {
            throw refused("attribute " + key + " is " + given, least + " or more");
        }
        return given;
    }

    void oneOf(String key, String defaultValue, String... allowed) {
        String given = node.string(key, defaultValue);
        if (!List.of(allowed).contains(given)) {
            throw refused("attribute " + key + " is '" + given + "'", "one of " + String.join(", ", allowed));
        }
    }

    /** An axis of something of a rank. */
    int axis(String key, long defaultValue, int rank) {
        return axisOf("attribute " + key + " is ", node.integer(key, defaultValue), rank);
    }

    private static int axisOf(String what, long given, int rank) {
        if (given < -rank || given >= rank) {
            throw refused(
                    what + given,
                    rank == 0 ? "something of rank 1 or more" : "an axis from " + -rank + " to " + (rank - 1));
        }
        return (int) (given < 0 ? given + rank : given);
    }

    /** Different axes, in an input. */
    void axes(int i, int rank) {
        if (!has(i)) {
            return;
        }
        if (rank(i) != 1) {
            throw refused(of(i), "a vector of axes");
        }
        long[] given = known(i);
        if (given != null) {
            different("input " + i + " ('" + in(i).name() + "') is ", given, rank);
        }
    }

    /** Different axes, in an attribute. */
    void axes(String key, int rank) {
        long[] given = node.integers(key);
        if (given != null) {
            different("attribute " + key + " is ", given, rank);
        }
    }

    private static void different(String what, long[] axes, int rank) {
        Set<Integer> seen = new HashSet<>();
        for (long axis : axes) {
            if (!seen.add(axisOf(what + Arrays.toString(axes) + " with ", axis, rank))) {
                throw refused(what + Arrays.toString(axes), "different axes");
            }
        }
    }

    /** Sizes, repetitions or positions must be numbers within bounds, if they are known. */
    void within(int i, long least, long most) {
        long[] given = known(i);
        if (given != null && Arrays.stream(given).anyMatch(v -> v < least || v > most)) {
            throw refused(
                    "input " + i + " ('" + in(i).name() + "') is " + Arrays.toString(given),
                    "numbers of at least " + least + (most == Long.MAX_VALUE ? "" : " and at most " + most));
        }
    }

    /** Positions along an axis of known size. */
    void positions(int i, long size) {
        if (size >= 0) {
            within(i, -size, size - 1);
        }
    }

    /** A shape that another one must be repeated to, without growing. */
    void broadcastsTo(int i, Shape target) {
        Shape shape = in(i).shape();
        int skipped = target.rank() - shape.rank();
        boolean fits = skipped >= 0;
        for (int axis = 0; fits && axis < shape.rank(); axis++) {
            long own = shape.dim(axis);
            fits = own == 1 || shape.sameDim(axis, target, axis + skipped);
        }
        if (!fits) {
            throw refused(of(i), "a shape that can be repeated to " + target);
        }
    }

    /** The window attributes of Conv, ConvTranspose and pooling, for a number of spatial axes. */
    void windows(int spatial) {
        length("kernel_shape", spatial);
        atLeast("kernel_shape", 1);
        length("strides", spatial);
        atLeast("strides", 1);
        length("dilations", spatial);
        atLeast("dilations", 1);
        length("pads", 2 * spatial);
        atLeast("pads", 0);
        oneOf("auto_pad", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER");
    }

    /** The sizes from an axis on, or null if one is dynamic. */
    long @Nullable [] sizes(int i, int from) {
        Shape tail = in(i).shape().slice(from, rank(i));
        return tail.isStatic() ? tail.at(0) : null;
    }
}
