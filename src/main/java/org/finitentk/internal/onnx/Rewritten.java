package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** A node that is being written in standard operators of opset {@link Graph#OPSET} while a graph is read. */
final class Rewritten {
    /**
     * How the names of nodes begin whose constants are numbers of a formula and never weights, such as the cosines of
     * positions.
     */
    static final String FORMULA = "formula of ";

    private final Node node;
    private final Draft draft;
    private String prefix;

    Rewritten(Node node, Draft draft) {
        this.node = node;
        this.draft = draft;
        this.prefix = node.name() + "/";
    }

    /** The same, whose nodes take no weights. */
    Rewritten formula() {
        Rewritten formula = new Rewritten(node, draft);
        formula.prefix = FORMULA + node.name() + "/";
        return formula;
    }

    Node node() {
        return node;
    }

    boolean has(int i) {
        return node.hasInput(i);
    }

    /** An input's name. */
    String in(int i) {
        if (!node.hasInput(i)) {
            throw refused("input " + i + " is missing", "it");
        }
        return node.input(i);
    }

    /** What is known of a value. */
    Value value(String name) {
        Value value = draft.find(name);
        if (value == null) {
            throw new InvalidModelException(node.describe() + " takes the value '" + name
                    + "', whose shape is not known before the network runs; export it with fixed sizes");
        }
        return value;
    }

    /** A value that the file holds; null if the network computes it. */
    @Nullable
    Tensor tensor(String name) {
        return draft.initializers().get(name);
    }

    /** The type of a value; that of most where it is not known. */
    ElementType type(String name) {
        Value value = draft.find(name);
        return value == null ? ElementType.FLOAT : value.type();
    }

    /** One of the sizes of a value, which must be fixed. */
    long size(String name, int axis) {
        Value value = value(name);
        int at = axis < 0 ? axis + value.rank() : axis;
        long size = at < 0 || at >= value.rank() ? -1 : value.shape().dim(at);
        if (size < 0) {
            throw refused(
                    "axis " + axis + " of '" + name + "' " + value.shape() + " has no fixed size",
                    "a number, so give the sizes of inputs (--input-shape, inputShape of OnnxBackbone)");
        }
        return size;
    }

    InvalidModelException refused(String found, String expected) {
        return new InvalidModelException(node.describe() + ": " + found + "; expected " + expected);
    }

    String op(String op, String... in) {
        return op(op, new Attributes(), in);
    }

    String op(String op, Attributes attributes, String... in) {
        return ops(op, attributes, 1, in).get(0);
    }

    List<String> ops(String op, Attributes attributes, int outputs, String... in) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            names.add(draft.fresh(node.name() + "/" + op));
        }
        draft.add(new Node(prefix + op, "", op, Arrays.asList(in), names, attributes.build()));
        return names;
    }

    /** A number of a formula, of the type of a value. */
    String number(String like, double number) {
        ElementType type = type(like) == ElementType.DOUBLE ? ElementType.DOUBLE : ElementType.FLOAT;
        Tensor value = Tensor.ofReals(type, new double[] {number}).asConstantNode();
        return draft.constant(node.name() + "/number", value);
    }

    String longs(long... values) {
        return draft.constant(node.name() + "/sizes", Tensor.vector(values));
    }

    /** An integer. */
    String position(long value) {
        return draft.constant(node.name() + "/position", Tensor.ofLongs(new long[] {value}));
    }

    /** Numbers of a formula, which are no weights wherever they go. */
    String constant(String what, Tensor value) {
        return draft.constant(FORMULA + node.name() + "/" + what, value.asConstantNode());
    }

    /** Sizes of a value from an axis to another, as integers: constants, or told as the network runs. */
    String sizes(String value, int from, int to) {
        Value known = draft.find(value);
        if (known != null) {
            long[] fixed = LongStream.range(from, to)
                    .map(i -> known.shape().dim((int) i))
                    .toArray();
            if (LongStream.of(fixed).allMatch(size -> size >= 0)) {
                return longs(fixed);
            }
        }
        return op("Shape", new Attributes().integer("start", from).integer("end", to), value);
    }

    /** An attribute of integers that is there. */
    long[] integers(String key) {
        long[] integers = node.integers(key);
        if (integers == null) {
            throw refused("attribute " + key + " is missing", "integers");
        }
        return integers;
    }

    /** An attribute as a constant, by the name of the node and its own. */
    String attribute(String key, Tensor value) {
        String name = draft.own(node.name() + "." + key);
        draft.initializer(name, value);
        return name;
    }

    String cast(String value, ElementType to) {
        return type(value) == to && draft.find(value) != null
                ? value
                : op("Cast", new Attributes().integer("to", to.code()), value);
    }

    String reshaped(String value, long... shape) {
        return op("Reshape", value, longs(shape));
    }

    String transposed(String value, long... perm) {
        return op("Transpose", new Attributes().integers("perm", perm), value);
    }

    String sliced(String value, long from, long to, long step, long axis) {
        return op("Slice", value, longs(from), longs(to), longs(axis), longs(step));
    }

    String concat(long axis, String... values) {
        return values.length == 1 ? values[0] : op("Concat", new Attributes().integer("axis", axis), values);
    }

    /** Gives an output its value. */
    void result(int i, String value) {
        if (i < node.outputs().size() && !node.outputs().get(i).isEmpty()) {
            String name = i == 0 ? node.name() : prefix + i;
            draft.add(new Node(
                    name, "", "Identity", List.of(value), List.of(node.outputs().get(i)), Map.of()));
        }
    }

    /** Whether somebody takes an output. */
    boolean wants(int i) {
        return i < node.outputs().size() && draft.isUsed(node.outputs().get(i));
    }

    /** Leaves an output out, for a reason that whoever needs it is told. */
    void leaveOut(int i, String why) {
        if (i < node.outputs().size() && !node.outputs().get(i).isEmpty()) {
            draft.add(Unreadable.refused(node.outputs().get(i), List.of(), node.describe() + ": " + why));
        }
    }
}
