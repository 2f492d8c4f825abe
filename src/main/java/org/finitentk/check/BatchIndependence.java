package org.finitentk.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.check.Comparison.Pair;
import org.finitentk.check.Finding.Outcome;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.LinearizedNetwork.Linearized;
import org.finitentk.onnx.InvalidModelException;

/**
 * An example's f, J v and Jᵀ u do not depend on the examples that run with it, nor on its place among them. Tangent
 * kernels have an entry for two examples only then.
 *
 * <p>f may differ by rounding; products by more, because an activation within rounding of a kink may fall on either
 * side of it.
 */
final class BatchIndependence {
    static final String NAME = "batch independence";
    private static final double ROUNDINGS = 20_000;

    private final LinearizedNetwork network;
    private final Examples x;
    private final double[] v;
    private final double[] u;
    private final List<Pair> pairs = new ArrayList<>();

    private BatchIndependence(LinearizedNetwork network, Examples x, Directions directions) {
        this.network = network;
        this.x = x;
        this.v = directions.tangent(0);
        this.u = directions.cotangent(0);
    }

    static Finding find(LinearizedNetwork network, Examples x, Directions directions) {
        Finding found = compared(network, x, directions);
        if (found.outcome() != Outcome.FAILED) {
            try {
                network.requireIndependentExamples(x);
            } catch (InvalidModelException e) {
                return Finding.failed(NAME, String.valueOf(e.getMessage()));
            }
        }
        return found;
    }

    private static Finding compared(LinearizedNetwork network, Examples x, Directions directions) {
        int n = Math.min(x.size(), network.chunkSize());
        if (n < 2) {
            return Finding.skipped(
                    NAME, x.size() < 2 ? "not tried: it takes two examples at least" : oneByOne(network));
        }
        return Comparison.judge(
                NAME,
                network,
                x.slice(0, n),
                ROUNDINGS,
                "f, Jv and J'u of an example are the same alone, among others and in another order",
                (at, z) -> {
                    BatchIndependence independence = new BatchIndependence(at, z, directions);
                    independence.compareOutputs();
                    independence.compareGradients();
                    return independence.pairs;
                });
    }

    private static String oneByOne(LinearizedNetwork network) {
        boolean fixed = network.inputs().stream().anyMatch(input -> input.isFixed(0) && input.dim(0) == 1);
        return fixed
                ? "not tried: the network takes one example at a time"
                : "not tried of Jv and J'u, whose examples go through one by one, since they are large; f of an example"
                        + " does not depend on others";
    }

    private void note(Deviation deviation, String what) {
        pairs.add(new Pair(
                deviation,
                () -> "the network mixes examples (as a Softmax, mean or reshape over the "
                        + "first axis does), so there is no kernel of two examples: " + what + " ("
                        + deviation.values() + ")"));
    }

    private void compareOutputs() {
        int n = x.size();
        int k = network.outputSize();
        Linearized together = network.linearized(x, v);
        double[] f = new double[n * k];
        double[] jv = new double[n * k];
        for (int i = 0; i < n; i++) {
            Linearized alone = network.linearized(x.slice(i, i + 1), v);
            System.arraycopy(alone.outputs(), 0, f, i * k, k);
            System.arraycopy(alone.products(), 0, jv, i * k, k);
        }
        noteOutputs(f, together.outputs(), "f", "among " + n + " examples is not what it is alone");
        noteOutputs(jv, together.products(), "Jv", "among " + n + " examples is not what it is alone");
        Linearized backwards = network.linearized(
                x.select(IntStream.range(0, n).map(i -> n - 1 - i).toArray()), v);
        noteOutputs(together.outputs(), reversed(backwards.outputs(), k), "f", "in another order is not what it was");
        noteOutputs(
                together.products(), reversed(backwards.products(), k), "Jv", "in another order is not what it was");
    }

    private void noteOutputs(double[] expected, double[] found, String quantity, String problem) {
        Deviation deviation = Deviation.between(expected, found);
        int k = network.outputSize();
        note(
                deviation,
                quantity + " of output " + deviation.index() % k + " of example " + deviation.index() / k + " "
                        + problem);
    }

    private static double[] reversed(double[] values, int k) {
        double[] reversed = new double[values.length];
        int n = values.length / k;
        for (int i = 0; i < n; i++) {
            System.arraycopy(values, i * k, reversed, (n - 1 - i) * k, k);
        }
        return reversed;
    }

    /** The first and the last example: what is mixed along the batch shows at its ends. */
    private void compareGradients() {
        int n = x.size();
        int k = network.outputSize();
        for (int i = 0; i < n; i += n - 1) {
            double[] supported = new double[n * k];
            System.arraycopy(u, i * k, supported, i * k, k);
            double[] alone = network.vjp(x.slice(i, i + 1), Arrays.copyOfRange(u, i * k, (i + 1) * k));
            note(
                    Deviation.between(alone, network.vjp(x, supported)),
                    "J'u of a cotangent of example " + i + " alone depends on the other examples");
        }
    }
}
