package org.finitentk.check;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.finitentk.check.Comparison.Pair;
import org.finitentk.internal.kernel.TangentOperator;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;

/**
 * Whether the Gram matrix, which comes from gradients example by example, and the operator that keeps these give J (Jᵀ
 * w) as the network's own products do.
 */
final class GramAgreement {
    static final String NAME = "Gram matrix";
    private static final int EXAMPLES = 4;
    /** With more outputs, only the first has a kernel here. */
    private static final int MOST_OUTPUTS = 16;
    /**
     * As many as products of an example alone and among others may differ by: an activation within rounding of a kink
     * falls on either side of it.
     */
    private static final double ROUNDINGS = 20_000;

    /** Entries of a kernel are sums of products of derivatives; float32 loses digits of those below 1e-38. */
    private static final double UNDERFLOW = 1e-30;

    private GramAgreement() {}

    static Finding find(LinearizedNetwork network, Examples examples, long seed) {
        Examples x = examples.slice(0, Math.min(EXAMPLES, examples.size()));
        return Comparison.judge(
                NAME,
                network,
                x,
                ROUNDINGS,
                "the kernel from gradients of single examples is J J'",
                (at, z) -> pairs(at, z, seed));
    }

    private static List<Pair> pairs(LinearizedNetwork network, Examples x, long seed) {
        Outputs outputs = network.outputSize() <= MOST_OUTPUTS ? Outputs.all() : Outputs.single(0);
        double[] w = new SplittableRandom(seed)
                .doubles((long) x.size() * outputs.count(network.outputSize()), -1, 1)
                .toArray();
        double[] expected = outputs.of(
                network.jvp(x, network.vjp(x, outputs.cotangents(w, network.outputSize()))), network.outputSize());
        double[] byMatrix = product(new TangentKernel(network).gram(x, outputs), w);
        double[] byOperator = new double[w.length];
        try (TangentOperator operator = TangentOperator.of(network, x, outputs, ProgressListener.NONE)) {
            operator.multiply(w, 1, byOperator);
        }
        return List.of(pair("matrix", expected, byMatrix), pair("operator", expected, byOperator));
    }

    private static Pair pair(String what, double[] expected, double[] found) {
        double[] scales = new double[expected.length];
        double largest = Math.max(Deviation.largest(expected), Deviation.largest(found));
        Arrays.fill(scales, Math.max(largest, UNDERFLOW));
        Deviation deviation = Deviation.between(expected, found, scales);
        return new Pair(
                deviation,
                () -> String.format(
                        Locale.ROOT,
                        "the kernel from gradients of single examples is not J J': products with its %s are off by"
                                + " %.2g of the largest; this is a defect of the kernel and not of the network, so"
                                + " please report it",
                        what,
                        deviation.relative()));
    }

    private static double[] product(double[] k, double[] w) {
        double[] y = new double[w.length];
        for (int i = 0; i < k.length; i++) {
            y[i / w.length] += k[i] * w[i % w.length];
        }
        return y;
    }
}
