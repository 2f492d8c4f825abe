package org.finitentk.internal.scores;

import java.util.Objects;

/**
 * A column of an experiment's results: what it is called and how to read it.
 *
 * @param key its name in files that programs read, unique in a report, e.g. {@code rmse}
 * @param name its name for people
 * @param goal which values are good
 * @param target the value to come close to where the goal is {@link Goal#TARGET}, else NaN
 * @param unit how values are written
 * @param explanation one sentence for the reader
 */
public record ReportMetric(String key, String name, Goal goal, double target, Unit unit, String explanation) {

    /** Which values of a metric are good. */
    public enum Goal {
        /** Smaller is better. */
        LOW,
        /** Larger is better. */
        HIGH,
        /** Close to the target is better. */
        TARGET,
        /** Neither is good in itself. */
        NONE
    }

    /** How a metric's values are written. */
    public enum Unit {
        /** As they are. */
        NUMBER,
        /** As a percentage. */
        FRACTION,
        /** As seconds. */
        SECONDS
    }

    /** The root mean squared error of the predicted means. */
    public static final ReportMetric RMSE =
            low("rmse", "RMSE", Unit.NUMBER, "Root mean squared error of the predicted means; lower is better.");

    /** The mean absolute error of the predicted means. */
    public static final ReportMetric MAE =
            low("mae", "MAE", Unit.NUMBER, "Mean absolute error of the predicted means; lower is better.");

    /** The coefficient of determination. */
    public static final ReportMetric R2 = new ReportMetric(
            "r2",
            "R2",
            Goal.HIGH,
            Double.NaN,
            Unit.NUMBER,
            "Fraction of the observations' variance that the predicted means explain; 1 is perfect, 0 no "
                    + "better than their mean.");

    /** The negative log predictive density. */
    public static final ReportMetric NLPD = low(
            "nlpd",
            "NLPD",
            Unit.NUMBER,
            "Negative log density of the observations under the predicted Gaussians, in nats a point; "
                    + "lower is better.");

    /** The continuous ranked probability score. */
    public static final ReportMetric CRPS = low(
            "crps",
            "CRPS",
            Unit.NUMBER,
            "Continuous ranked probability score of the predicted Gaussians, in the observations' unit; "
                    + "lower is better.");

    /** The excess kurtosis of z-scores. */
    public static final ReportMetric KURTOSIS = new ReportMetric(
            "kurtosis",
            "Kurtosis",
            Goal.TARGET,
            0,
            Unit.NUMBER,
            "Excess kurtosis of the z-scores, observation less mean in predicted deviations; near 0 where errors are "
                    + "Gaussian, above 0 where noise is not the same everywhere or there are outliers.");

    /** The fraction of right labels. */
    public static final ReportMetric ACCURACY = new ReportMetric(
            "accuracy",
            "Accuracy",
            Goal.HIGH,
            Double.NaN,
            Unit.FRACTION,
            "Examples whose most probable label is the true one; higher is better.");

    /** The negative log-likelihood of class probabilities. */
    public static final ReportMetric NLL = low(
            "nll",
            "NLL",
            Unit.NUMBER,
            "Negative log probability of the true label, in nats an example; lower is better.");

    /** The Brier score of class probabilities. */
    public static final ReportMetric BRIER = low(
            "brier",
            "Brier",
            Unit.NUMBER,
            "Squared distance of the probabilities from the true label's, summed over the classes; lower is better.");

    /** The expected calibration error. */
    public static final ReportMetric ECE = low(
            "ece",
            "ECE",
            Unit.NUMBER,
            "Expected calibration error: distance of confidence and accuracy in 15 bins of confidence; "
                    + "lower is better.");

    /** The adaptive calibration error. */
    public static final ReportMetric ACE = low(
            "ace",
            "ACE",
            Unit.NUMBER,
            "Adaptive calibration error: distance of each class's probability and its share in 15 ranges "
                    + "of equally many examples; lower is better.");

    /** How well probabilities rank the examples of a label. */
    public static final ReportMetric AVERAGE_PRECISION = new ReportMetric(
            "average_precision",
            "Average precision",
            Goal.HIGH,
            Double.NaN,
            Unit.NUMBER,
            "How far a label's probability ranks the examples that have it above the others, as the area under "
                    + "precision by recall: the mean over labels, and of two labels that of the rarer one; higher is better.");

