package org.finitentk.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well a score, such as predictive entropy, tells examples of another kind from those that a model knows: it should
 * be higher for the others.
 *
 * @param auroc the probability that a random example of the others has a higher score than a random one of the known,
 *     equal scores counting half (Mann and Whitney 1947); 0.5 is chance
 * @param curve the receiver operating characteristic, from (0, 0) to (1, 1), one point a distinct score
 */
public record OutOfDistribution(double auroc, List<Point> curve) {
    /**
     * What a threshold does.
     *
     * @param falseAlarms fraction of the known examples at or above it
     * @param detections fraction of the others at or above it
     */
    public record Point(double falseAlarms, double detections) {}

    /**
     * Copies the list.
     *
     * @param auroc area under the curve
     * @param curve the receiver operating characteristic
     */
    public OutOfDistribution {
        curve = List.copyOf(curve);
    }

    /**
     * Compares two sets of examples.
     *
     * @param known scores of examples like the training data's
     * @param others scores of examples of another kind
     * @return area and curve
     * @throws IllegalArgumentException if a set is empty or a score is NaN
     */
    public static OutOfDistribution of(double[] known, double[] others) {
        if (known.length == 0 || others.length == 0) {
            throw new IllegalArgumentException("there are " + known.length + " known examples and " + others.length
                    + " others; expected at least one of each");
        }
        double[] a = sorted(known);
        double[] b = sorted(others);
        List<Point> curve = new ArrayList<>(List.of(new Point(0, 0)));
        double area = 0;
        int left = a.length;
        int right = b.length;
        while (left > 0 || right > 0) {
            double score = Math.max(
                    left > 0 ? a[left - 1] : Double.NEGATIVE_INFINITY,
                    right > 0 ? b[right - 1] : Double.NEGATIVE_INFINITY);
            int ties = 0;
            int above = b.length - right;
            while (left > 0 && a[left - 1] == score) {
                left--;
                ties++;
            }
            int same = 0;
            while (right > 0 && b[right - 1] == score) {
                right--;
                same++;
            }
            area += ties * (above + 0.5 * same);
            curve.add(new Point((a.length - left) / (double) a.length, (b.length - right) / (double) b.length));
        }
        return new OutOfDistribution(area / a.length / b.length, curve);
    }

    private static double[] sorted(double[] scores) {
        for (int i = 0; i < scores.length; i++) {
            if (Double.isNaN(scores[i])) {
                throw new IllegalArgumentException("score " + i + " is NaN; expected a number");
            }
        }
        double[] sorted = scores.clone();
        Arrays.sort(sorted);
        return sorted;
    }
}
