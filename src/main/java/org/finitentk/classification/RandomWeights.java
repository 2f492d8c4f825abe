package org.finitentk.classification;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random numbers from which functions are drawn by pathwise conditioning, the same for all steps: what standard normal
 * weights ε make of the training logits, J ε, and standard normal noise ξ of n C.
 *
 * @param priors J ε, one n C each
 * @param noises ξ, likewise
 * @param seed which they were drawn with
 */
record RandomWeights(List<double[]> priors, List<double[]> noises, long seed) {
    /** No draws. */
    static final RandomWeights NONE = new RandomWeights(List.of(), List.of(), 0);

    static RandomWeights of(LogitProblem problem, int count, long seed) {
        int length = problem.map().requireWeights("drawing functions", 3);
        List<double[]> priors = new ArrayList<>();
        List<double[]> noises = new ArrayList<>();
        for (int s = 0; s < count; s++) {
            priors.add(problem.jacobian().product(gaussian(length, stream(seed, s))));
            noises.add(gaussian(problem.priorLogits().length, stream(~seed, s)));
            problem.progress().progress("prior draws", s + 1, count);
        }
        return new RandomWeights(priors, noises, seed);
    }

    /** What draws from a low-rank distribution besides, to go with each noise. */
    List<double[]> coordinates(int rank) {
        List<double[]> coordinates = new ArrayList<>();
        for (int s = 0; s < noises.size(); s++) {
            coordinates.add(gaussian(rank, stream(Long.rotateLeft(~seed, 32), s)));
        }
        return coordinates;
    }

    /** Numbers of their own for each draw, so that any of them can be made again. */
    static SplittableRandom stream(long seed, int draw) {
        SplittableRandom root = new SplittableRandom(seed);
        return new SplittableRandom(root.nextLong() + 0x9E3779B97F4A7C15L * (draw + 1));
    }

    static double[] gaussian(int length, SplittableRandom random) {
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }
}
