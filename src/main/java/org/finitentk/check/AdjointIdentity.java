package org.finitentk.check;

import java.util.Locale;
import org.finitentk.check.Directions.Block;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;

/**
 * ⟨u, J v⟩ = ⟨Jᵀ u, v⟩ for random u and v, v being nonzero in one parameter at a time: an error in a small parameter
 * would drown in a product with all of them, and the parameter at fault is known by name.
 *
 * <p>Differences are relative to the standard deviation of either side over random u and v, because the products
 * themselves can come out near zero. For a parameter that hardly matters next to the others (the bias before a
 * normalization has no effect at all), a thousandth of the largest is the measure: its products are rounding errors.
 */
final class AdjointIdentity {
    static final String NAME = "adjoint identity";
    private static final double ROUNDINGS = 20_000;
    private static final double NEGLIGIBLE = 1e-3;
    /** One u could be nearly orthogonal to the error. */
    private static final int COTANGENTS = 3;

    private AdjointIdentity() {}

    static Finding find(LinearizedNetwork network, Examples x, Directions directions) {
        double tolerance = ROUNDINGS * Directions.roundoff(network);
        double[] v = directions.tangent(1);
        double[] sizes = directions.sizes();
        double[][] u = new double[COTANGENTS][];
        double[][] gradients = new double[COTANGENTS][];
        for (int i = 0; i < COTANGENTS; i++) {
            u[i] = directions.cotangent(i);
            gradients[i] = network.vjp(x, u[i]);
        }
        double largest = 0;
        for (Block block : directions.blocks()) {
            for (double[] gradient : gradients) {
                largest = Math.max(largest, deviation(gradient, sizes, block));
            }
        }
        double worst = 0;
        String sentence = "";
        for (Block block : directions.blocks()) {
            double[] jv = network.jvp(x, block.restrict(v));
            double size = Vectors.norm(jv);
            for (int i = 0; i < COTANGENTS; i++) {
                double left = dot(u[i], jv, 0, jv.length);
                double right = dot(gradients[i], v, block.from(), block.to());
                double scale = Math.max(Math.max(size, deviation(gradients[i], sizes, block)), NEGLIGIBLE * largest);
                double error = left == right ? 0 : Math.abs(left - right) / scale;
                if (Double.compare(error, worst) > 0) {
                    worst = error;
                    sentence = String.format(
                            Locale.ROOT,
                            "the jvp and vjp graphs are not of the same Jacobian: for %s, <u, Jv> is %.6g "
                                    + "and <J'u, v> is %.6g",
                            block.name(),
                            left,
                            right);
                }
            }
        }
        return Finding.of(NAME, worst, tolerance, "<u, Jv> = <J'u, v> for every parameter", sentence);
    }

    /** Of ⟨g, v⟩ over random v that are nonzero in the block. */
    private static double deviation(double[] gradient, double[] sizes, Block block) {
        double sum = 0;
        for (int i = block.from(); i < block.to(); i++) {
            sum += gradient[i] * gradient[i] * sizes[i] * sizes[i];
        }
        return Math.sqrt(sum);
    }

    private static double dot(double[] a, double[] b, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
