package org.finitentk.internal.autodiff;

import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/** A node, and what a rule that writes other nodes for it asks of it. */
abstract sealed class RuledNode permits Jvp, Rewrite, Transposition {
    private final Node node;
    private final Algebra algebra;

    RuledNode(Node node, Algebra algebra) {
        this.node = node;
        this.algebra = algebra;
    }

    final Node node() {
        return node;
    }

    final Algebra algebra() {
        return algebra;
    }

    final Value in(int i) {
        return algebra.builder().shapes().get(node.input(i));
    }

    final @Nullable Value inOrNull(int i) {
        return node.hasInput(i) ? in(i) : null;
    }

    /** An attribute that is an axis of input 0, from 0. */
    final int axis(String key, long defaultValue) {
        long axis = node.integer(key, defaultValue);
        return (int) (axis < 0 ? axis + in(0).rank() : axis);
    }

    /** A part of the input's shape that must not be dynamic. */
    final Shape requireStatic(Shape part, String what) {
        if (!part.isStatic()) {
            throw refused("has an input " + in(0).shape() + " with a dynamic " + what
                    + "; fix it to a number, for example when exporting the network");
        }
        return part;
    }

    /**
     * Refuses what needs the size of an axis that is left open. Most such axes are that of the examples, which has no
     * size that could be fixed.
     */
    final InvalidModelException refusedOpen(String does, Shape shape) {
        return refused(does + " an axis of " + shape + " whose size is open; if the examples lie along it, they "
                + "influence each other, and no derivative is of one example alone; else fix that size to a number");
    }

    final InvalidModelException refused(String why) {
        return new InvalidModelException(describe() + " " + why);
    }

    /** The node as messages name it. */
    String describe() {
        return node.describe();
    }
}
