package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Probabilities of Gaussian logits against very many draws, and against integrals with small steps. */
final class ExpectedProbabilitiesTest {
    private static final int MANY = 40_000;

    /** The covariance G Gᵀ, with G of one column more than C. */
    private static double[][] factor(Random random, int c, double deviation) {
        double[][] factor = new double[c][c + 1];
        for (double[] row : factor) {
            Arrays.setAll(row, e -> deviation * random.nextGaussian() / Math.sqrt(c + 1));
        }
        return factor;
    }

    private static double[] covariance(double[][] factor) {
        int c = factor.length;
        double[] covariance = new double[c * c];
        for (int i = 0; i < c * c; i++) {
            for (int e = 0; e <= c; e++) {
                covariance[i] += factor[i / c][e] * factor[i % c][e];
            }
        }
        return covariance;
    }

    private static double[] reference(Random random, double[] mean, double[][] factor) {
        int c = mean.length;
        double[] p = new double[c];
        double[] z = new double[c + 1];
        double[] logits = new double[c];
        for (int s = 0; s < MANY; s++) {
            Arrays.setAll(z, e -> random.nextGaussian());
            Arrays.setAll(logits, a -> mean[a] + dot(factor[a], z));
            double[] own = SoftmaxLikelihood.softmax(logits, c);
            for (int a = 0; a < c; a++) {
                p[a] += own[a] / MANY;
            }
        }
        return p;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** The 95th percentile of the errors in the most uncertain label's probability, over examples. */
    @ParameterizedTest
    @CsvSource({"3,1", "3,4", "5,3", "10,1", "10,4", "40,2"})
    void drawsErrByLittle(int classes, double deviation) {
        Random random = new Random(classes);
        int examples = 20;
        double[] errors = new double[examples];
        ExpectedProbabilities expected =
                new ExpectedProbabilities(new SoftmaxLikelihood(classes), ClassificationSettings.AUTOMATIC_SAMPLES, 1);
        for (int i = 0; i < examples; i++) {
            double[] mean = new double[classes];
            Arrays.setAll(mean, c -> 1.5 * random.nextGaussian());
            double[][] factor = factor(random, classes, deviation);
            double[] reference = reference(random, mean, factor);
            double[] found = expected.of(mean, covariance(factor));
            assertEquals(1, Arrays.stream(found).sum(), 1e-9);
            for (int c = 0; c < classes; c++) {
                errors[i] = Math.max(errors[i], Math.abs(found[c] - reference[c]));
            }
        }
        Arrays.sort(errors);
        double percentile = errors[(int) Math.ceil(0.95 * examples) - 1];
        assertTrue(percentile <= 0.01, "95th percentile " + percentile);
    }

    @Test
    void twoLabelsAreIntegrated() {
        ExpectedProbabilities softmax = new ExpectedProbabilities(new SoftmaxLikelihood(2), 2, 1);
        ExpectedProbabilities bernoulli = new ExpectedProbabilities(new BernoulliLikelihood(), 2, 1);
        Random random = new Random(1);
        for (double deviation : new double[] {0, 0.5, 3, 20}) {
            double[] mean = {random.nextGaussian(), 2 * random.nextGaussian()};
            double[] v = covariance(factor(random, 2, deviation));
            double variance = v[0] + v[3] - 2 * v[1];
            double[] expected = integral(mean[1] - mean[0], Math.sqrt(variance));
            double[] found = softmax.of(mean, v);
            double[] one = bernoulli.of(new double[] {mean[1] - mean[0]}, new double[] {variance});
            for (int c = 0; c < 2; c++) {
                assertEquals(expected[c], found[c], 1e-8);
                assertEquals(expected[c], one[c], 1e-8);
            }
        }
    }

    private static double[] integral(double m, double s) {
        double step = Math.min(1e-3, 0.02 / (s + 1e-9));
        double sum = 0;
        double total = 0;
        for (double z = -10; z <= 10; z += step) {
            double weight = Math.exp(-0.5 * z * z);
            total += weight;
            sum += weight / (1 + Math.exp(-(m + s * z)));
        }
        return new double[] {1 - sum / total, sum / total};
    }

    @Test
    void nothingUncertainIsTheSoftmax() {
        double[] mean = {1, -2, 0.5};
        double[] found = new ExpectedProbabilities(new SoftmaxLikelihood(3), 10, 1).of(mean, new double[9]);
        double[] expected = SoftmaxLikelihood.softmax(mean, 3);
        for (int c = 0; c < 3; c++) {
            assertEquals(expected[c], found[c], 1e-12);
        }
        assertEquals(
                1, new ExpectedProbabilities(new SoftmaxLikelihood(1), 0, 1).of(new double[] {3}, new double[] {4})[0]);
    }
}
