package org.finitentk.classification;

/**
 * What a Gaussian logit f ~ N(m, s²) makes of the Bernoulli likelihood, to 1e-10: sums over points, which need no
 * random numbers.
 *
 * @param normalizer E log(1 + exp f)
 * @param mean E σ(f), σ(f) being 1 / (1 + exp −f)
 * @param curvature E σ(f) (1 − σ(f))
 */
record LogisticExpectation(double normalizer, double mean, double curvature) {
    /** Up to this deviation σ is smooth on the scale of the Gaussian. */
    private static final double WIDE = 8;
    /** The density beyond this many deviations is none. */
    private static final double REACH = 8.5;
    /** Steps of the trapezoidal rule in standard deviations: the poles of σ are π / s away from them. */
    private static final double STEP = 0.5;

    private static final double POLE_STEP = 0.6;
    /** Beyond this logit, σ is a step. */
    private static final double SATURATED = 40;

    private static final double PANEL = 2.5;
    /** Gauss and Legendre's positive nodes of eight on [−1, 1], and their weights. */
    private static final double[] NODES = {
        0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363
    };

    private static final double[] WEIGHTS = {
        0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763
    };

    static LogisticExpectation of(double m, double variance) {
        double s = Math.sqrt(Math.max(0, variance));
        return s <= WIDE ? trapezoidal(m, s) : split(m, s);
    }

    private static LogisticExpectation trapezoidal(double m, double s) {
        double step = Math.min(STEP, POLE_STEP / s);
        int points = s == 0 ? 0 : (int) Math.ceil(REACH / step);
        double total = 0;
        double normalizer = 0;
        double mean = 0;
        double curvature = 0;
        for (int i = -points; i <= points; i++) {
            double z = i * step;
            double weight = Math.exp(-0.5 * z * z);
            double f = m + s * z;
            double small = Math.exp(-Math.abs(f));
            total += weight;
            normalizer += weight * (Math.max(0, f) + Math.log1p(small));
            mean += weight * (f >= 0 ? 1 : small) / (1 + small);
            curvature += weight * small / ((1 + small) * (1 + small));
        }
        return new LogisticExpectation(normalizer / total, mean / total, curvature / total);
    }

    /** The limits max(0, f) and f > 0, and what is missing to them close to 0. */
    private static LogisticExpectation split(double m, double s) {
        double positive = below(m / s);
        double normalizer = m * positive + s * density(m / s);
        double mean = positive;
        double curvature = 0;
        for (double from = 0; from < SATURATED; from += PANEL) {
            for (int i = 0; i < 2 * NODES.length; i++) {
                double node = i % 2 == 0 ? NODES[i / 2] : -NODES[i / 2];
                double f = from + 0.5 * PANEL * (1 + node);
                double small = Math.exp(-f);
                double weight = 0.5 * PANEL * WEIGHTS[i / 2] / s;
                double above = weight * density((f - m) / s);
                double under = weight * density((-f - m) / s);
                normalizer += (above + under) * Math.log1p(small);
                mean += (under - above) * small / (1 + small);
                curvature += (above + under) * small / ((1 + small) * (1 + small));
            }
        }
        return new LogisticExpectation(normalizer, mean, curvature);
    }

    private static double density(double z) {
        return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    }

    /** The probability that a standard normal number is below. */
    private static double below(double z) {
        double limited = Math.max(-REACH, Math.min(REACH, z));
        int panels = (int) Math.ceil(Math.abs(limited));
        double width = panels == 0 ? 0 : limited / panels;
        double sum = 0.5;
        for (int panel = 0; panel < panels; panel++) {
            for (int i = 0; i < 2 * NODES.length; i++) {
                double node = i % 2 == 0 ? NODES[i / 2] : -NODES[i / 2];
                sum += 0.5 * width * WEIGHTS[i / 2] * density(width * (panel + 0.5 * (1 + node)));
            }
        }
        return sum;
    }
}
