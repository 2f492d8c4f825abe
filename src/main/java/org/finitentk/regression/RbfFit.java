package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.util.RandomSubset;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/** Fits Gaussian processes with RBF kernels: on the rows, the factorization and the mean of the DENSE solver. */
final class RbfFit {
    private final TrainingRows rows;
    private final List<String> dimensions;
    private final Standardization features;
    private final double[] x;
    private final RowNoise noise;
    /** n × D, less the averages. */
    private final double[] residuals;

    private final double[] averages;

    RbfFit(TrainingRows rows, List<String> dimensions) {
        this.rows = rows;
        this.dimensions = List.copyOf(dimensions);
        double[] raw = numbers(rows.x());
        int n = rows.x().size();
        this.features = Standardization.of(raw, raw.length / n);
        if (!features.hasVariation()) {
            throw new IllegalArgumentException("every feature has the same value in every training row (there "
                    + (n == 1 ? "is 1" : "are " + n)
                    + "), so nothing tells one from another; expected a feature that varies");
        }
        this.x = features.apply(raw);
        this.noise = RowNoise.of(rows.weights(), 1);
        this.residuals = rows.targets().clone();
        this.averages = MeanCandidate.takeAverages(dimensions.size(), 1, noise, residuals);
    }

    /** The only input of examples, row by row. */
    static double[] numbers(Examples examples) {
        return examples.inputs().values().iterator().next().toDoubles();
    }

    /**
     * Learns hyperparameters.
     *
     * @return for each dimension what was found
     */
    List<RbfSearch.Found> learn(RbfSettings settings, ProgressListener progress) {
        int[] some = learningRows(settings);
        long most = (long) settings.starts() * settings.maxIterations() * dimensions.size();
        List<RbfSearch.Found> found = new ArrayList<>();
        for (int d = 0; d < dimensions.size(); d++) {
            long before = (long) settings.starts() * settings.maxIterations() * d;
            found.add(new RbfSearch(likelihood(d, some), settings)
                    .run(
                            dimensions.get(d),
                            point -> progress.progress("hyperparameters", Math.min(before + point, most), most)));
        }
        progress.progress("hyperparameters", most, most);
        return found;
    }

    /** The rows that hyperparameters are learned on, ascending. */
    int[] learningRows(RbfSettings settings) {
        int n = rows.x().size();
        int most = settings.learningRows();
        return most == 0 || most >= n ? IntStream.range(0, n).toArray() : RandomSubset.of(n, most, settings.seed());
    }

    private RbfLikelihood likelihood(int dimension, int[] some) {
        int d = features.features();
        double[] own = new double[some.length * d];
        double[] scales = new double[noise.isEqual() ? 0 : some.length];
        for (int i = 0; i < some.length; i++) {
            System.arraycopy(x, some[i] * d, own, i * d, d);
        }
        for (int i = 0; i < scales.length; i++) {
            scales[i] = noise.scale(some[i]);
        }
        return new RbfLikelihood(own, new RowNoise(scales), targets(dimension, some));
    }

    private Targets targets(int dimension, int[] some) {
        double[] y = new double[some.length];
        double[] basis = new double[some.length];
        for (int i = 0; i < y.length; i++) {
            basis[i] = noise.scale(some[i]);
            y[i] = basis[i] * residuals[some[i] * dimensions.size() + dimension];
        }
        return new Targets(y, 1, basis, 1);
    }

    /** Refuses what does not fit the heap, before anything takes long. */
    void requireFits() {
        long n = rows.x().size();
        if (n > CostModel.MAX_SIDE || !CostModel.fitsHeap(2.0 * Double.BYTES * n * n)) {
            throw new IllegalArgumentException("the kernel matrix of " + n + " training rows takes "
                    + (2 * Double.BYTES * n * n >> 20) + " MiB while it is factorized, and the heap has "
                    + CostModel.heapMebibytes() + " (at most " + CostModel.MAX_SIDE
                    + " rows fit any); expected fewer rows, or a larger heap (-Xmx)");
        }
    }

    /** The posterior at given hyperparameters. */
    RbfPosterior posterior(List<RbfHyperparameters> hyperparameters, ProgressListener progress) {
        int n = rows.x().size();
        int[] all = IntStream.range(0, n).toArray();
        List<RbfPosterior.Part> parts = new ArrayList<>();
        for (int d = 0; d < dimensions.size(); d++) {
            RbfHyperparameters own = hyperparameters.get(d);
            Targets targets = targets(d, all);
            double[] gram = new RbfKernel(own.lengthScales()).gram(x);
            noise.scaleBoth(gram);
            CholeskyProcess process = CholeskyProcess.fit(
                    DenseFactorization.of(gram, n, own.signal(), own.noise()), targets, own.signal(), own.noise());
            parts.add(new RbfPosterior.Part(own.lengthScales(), fitted(process, targets)));
            progress.progress("factorization", d + 1L, dimensions.size());
        }
        LeaveOneOut leftOut = n < 2 ? null : leaveOneOut(parts);
        for (int d = 0; d < parts.size(); d++) {
            parts.get(d).process().raise(0, new double[] {averages[d]});
        }
        return new RbfPosterior(features, x, noise, parts, leftOut);
    }

    private static FittedProcess fitted(DenseProcess process, Targets targets) {
        List<GaussianProcess.Solution> solutions = DenseSolver.solutions(process, targets).stream()
                .map(solved -> new GaussianProcess.Solution(new double[0], solved.alpha(), solved.constant()))
                .toList();
        return new FittedProcess(process, solutions, false);
    }

    private @Nullable LeaveOneOut leaveOneOut(List<RbfPosterior.Part> parts) {
        int n = rows.x().size();
        double[] targets = rows.targets();
        double[] mean = targets.clone();
        double[] variance = new double[targets.length];
        double[] logDensity = new double[n];
        for (int p = 0; p < parts.size(); p++) {
            GaussianProcess.Solution solution =
                    parts.get(p).fitted().solutions().get(0);
            RowPrecision precision = parts.get(p).process().precision(1, solution, 0);
            for (int i = 0; i < n; i++) {
                RowPrecision.Left without = precision.without(i, 1, solution.constant(), false);
                double scale = noise.scale(i);
                mean[i * parts.size() + p] -= without.residuals()[0] / scale;
                variance[i * parts.size() + p] = without.variances()[0] / (scale * scale);
                logDensity[i] += without.logDensity() + Math.log(scale);
            }
        }
        return new LeaveOneOut(rows.given(), targets, mean, variance, logDensity);
    }
}
