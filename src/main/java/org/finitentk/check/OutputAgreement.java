package org.finitentk.check;

import java.util.List;
import org.finitentk.check.Comparison.Pair;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;

/** The three graphs compute the same f, whatever tangent or cotangent they are given. */
final class OutputAgreement {
    static final String NAME = "agreement of f";
    /** In units of rounding errors; kernels that are fused differently differ by some hundreds in deep networks. */
    private static final double ROUNDINGS = 2000;

    private OutputAgreement() {}

    static Finding find(LinearizedNetwork network, Examples x, Directions directions) {
        return Comparison.judge(
                NAME, network, x, ROUNDINGS, "the forward, jvp and vjp graphs compute the same f", (at, z) -> {
                    double[] f = at.forward(z);
                    return List.of(
                            pair(
                                    "jvp",
                                    f,
                                    RunningNetwork.of(at).outputs(z, Product.JVP, directions.tangent(0)),
                                    at.outputSize()),
                            pair(
                                    "vjp",
                                    f,
                                    RunningNetwork.of(at).outputs(z, Product.VJP, directions.cotangent(0)),
                                    at.outputSize()));
                });
    }

    private static Pair pair(String graph, double[] expected, double[] found, int k) {
        Deviation deviation = Deviation.between(expected, found);
        return new Pair(
                deviation,
                () -> "the " + graph + " graph computes another f than the forward graph: output "
                        + deviation.index() % k + " of example " + deviation.index() / k + " is " + deviation.values());
    }
}
