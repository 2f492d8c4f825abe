package org.finitentk.internal.autodiff;

import java.util.Set;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * One linear node being transposed: its output's cotangent, and which of its inputs are linear (those have shapes, but
 * no values).
 */
final class Transposition extends RuledNode {
    private final String origin;
    private final Set<String> linear;
    private final Cotangents cotangents;

    /** The origin is the network's node whose derivative this node belongs to, as messages name nodes. */
    Transposition(Node node, String origin, Set<String> linear, Cotangents cotangents) {
        super(node, cotangents.algebra());
        this.origin = origin;
        this.linear = linear;
        this.cotangents = cotangents;
    }

    /** A linear node has no name that a person knows. */
    @Override
    String describe() {
        return origin;
    }

    boolean isLinear(int i) {
        return linear.contains(node().input(i));
    }

    /** The cotangent of output 0, which is never a symbolic zero for an operator of one output. */
    Value cotangent() {
        Value ct = cotangentOrNull(0);
        if (ct == null) {
            throw new IllegalStateException(node().describe() + " has no cotangent");
        }
        return ct;
    }

    @Nullable
    Value cotangentOrNull(int output) {
        return output < node().outputs().size()
                ? cotangents.find(node().outputs().get(output))
                : null;
    }

    /** Contributes to input i, in the input's own shape; nothing happens if that input is not linear. */
    void contribute(int i, Value term) {
        contribute(i, new CotangentTerm.Exact(term));
    }

    /** Contributes to input i; nothing happens if that input is not linear. */
    void contribute(int i, CotangentTerm term) {
        if (isLinear(i)) {
            cotangents.add(in(i), term);
        }
    }
}
