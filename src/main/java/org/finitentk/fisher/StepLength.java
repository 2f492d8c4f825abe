package org.finitentk.fisher;

import java.util.SplittableRandom;
import org.finitentk.fisher.FisherOperator.Difference;
import org.finitentk.internal.linalg.Vectors;

/**
 * The step ε of a finite difference, chosen for each vector v by weighing truncation against rounding (Gill, Murray,
 * Saunders, Wright, "Computing Forward-Difference Intervals for Numerical Optimization", SIAM J. Sci. Stat. Comput. 4,
 * 1983).
 *
 * <p>Let h = ε ‖v‖ be the step's length, s the change of the means of y for a unit of it, and c how much of that change
 * is second order, relative to the first, for a unit of h. Then a forward difference has the relative truncation error
 * c h, and the relative rounding error r / (s h), where r is what rounding alone changes; their sum is least at h = √(r
 * / (s c)). A central difference has truncation (c h)², taking the third order for the square of the second, and is
 * best at h = ∛(r / (2 s c²)).
 *
 * <p>No fixed multiple of ‖θ‖ does: on the 5-200-2000-200-1 ELU network in single precision the best forward step is
 * 1e-5 ‖θ‖ along a gradient, which changes the outputs most, and 2e-4 ‖θ‖ in a random direction, where a step as short
 * leaves an error of 1e-2. So r, s and c are measured on a few examples: r once, by rounding θ differently; s and c for
 * each vector, from two forward passes ± a step that is long enough for rounding not to matter in either.
 */
final class StepLength {
    /** Enough to know three sizes to some ten percent; few next to the data sets for which products take long. */
    private static final int EXAMPLES = 64;

    private static final long SEED = 1;
    /**
     * How much of the rounding error of the outputs a product has: it is independent from example to example, and
     * averages out in the sum over them; truncation does not. Between 0.1 and 0.3 the errors of tanh, ELU, ReLU,
     * softplus and convolutional networks are least.
     */
    private static final double SURVIVING = 0.1;

    private final Divergence divergence;
    private final double rounding;
    private final double longest;
    private final double shortest;

    /**
     * Measures rounding.
     *
     * @param divergence of all examples
     * @param unit the relative rounding error of the network's numbers
     */
    StepLength(Divergence divergence, double unit) {
        this.divergence = divergence.first(Math.min(EXAMPLES, divergence.size()));
        double size = Vectors.norm(divergence.theta());
        double scale = size > 0 ? size : 1;
        this.longest = Math.cbrt(unit) * scale;
        // below this, what is left of the step in the sum θ + εv after rounding is too little
        this.shortest = Math.pow(unit, 0.75) * scale;
        this.rounding = SURVIVING * Vectors.norm(this.divergence.shift(roundings(divergence.theta()), unit));
    }

    /** For each parameter a number between 0 and its size, of random sign. */
    private static double[] roundings(double[] theta) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] roundings = new double[theta.length];
        for (int i = 0; i < roundings.length; i++) {
            roundings[i] = theta[i] * random.nextDouble(-1, 1);
        }
        return roundings;
    }

    /** ε for a vector. */
    double of(double[] v, Difference difference) {
        double norm = Vectors.norm(v);
        double[] ahead = divergence.shift(v, longest / norm);
        double[] behind = divergence.shift(v, -longest / norm);
        double odd = 0;
        double even = 0;
        for (int i = 0; i < ahead.length; i++) {
            odd += (ahead[i] - behind[i]) * (ahead[i] - behind[i]);
            even += (ahead[i] + behind[i]) * (ahead[i] + behind[i]);
        }
        double slope = Math.sqrt(odd) / 2 / longest;
        double bend = Math.sqrt(even / odd) / longest;
        double best = difference == Difference.FORWARD
                ? Math.sqrt(rounding / (slope * bend))
                : Math.cbrt(rounding / (2 * slope * bend * bend));
        // NaN where nothing changes at all: any step does
        return (best < longest ? Math.max(best, shortest) : longest) / norm;
    }
}
