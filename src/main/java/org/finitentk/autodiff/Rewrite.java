package org.finitentk.autodiff;

import java.util.List;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/** One node being written in other operators. */
final class Rewrite {
    private final Node node;
    private final Algebra algebra;

    Rewrite(Node node, Algebra algebra) {
        this.node = node;
        this.algebra = algebra;
    }

    Node node() {
        return node;
    }

    Algebra algebra() {
        return algebra;
    }

    Value in(int i) {
        return algebra.builder().shapes().get(node.input(i));
    }

    @Nullable
    Value inOrNull(int i) {
        return node.hasInput(i) ? in(i) : null;
    }

    /** An attribute that is an axis of input 0, from 0. */
    int axis(String key, long defaultValue) {
        long axis = node.integer(key, defaultValue);
        return (int) (axis < 0 ? axis + in(0).rank() : axis);
    }

    boolean wants(int output) {
        return output < node.outputs().size() && !node.outputs().get(output).isEmpty();
    }

    /** Gives output 0 its value. */
    void result(Value value) {
        result(0, value);
    }

    /** Gives an output its value, if it has a name. */
    void result(int output, Value value) {
        if (wants(output)) {
            String name = node.outputs().get(output);
            algebra.builder()
                    .add(new Node(name, "", "Identity", List.of(value.name()), List.of(name), Attributes.NONE));
        }
    }

    /** A part of the input's shape that must not be dynamic. */
    Shape requireStatic(Shape part, String what) {
        if (!part.isStatic()) {
            throw new InvalidModelException(node.describe() + " has an input " + in(0).shape() + " with a dynamic "
                    + what + "; fix it to a number, for example when exporting the network");
        }
        return part;
    }

    InvalidModelException refused(String why) {
        return new InvalidModelException(node.describe() + " " + why);
    }
}
