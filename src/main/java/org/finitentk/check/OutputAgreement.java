package org.finitentk.check;

import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Product;

/** The three graphs compute the same f, whatever tangent or cotangent they are given. */
final class OutputAgreement {
    static final String NAME = "agreement of f";
    /** In units of rounding errors; kernels that are fused differently differ by some hundreds in deep networks. */
    private static final double ROUNDINGS = 2000;

    private OutputAgreement() {}

    static Finding find(LinearizedNetwork network, Examples x, Directions directions) {
        double tolerance = ROUNDINGS * Directions.roundoff(network);
        double[] f = network.forward(x);
        Deviation jvp = Deviation.between(f, network.outputs(x, Product.JVP, directions.tangent(0)));
        Deviation vjp = Deviation.between(f, network.outputs(x, Product.VJP, directions.cotangent(0)));
        boolean second = vjp.exceeds(jvp);
        Deviation worst = second ? vjp : jvp;
        int k = network.outputSize();
        return Finding.of(
                NAME,
                worst.relative(),
                tolerance,
                "the forward, jvp and vjp graphs compute the same f",
                "the " + (second ? "vjp" : "jvp") + " graph computes another f than the forward graph: output "
                        + worst.index() % k + " of example " + worst.index() / k + " is " + worst.values());
    }
}
