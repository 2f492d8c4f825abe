package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.internal.network.InputNumbers;
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
        return fitted.weightsLost() ? meanByCovariances(z) : linear(z, meanFunctions());
    }

    /**
     * A function of one column, less what of the mean is the network's own: its constants, of which there may be none,
     * + J w.
     */
    record LinearFunction(double[] weights, double[] constants) {
        double constant(int row) {
            return constants.length == 0 ? 0 : constants[row % constants.length];
        }
    }

    private List<List<LinearFunction>> meanFunctions() {
        return parts().stream()
                .map(part -> IntStream.range(0, part.solutions().size())
                        .mapToObj(c -> new LinearFunction(
                                part.solutions().get(c).tangent(),
                                part.process().columns().get(c).coefficients()))
                        .toList())
                .toList();
    }

    private double[] meanByCovariances(Examples z) {
        network.requireFit(InputNumbers.require(network, z));
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
                ? plan().networkMean(network.requireFinite(network.forward(z), z))
                        .clone()
                : new double[Math.multiplyExact(z.size(), plan().dimensions())];
    }

    /** m + J w for a function of each column of each part. */
    double[] linear(Examples z, List<List<LinearFunction>> functions) {
        network.requireFit(InputNumbers.require(network, z));
        return plan().structure() == OutputStructure.MATCHED
                ? matched(z, functions.get(0).get(0))
                : separate(z, functions);
    }

    /** One run gives the network's outputs and the product. */
    private double[] matched(Examples z, LinearFunction function) {
        Linearized both = network.linearized(z, function.weights());
        double[] values = new double[both.products().length];
        for (int i = 0; i < values.length; i++) {
            double prior = plan().mean() == MeanFunction.NETWORK ? both.outputs()[i] : function.constant(i);
            values[i] = prior + both.products()[i];
        }
        return network.requireFinitePredictions(values, z);
    }

    private double[] separate(Examples z, List<List<LinearFunction>> functions) {
        double[] values = priorMean(z);
        for (int p = 0; p < parts().size(); p++) {
            for (int c = 0; c < functions.get(p).size(); c++) {
                LinearFunction function = functions.get(p).get(c);
                double[] product = plan().kernels().get(p).of(network.jvp(z, function.weights()), network.outputSize());
                for (int i = 0; i < product.length; i++) {
                    values[place(p, 0, i, c)] += function.constant(i) + product[i];
                }
            }
        }
        return values;
    }

    /** Draws a function for each part and each of its columns. */
    List<List<LinearFunction>> sample(SplittableRandom random) {
        List<List<LinearFunction>> functions = new ArrayList<>();
        for (int p = 0; p < parts().size(); p++) {
            FittedProcess part = parts().get(p);
            TrainingKernel kernel = fitted.kernel(network, p);
            List<LinearFunction> own = new ArrayList<>();
            for (int c = 0; c < part.solutions().size(); c++) {
                own.add(sample(part, kernel, c, random.split()));
            }
            functions.add(own);
        }
        return functions;
    }

    /** Constants that are estimates are drawn too; weights are then those for the targets less these constants. */
    private static LinearFunction sample(FittedProcess part, TrainingKernel kernel, int c, SplittableRandom random) {
        GaussianProcess.Solution solution = part.solutions().get(c);
        double[] weights = part.process().sampleWeights(kernel, solution, c, random);
        double[] constants = part.process().columns().get(c).coefficients().clone();
        ConstantFit constant = solution.constant();
        if (constant != null) {
            double[] error = constant.draw(random);
            double[] less = part.process().weightsOf(kernel, constant, error, c);
            for (int i = 0; i < weights.length; i++) {
                weights[i] -= less[i];
            }
            for (int b = 0; b < constants.length; b++) {
                constants[b] += error[b];
            }
        }
        return new LinearFunction(weights, constants);
    }

    /** Mean, variance and what the latter may be too large by, m × D each, from covariances with the training rows. */
    GaussianProcess.Moments predict(Examples z, boolean observations) {
        network.requireFit(InputNumbers.require(network, z));
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
