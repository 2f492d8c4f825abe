package org.finitentk.regression;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What the posterior would say of each training example if it had been left out of training, at the variances that were
 * found with it, in closed form (Rasmussen and Williams, "Gaussian Processes for Machine Learning", section 5.4.2; with
 * a constant mean, that is estimated without the example too; all outputs of an example are left out together). It
 * cannot leave an example out of the training of the <em>network</em>: of examples that the network has seen it says
 * too much good of the network's mean and of little noise.
 *
 * <p>Examples that were folded into one are left out together, since a copy that stays would tell the answer; they are
 * one row here. Arrays are row-major, element i·D + d being dimension d of row i.
 *
 * @param rows for each row its number among the examples that were given, from 0; of folded ones the first
 * @param targets n × D, what was observed
 * @param mean n × D, without the row
 * @param variance n × D, of the row's own observation without the row: where rows have weights, with the noise of that
 *     weight
 * @param logDensity n, of the row's targets without the row: of all dimensions together
 */
public record LeaveOneOut(int[] rows, double[] targets, double[] mean, double[] variance, double[] logDensity) {
    /**
     * A target that the other rows do not expect.
     *
     * @param row its example's number among those that were given, from 0
     * @param dimension from 0 to D - 1
     * @param target what was observed
     * @param mean what the other rows expect
     * @param deviation standard deviation of an observation there, by the other rows
     * @param score (target - mean) / deviation
     */
    public record Suspect(int row, int dimension, double target, double mean, double deviation, double score) {}

    /**
     * The number n of rows.
     *
     * @return at least 1
     */
    public int size() {
        return rows.length;
    }

    /**
     * The number D of dimensions.
     *
     * @return at least 1
     */
    public int dimensions() {
        return mean.length / rows.length;
    }

    /**
     * The logarithm of the density of a row's targets, on average.
     *
     * @return nats a row
     */
    public double averageLogDensity() {
        return average(logDensity);
    }

    /**
     * How far that average may be off because there are so many rows and no more.
     *
     * @return its standard error; NaN for one row
     */
    public double standardError() {
        return standardError(logDensity);
    }

    /**
     * How many of the targets are within the central interval that the other rows give them: what intervals of
     * predictions are worth, as far as the training rows can tell.
     *
     * @param probability of the intervals, above 0 and below 1
     * @return share of the n · D targets, between 0 and 1
     * @throws IllegalArgumentException if the probability is out of range
     */
    public double coverage(double probability) {
        if (!(probability > 0 && probability < 1)) {
            throw new IllegalArgumentException(
                    "the probability of intervals is " + probability + "; expected a number above 0 and below 1");
        }
        int inside = 0;
        for (int i = 0; i < mean.length; i++) {
            double score = Math.abs(targets[i] - mean[i]) / Math.sqrt(variance[i]);
            inside += bothTails(score) >= 1 - probability ? 1 : 0;
        }
        return (double) inside / mean.length;
    }

    static double average(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    static double standardError(double[] values) {
        double average = average(values);
        double squares = 0;
        for (double value : values) {
            squares += (value - average) * (value - average);
        }
        return values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1) / values.length);
    }

    /**
     * All targets by how little the other rows expect them.
     *
     * @return n · D of them, the greatest |score| first
     */
    public List<Suspect> ranking() {
        return ranked(suspect -> true);
    }

    private List<Suspect> ranked(Predicate<Suspect> wanted) {
        return IntStream.range(0, mean.length)
                .mapToObj(this::suspect)
                .filter(wanted)
                .sorted(Comparator.comparingDouble(suspect -> -Math.abs(suspect.score())))
                .toList();
    }

    private Suspect suspect(int element) {
        double deviation = Math.sqrt(variance[element]);
        return new Suspect(
                rows[element / dimensions()],
                element % dimensions(),
                targets[element],
                mean[element],
                deviation,
                (targets[element] - mean[element]) / deviation);
    }

    /**
     * Targets that are farther from what the other rows expect than noise goes. Of Gaussian noise a target of n · D
     * would be among them with the probability that is given, by Bonferroni; real noise has longer tails, so that it is
     * for a person to look at them.
     *
     * @param level the probability that a table without a wrong target has a suspect, above 0 and below 1
     * @return the greatest |score| first
     * @throws IllegalArgumentException if the level is out of range
     */
    public List<Suspect> suspects(double level) {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException(
                    "the level of suspect targets is " + level + "; expected a number above 0 and below 1");
        }
        return ranked(suspect -> bothTails(Math.abs(suspect.score())) * mean.length < level);
    }

    /** Rows and average density, since the arrays have as many numbers as the training data. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "LeaveOneOut(rows=%d, dimensions=%d, averageLogDensity=%.4g, standardError=%.2g)",
                size(),
                dimensions(),
                averageLogDensity(),
                standardError());
    }

    /** P(|z| > score) of a standard Gaussian, whose relative error is below 1.2e-7 (Numerical Recipes, erfc). */
    private static double bothTails(double score) {
        double z = score / Math.sqrt(2);
        double t = 1 / (1 + 0.5 * z);
        double[] coefficients = {
            0.17087277,
            -0.82215223,
            1.48851587,
            -1.13520398,
            0.27886807,
            -0.18628806,
            0.09678418,
            0.37409196,
            1.00002368,
            -1.26551223
        };
        double exponent = 0;
        for (double coefficient : coefficients) {
            exponent = exponent * t + coefficient;
        }
        return t * Math.exp(-z * z + exponent);
    }

    /**
     * What one training example means for the posterior mean at another example.
     *
     * @param row its number among the training examples that were given, from 0; of folded ones the first
     * @param contribution what of the mean it adds, α_i k(x, x_i): all of them and the prior mean at x are the mean
     * @param change what the mean there would change by if the example, and those that are folded into it, had been
     *     left out, at the same variances
     */
    public record Influence(int row, double contribution, double change) {}
}
