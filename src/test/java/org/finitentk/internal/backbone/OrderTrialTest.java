package org.finitentk.internal.backbone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often orders of names are taken, refused and named, on simulated predictions, and the arithmetic under it. */
final class OrderTrialTest {
    private static final int SETS = 200;

    @Test
    void assignmentsAreTheBestOfAll() {
        SplittableRandom random = new SplittableRandom(1);
        for (int set = 0; set < 300; set++) {
            int names = 1 + random.nextInt(5);
            int outputs = names + random.nextInt(3);
            boolean ties = set % 2 == 0;
            double[][] gain = new double[names][outputs];
            for (double[] row : gain) {
                for (int c = 0; c < outputs; c++) {
                    row[c] = ties ? random.nextInt(3) : random.nextDouble(-1, 1);
                }
            }
            int[] found = Assignment.best(gain);
            assertEquals(names, IntStream.of(found).distinct().count());
            assertEquals(best(gain, 0, new boolean[outputs]), Assignment.value(gain, found), 1e-12);
        }
    }

    private static double best(double[][] gain, int name, boolean[] taken) {
        if (name == gain.length) {
            return 0;
        }
        double best = Double.NEGATIVE_INFINITY;
        for (int output = 0; output < taken.length; output++) {
            if (!taken[output]) {
                taken[output] = true;
                best = Math.max(best, gain[name][output] + best(gain, name + 1, taken));
                taken[output] = false;
            }
        }
        return best;
    }

    @Test
    void tailsAreThoseOfCoinsAndOfStudent() {
        for (int n = 1; n <= 40; n++) {
            double tail = 0;
            double term = Math.pow(0.5, n);
            for (int wins = n; wins >= 0; wins--) {
                tail += term;
                assertEquals(tail, TailProbability.coin(wins, n), 1e-12 * tail);
                term *= wins / (n - wins + 1.0);
            }
        }
        assertEquals(1, TailProbability.coin(0, 0));
        assertEquals(Math.pow(0.5, 1000), TailProbability.coin(1000, 1000), 1e-9 * Math.pow(0.5, 1000));
        // Cauchy's distribution, and two and four degrees of freedom, have tails in closed form.
        for (double t : new double[] {-30, -1, 0, 0.5, 3, 40, 1e6}) {
            assertEquals(0.5 - Math.atan(t) / Math.PI, TailProbability.student(t, 1), 1e-12);
            assertEquals(0.5 - t / (2 * Math.sqrt(2 + t * t)), TailProbability.student(t, 2), 1e-12);
        }
        assertEquals(0.0228, TailProbability.student(2, 1e7), 1e-4);
        assertEquals(0, TailProbability.student(Double.POSITIVE_INFINITY, 3));
        assertEquals(1, TailProbability.student(Double.NEGATIVE_INFINITY, 3));
    }

    /**
     * Rows of a network that is right so often, its outputs being the labels' by an order; classes are as frequent as
     * 1, 1/2, 1/3, ….
     */
    private static LabelEvidence labels(SplittableRandom random, int n, int[] order, int outputs, double accuracy) {
        double total =
                IntStream.range(0, order.length).mapToDouble(c -> 1.0 / (c + 1)).sum();
        int[] labels = new int[n];
        double[] f = new double[n * outputs];
        for (int i = 0; i < n; i++) {
            double left = random.nextDouble(total);
            while (labels[i] < order.length - 1 && (left -= 1.0 / (labels[i] + 1)) > 0) {
                labels[i]++;
            }
            int predicted = random.nextDouble() < accuracy ? order[labels[i]] : random.nextInt(outputs);
            f[i * outputs + predicted] = 1;
        }
        return LabelEvidence.of(labels, order.length, f, outputs);
    }

    private static int[] identity(int names) {
        return IntStream.range(0, names).toArray();
    }

    private static int[] shuffled(SplittableRandom random, int names) {
        int[] order = identity(names);
        for (int i = names - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int own = order[i];
            order[i] = order[j];
            order[j] = own;
        }
        return order;
    }

