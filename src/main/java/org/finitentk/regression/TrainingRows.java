package org.finitentk.regression;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.finitentk.internal.tribuo.ExampleWeights;
import org.finitentk.network.Examples;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a regression is fitted to, made of those that were given. A row that is there twice tells nothing that
 * it does not tell once, but for its weight; as two observations of independent noise that happen to agree it would say
 * that there is no noise. Folded rows are one of the sum of their weights. The posterior at given variances is that of
 * all rows; of their likelihood, the term is dropped that says how repeats differ from each other, (1 − c)/2 ·
 * log(2πσ²) + ½ log of the ratio of the sum to the product of the weights for c equal rows, which grows without bound
 * as σ² goes to 0.
 *
 * @param x the examples
 * @param targets their targets
 * @param weights their weights; null for ones
 * @param given for each row its number among those that were given, of folded ones the first
 * @param counts how many rows were folded, and how
 */
record TrainingRows(Examples x, double[] targets, double @Nullable [] weights, int[] given, Counts counts) {
    private static final Logger LOG = Logger.getLogger(TrainingRows.class.getName());
    /** Repeats that stay, as a share of the rows, that are worth a warning. */
    private static final double MANY = 0.1;

    /**
     * What became of the rows.
     *
     * @param given rows
     * @param sameExamples rows folded because they are the same example again
     * @param equalRows rows folded because inputs and targets equal those of another
     * @param repeatsKept rows whose inputs repeat another's and that stay
     * @param withoutWeight rows left out because their weight is 0
     */
    record Counts(int given, int sameExamples, int equalRows, int repeatsKept, int withoutWeight) {}

    /**
     * Leaves out rows of weight 0, and folds.
     *
     * @throws IllegalArgumentException if a weight is negative or not finite, or all are 0
     */
    static TrainingRows of(GivenRows given, RegressionSettings settings) {
        Examples x = given.x();
        double[] targets = given.targets();
        double[] weights = given.weights();
        int[] identities = given.identities();
        int dimensions = given.dimensions();
        int[] counted = weights == null ? positions(x.size()) : ExampleWeights.counted(weights, x.size());
        if (weights == null || counted.length == x.size()) {
            return foldedBy(
                    settings,
                    new TrainingRows(x, targets, weights, counted, new Counts(x.size(), 0, 0, 0, 0)),
                    dimensions,
                    identities);
        }
        double[] own = selected(weights, 1, counted);
        return foldedBy(
                settings,
                new TrainingRows(
                        x.select(counted),
                        selected(targets, dimensions, counted),
                        Arrays.stream(own).allMatch(w -> w == 1) ? null : own,
                        counted,
                        new Counts(x.size(), 0, 0, 0, x.size() - counted.length)),
                dimensions,
                selected(identities, counted));
    }

    /**
     * The first row that is the same example among those that are left; the same object has one weight, so that all of
     * it stays or none.
     */
    private static int[] selected(int[] identities, int[] rows) {
        Map<Integer, Integer> first = new HashMap<>();
        int[] selected = new int[identities.length == 0 ? 0 : rows.length];
        for (int i = 0; i < selected.length; i++) {
            int at = i;
            selected[i] = first.computeIfAbsent(identities[rows[i]], unseen -> at);
        }
        return selected;
    }

    private static TrainingRows foldedBy(
            RegressionSettings settings, TrainingRows rows, int dimensions, int[] identities) {
        if (settings.repeatedRows() == RepeatedRows.KEEP) {
            return rows;
        }
        int n = rows.x().size();
        int[] same = identities.length == 0 ? positions(n) : identities;
        int[] equal = firstEqual(rows.x());
        boolean differing = false;
        int repeats = 0;
        int examples = 0;
        for (int i = 0; i < n; i++) {
            if (same[i] != i) {
                examples++;
            } else if (equal[i] != i) {
                repeats++;
                differing |= !equalTargets(rows.targets(), dimensions, i, equal[i]);
            }
        }
        int kept = differing ? repeats : 0;
        warn(kept, n - examples);
        Counts counts = new Counts(
                rows.counts().given(),
                examples,
                repeats - kept,
                kept,
                rows.counts().withoutWeight());
        return rows.folded(dimensions, differing ? same : equal, counts).relative(settings);
    }

    private static int[] positions(int n) {
        int[] positions = new int[n];
        Arrays.setAll(positions, i -> i);
        return positions;
    }

    private static void warn(int kept, int rows) {
        if (kept > MANY * rows) {
            LOG.warning(kept + " of " + rows + " training rows repeat the inputs of others, some with other targets, "
                    + "so that all stay rows of their own; if they are copies and no "
                    + "independent observations, the noise variance is learned too small: " + "remove copies");
        }
    }

    /** For each row the first one with the same inputs. */
    private static int[] firstEqual(Examples x) {
        Map<List<ByteBuffer>, Integer> first = new HashMap<>();
        int[] equal = new int[x.size()];
        for (int i = 0; i < equal.length; i++) {
            List<ByteBuffer> row = new ArrayList<>();
            for (Tensor tensor : x.inputs().values()) {
                int bytes = tensor.data().limit() / x.size();
                row.add(tensor.data().slice(i * bytes, bytes));
            }
            Integer known = first.putIfAbsent(row, i);
            equal[i] = known == null ? i : known;
        }
        return equal;
    }

    private static boolean equalTargets(double[] targets, int dimensions, int i, int j) {
        return Arrays.equals(
                targets, i * dimensions, (i + 1) * dimensions, targets, j * dimensions, (j + 1) * dimensions);
    }

    private TrainingRows folded(int dimensions, int[] into, Counts after) {
        int[] stay = IntStream.range(0, into.length).filter(i -> into[i] == i).toArray();
        if (stay.length == into.length) {
            return new TrainingRows(x, targets, weights, given, after);
        }
        double[] own = weights;
        double[] sums = new double[into.length];
        for (int i = 0; i < into.length; i++) {
            sums[into[i]] += own == null ? 1 : own[i];
        }
        return new TrainingRows(
                x.select(stay),
                selected(targets, dimensions, stay),
                Arrays.stream(stay).mapToDouble(i -> sums[i]).toArray(),
                Arrays.stream(stay).map(i -> given[i]).toArray(),
                after);
    }

    /** Some of the rows. */
    TrainingRows select(int[] some) {
        double[] own = weights;
        return new TrainingRows(
                x.select(some),
                selected(targets, targets.length / x.size(), some),
                own == null ? null : selected(own, 1, some),
                Arrays.stream(some).map(i -> given[i]).toArray(),
                counts);
    }

    private static double[] selected(double[] targets, int dimensions, int[] rows) {
        double[] selected = new double[rows.length * dimensions];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(targets, rows[i] * dimensions, selected, i * dimensions, dimensions);
        }
        return selected;
    }

    /** Where noise is learned only the ratios of weights are known: on average they are 1. */
    private TrainingRows relative(RegressionSettings settings) {
        double[] own = weights;
        if (own == null || !settings.variances().learning().learnsNoise()) {
            return this;
        }
        double average = 0;
        for (double weight : own) {
            average += weight / own.length;
        }
        double[] scaled = new double[own.length];
        boolean ones = true;
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = own[i] / average;
            ones &= own[i] == own[0];
        }
        return new TrainingRows(x, targets, ones ? null : scaled, given, counts);
    }
}
