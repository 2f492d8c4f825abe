package org.finitentk.internal.autodiff;

import static org.finitentk.internal.autodiff.PerExample.Kind.FACTORS;
import static org.finitentk.internal.autodiff.PerExample.Kind.GRADIENTS;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;

/**
 * RNN, GRU and LSTM: directions, biases, initial states, lengths of sequences, activations, and the operators' own
 * attributes.
 */
final class RecurrentRows {
    private static final int STEPS = 3;
    private static final int IN = 2;
    private static final int HIDDEN = 3;

    private RecurrentRows() {}

    private static int gates(String op) {
        return op.equals("RNN") ? 1 : op.equals("GRU") ? 3 : 4;
    }

    private static Attributes attributes() {
        return new Attributes().integer("hidden_size", HIDDEN);
    }

    private static String sequence(Net n) {
        return n.transpose(n.x(STEPS, IN), 1, 0, 2);
    }

    private static String examplesFirst(Net n, String y) {
        return n.transpose(y, 2, 0, 1, 3);
    }

    /** Output Y, the examples first, of data with parameters W, R and, if given, B and whatever else. */
    private static String all(Net n, String op, Attributes a, int directions, String... more) {
        int gates = gates(op);
        String[] in = new String[3 + more.length];
        in[0] = sequence(n);
        in[1] = n.p(directions, (long) gates * HIDDEN, IN);
        in[2] = n.p(directions, (long) gates * HIDDEN, HIDDEN);
        System.arraycopy(more, 0, in, 3, more.length);
        return examplesFirst(n, n.op(op, a, in));
    }

    private static String bias(Net n, String op, int directions) {
        return n.p(directions, 2L * gates(op) * HIDDEN);
    }

    static void add(Rows rows) {
        for (String op : List.of("RNN", "GRU", "LSTM")) {
            common(rows, op, "", attributes());
        }
        common(rows, "GRU", ", linear_before_reset", attributes().integer("linear_before_reset", 1));
        longShortTerm(rows);
        activations(rows);
        rows.add(
                "two layers of LSTM, last output to a dense layer",
                n -> {
                    String first = n.ops(
                                    "LSTM",
                                    attributes(),
                                    1,
                                    sequence(n),
                                    n.p(1, 12, IN),
                                    n.p(1, 12, HIDDEN),
                                    n.p(1, 24))
                            .get(0);
                    List<String> second = n.ops(
                            "LSTM",
                            attributes(),
                            2,
                            n.op("Squeeze", first, n.longs(1)),
                            n.p(1, 12, HIDDEN),
                            n.p(1, 12, HIDDEN),
                            n.p(1, 24));
                    return n.op("Gemm", n.op("Squeeze", second.get(1), n.longs(0)), n.p(HIDDEN, 2), n.p(2));
                },
                FACTORS,
                FACTORS,
                GRADIENTS,
                FACTORS,
                FACTORS,
                GRADIENTS,
                FACTORS,
                GRADIENTS);
        rows.add("an embedding before a GRU", n -> {
            String embedded = n.transpose(n.op("Gather", n.p(5, IN), n.ids(5, STEPS)), 1, 0, 2);
            return n.op(
                    "Squeeze",
                    n.ops("GRU", attributes(), 2, embedded, n.p(1, 9, IN), n.p(1, 9, HIDDEN))
                            .get(1),
                    n.longs(0));
        });
    }

