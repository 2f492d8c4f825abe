package org.finitentk.internal.onnx;

import java.util.List;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.internal.onnx.ShapeRule.Sample;

/** RNN, GRU and LSTM. */
final class RecurrentShapes {
    private RecurrentShapes() {}

    static void register(ShapeTable t) {
        t.put("RNN", 3, 6, RecurrentShapes::recurrent)
                .demands(d -> demand(d, 1))
                .outputs(2);
        t.put("GRU", 3, 6, RecurrentShapes::recurrent)
                .demands(d -> demand(d, 3))
                .outputs(2);
        t.put("LSTM", 3, 8, RecurrentShapes::recurrent)
                .demands(d -> demand(d, 4))
                .outputs(3);
    }

    /** Y, Y_h and Y_c. */
    private static Outcome recurrent(Sample s) {
        boolean batchFirst = s.node().integer("layout", 0) != 0;
        long[] x = s.shape(0);
        long steps = x[batchFirst ? 1 : 0];
        long batch = x[batchFirst ? 0 : 1];
        long directions = s.shape(2)[0];
        long hidden = s.shape(2)[2];
        long[] last = batchFirst ? new long[] {batch, directions, hidden} : new long[] {directions, batch, hidden};
        long[] all = batchFirst
                ? new long[] {batch, steps, directions, hidden}
                : new long[] {steps, directions, batch, hidden};
        return new Outcome(List.of(s.type(0), s.type(0), s.type(0)), List.of(all, last, last), null);
    }

    private static void demand(Demands d, int gates) {
        d.oneOf("direction", "forward", "forward", "reverse", "bidirectional");
        if (d.node().integer("layout", 0) != 0) {
            throw Demands.refused(
                    "attribute layout is " + d.node().integer("layout", 0),
                    "0, for which alone ONNX Runtime has it: sequences on axis 0, examples on axis 1");
        }
        d.rank(0, 3);
        d.rank(1, 3);
        d.rank(2, 3);
        long directions = d.node().string("direction", "forward").equals("bidirectional") ? 2 : 1;
        long hidden = d.dim(2, 2);
        if (d.node().has("hidden_size") && hidden >= 0 && d.node().integer("hidden_size", hidden) != hidden) {
            throw Demands.refused(
                    "attribute hidden_size is " + d.node().integer("hidden_size", hidden),
                    hidden + ", as input 2 " + d.in(2).shape() + " has it");
        }
        tensor(d, 1, directions, gates * hidden, d.dim(0, 2));
        tensor(d, 2, directions, gates * hidden, hidden);
        tensor(d, 3, directions, 2L * gates * hidden);
        tensor(d, 4, d.dim(0, 1));
        tensor(d, 5, directions, d.dim(0, 1), hidden);
        tensor(d, 6, directions, d.dim(0, 1), hidden);
        tensor(d, 7, directions, 3 * hidden);
    }

    private static void tensor(Demands d, int i, long... shape) {
        d.rank(i, shape.length);
        for (int axis = 0; axis < shape.length; axis++) {
            d.dim(i, axis, shape[axis], "what directions, gates, examples and sizes make of it");
        }
    }
}
