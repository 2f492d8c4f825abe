package org.finitentk.internal.autodiff;

import java.util.List;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;

/** Activation functions. */
final class ActivationRows {
    private ActivationRows() {}

    /** Functions of one number, each swept as well. */
    static List<SweptRow> functions() {
        return List.of(
                SweptRow.of("Relu", ActivationRows::step),
                SweptRow.of("LeakyRelu", x -> x > 0 ? 1 : 0.01f),
                SweptRow.of("LeakyRelu", new Attributes().real("alpha", 0.3f), x -> x > 0 ? 1 : 0.3f),
                SweptRow.of("PRelu of a quarter", (n, x) -> n.op("PRelu", x, n.scalar(0.25)), x -> x > 0 ? 1 : 0.25),
                SweptRow.of("Elu", x -> x > 0 ? 1 : Math.exp(x)).saturates(1),
                SweptRow.of("Elu", new Attributes().real("alpha", 1.5f), x -> x > 0 ? 1 : 1.5 * Math.exp(x))
                        .saturates(2),
                SweptRow.of("Selu", x -> x > 0 ? 1.050701f : (double) 1.050701f * 1.6732632f * Math.exp(x))
                        .saturates(2),
                SweptRow.of("Celu", x -> Math.exp(Math.min(x, 0))).times(0.9),
                SweptRow.of("Celu", new Attributes().real("alpha", 2), x -> Math.exp(Math.min(x, 0) / 2)),
                // ONNX Runtime's Sigmoid is right to digits of 1
                SweptRow.of("Softplus", ActivationRows::sigmoid).saturates(1),
                SweptRow.of("Sigmoid", x -> sigmoid(x) * sigmoid(-x)).saturates(1),
                SweptRow.of("Tanh", x -> Math.pow(Math.cosh(Math.min(Math.abs(x), 400)), -2))
                        .saturates(1),
                SweptRow.of("HardSigmoid", x -> x > -2.5 && x < 2.5 ? 0.2f : 0).times(2),
                SweptRow.of("HardSwish", x -> x > 3 ? 1 : x > -3 ? (2 * x + 3) / 6 : 0)
                        .saturates(2)
                        .times(2),
                SweptRow.of("ThresholdedRelu", x -> x > 1 ? 1 : 0).times(0.9),
                SweptRow.of("Shrink", x -> Math.abs(x) > 0.5 ? 1 : 0).times(0.9),
                SweptRow.of("Mish", ActivationRows::mish).saturates(4).times(0.9),
                SweptRow.of("Gelu", ActivationRows::gelu).saturates(2).times(2),
                SweptRow.of("Gelu", new Attributes().string("approximate", "tanh"), ActivationRows::tanhGelu)
                        .saturates(4),
                SweptRow.of("Softsign", x -> 1 / (1 + Math.abs(x)) / (1 + Math.abs(x)))
                        .times(0.9));
    }

    static void add(Rows rows) {
        functions().forEach(row -> row.addTo(rows));
        rows.add("Elu of another alpha", n -> n.op("Elu", new Attributes().real("alpha", 1.7f), n.active(6)));
        rows.add(
                "Selu alpha gamma",
                n -> n.op("Selu", new Attributes().real("alpha", 1.2f).real("gamma", 0.7f), n.active(6)));
        rows.add("Softplus of large values", n -> n.op("Softplus", n.op("Mul", n.active(6), n.scalar(40))));
        rows.add(
                "HardSigmoid alpha beta",
                n -> n.op("HardSigmoid", new Attributes().real("alpha", 0.6f).real("beta", 0.3f), n.active(9)));
        rows.add("Celu of another alpha", n -> n.op("Celu", new Attributes().real("alpha", 1.7f), n.active(6)));
        rows.add("Celu of large values", n -> n.op("Celu", n.op("Mul", n.active(6), n.scalar(60))));
        rows.add(
                "ThresholdedRelu alpha",
                n -> n.op("ThresholdedRelu", new Attributes().real("alpha", 0.3f), n.active(8)));
        rows.add(
                "Shrink lambd bias",
                n -> n.op("Shrink", new Attributes().real("lambd", 0.8f).real("bias", 0.3f), n.active(8)));
        rows.add("PRelu", n -> n.op("PRelu", n.active(3, 2), n.p(3, 1)));
        rows.add("PRelu of one slope", n -> n.op("PRelu", n.active(3), n.p(1)));
        softmax(rows);
    }

    private static void softmax(Rows rows) {
        for (String op : List.of("Softmax", "LogSoftmax")) {
            rows.add(op, n -> n.op(op, n.active(4)));
            for (long axis : new long[] {1, 2, -1, -2}) {
                rows.add(op + " axis " + axis, n -> n.op(op, new Attributes().integer("axis", axis), n.active(3, 4)));
            }
            rows.add(op + " of a parameter", n -> n.op("Mul", n.x(3, 4), n.op(op, n.p(3, 4))));
            rows.add(op + " of large values", n -> n.op(op, n.op("Mul", n.active(4), n.scalar(12))));
        }
    }

    static double step(double x) {
        return x > 0 ? 1 : 0;
    }

    private static double sigmoid(double x) {
        return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
    }

    private static double normal(double x) {
        return Math.exp(-0.5 * Math.min(1e4, x * x)) / Math.sqrt(2 * Math.PI);
    }

    private static double mish(double x) {
        double t = Math.tanh(x > 40 ? x : Math.log1p(Math.exp(x)));
        double slope = Math.pow(Math.cosh(Math.min(400, x > 40 ? x : Math.log1p(Math.exp(x)))), -2);
        return t + (Math.abs(x) > 1e3 ? 0 : x * slope * sigmoid(x));
    }

    private static double gelu(double x) {
        double cumulative = x < 0 ? 0.5 * erfc(-x / Math.sqrt(2)) : 1 - 0.5 * erfc(x / Math.sqrt(2));
        return cumulative + (Math.abs(x) > 100 ? 0 : x * normal(x));
    }

    private static double tanhGelu(double x) {
        double c = Math.sqrt(2 / Math.PI);
        if (Math.abs(x) > 30) {
            return step(x);
        }
        double inner = c * (x + 0.044715 * x * x * x);
        return 0.5 * (1 + Math.tanh(inner))
                + 0.5 * x * Math.pow(Math.cosh(Math.min(400, Math.abs(inner))), -2) * c * (1 + 3 * 0.044715 * x * x);
    }

    /** Erfc of a number that is not negative: numerical integration by its continued fraction or series. */
    private static double erfc(double x) {
        if (x > 30) {
            return 0;
        }
        if (x > 2) {
            double fraction = 0;
            for (int k = 120; k > 0; k--) {
                fraction = k / 2.0 / (x + fraction);
            }
            return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
        }
        double term = x;
        double sum = x;
        for (int k = 1; k < 80; k++) {
            term *= -x * x / k;
            sum += term / (2 * k + 1);
        }
        return 1 - 2 / Math.sqrt(Math.PI) * sum;
    }
}
