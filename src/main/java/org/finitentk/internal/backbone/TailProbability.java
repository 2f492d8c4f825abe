package org.finitentk.internal.backbone;

/** Tails of the two distributions that paired comparisons need. */
final class TailProbability {
    private static final int TERMS = 10_000;
    private static final double PRECISION = 1e-14;
    /** Instead of 0 in denominators of continued fractions. */
    private static final double TINY = 1e-300;
    /** Lanczos' approximation of log Γ with g = 7 (Press et al., "Numerical Recipes", section 6.1). */
    private static final double[] LANCZOS = {
        0.9999999999998099,
        676.5203681218851,
        -1259.1392167224028,
        771.3234287776531,
        -176.6150291621406,
        12.507343278686905,
        -0.13857109526572012,
        9.984369578019572e-06,
        1.5056327351493116e-7
    };

    private TailProbability() {}

    /**
     * The probability that a fair coin falls on one side so often or more.
     *
     * @param wins how often
     * @param throwsOfAll of how many throws, at least as many
     * @return 1 for no throws
     */
    static double coin(int wins, int throwsOfAll) {
        return wins == 0 ? 1 : beta(wins, throwsOfAll - wins + 1.0, 0.5);
    }

    /**
     * The probability that Student's t is so large or larger.
     *
     * @param t may be infinite
     * @param freedom degrees of freedom, positive
     * @return between 0 and 1
     */
    static double student(double t, double freedom) {
        if (Double.isInfinite(t)) {
            return t > 0 ? 0 : 1;
        }
        double half = 0.5 * beta(0.5 * freedom, 0.5, freedom / (freedom + t * t));
        return t >= 0 ? half : 1 - half;
    }

    /** The regularized incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22). */
    private static double beta(double a, double b, double x) {
        if (x <= 0 || x >= 1) {
            return x <= 0 ? 0 : 1;
        }
        double front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
        boolean direct = x < (a + 1) / (a + b + 2);
        double tail = direct ? front * fraction(a, b, x) / a : 1 - front * fraction(b, a, 1 - x) / b;
        return Math.max(0, Math.min(1, tail));
    }

    /** By Lentz's method. */
    private static double fraction(double a, double b, double x) {
        double c = 1;
        double d = 1 / away(1 - (a + b) * x / (a + 1));
        double value = d;
        for (int m = 1; m < TERMS; m++) {
            double even = m * (b - m) * x / ((a + 2.0 * m - 1) * (a + 2.0 * m));
            d = 1 / away(1 + even * d);
            c = away(1 + even / c);
            value *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1));
            d = 1 / away(1 + odd * d);
            c = away(1 + odd / c);
            value *= d * c;
            if (Math.abs(d * c - 1) < PRECISION) {
                break;
            }
        }
        return value;
    }

    private static double away(double denominator) {
        return Math.abs(denominator) < TINY ? TINY : denominator;
    }

    private static double logGamma(double x) {
        double sum = LANCZOS[0];
        for (int i = 1; i < LANCZOS.length; i++) {
            sum += LANCZOS[i] / (x - 1 + i);
        }
        double t = x + 6.5;
        return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
    }
}
