package org.finitentk.classification;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.RowSums;

/**
 * Standard normal points at which expectations over one example's C logits are taken, in opposite pairs. The same
 * points serve all examples and steps, so that expectations are smooth functions of mean and covariance.
 *
 * @param count how many
 * @param classes C
 * @param points count × C
 * @param asked whether somebody asked for so many, so that they are taken where fewer numbers would do, too
 */
record LogitDraws(int count, int classes, double[] points, boolean asked) {
    /** Where nobody asked for a number. */
    private static final int USUAL = 512;
    /** Points a class, from which on their second moments are well away from singular. */
    private static final int PER_CLASS = 4;
    /** Terms of which a search for a lattice may take the sum. */
    private static final long SEARCH = 1L << 24;
    /** How much less a coordinate matters than the constant in the error that a lattice is chosen by. */
    private static final double WEIGHT = 0.2;

    /**
     * Points for a sum that stands for an integral: each coordinate's second moment is 1, and with enough points they
     * are those of a lattice, and all second moments are the distribution's, so that quadratic functions, and odd ones,
     * are integrated exactly. For two classes the lattice errs by a fifth of what as many random points do, for five by
     * two thirds, for more by as much.
     */
    static LogitDraws of(int count, int classes, long seed) {
        return count >= PER_CLASS * classes
                ? lattice(count, classes, seed).whitened()
                : random(count, classes, seed).scaled();
    }

    /** Those of a problem's quadrature. */
    static LogitDraws ofQuadrature(LogitProblem problem) {
        int count = problem.settings().method().covariance().quadratureDraws();
        boolean asked = count != ClassificationSettings.Covariance.AUTOMATIC_DRAWS;
        LogitDraws draws = of(
                asked ? count : USUAL,
                problem.map().classes(),
                problem.settings().seed());
        return new LogitDraws(draws.count, draws.classes, draws.points, asked);
    }

    /** Points that somebody asked for. */
    private LogitDraws(int count, int classes, double[] points) {
        this(count, classes, points, true);
    }

    /**
     * A Korobov lattice, shifted at random (Dick, Kuo and Sloan 2013, "High-dimensional integration: The quasi-Monte
     * Carlo way", sections 5 and 6), made normal by Box and Muller.
     */
    private static LogitDraws lattice(int count, int classes, long seed) {
        int half = count / 2;
        int dimensions = classes + classes % 2;
        long[] generator = powers(bestMultiplier(half, dimensions), half, dimensions);
        double[] shifts = new SplittableRandom(seed).doubles(dimensions).toArray();
        double[] points = new double[Math.multiplyExact(count, classes)];
        for (int s = 0; s < half; s++) {
            for (int c = 0; c < classes; c++) {
                double radius =
                        Math.sqrt(-2 * Math.log(1 - fraction(s * generator[c / 2 * 2], half, shifts[c / 2 * 2])));
                double angle = 2 * Math.PI * fraction(s * generator[c / 2 * 2 + 1], half, shifts[c / 2 * 2 + 1]);
                double value = radius * (c % 2 == 0 ? Math.cos(angle) : Math.sin(angle));
                points[2 * s * classes + c] = value;
                points[(2 * s + 1) * classes + c] = -value;
            }
        }
        return new LogitDraws(count, classes, points);
    }

    private static double fraction(long numerator, int denominator, double shift) {
        double sum = (double) (numerator % denominator) / denominator + shift;
        return sum - Math.floor(sum);
    }

    /**
     * The a with the least mean of Π (1 + weight · 2π² B₂(x)) over the points x of the lattice of 1, a, a², …: its
     * error for functions of square integrable mixed derivatives.
     */
    private static long bestMultiplier(int points, int dimensions) {
        int candidates = Math.max(1, points / 2);
        long step = Math.max(1, candidates * ((long) points * dimensions) / SEARCH);
        long best = 1;
        double least = Double.POSITIVE_INFINITY;
        for (long a = 1; a <= candidates; a += step) {
            long[] generator = powers(a, points, dimensions);
            double sum = 0;
            for (int i = 0; i < points; i++) {
                double product = 1;
                for (long g : generator) {
                    double x = fraction(i * g, points, 0);
                    product *= 1 + WEIGHT * 2 * Math.PI * Math.PI * (x * x - x + 1.0 / 6);
                }
                sum += product;
            }
            if (sum < least
                    && BigInteger.valueOf(a).gcd(BigInteger.valueOf(points)).equals(BigInteger.ONE)) {
                least = sum;
                best = a;
            }
        }
        return best;
    }

    private static long[] powers(long a, int modulus, int count) {
        long[] powers = new long[count];
        long power = 1 % modulus;
        for (int i = 0; i < count; i++) {
            powers[i] = power;
            power = power * a % modulus;
        }
        return powers;
    }

    /** Points as they fall, over whose seeds a sum is right on average. */
    static LogitDraws random(int count, int classes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] points = new double[Math.multiplyExact(count, classes)];
        for (int c = 0; c < classes; c++) {
            for (int s = 0; s < count; s += 2) {
                double value = random.nextGaussian();
                points[s * classes + c] = value;
                points[(s + 1) * classes + c] = -value;
            }
        }
        return new LogitDraws(count, classes, points);
    }

    private LogitDraws scaled() {
        double[] result = points.clone();
        for (int c = 0; c < classes; c++) {
            double squares = 0;
            for (int s = 0; s < count; s++) {
                squares += points[s * classes + c] * points[s * classes + c];
            }
            for (int s = 0; s < count; s++) {
                result[s * classes + c] *= Math.sqrt(count / squares);
            }
        }
        return new LogitDraws(count, classes, result);
    }

    /** L⁻¹ times each point, where L Lᵀ are the points' second moments. */
    private LogitDraws whitened() {
        double[] moments = new double[classes * classes];
        Blas.gemm(
                1.0 / count,
                ArrayMatrix.of(points, count, classes).transposed(),
                ArrayMatrix.of(points, count, classes),
                0,
                ArrayMatrix.of(moments, classes, classes));
        double[] result = transposed(points, count, classes);
        Cholesky.factor(moments, classes).forwardInPlace(result, count);
        return new LogitDraws(count, classes, transposed(result, classes, count));
    }

    private static double[] transposed(double[] matrix, int rows, int columns) {
        double[] transposed = new double[matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            transposed[i % columns * rows + i / columns] = matrix[i];
        }
        return transposed;
    }

    /** The logits of all examples at the points, around a mean, with a root of each example's covariance. */
    ExampleDraws around(double[] mean, BlockDiagonal root) {
        double[][] coordinates = RowSums.of(transposed(points, count, classes), 0, classes, count);
        return new ExampleDraws() {
            @Override
            public int count() {
                return count;
            }

            @Override
            public double[][] logits(int example) {
                double[][] logits = new double[classes][count];
                for (int c = 0; c < classes; c++) {
                    int row = example * classes + c;
                    Arrays.fill(logits[c], mean[row]);
                    RowSums.add(root.values(), row * classes, coordinates, logits[c]);
                }
                return logits;
            }
        };
    }

    /** Draw s of the logits of all examples: mean + root · point, with a root of each example's covariance. */
    double[] logits(int s, double[] mean, BlockDiagonal root) {
        double[] logits = mean.clone();
        for (int row = 0; row < logits.length; row++) {
            double sum = logits[row];
            for (int d = 0; d < classes; d++) {
                sum += root.values()[row * classes + d] * points[s * classes + d];
            }
            logits[row] = sum;
        }
        return logits;
    }
}
