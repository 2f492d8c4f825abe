package org.finitentk.classification;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.RowSums;
import org.finitentk.internal.linalg.SymmetricEigen;
import org.jspecify.annotations.Nullable;

/**
 * Probabilities of labels as expectations over the Gaussian of an example's logits: by quadrature for two labels and
 * for labels of which an example may have several, over draws for more. A softmax sees differences of logits only, and
 * most of their variance lies along few directions: the points' coordinates, which are the more evenly spread the lower
 * their numbers, go to these in the order of their variances. Safe for use from several threads.
 */
final class ExpectedProbabilities {
    /** Draws where nothing is asked for. */
    private static final int DRAWS = 2000;
    /** With more labels than this, draws become fewer: each label's probability is small, and so is its error. */
    private static final int MANY = 100;

    private static final int FEWEST = 200;
    /** Labels from which on all draws are multiplied together; what fewer predict stays bit for bit the same. */
    private static final int TOGETHER = 32;

    private final Likelihood likelihood;
    private final int count;
    private final long seed;
    private @Nullable LogitDraws points;

    /** With so many draws for more than two labels, made even. */
    ExpectedProbabilities(Likelihood likelihood, int samples, long seed) {
        this.likelihood = likelihood;
        int automatic = Math.max(FEWEST, Math.min(DRAWS, DRAWS * MANY / likelihood.logits()));
        int asked = samples == ClassificationSettings.AUTOMATIC_SAMPLES ? automatic : samples;
        this.count = asked + asked % 2;
        this.seed = seed;
    }

    /**
     * The expectations.
     *
     * @param mean m × C
     * @param covariance m × C × C
     * @return m × labels
     */
    double[] of(double[] mean, double[] covariance) {
        int c = likelihood.logits();
        int labels = likelihood.classes();
        double[] p = new double[Math.multiplyExact(mean.length / c, labels)];
        if (!likelihood.areExclusive()) {
            IntStream.range(0, mean.length)
                    .parallel()
                    .forEach(row -> p[row] = LogisticExpectation.of(mean[row], covariance[row * c + row % c])
                            .mean());
            return p;
        }
        LogitDraws known = labels > 2 ? points() : null;
        return Blas.undivided(() -> of(mean, covariance, known, p));
    }

    private double[] of(double[] mean, double[] covariance, @Nullable LogitDraws known, double[] p) {
        int c = likelihood.logits();
        int labels = likelihood.classes();
        IntStream.range(0, mean.length / c).parallel().forEach(i -> {
            if (known != null) {
                draw(mean, covariance, i, known, p);
            } else if (c == 1 && labels == 2) {
                two(LogisticExpectation.of(mean[i], covariance[i]), p, 2 * i);
            } else if (labels == 2) {
                double variance =
                        covariance[4 * i] - covariance[4 * i + 1] - covariance[4 * i + 2] + covariance[4 * i + 3];
                two(LogisticExpectation.of(mean[2 * i + 1] - mean[2 * i], variance), p, 2 * i);
            } else {
                p[i] = 1;
            }
        });
        return p;
    }

    private static void two(LogisticExpectation odds, double[] p, int at) {
        p[at] = 1 - odds.mean();
        p[at + 1] = odds.mean();
    }

    private synchronized LogitDraws points() {
        LogitDraws known = points;
        if (known == null) {
            known = LogitDraws.of(count, likelihood.logits() - 1, seed);
            points = known;
        }
        return known;
    }

    private void draw(double[] mean, double[] covariance, int i, LogitDraws known, double[] p) {
        int c = likelihood.logits();
        double[] spread = spread(covariance, i * c * c, c);
        if (c >= TOGETHER) {
            drawTogether(mean, spread, i, known, p);
            return;
        }
        double[] logits = new double[c];
        double[] own = new double[c];
        for (int s = 0; s < known.count(); s++) {
            System.arraycopy(mean, i * c, logits, 0, c);
            for (int e = 0; e < c - 1; e++) {
                double z = known.points()[s * (c - 1) + e];
                for (int a = 0; a < c; a++) {
                    logits[a] += z * spread[e * c + a];
                }
            }
            likelihood.normalizer(logits, 0, own, 0);
            for (int a = 0; a < c; a++) {
                p[i * c + a] += own[a] / known.count();
            }
        }
    }

    /** The same with all draws in one product. */
    private void drawTogether(double[] mean, double[] spread, int i, LogitDraws known, double[] p) {
        int c = likelihood.logits();
        double[] logits = new double[c * known.count()];
        for (int a = 0; a < c; a++) {
            Arrays.fill(logits, a * known.count(), (a + 1) * known.count(), mean[i * c + a]);
        }
        Blas.gemm(
                ArrayMatrix.of(spread, c - 1, c).transposed(),
                ArrayMatrix.of(known.points(), known.count(), c - 1).transposed(),
                1,
                ArrayMatrix.of(logits, c, known.count()));
        double[][] means = new double[c][known.count()];
        likelihood.normalizers(RowSums.of(logits, 0, c, known.count()), means);
        for (int a = 0; a < c; a++) {
            p[i * c + a] = Arrays.stream(means[a]).sum() / known.count();
        }
    }

    /** Directions of the logits' differences, the widest first, as long as their standard deviations: C − 1 × C. */
    private static double[] spread(double[] covariance, int at, int c) {
        double[] centered = new double[c * c];
        double[] averages = new double[c];
        double all = 0;
        for (int a = 0; a < c; a++) {
            for (int b = 0; b < c; b++) {
                averages[a] += 0.5 * (covariance[at + a * c + b] + covariance[at + b * c + a]) / c;
            }
            all += averages[a] / c;
        }
        for (int a = 0; a < c; a++) {
            for (int b = 0; b < c; b++) {
                double own = 0.5 * (covariance[at + a * c + b] + covariance[at + b * c + a]);
                centered[a * c + b] = own - averages[a] - averages[b] + all;
            }
        }
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(centered, c);
        double[] spread = new double[(c - 1) * c];
        for (int e = 0; e < c - 1; e++) {
            int from = c - 1 - e;
            double length = Math.sqrt(Math.max(0, eigen.values()[from]));
            for (int a = 0; a < c; a++) {
                spread[e * c + a] = length == 0 ? 0 : length * eigen.vector(from, a);
            }
        }
        return spread;
    }
}
