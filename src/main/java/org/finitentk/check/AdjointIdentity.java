package org.finitentk.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.finitentk.check.Comparison.Pair;
import org.finitentk.check.Directions.Block;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;

/**
 * ⟨u, J v⟩ = ⟨Jᵀ u, v⟩ for random u and v, v being nonzero in one parameter at a time: an error in a small parameter
 * would drown in a product with all of them, and the parameter at fault is known by name.
 *
 * <p>Differences are relative to the standard deviation of either side over random u and v, because the products
 * themselves can come out near zero. For a parameter that hardly matters next to the others (the bias before a
 * normalization has no effect at all), a thousandth of the largest is the measure: its products are rounding errors. So
 * are those of all parameters where they are far below f.
 */
final class AdjointIdentity {
    static final String NAME = "adjoint identity";
    private static final double ROUNDINGS = 20_000;
    private static final double NEGLIGIBLE = 1e-3;
    /**
     * Of f: a thousandth of what one rounding error leaves of it, in float32. A Softmax that is all but certain has
     * derivatives as small as 1e-38, of which some are lost next to numbers of 1 and others are not.
     */
    private static final double INVISIBLE = 1e-11;
    /** One u could be nearly orthogonal to the error. */
    private static final int COTANGENTS = 3;

    private AdjointIdentity() {}

    static Finding find(LinearizedNetwork network, Examples x, Directions directions, ProgressListener progress) {
        return Comparison.judge(
                NAME,
                network,
                x,
                ROUNDINGS,
                "<u, Jv> = <J'u, v> for every parameter",
                (at, z) -> pairs(at, z, directions, progress));
    }

    /** One for every block. */
    private static List<Pair> pairs(
            LinearizedNetwork network, Examples x, Directions directions, ProgressListener progress) {
        double[] v = directions.tangent(1);
        double[] sizes = directions.sizes();
        double[][] u = new double[COTANGENTS][];
        double[][] gradients = new double[COTANGENTS][];
        for (int i = 0; i < COTANGENTS; i++) {
            u[i] = directions.cotangent(i);
            gradients[i] = network.vjp(x, u[i]);
        }
        List<Block> blocks = directions.blocks();
        double largest = INVISIBLE * Vectors.norm(network.forward(x)) / NEGLIGIBLE;
        for (Block block : blocks) {
            for (double[] gradient : gradients) {
                largest = Math.max(largest, deviation(gradient, sizes, block));
            }
        }
        List<Pair> pairs = new ArrayList<>();
        for (Block block : blocks) {
            progress.progress(NAME, pairs.size(), blocks.size());
            double[] jv = network.jvp(x, block.restrict(v));
            double size = Vectors.norm(jv);
            double[] left = new double[COTANGENTS];
            double[] right = new double[COTANGENTS];
            double[] scale = new double[COTANGENTS];
            for (int i = 0; i < COTANGENTS; i++) {
                left[i] = dot(u[i], jv, 0, jv.length);
                right[i] = dot(gradients[i], v, block.from(), block.to());
                scale[i] = Math.max(Math.max(size, deviation(gradients[i], sizes, block)), NEGLIGIBLE * largest);
            }
            pairs.add(pair(block.name(), left, right, scale));
        }
        progress.progress(NAME, pairs.size(), pairs.size());
        return pairs;
    }

    private static Pair pair(String block, double[] left, double[] right, double[] scale) {
        Deviation deviation = Deviation.between(right, left, scale);
        int worst = deviation.index();
        return new Pair(
                deviation,
                () -> String.format(
                        Locale.ROOT,
                        "the jvp and vjp graphs are not of the same Jacobian: for %s, <u, Jv> is %.6g "
                                + "and <J'u, v> is %.6g",
                        block,
                        left[worst],
                        right[worst]));
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
