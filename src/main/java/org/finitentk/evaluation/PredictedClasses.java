package org.finitentk.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation.ReliabilityBin;

/**
 * Predicted probabilities of n examples' classes, and the true ones, from which all scores of probabilistic
 * classification are computed.
 *
 * @param probabilities n × C
 * @param truths the true class of each example, −1 if the model does not know it
 * @param weights what each example counts
 * @param classes C
 */
record PredictedClasses(double[] probabilities, int[] truths, double[] weights, int classes) {
    private double mean(IntToDoubleFunction score) {
        double sum = 0;
        double total = 0;
        for (int i = 0; i < truths.length; i++) {
            sum += weights[i] * score.applyAsDouble(i);
            total += weights[i];
        }
        return sum / total;
    }

    private int top(int i) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            if (probabilities[i * classes + c] > probabilities[i * classes + best]) {
                best = c;
            }
        }
        return best;
    }

    private double confidence(int i) {
        return probabilities[i * classes + top(i)];
    }

    double accuracy() {
        return mean(i -> top(i) == truths[i] ? 1 : 0);
    }

    double meanConfidence() {
        return mean(this::confidence);
    }

    /** −log p(y), p being at least the smallest positive number. */
    double negativeLogLikelihood() {
        return mean(i ->
                -Math.log(Math.max(Double.MIN_VALUE, truths[i] < 0 ? 0 : probabilities[i * classes + truths[i]])));
    }

    /** Σ_c (p_c − [y = c])², and 1 more for a class that the model does not know. */
    double brier() {
        return mean(i -> {
            double sum = truths[i] < 0 ? 1 : 0;
            for (int c = 0; c < classes; c++) {
                double difference = probabilities[i * classes + c] - (c == truths[i] ? 1 : 0);
                sum += difference * difference;
            }
            return sum;
        });
    }

    /**
     * The area under the curve of precision by recall, as steps: each example of the class counts with the share of its
     * class among all examples that are at least as probable. The mean over the classes that occur; of two classes that
     * of the rarer one, since the other's says little.
     */
    double averagePrecision() {
        double[] counts = new double[classes];
        for (int i = 0; i < truths.length; i++) {
            if (truths[i] >= 0) {
                counts[truths[i]] += weights[i];
            }
        }
        if (classes == 2 && counts[0] > 0 && counts[1] > 0) {
            return averagePrecision(counts[0] < counts[1] ? 0 : 1, counts);
        }
        return IntStream.range(0, classes)
                .filter(c -> counts[c] > 0)
                .mapToDouble(c -> averagePrecision(c, counts))
                .average()
                .orElse(Double.NaN);
    }

    private double averagePrecision(int c, double[] counts) {
        int[] rising = risingBy(c);
        double area = 0;
        double all = 0;
        double right = 0;
        for (int last = rising.length - 1; last >= 0; ) {
            double probability = probabilities[rising[last] * classes + c];
            double before = right;
            for (; last >= 0 && probabilities[rising[last] * classes + c] == probability; last--) {
                int i = rising[last];
                all += weights[i];
                right += truths[i] == c ? weights[i] : 0;
            }
            area += right > before ? (right - before) * right / all : 0;
        }
        return area / counts[c];
    }

    private int[] risingBy(int c) {
        return IntStream.range(0, truths.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> probabilities[i * classes + c]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    double entropy(int i) {
        double entropy = 0;
        for (int c = 0; c < classes; c++) {
            double p = probabilities[i * classes + c];
            entropy -= p > 0 ? p * Math.log(p) : 0;
        }
        return entropy;
    }

    double meanEntropy() {
        return mean(this::entropy);
    }

    /** Bins of equal width from 0 to 1; a confidence on a border belongs to the bin below it. */
    List<ReliabilityBin> reliability(int bins) {
        double[] weight = new double[bins];
        double[] confidence = new double[bins];
        double[] right = new double[bins];
        for (int i = 0; i < truths.length; i++) {
            double own = confidence(i);
            int bin = Math.max(0, Math.min(bins - 1, (int) Math.ceil(own * bins) - 1));
            weight[bin] += weights[i];
            confidence[bin] += weights[i] * own;
            right[bin] += top(i) == truths[i] ? weights[i] : 0;
        }
        List<ReliabilityBin> result = new ArrayList<>();
        for (int b = 0; b < bins; b++) {
            result.add(new ReliabilityBin(
                    b / (double) bins,
                    (b + 1) / (double) bins,
                    weight[b],
                    confidence[b] / weight[b],
                    right[b] / weight[b]));
        }
        return result;
    }

    double expectedCalibrationError(int bins) {
        double sum = 0;
        double total = 0;
        for (ReliabilityBin bin : reliability(bins)) {
            sum += bin.weight() == 0 ? 0 : bin.weight() * Math.abs(bin.accuracy() - bin.confidence());
            total += bin.weight();
        }
        return sum / total;
    }

    double maximumCalibrationError(int bins) {
        return reliability(bins).stream()
                .filter(bin -> bin.weight() > 0)
                .mapToDouble(bin -> Math.abs(bin.accuracy() - bin.confidence()))
                .max()
                .orElse(Double.NaN);
    }

    /**
     * The mean over classes and ranges of |share of the class − mean probability|, each range of a class holding as
     * many examples as any other, by that class's probability. Examples of equal probability share what they bring, so
     * that their order does not matter where a range ends among them. Ranges without weight do not count.
     */
    double adaptiveCalibrationError(int ranges) {
        double sum = 0;
        int counted = 0;
        for (int c = 0; c < classes; c++) {
            int column = c;
            int[] order = risingBy(c);
            double[] excess = shared(
                    order, c, i -> weights[i] * ((truths[i] == column ? 1 : 0) - probabilities[i * classes + column]));
            double[] weight = shared(order, c, i -> weights[i]);
            int used = Math.min(ranges, order.length);
            for (int r = 0; r < used; r++) {
                int from = (int) ((long) r * order.length / used);
                int to = (int) ((long) (r + 1) * order.length / used);
                double total = Arrays.stream(weight, from, to).sum();
                sum += total > 0 ? Math.abs(Arrays.stream(excess, from, to).sum() / total) : 0;
                counted += total > 0 ? 1 : 0;
            }
        }
        return sum / counted;
    }

    /** A number of each example in an order by the probability of class c, its mean where probabilities are equal. */
    private double[] shared(int[] order, int c, IntToDoubleFunction number) {
        double[] shared = new double[order.length];
        int from = 0;
        while (from < order.length) {
            int to = from + 1;
            while (to < order.length
                    && probabilities[order[to] * classes + c] == probabilities[order[from] * classes + c]) {
                to++;
            }
            Arrays.fill(
                    shared,
                    from,
                    to,
                    Arrays.stream(order, from, to).mapToDouble(number).average().orElseThrow());
            from = to;
        }
        return shared;
    }
}
