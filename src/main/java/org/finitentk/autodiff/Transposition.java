package org.finitentk.autodiff;

import java.util.Set;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Value;
import org.jspecify.annotations.Nullable;

/** One linear node being transposed: its output's cotangent, and which of its inputs are linear (those have shapes, but no values). */
final class Transposition {
    private final Node node;
    private final Set<String> linear;
    private final Cotangents cotangents;

    Transposition(Node node, Set<String> linear, Cotangents cotangents) {
        this.node = node;
        this.linear = linear;
        this.cotangents = cotangents;
    }

    Node node() {
        return node;
    }

    Algebra algebra() {
        return cotangents.algebra();
    }

    Value in(int i) {
        return algebra().builder().shapes().get(node.input(i));
    }

    boolean isLinear(int i) {
        return linear.contains(node.input(i));
    }

    /** The cotangent of output 0, which is never a symbolic zero for an operator of one output. */
    Value cotangent() {
        Value ct = cotangentOrNull(0);
        if (ct == null) {
            throw new IllegalStateException(node.describe() + " has no cotangent");
        }
        return ct;
    }

    @Nullable Value cotangentOrNull(int output) {
        return output < node.outputs().size() ? cotangents.find(node.outputs().get(output)) : null;
    }

    /** Contributes to input i, in the input's own shape; nothing happens if that input is not linear. */
    void contribute(int i, Value term) {
        if (isLinear(i)) {
            cotangents.exact(in(i), term);
        }
    }

    /** Contributes to elements [from, from + the term's size) along one axis of input i. */
    void contributePiece(int i, int axis, long from, Value term) {
        if (isLinear(i)) {
            cotangents.piece(in(i), axis, from, term);
        }
    }

    /** Contributes a term that is the same along the axes of input i along which it has size 1. */
    void contributeRepeated(int i, Value term) {
        if (isLinear(i)) {
            cotangents.repeated(in(i), term);
        }
    }

    void contributeBroadcast(int i, Value term) {
        if (isLinear(i)) {
            cotangents.broadcast(in(i), term);
        }
    }

    void contributeExamples(int i, Value term) {
        if (isLinear(i)) {
            cotangents.examples(in(i), term);
        }
    }

    /** Contributes to rows of input i, along its first axis, that were looked up. */
    void contributeRows(int i, Value index, Value term) {
        if (isLinear(i)) {
            cotangents.rows(in(i), index, term);
        }
    }

    void contributeOuter(int i, OuterProduct product) {
        if (isLinear(i)) {
            cotangents.outer(in(i), product);
        }
    }
}