    @ParameterizedTest
    @CsvSource({
        "2, 2, 100, 0.6",
        "3, 3, 150, 0.45",
        "10, 10, 150, 0.4",
        "4, 9, 100, 0.5",
        "40, 40, 200, 0.6",
        "150, 150, 450, 0.8"
    })
    void theRightOrderOfLabelsStands(int names, int outputs, int n, double accuracy) {
        SplittableRandom random = new SplittableRandom(names);
        int sets = names > 30 ? SETS / 20 : SETS;
        int stands = 0;
        int warnings = 0;
        for (int set = 0; set < sets; set++) {
            LabelEvidence evidence = labels(random, n, identity(names), outputs, accuracy);
            stands += new OrderTrial(evidence, identity(names)).alone().stands() ? 1 : 0;
            warnings += new OrderTrial(evidence, identity(names)).given().better() != null ? 1 : 0;
        }
        assertTrue(stands >= 0.97 * sets, stands + " of " + sets);
        assertTrue(warnings <= 0.02 * sets, warnings + " of " + sets);
    }

    @ParameterizedTest
    @CsvSource({"2, 2, 60", "3, 3, 150", "10, 10, 300", "4, 9, 200", "40, 40, 200"})
    void predictionsThatSayNothingSpeakForNoOrder(int names, int outputs, int n) {
        SplittableRandom random = new SplittableRandom(names + 1);
        int sets = names > 30 ? SETS / 20 : SETS;
        int stands = 0;
        int named = 0;
        for (int set = 0; set < sets; set++) {
            OrderTrial.Verdict verdict =
                    new OrderTrial(labels(random, n, identity(names), outputs, 0), identity(names)).alone();
            stands += verdict.stands() ? 1 : 0;
            named += verdict.better() != null ? 1 : 0;
        }
        assertTrue(stands <= 0.01 * sets, stands + " of " + sets);
        assertTrue(named <= 0.01 * sets, named + " of " + sets);
    }

    @ParameterizedTest
    @CsvSource({"2, 2, 80, 0.8", "3, 3, 100, 0.7", "10, 10, 200, 0.8", "4, 9, 150, 0.7", "40, 40, 800, 0.8"})
    void anotherOrderIsNamed(int names, int outputs, int n, double accuracy) {
        SplittableRandom random = new SplittableRandom(names + 2);
        int sets = names > 30 ? SETS / 20 : SETS;
        int stands = 0;
        int warned = 0;
        int named = 0;
        int wrong = 0;
        for (int set = 0; set < sets; set++) {
            int[] truth = shuffled(random, outputs);
            int[] order = IntStream.range(0, names).map(c -> truth[c]).toArray();
            if (IntStream.range(0, names).allMatch(c -> order[c] == c)) {
                order[0] = 1;
                order[1] = 0;
            }
            LabelEvidence evidence = labels(random, n, order, outputs, accuracy);
            OrderTrial.Verdict verdict = new OrderTrial(evidence, identity(names)).alone();
            wrong++;
            stands += verdict.stands() ? 1 : 0;
            named += verdict.better() != null ? 1 : 0;
            warned += new OrderTrial(evidence, identity(names)).given().better() != null ? 1 : 0;
        }
        assertEquals(0, stands);
        assertTrue(named >= 0.97 * wrong, named + " of " + wrong);
        assertTrue(warned >= 0.97 * wrong, warned + " of " + wrong);
    }

    @Test
    void theBestOrderIsTheTrueOne() {
        int[] truth = {2, 0, 1, 3};
        OrderTrial.Verdict verdict =
                new OrderTrial(labels(new SplittableRandom(4), 400, truth, 4, 0.8), identity(4)).alone();
        assertArrayEquals(truth, verdict.better());
    }

    /**
     * Three rows of each of many labels: no exchange alone is significant, but half of the labels moved on by one are
     * seen.
     */
    @Test
    void manyLabelsOfFewRows() {
        int names = 200;
        int[] labels = IntStream.range(0, 3 * names).map(i -> i % names).toArray();
        int[] moved = IntStream.range(0, names)
                .map(c -> c % 2 == 0 || c > 150 ? c : (c + 2) % 151 % 2 == 1 ? (c + 2) % 151 : 1)
                .toArray();
        for (boolean right : new boolean[] {true, false}) {
            double[] f = new double[labels.length * names];
            SplittableRandom random = new SplittableRandom(8);
            for (int i = 0; i < labels.length; i++) {
                int own = right ? labels[i] : moved[labels[i]];
                f[i * names + (random.nextDouble() < 0.8 ? own : random.nextInt(names))] = 1;
            }
            assertEquals(
                    right,
                    new OrderTrial(LabelEvidence.of(labels, names, f, names), identity(names))
                            .alone()
                            .stands());
        }
    }