    /** How well entropy tells examples of other classes. */
    public static final ReportMetric OOD_AUROC = new ReportMetric(
            "ood_auroc",
            "OOD AUROC",
            Goal.HIGH,
            Double.NaN,
            Unit.NUMBER,
            "How often an example of another kind has the higher predictive entropy of a pair; 0.5 is "
                    + "chance, higher is better.");

    /** The wall-clock seconds that adapting to a task took. */
    public static final ReportMetric SECONDS =
            low("seconds", "Seconds", Unit.SECONDS, "Wall-clock time that one task took; lower is better.");

    /**
     * Checks the parts.
     *
     * @param key its name for programs
     * @param name its name for people
     * @param goal which values are good
     * @param target the value to come close to
     * @param unit how values are written
     * @param explanation one sentence
     * @throws IllegalArgumentException if the key or name is blank, or a target is there without the goal for it or the
     *     reverse
     */
    public ReportMetric {
        Objects.requireNonNull(goal, "goal");
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(explanation, "explanation");
        if (key.isBlank() || name.isBlank()) {
            throw new IllegalArgumentException(
                    "the key or name of a report's metric is blank; expected words, since both head columns");
        }
        if ((goal == Goal.TARGET) == Double.isNaN(target)) {
            throw new IllegalArgumentException("the report's metric " + name + " has the goal " + goal
                    + " and the target " + target + "; expected a target with the goal TARGET, and with no other");
        }
    }

    /**
     * A metric of which smaller values are better.
     *
     * @param key its name in files that programs read
     * @param name its name for people
     * @param unit how values are written
     * @param explanation one sentence for the reader
     * @return the metric
     */
    public static ReportMetric low(String key, String name, Unit unit, String explanation) {
        return new ReportMetric(key, name, Goal.LOW, Double.NaN, unit, explanation);
    }

    /**
     * The fraction of observations inside central predictive intervals.
     *
     * @param level the intervals' probability, strictly between 0 and 1
     * @return the metric, whose target is the level
     */
    public static ReportMetric coverage(double level) {
        Levels.require(level);
        return new ReportMetric(
                "coverage_" + level,
                Levels.percent(level) + " coverage",
                Goal.TARGET,
                level,
                Unit.FRACTION,
                "Observations inside the central " + Levels.percent(level) + " predictive interval; should be near "
                        + Levels.percent(level) + ".");
    }

    /**
     * The mean width of central predictive intervals.
     *
     * @param level the intervals' probability, strictly between 0 and 1
     * @return the metric
     */
    public static ReportMetric width(double level) {
        Levels.require(level);
        return new ReportMetric(
                "width_" + level,
                Levels.percent(level) + " width",
                Goal.NONE,
                Double.NaN,
                Unit.NUMBER,
                "Mean width of the central " + Levels.percent(level)
                        + " predictive interval; narrower is better at equal coverage.");
    }

    /**
     * Writes one value of this metric.
     *
     * @param value the value
     * @return the value with its unit; "-" for NaN, since it was not computed
     */
    public String format(double value) {
        return switch (unit) {
            case NUMBER -> Numbers.plain(value);
            case FRACTION -> Numbers.percent(value);
            case SECONDS -> Numbers.seconds(value);
        };
    }

    /**
     * Writes a mean to the digits that its standard error leaves it.
     *
     * @param mean the mean
     * @param error its standard error; what is written is empty where it is not finite
     * @return both, and their unit
     */
    public Numbers.Measured format(double mean, double error) {
        if (!Double.isFinite(error)) {
            return new Numbers.Measured(format(mean), "", "");
        }
        return switch (unit) {
            case NUMBER -> Numbers.measured(mean, error, "");
            case FRACTION -> Numbers.measured(100 * mean, 100 * error, " %");
            case SECONDS -> Numbers.measured(mean, error, " s");
        };
    }

    /**
     * How far a value is from ideal, for comparing.
     *
     * @param value the value
     * @return smaller is better; NaN where there is no better
     */
    public double badness(double value) {
        return switch (goal) {
            case LOW -> value;
            case HIGH -> -value;
            case TARGET -> Math.abs(value - target);
            case NONE -> Double.NaN;
        };
    }
}
