package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.LinearizedNetwork.Linearized;

/**
 * What a fitted posterior says of new examples, on an open network. Arrays are example-major: element i·D + d is
 * dimension d of example i.
 *
 * @param network the network
 * @param fitted what was fitted
 * @param findings about variances
 */
record Predictor(LinearizedNetwork network, FittedPosterior fitted, VarianceFindings findings) {
    /** Elements of a cross-covariance matrix that is made at once: 64 MiB. */
    private static final long CROSS_ELEMENTS = 1L << 23;

    private OutputPlan plan() {
        return fitted.plan();
    }

    private List<FittedProcess> parts() {
        return fitted.parts();
    }

    /** The posterior mean. */
    double[] mean(Examples z) {
        return fitted.weightsLost() ? meanByCovariances(z) : linear(z, tangents());
    }

    private List<List<double[]>> tangents() {
        return parts().stream()
                .map(part -> part.solutions().stream()
                        .map(GaussianProcess.Solution::tangent)
                        .toList())
                .toList();
    }

    private double[] meanByCovariances(Examples z) {
        network.requireFit(z.requireFinite());
        double[] all = priorMean(z);
        forEachPart(z, (some, p, from) -> {
            FittedProcess part = parts().get(p);
            List<double[]> means = part.process().means(fitted.kernel(network, p), some, part.solutions());
            for (int c = 0; c < means.size(); c++) {
                for (int r = 0; r < means.get(c).length; r++) {
                    all[place(p, from, r, c)] +=
                            constant(part.process().columns().get(c), r) + means.get(c)[r];
                }
            }
        });
        return all;
    }

    /** Where row r of some examples, the first of which is given, and column c of a part are. */
    private int place(int part, int from, int r, int c) {
        int rows = plan().rowsPerExample();
        return (from + r / rows) * plan().dimensions() + plan().dimension(part, r % rows, c);
    }

    private double constant(GaussianProcess.Column column, int r) {
        double[] constants = column.coefficients();
        return constants.length == 0 ? 0 : constants[r % plan().rowsPerExample()];
    }

    private interface OfPart {
        void accept(Examples some, int part, int from);
    }

    /** Examples of which covariances are made at once, and each part. */
    private void forEachPart(Examples z, OfPart action) {
        int rows = plan().rowsPerExample();
        long numbers = parts().stream()
                .mapToLong(part -> part.process().numbersPerRow())
                .max()
                .orElse(1);
        long perExample = Math.max(1, numbers * rows * rows);
        int chunk = (int) Math.max(1, Math.min(z.size(), CROSS_ELEMENTS / perExample));
        for (int from = 0; from < z.size(); from += chunk) {
            Examples some = z.slice(from, Math.min(z.size(), from + chunk));
            for (int p = 0; p < parts().size(); p++) {
                action.accept(some, p, from);
            }
        }
    }

    /** m, as a new array. */
    private double[] priorMean(Examples z) {
        return plan().mean() == MeanFunction.NETWORK
                ? plan().networkMean(network.forward(z)).clone()
                : new double[Math.multiplyExact(z.size(), plan().dimensions())];
    }

    /** m + J w for a weight vector of each column of each part. */
    double[] linear(Examples z, List<List<double[]>> weights) {
        network.requireFit(z.requireFinite());
        return plan().structure() == OutputStructure.MATCHED
                ? matched(z, weights.get(0).get(0))
                : separate(z, weights);
    }

    /** One run gives the network's outputs and the product. */
    private double[] matched(Examples z, double[] weights) {
        Linearized both = network.linearized(z, weights);
        double[] constants = parts().get(0).process().columns().get(0).coefficients();
        double[] values = new double[both.products().length];
        for (int i = 0; i < values.length; i++) {
            double prior =
                    switch (plan().mean()) {
                        case NETWORK -> both.outputs()[i];
                        case CONSTANT -> constants[i % constants.length];
                        default -> 0;
                    };
            values[i] = prior + both.products()[i];
        }
        return values;
    }

    private double[] separate(Examples z, List<List<double[]>> weights) {
        double[] values = priorMean(z);
        for (int p = 0; p < parts().size(); p++) {
            List<GaussianProcess.Column> columns = parts().get(p).process().columns();
            for (int c = 0; c < columns.size(); c++) {
                double[] product =
                        plan().kernels().get(p).of(network.jvp(z, weights.get(p).get(c)), network.outputSize());
                for (int i = 0; i < product.length; i++) {
                    values[place(p, 0, i, c)] += constant(columns.get(c), i) + product[i];
                }
            }
        }
        return values;
    }

    /** Draws weights, for each part and each of its columns. */
    List<List<double[]>> sampleWeights(SplittableRandom random) {
        List<List<double[]>> weights = new ArrayList<>();
        for (int p = 0; p < parts().size(); p++) {
            FittedProcess part = parts().get(p);
            TrainingKernel kernel = fitted.kernel(network, p);
            List<double[]> own = new ArrayList<>();
            for (int c = 0; c < part.solutions().size(); c++) {
                own.add(part.process().sampleWeights(kernel, part.solutions().get(c), c, random.split()));
            }
            weights.add(own);
        }
        return weights;
    }

    /** Mean, variance and what the latter may be too large by, m × D each, from covariances with the training rows. */
    GaussianProcess.Moments predict(Examples z, boolean observations) {
        network.requireFit(z.requireFinite());
        double[] mean = priorMean(z);
        GaussianProcess.Moments all = new GaussianProcess.Moments(mean, new double[mean.length]);
        forEachPart(z, (some, p, from) -> add(some, p, observations, all, from));
        double largest = Arrays.stream(all.error()).max().orElse(0);
        findings.report(largest, varianceMethod(), varianceRank());
        return all;
    }

    private void add(Examples z, int p, boolean observations, GaussianProcess.Moments all, int from) {
        FittedProcess part = parts().get(p);
        List<GaussianProcess.Moments> moments = part.process().moments(fitted.kernel(network, p), z, part.solutions());
        for (int c = 0; c < moments.size(); c++) {
            GaussianProcess.Column column = part.process().columns().get(c);
            GaussianProcess.Moments own = moments.get(c);
            double noise = observations ? column.noiseVariance() : 0;
            for (int r = 0; r < own.mean().length; r++) {
                int at = place(p, from, r, c);
                all.mean()[at] += constant(column, r) + own.mean()[r];
                double latent = findings.clip(own.variance()[r]);
                all.variance()[at] = latent + noise;
                all.error()[at] = Math.min(latent, own.error()[r]);
            }
        }
    }

    VarianceMethod varianceMethod() {
        return parts().get(0).process().varianceMethod();
    }

    /** The smallest over the kernels; 0 if variances are exact. */
    int varianceRank() {
        return parts().stream()
                .mapToInt(part -> part.process().varianceRank())
                .min()
                .orElse(0);
    }
}