    @Test
    void fewRowsAndOneClassTellNothing() {
        int[] labels = {0, 1, 2, 0, 1};
        double[] f = {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0};
        assertFalse(new OrderTrial(LabelEvidence.of(labels, 3, f, 3), identity(3))
                .alone()
                .stands());
        assertFalse(new OrderTrial(LabelEvidence.of(new int[500], 2, new double[1000], 2), identity(2))
                .alone()
                .stands());
        assertNull(new OrderTrial(LabelEvidence.of(labels, 3, f, 3), new int[] {1, 0, 2})
                .alone()
                .better());
    }

    /**
     * Targets and predictions of dimensions that go together, with scales, means and correlations between dimensions
     * that are none of the order's business.
     */
    private static DimensionEvidence dimensions(SplittableRandom random, int n, int[] order, double share) {
        int d = order.length;
        double[] targets = new double[n * d];
        double[] f = new double[n * d];
        for (int i = 0; i < n; i++) {
            double common = random.nextGaussian();
            for (int c = 0; c < d; c++) {
                double value = 0.7 * common + random.nextGaussian();
                targets[i * d + c] = 100 * c + Math.pow(10, c % 3) * value;
                f[i * d + order[c]] = -5 * c + share * value + Math.sqrt(1 - share * share) * random.nextGaussian();
            }
        }
        return DimensionEvidence.of(targets, d, f, d);
    }

    @ParameterizedTest
    @CsvSource({"2, 80, 0.9", "4, 120, 0.8"})
    void ordersOfDimensions(int d, int n, double share) {
        SplittableRandom random = new SplittableRandom(d);
        int stands = 0;
        int warnings = 0;
        int wrong = 0;
        int named = 0;
        int warned = 0;
        int chance = 0;
        for (int set = 0; set < SETS / 4; set++) {
            DimensionEvidence right = dimensions(random, n, identity(d), share);
            stands += new OrderTrial(right, identity(d)).alone().stands() ? 1 : 0;
            warnings += new OrderTrial(right, identity(d)).given().better() != null ? 1 : 0;
            int[] order = shuffled(random, d);
            int own = order[0];
            order[0] = own == 0 ? order[1] : own;
            order[1] = own == 0 ? own : order[1];
            DimensionEvidence other = dimensions(random, n, order, share);
            wrong += new OrderTrial(other, identity(d)).alone().stands() ? 1 : 0;
            named += new OrderTrial(other, identity(d)).alone().better() != null ? 1 : 0;
            warned += new OrderTrial(other, identity(d)).given().better() != null ? 1 : 0;
            chance += new OrderTrial(dimensions(random, n, identity(d), 0), identity(d))
                            .alone()
                            .stands()
                    ? 1
                    : 0;
        }
        assertTrue(stands >= 49, "right order stands " + stands);
        assertTrue(warnings <= 1, "warned of right order " + warnings);
        assertEquals(0, wrong);
        assertTrue(named >= 49, "named " + named);
        assertTrue(warned >= 49, "warned " + warned);
        assertTrue(chance <= 1, "chance " + chance);
    }

    @Test
    void constantsGoWithNothing() {
        double[] targets = new double[40];
        double[] f = new double[40];
        for (int i = 0; i < 20; i++) {
            targets[2 * i] = i;
            targets[2 * i + 1] = 1e300;
            f[2 * i] = i;
            f[2 * i + 1] = 3;
        }
        OrderTrial.Verdict verdict = new OrderTrial(DimensionEvidence.of(targets, 2, f, 2), identity(2)).alone();
        assertTrue(Double.isFinite(verdict.chance()));
        assertTrue(verdict.stands());
    }
}
