package org.finitentk.check;

import org.finitentk.check.Finding.Outcome;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;

/** f, J v and Jᵀ u have no NaN and no infinity. */
final class FiniteValues {
    static final String NAME = "finite values";

    private FiniteValues() {}

    static Finding find(LinearizedNetwork network, Examples x, Directions directions) {
        double[] f = network.forward(x);
        double[] jv = network.jvp(x, directions.tangent(0));
        double[] vjp = network.vjp(x, directions.cotangent(0, x.size()));
        long broken = count(f) + count(jv) + count(vjp);
        String where = count(f) > 0 ? outputAt(network, "f", f) : count(jv) > 0 ? outputAt(network, "Jv", jv) : "";
        if (broken > 0 && where.isEmpty()) {
            int at = first(vjp);
            where = "J'u is " + vjp[at] + " at " + directions.parameterAt(at);
        }
        String sentence = broken == 0
                ? "f, Jv and J'u of " + x.size() + " examples are finite"
                : where + "; look for extreme features in that example, or for weights that are not finite";
        return new Finding(NAME, broken == 0 ? Outcome.PASSED : Outcome.FAILED, broken, 0, sentence);
    }

    private static String outputAt(LinearizedNetwork network, String what, double[] values) {
        int at = first(values);
        return what + " is " + values[at] + " for output " + at % network.outputSize() + " of example "
                + at / network.outputSize();
    }

    private static long count(double[] values) {
        long count = 0;
        for (double value : values) {
            count += Double.isFinite(value) ? 0 : 1;
        }
        return count;
    }

    private static int first(double[] values) {
        int at = 0;
        while (Double.isFinite(values[at])) {
            at++;
        }
        return at;
    }
}
