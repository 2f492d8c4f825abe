package org.finitentk.classification;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.Tridiagonal;
import org.finitentk.internal.linalg.VectorBlock;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.ProgressListener;

/**
 * What some eigenvectors leave of log det(I + λ Jᵀ H J): the trace of log(I + S), where I + S is the Schur complement
 * of the eigenvectors' part, by stochastic Lanczos quadrature (Ubaru, Chen and Saad 2017, "Fast estimation of tr(f(A))
 * via stochastic Lanczos quadrature", section 3). The same vectors serve for every λ, so that the estimate is a smooth
 * function of it.
 *
 * @param logDeterminant an estimate
 * @param error its standard error, and what the quadrature may be off
 */
record CurvatureRest(double logDeterminant, double error) {
    private static final int MOST_STEPS = 60;
    /** Numbers in the vectors that are multiplied at a time. */
    private static final long ELEMENTS = 1L << 24;

    /**
     * How much work the estimate is worth.
     *
     * @param probes random vectors, at least 1
     * @param accuracy what the quadrature may be off, relative to the estimate
     */
    record Effort(int probes, double accuracy) {
        /** Where λ maximizes what comes out. */
        static final Effort SEARCHED = new Effort(6, 1e-4);
        /**
         * Where it is only told: each step costs as much for each vector as an eigenvalue, 40 seconds with 10,000
         * images and a small network.
         */
        static final Effort REPORTED = new Effort(2, 1e-2);
    }

    static CurvatureRest of(
            LinearOperator curvature, LanczosCurvature known, Effort effort, long seed, ProgressListener progress) {
        int size = curvature.size();
        if (known.values().length >= size) {
            return new CurvatureRest(0, 0);
        }
        int steps = Math.min(size - known.values().length, MOST_STEPS);
        int together = (int) Math.max(1, Math.min(effort.probes(), ELEMENTS / size));
        double trace = 0;
        double squared = 0;
        for (int from = 0; from < effort.probes(); from += together) {
            List<Probe> probes = IntStream.range(from, Math.min(effort.probes(), from + together))
                    .mapToObj(i -> new Probe(curvature.size(), known, RandomWeights.stream(seed, i), steps))
                    .toList();
            Forms forms = forms(curvature, known, probes, steps, effort.accuracy(), progress);
            trace += forms.logarithm() / effort.probes();
            squared += forms.squared() / effort.probes();
        }
        // zᵀ A z has the variance 2 tr A² (Avron and Toledo 2011, section 5), which few vectors tell better than their
        // own spread does
        return new CurvatureRest(
                trace, Math.hypot(Math.sqrt(2 * squared / effort.probes()), effort.accuracy() * trace));
    }

    /**
     * Sums over some random vectors.
     *
     * @param logarithm of zᵀ log(I + S) z
     * @param squared of zᵀ log(I + S)² z
     */
    private record Forms(double logarithm, double squared) {}

    /** For some random vectors, all of which are multiplied together. */
    private static Forms forms(
            LinearOperator curvature,
            LanczosCurvature known,
            List<Probe> probes,
            int steps,
            double accuracy,
            ProgressListener progress) {
        VectorBlock product = new VectorBlock(new double[curvature.size() * probes.size()], probes.size());
        double[] totals = new double[steps];
        double total = 0;
        for (int m = 0; m < steps && !isSettled(totals, m, accuracy); m++) {
            progress.progress("steps for the curvature beyond the eigenvalues", m, steps);
            curvature.multiply(
                    VectorBlock.of(probes.stream().map(probe -> probe.now).toList())
                            .elements(),
                    probes.size(),
                    product.elements());
            for (int j = 0; j < probes.size(); j++) {
                probes.get(j).advance(product.column(j), known);
            }
            totals[m] = probes.stream()
                    .mapToDouble(probe -> probe.form(Math::log1p))
                    .sum();
            total = totals[m];
        }
        return new Forms(
                total,
                probes.stream()
                        .mapToDouble(probe -> probe.form(value -> Math.log1p(value) * Math.log1p(value)))
                        .sum());
    }

    /** The Lanczos process of one standard normal vector, without what lies along the eigenvectors. */
    private static final class Probe {
        private final double square;
        private final double[] diagonal;
        private final double[] off;
        private double[] before;
        private double[] now;
        private int steps;

        Probe(int size, LanczosCurvature known, SplittableRandom random, int mostSteps) {
            now = RandomWeights.gaussian(size, new SplittableRandom(random.nextLong()));
            project(now, known.vectors());
            square = Vectors.dot(now, now);
            Vectors.scale(now, square > 0 ? 1 / Math.sqrt(square) : 0);
            before = new double[size];
            diagonal = new double[mostSteps];
            off = new double[mostSteps];
        }

        /** Takes the curvature's product with {@link #now}, and eliminates from it what is known. */
        void advance(double[] next, LanczosCurvature known) {
            if (known.next().length > 0) {
                Vectors.add(next, -known.coupling() * Vectors.dot(known.next(), now), known.next());
            }
            project(next, known.vectors());
            diagonal[steps] = Vectors.dot(now, next);
            Vectors.add(next, -diagonal[steps], now);
            Vectors.add(next, steps == 0 ? 0 : -off[steps - 1], before);
            off[steps] = Vectors.norm(next);
            Vectors.scale(next, off[steps] > 0 ? 1 / off[steps] : 0);
            before = now;
            now = next;
            steps++;
        }

        /** zᵀ g(S) z by the nodes so far. */
        double form(DoubleUnaryOperator g) {
            return square
                    * new Tridiagonal(Arrays.copyOf(diagonal, steps), Arrays.copyOf(off, Math.max(0, steps - 1)))
                            .quadrature(g);
        }
    }

    /** Whether changes that go on to shrink as the last one did would come to no more than the accuracy. */
    private static boolean isSettled(double[] totals, int count, double accuracy) {
        if (count < 3) {
            return false;
        }
        double last = Math.abs(totals[count - 1] - totals[count - 2]);
        double before = Math.abs(totals[count - 2] - totals[count - 3]);
        return last * last <= accuracy * Math.abs(totals[count - 1]) * (before - last);
    }

    private static void project(double[] v, double[][] orthonormal) {
        for (double[] vector : orthonormal) {
            Vectors.add(v, -Vectors.dot(v, vector), vector);
        }
    }
}
