package org.finitentk.regression;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.finitentk.network.Examples;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a regression is fitted to, made of those that were given. A row that is there twice tells nothing that it does not tell once, but for its weight; as two observations of
 * independent noise that happen to agree it would say that there is no noise. Folded rows are one of the sum of their weights. The posterior at given variances is that of all rows; of
 * their likelihood, the term is dropped that says how repeats differ from each other, (1 − c)/2 · log(2πσ²) + ½ log of the ratio of the sum to the product of the weights for c equal rows,
 * which grows without bound as σ² goes to 0.
 *
 * @param x the examples
 * @param targets their targets
 * @param weights their weights; null for ones
 * @param counts how many rows were folded, and how
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares rows.
record TrainingRows(Examples x, double[] targets, double @Nullable [] weights, Counts counts) {
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
     */
    record Counts(int given, int sameExamples, int equalRows, int repeatsKept) {
    }

    /**
     * Folds.
     *
     * @param identities for each row the number of the first row that is the same example; empty if unknown
     */
    static TrainingRows of(Examples x, double[] targets, int dimensions, double @Nullable [] weights, int[] identities, RegressionSettings settings) {
        if (settings.repeatedRows() == RepeatedRows.KEEP) {
            return new TrainingRows(x, targets, weights, new Counts(x.size(), 0, 0, 0));
        }
        int n = x.size();
        int[] same = identities.length == 0 ? positions(n) : identities;
        int[] equal = firstEqual(x);
        boolean differing = false;
        int repeats = 0;
        int examples = 0;
        for (int i = 0; i < n; i++) {
            if (same[i] != i) {
                examples++;
            } else if (equal[i] != i) {
                repeats++;
                differing |= !equalTargets(targets, dimensions, i, equal[i]);
            }
        }
        int kept = differing ? repeats : 0;
        warn(kept, n - examples);
        return folded(x, targets, dimensions, weights, differing ? same : equal, new Counts(n, examples, repeats - kept, kept)).relative(settings);
    }

    private static int[] positions(int n) {
        int[] positions = new int[n];
        Arrays.setAll(positions, i -> i);
        return positions;
    }

    private static void warn(int kept, int rows) {
        if (kept > MANY * rows) {
            LOG.warning(String.format(Locale.ROOT, "%d of %d training rows repeat the inputs of others, some with other targets, so that all stay rows of their own; if they are copies and no "
                + "independent observations, the noise variance is learned too small: remove copies", kept, rows));
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
        return Arrays.equals(targets, i * dimensions, (i + 1) * dimensions, targets, j * dimensions, (j + 1) * dimensions);
    }

    private static TrainingRows folded(Examples x, double[] targets, int dimensions, double @Nullable [] weights, int[] into, Counts counts) {
        int[] stay = IntStream.range(0, into.length).filter(i -> into[i] == i).toArray();
        if (stay.length == into.length) {
            return new TrainingRows(x, targets, weights, counts);
        }
        double[] sums = new double[into.length];
        for (int i = 0; i < into.length; i++) {
            sums[into[i]] += weights == null ? 1 : weights[i];
        }
        double[] rest = new double[stay.length * dimensions];
        for (int i = 0; i < stay.length; i++) {
            System.arraycopy(targets, stay[i] * dimensions, rest, i * dimensions, dimensions);
        }
        return new TrainingRows(x.select(stay), rest, Arrays.stream(stay).mapToDouble(i -> sums[i]).toArray(), counts);
    }

    /** Where noise is learned only the ratios of weights are known: on average they are 1. */
    private TrainingRows relative(RegressionSettings settings) {
        double[] given = weights;
        if (given == null || !settings.learning().learnsNoise()) {
            return this;
        }
        double average = 0;
        for (double weight : given) {
            average += weight / given.length;
        }
        double[] scaled = new double[given.length];
        boolean ones = true;
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = given[i] / average;
            ones &= given[i] == given[0];
        }
        return new TrainingRows(x, targets, ones ? null : scaled, counts);
    }
}
