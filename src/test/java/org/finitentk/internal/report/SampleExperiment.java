package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.evaluation.PredictiveRegressionEvaluation;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.testing.FixedPredictions;
import org.tribuo.Dataset;
import org.tribuo.regression.Regressor;

/**
 * Made-up results shaped like the sinusoid experiment: one method with a band, one sure of itself, one without
 * variances.
 */
final class SampleExperiment {
    private static final int GRID = 120;

    private SampleExperiment() {}

    static List<TaskResult> withBand(int tasks) {
        return results(tasks, 1, 1);
    }

    static List<TaskResult> tooSure(int tasks) {
        return results(tasks, 3, 0.15);
    }

    static List<TaskResult> withoutVariances(int tasks) {
        return results(tasks, 6, Double.NaN);
    }

    private static List<TaskResult> results(int tasks, double error, double deviationFactor) {
        List<TaskResult> results = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            results.add(result(task, error, deviationFactor));
        }
        return results;
    }

    private static TaskResult result(int task, double error, double deviationFactor) {
        SplittableRandom random = new SplittableRandom(100 + task);
        double amplitude = 0.1 + 4.9 * random.nextDouble();
        double phase = 2 * Math.PI * random.nextDouble();
        double frequency = 0.5 + 1.5 * random.nextDouble();
        double[] trainX = uniform(random, 10, -2);
        double[] testX = uniform(random, 25, -5);
        double[] gridX = new double[GRID];
        for (int i = 0; i < GRID; i++) {
            gridX[i] = -5 + 10.0 * i / (GRID - 1);
        }
        double[] trainY = sine(trainX, amplitude, phase, frequency);
        double[] testY = sine(testX, amplitude, phase, frequency);
        double[] mean = shrunk(gridX, sine(gridX, amplitude, phase, frequency), error);
        double[] testMean = shrunk(testX, testY, error);
        RegressionPanel panel = RegressionPanel.titled("Task " + (task + 1))
                .training(trainX, trainY)
                .test(testX, testY)
                .truth(gridX, sine(gridX, amplitude, phase, frequency));
        panel = Double.isNaN(deviationFactor)
                ? panel.prediction(gridX, mean)
                : panel.prediction(gridX, mean, variances(gridX, amplitude * deviationFactor));
        PredictiveRegressionEvaluation evaluation =
                evaluate(testY, testMean, variances(testX, amplitude * deviationFactor));
        double seconds = 0.01 * error * error * (1 + random.nextDouble());
        return TaskResult.of("Task " + (task + 1), evaluation, seconds).withPanel(panel);
    }

    private static PredictiveRegressionEvaluation evaluate(double[] truth, double[] mean, double[] variance) {
        List<Regressor> truths = new ArrayList<>();
        List<Regressor> predictions = new ArrayList<>();
        for (int i = 0; i < truth.length; i++) {
            truths.add(new Regressor("y", truth[i]));
            predictions.add(new Regressor("y", mean[i], variance[i]));
        }
        Dataset<Regressor> data = FixedPredictions.dataset(truths);
        return new PredictiveRegressionEvaluator().evaluate(FixedPredictions.model(data, predictions), data);
    }

    private static double[] uniform(SplittableRandom random, int n, double from) {
        return random.doubles(n).map(u -> from + (5 - from) * u).toArray();
    }

    private static double[] sine(double[] x, double amplitude, double phase, double frequency) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = amplitude * Math.sin(frequency * x[i] + phase);
        }
        return y;
    }

    /** Right near the training data, falling to zero beyond it. */
    private static double[] shrunk(double[] x, double[] y, double error) {
        double[] mean = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            mean[i] = y[i] / (1 + error * Math.pow(distance(x[i]), 2)) + 0.01 * error * Math.cos(9 * x[i]);
        }
        return mean;
    }

    private static double[] variances(double[] x, double amplitude) {
        double[] variance = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            variance[i] = Math.pow(amplitude * (0.03 + 0.35 * distance(x[i])), 2);
        }
        return variance;
    }

    private static double distance(double x) {
        return Math.max(0, -2 - x);
    }
}
