package org.finitentk.classification;

import java.util.SplittableRandom;
import org.finitentk.internal.linalg.RowSums;
import org.finitentk.internal.linalg.Vectors;

/**
 * One logit for each label: p = softmax(f), t has a 1 where the label is.
 *
 * @param classes C
 */
record SoftmaxLikelihood(int classes) implements Likelihood {
    static final String NAME = "SOFTMAX";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int logits() {
        return classes;
    }

    @Override
    public void write(int label, double[] t, int at) {
        t[at + label] = 1;
    }

    /** log Σ exp f and softmax(f). */
    @Override
    public double normalizer(double[] f, int at, double[] mean, int to) {
        double normalizer = Vectors.logSumExp(f, at, classes);
        for (int c = 0; c < classes; c++) {
            mean[to + c] = Math.exp(f[at + c] - normalizer);
        }
        return normalizer;
    }

    /** diag p − p pᵀ. */
    @Override
    public void addCurvature(double[] mean, int at, double factor, double[] block, int to) {
        for (int c = 0; c < classes; c++) {
            double own = factor * mean[at + c];
            int row = to + c * classes;
            for (int d = 0; d < classes; d++) {
                block[row + d] -= own * mean[at + d];
            }
            block[row + c] += own;
        }
    }

    /** Row by row; what is added to the diagonal comes after each product, as above. */
    @Override
    public void addCurvatures(double[][] means, double factor, double[] block, int to) {
        double[] factors = new double[means.length];
        double[] row = new double[classes];
        for (int c = 0; c < classes; c++) {
            int at = to + c * classes;
            double diagonal = block[at + c];
            for (int s = 0; s < factors.length; s++) {
                double own = factor * means[s][c];
                factors[s] = -own;
                diagonal = diagonal - own * means[s][c] + own;
            }
            System.arraycopy(block, at, row, 0, classes);
            RowSums.add(factors, 0, means, row);
            row[c] = diagonal;
            System.arraycopy(row, 0, block, at, classes);
        }
    }

    /** Along the points, of which the processor then takes several at a time. */
    @Override
    public double[] normalizers(double[][] f, double[][] means) {
        int points = f[0].length;
        double[] largest = f[0].clone();
        for (double[] row : f) {
            for (int s = 0; s < points; s++) {
                largest[s] = Math.max(largest[s], row[s]);
            }
        }
        double[] sums = new double[points];
        for (int c = 0; c < classes; c++) {
            double[] row = means[c];
            for (int s = 0; s < points; s++) {
                row[s] = Math.exp(f[c][s] - largest[s]);
            }
            for (int s = 0; s < points; s++) {
                sums[s] += row[s];
            }
        }
        for (double[] row : means) {
            for (int s = 0; s < points; s++) {
                row[s] /= sums[s];
            }
        }
        for (int s = 0; s < points; s++) {
            sums[s] = largest[s] + Math.log(sums[s]);
        }
        return sums;
    }

    /** diag Σ p − Σ p pᵀ. */
    @Override
    public void addCurvaturesOfPoints(double[][] means, double factor, double[] block, int to) {
        for (int c = 0; c < classes; c++) {
            double[] products = RowSums.products(means, c, c);
            for (int d = 0; d < c; d++) {
                block[to + c * classes + d] -= factor * products[d];
                block[to + d * classes + c] -= factor * products[d];
            }
            double own = 0;
            for (double p : means[c]) {
                own += p * (1 - p);
            }
            block[to + c * classes + c] += factor * own;
        }
    }

    @Override
    public void multiplyCurvature(double[] mean, double[] v, int at, double factor) {
        double average = 0;
        for (int c = at; c < at + classes; c++) {
            average += mean[c] * v[c];
        }
        for (int c = at; c < at + classes; c++) {
            v[c] = factor * mean[c] * (v[c] - average);
        }
    }

    @Override
    public void draw(double[] mean, int at, SplittableRandom random, double[] t) {
        double left = random.nextDouble();
        int drawn = 0;
        while (drawn < classes - 1 && left >= mean[at + drawn]) {
            left -= mean[at + drawn++];
        }
        write(drawn, t, at);
    }

    @Override
    public double[] atFrequencies(double[] sums, double total) {
        double[] logits = new double[classes];
        for (int c = 0; c < classes; c++) {
            logits[c] = Math.log((sums[c] + 1) / (total + classes));
        }
        return logits;
    }

    /** Between 0 and 1, and of sum 1; a single one would always be 1. */
    @Override
    public boolean lookLikeProbabilities(double[] outputs) {
        for (int from = 0; from < outputs.length; from += classes) {
            double sum = 0;
            for (int row = from; row < from + classes; row++) {
                if (outputs[row] < 0) {
                    return false;
                }
                sum += outputs[row];
            }
            if (Math.abs(sum - 1) > 1e-4) {
                return false;
            }
        }
        return classes > 1;
    }

    @Override
    public double[] scores(double[] logits) {
        return logits;
    }

    /** softmax of each row. */
    static double[] softmax(double[] logits, int classes) {
        double[] probabilities = new double[logits.length];
        SoftmaxLikelihood likelihood = new SoftmaxLikelihood(classes);
        for (int from = 0; from < logits.length; from += classes) {
            likelihood.normalizer(logits, from, probabilities, from);
        }
        return probabilities;
    }
}
