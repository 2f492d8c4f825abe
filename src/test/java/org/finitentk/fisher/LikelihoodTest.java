package org.finitentk.fisher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gradients and Hessians against differences of the divergences as they are defined. */
final class LikelihoodTest {
    private static final double[] F = {0.3, -1.2, 0.7, 2, 0, -3};
    private static final double[] G = {0.1, -0.5, 1.7, 1, 0.4, -2};
    private static final int K = 3;

    private static double logSoftmax(double[] f, int example, int c) {
        double sum = 0;
        for (int j = 0; j < K; j++) {
            sum += Math.exp(f[example * K + j]);
        }
        return f[example * K + c] - Math.log(sum);
    }

    private static double divergence(Likelihood likelihood, double[] f, double[] g) {
        double sum = 0;
        for (int i = 0; i < f.length; i++) {
            double logP = logSoftmax(f, i / K, i % K);
            double logQ = logSoftmax(g, i / K, i % K);
            sum += likelihood == Likelihood.GAUSSIAN
                    ? 0.5 * (g[i] - f[i]) * (g[i] - f[i])
                    : Math.exp(logP) * (logP - logQ);
        }
        return sum;
    }

    private static double[] differences(ToDoubleFunction<double[]> function, double[] at) {
        double[] gradient = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            double[] ahead = at.clone();
            double[] behind = at.clone();
            ahead[i] += 1e-6;
            behind[i] -= 1e-6;
            gradient[i] = (function.applyAsDouble(ahead) - function.applyAsDouble(behind)) / 2e-6;
        }
        return gradient;
    }

    @ParameterizedTest
    @EnumSource(Likelihood.class)
    void gradientsAreThoseOfTheDivergence(Likelihood likelihood) {
        assertArrayEquals(
                differences(g -> divergence(likelihood, F, g), G), likelihood.divergenceGradient(F, G, K), 1e-8);
        assertArrayEquals(new double[F.length], likelihood.divergenceGradient(F, F, K));
    }

    @ParameterizedTest
    @EnumSource(Likelihood.class)
    void hessiansAreThoseOfTheDivergence(Likelihood likelihood) {
        double[] u = {1, 2, -0.5, 0.3, -1, 4};
        double[] expected = differences(
                g -> {
                    double sum = 0;
                    double[] gradient = likelihood.divergenceGradient(F, g, K);
                    for (int i = 0; i < u.length; i++) {
                        sum += u[i] * gradient[i];
                    }
                    return sum;
                },
                F);
        assertArrayEquals(expected, likelihood.hessianProduct(F, K, u), 1e-8);
    }

    @Test
    void largeLogitsDoNotOverflow() {
        double[] gradient = Likelihood.SOFTMAX.divergenceGradient(new double[] {1000, 0}, new double[] {0, 1000}, 2);
        assertArrayEquals(new double[] {-1, 1}, gradient);
        assertEquals(0, Likelihood.SOFTMAX.hessianProduct(new double[] {1000, -1000}, 2, new double[] {1, 1})[0]);
    }

    @ParameterizedTest
    @EnumSource(Likelihood.class)
    void lengthsMustAgree(Likelihood likelihood) {
        assertThrows(IllegalArgumentException.class, () -> likelihood.hessianProduct(F, 4, F));
        assertThrows(IllegalArgumentException.class, () -> likelihood.divergenceGradient(F, new double[3], K));
    }
}
