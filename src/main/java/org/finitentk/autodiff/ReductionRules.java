package org.finitentk.autodiff;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Shape;
import org.finitentk.onnx.Value;

/** Sums and means over axes. */
final class ReductionRules {
    private ReductionRules() {
    }

    static void register(Rules r) {
        r.jvp("ReduceSum", Jvp::same);
        r.transpose("ReduceSum", n -> n.contributeRepeated(0, kept(n)));
        r.jvp("ReduceMean", Jvp::same);
        r.transpose("ReduceMean", n -> {
            Shape x = n.in(0).shape();
            long count = 1;
            for (int axis : axes(n)) {
                if (x.dim(axis) < 0) {
                    throw new InvalidModelException(n.node().describe() + " takes the mean over an axis of dynamic size of " + x + "; fix that size to a number");
                }
                count *= x.dim(axis);
            }
            n.contributeRepeated(0, n.algebra().mul(kept(n), 1.0 / count));
        });
    }

    /** The output's cotangent with the reduced axes kept as size 1. */
    private static Value kept(Transposition n) {
        Shape shape = n.in(0).shape();
        for (int axis : axes(n)) {
            shape = shape.slice(0, axis).append(1).concat(shape.slice(axis + 1, shape.rank()));
        }
        return n.algebra().reshape(n.cotangent(), shape);
    }

    private static List<Integer> axes(Transposition n) {
        Node node = n.node();
        int rank = n.in(0).rank();
        double[] given = node.hasInput(1) ? n.in(1).constant() : new double[0];
        if (given == null) {
            throw new InvalidModelException(node.describe() + " reduces over axes that are computed; expected constant axes");
        }
        List<Integer> axes = new ArrayList<>();
        for (double axis : given) {
            axes.add((int) (axis < 0 ? axis + rank : axis));
        }
        if (axes.isEmpty() && node.integer("noop_with_empty_axes", 0) == 0) {
            for (int i = 0; i < rank; i++) {
                axes.add(i);
            }
        }
        return axes;
    }
}