    private static void common(Rows rows, String op, String what, Attributes a) {
        boolean sliced = op.equals("GRU") && what.isEmpty();
        rows.add(op + what, n -> all(n, op, a, 1), FACTORS, sliced ? GRADIENTS : FACTORS);
        rows.add(
                op + " with biases" + what,
                n -> all(n, op, a, 1, bias(n, op, 1)),
                FACTORS,
                sliced ? GRADIENTS : FACTORS,
                GRADIENTS);
        rows.add(
                op + " of active data" + what,
                n -> examplesFirst(
                        n,
                        n.op(
                                op,
                                a,
                                n.transpose(n.active(STEPS, IN), 1, 0, 2),
                                n.p(1, (long) gates(op) * HIDDEN, IN),
                                n.p(1, (long) gates(op) * HIDDEN, HIDDEN),
                                bias(n, op, 1))));
        rows.add(
                op + " reverse" + what,
                n -> all(n, op, new Attributes(a.build()).string("direction", "reverse"), 1, bias(n, op, 1)));
        rows.add(
                op + " bidirectional" + what,
                n -> all(n, op, new Attributes(a.build()).string("direction", "bidirectional"), 2, bias(n, op, 2)),
                GRADIENTS,
                GRADIENTS,
                GRADIENTS);
        rows.add(
                op + " clipped" + what,
                n -> all(n, op, new Attributes(a.build()).real("clip", 0.9f), 1, bias(n, op, 1)));
        rows.add(
                op + " with an initial state" + what,
                n -> all(n, op, a, 1, bias(n, op, 1), "", n.transpose(n.active(1, HIDDEN), 1, 0, 2)));
        rows.add(
                op + " last state" + what,
                n -> n.transpose(
                        n.ops(
                                        op,
                                        new Attributes(a.build()).string("direction", "bidirectional"),
                                        2,
                                        sequence(n),
                                        n.p(2, (long) gates(op) * HIDDEN, IN),
                                        n.p(2, (long) gates(op) * HIDDEN, HIDDEN))
                                .get(1),
                        1,
                        0,
                        2));
        for (String direction : List.of("forward", "bidirectional")) {
            // lengths 1 to 3
            rows.add(op + " of sequences of different lengths, " + direction + what, n -> {
                String length = n.op(
                        "Cast",
                        new Attributes().integer("to", ElementType.INT32.code()),
                        n.op("Add", n.op("Abs", n.ids(2)), n.tensor(org.finitentk.onnx.Tensor.ofLongs(new long[] {1
                        }))));
                int directions = direction.equals("forward") ? 1 : 2;
                return all(
                        n,
                        op,
                        new Attributes(a.build()).string("direction", direction),
                        directions,
                        bias(n, op, directions),
                        length);
            });
        }
    }

    private static void longShortTerm(Rows rows) {
        rows.add(
                "LSTM with initial states",
                n -> all(
                        n,
                        "LSTM",
                        attributes(),
                        1,
                        "",
                        "",
                        n.transpose(n.active(1, HIDDEN), 1, 0, 2),
                        n.transpose(n.active(1, HIDDEN), 1, 0, 2)));
        rows.add(
                "LSTM with peepholes",
                n -> all(n, "LSTM", attributes(), 1, bias(n, "LSTM", 1), "", "", "", n.p(1, 3 * HIDDEN)),
                FACTORS,
                FACTORS,
                GRADIENTS,
                GRADIENTS);
        rows.add("LSTM with input_forget", n -> all(n, "LSTM", attributes().integer("input_forget", 1), 1));
        rows.add(
                "LSTM last cell",
                n -> n.transpose(
                        n.ops("LSTM", attributes(), 3, sequence(n), n.p(1, 12, IN), n.p(1, 12, HIDDEN))
                                .get(2),
                        1,
                        0,
                        2));
        rows.add("LSTM of unused output Y", n -> {
            n.ops("LSTM", attributes(), 1, sequence(n), n.p(1, 12, IN), n.p(1, 12, HIDDEN));
            return n.active(2);
        });
    }

    private static AttributeProto floats(String key, float... values) {
        AttributeProto.Builder a =
                AttributeProto.newBuilder().setName(key).setType(AttributeProto.AttributeType.FLOATS);
        for (float v : values) {
            a.addFloats(v);
        }
        return a.build();
    }

    private static void activations(Rows rows) {
        for (String f : List.of("Relu", "Softsign", "Affine", "ScaledTanh", "LeakyRelu", "HardSigmoid")) {
            Map<String, AttributeProto> all = new java.util.HashMap<>(
                    attributes().strings("activations", f).build());
            all.put("activation_alpha", floats("activation_alpha", 0.3f));
            all.put("activation_beta", floats("activation_beta", 0.4f));
            rows.add("RNN of " + f, n -> all(n, "RNN", new Attributes(all), 1, bias(n, "RNN", 1)));
        }
        rows.add(
                "LSTM of other activations",
                n -> all(
                        n,
                        "LSTM",
                        attributes()
                                .strings("activations", "Sigmoid", "Softsign", "Relu", "Tanh", "Tanh", "Softsign")
                                .string("direction", "bidirectional"),
                        2,
                        bias(n, "LSTM", 2)));
    }
}
