package org.finitentk.internal.report;

import org.finitentk.internal.scores.Range;

/**
 * One regression task with one input and one output, to be drawn: its training and test points, and a model's
 * prediction along the input. Immutable: every method gives another panel. Points may come in any order; values that
 * are not finite are left out of the picture, as gaps where they are part of a line.
 */
public final class RegressionPanel {
    private final String title;
    private final Curve training;
    private final Curve test;
    private final Curve truth;
    private final Curve prediction;
    private final Axes axes;

    /** What the axes are called. */
    private record Axes(String x, String y) {}

    private RegressionPanel(String title, Curve training, Curve test, Curve truth, Curve prediction, Axes axes) {
        this.title = title;
        this.training = training;
        this.test = test;
        this.truth = truth;
        this.prediction = prediction;
        this.axes = axes;
    }

    /**
     * A panel with nothing in it yet.
     *
     * @param title what stands above it
     * @return the panel
     */
    public static RegressionPanel titled(String title) {
        return new RegressionPanel(title, Curve.NONE, Curve.NONE, Curve.NONE, Curve.NONE, new Axes("input", "target"));
    }

    /**
     * This panel under another title.
     *
     * @param newTitle what stands above it
     * @return the panel
     */
    public RegressionPanel withTitle(String newTitle) {
        return new RegressionPanel(newTitle, training, test, truth, prediction, axes);
    }

    /**
     * This panel with these training points.
     *
     * @param x their inputs
     * @param y their targets
     * @return the panel
     * @throws IllegalArgumentException if there are not equally many
     */
    public RegressionPanel training(double[] x, double[] y) {
        return new RegressionPanel(title, Curve.of("training data", x, y), test, truth, prediction, axes);
    }

    /**
     * This panel with these test points.
     *
     * @param x their inputs
     * @param y their targets
     * @return the panel
     * @throws IllegalArgumentException if there are not equally many
     */
    public RegressionPanel test(double[] x, double[] y) {
        return new RegressionPanel(title, training, Curve.of("test data", x, y), truth, prediction, axes);
    }

    /**
     * This panel with the function that the data came from.
     *
     * @param x inputs, dense enough for a line
     * @param y its values there
     * @return the panel
     * @throws IllegalArgumentException if there are not equally many
     */
    public RegressionPanel truth(double[] x, double[] y) {
        return new RegressionPanel(title, training, test, Curve.of("true function", x, y), prediction, axes);
    }

    /**
     * This panel with a prediction without variances.
     *
     * @param x inputs, dense enough for a line
     * @param mean the predictions there
     * @return the panel
     * @throws IllegalArgumentException if there are not equally many
     */
    public RegressionPanel prediction(double[] x, double[] mean) {
        return new RegressionPanel(title, training, test, truth, Curve.of("prediction", x, mean), axes);
    }

    /**
     * This panel with a prediction.
     *
     * @param x inputs, dense enough for a line
     * @param mean the predicted means there
     * @param variance the predicted variances there, of observations or of the function, as the plot is to show; NaN
     *     where there is none
     * @return the panel
     * @throws IllegalArgumentException if there are not equally many, or a variance is negative
     */
    public RegressionPanel prediction(double[] x, double[] mean, double[] variance) {
        return new RegressionPanel(title, training, test, truth, Curve.of("prediction", x, mean, variance), axes);
    }

    /**
     * This panel with names of its axes, "input" and "target" unless told.
     *
     * @param x what is along the horizontal axis
     * @param y what is along the vertical axis
     * @return the panel
     */
    public RegressionPanel axes(String x, String y) {
        return new RegressionPanel(title, training, test, truth, prediction, new Axes(x, y));
    }

    String xAxis() {
        return axes.x();
    }

    String yAxis() {
        return axes.y();
    }

    String title() {
        return title;
    }

    Curve training() {
        return training;
    }

    Curve test() {
        return test;
    }

    Curve truth() {
        return truth;
    }

    Curve prediction() {
        return prediction;
    }

    Range xRange() {
        return Range.EMPTY
                .include(training.x())
                .include(test.x())
                .include(truth.x())
                .include(prediction.x());
    }

    /**
     * What the y axis shows: all data; the mean as far as one and the band as far as half the data's height beyond
     * them, so that neither a prediction that runs off nor a very wide band presses the data flat.
     */
    Range yRange(double deviations) {
        Range data = Range.EMPTY.include(training.y()).include(test.y()).include(truth.y());
        Range mean = Range.EMPTY.include(prediction.y());
        Range band = Range.EMPTY.include(prediction.shifted(deviations)).include(prediction.shifted(-deviations));
        if (data.span() == 0) {
            return data.union(mean).union(band).forAxis(0.05);
        }
        Range range =
                data.union(mean.within(data.widened(data.span()))).union(band.within(data.widened(0.5 * data.span())));
        return range.forAxis(0.05);
    }
}
