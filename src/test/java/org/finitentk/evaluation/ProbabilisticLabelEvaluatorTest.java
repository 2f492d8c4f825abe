package org.finitentk.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.baseline.DummyClassifierTrainer;
import org.tribuo.classification.example.LabelledDataGenerator;
import org.tribuo.impl.ArrayExample;

final class ProbabilisticLabelEvaluatorTest {
    /** Four examples of two classes, with weights 1: confidences .9 (right), .6 (wrong), .7 (right), .55 (right). */
    private static PredictedClasses four(double... weights) {
        return new PredictedClasses(
                new double[] {0.9, 0.1, 0.6, 0.4, 0.3, 0.7, 0.55, 0.45}, new int[] {0, 1, 1, 0}, weights, 2);
    }

    @Test
    void scoresByHand() {
        PredictedClasses p = four(1, 1, 1, 1);
        assertEquals(0.75, p.accuracy(), 1e-15);
        assertEquals(
                -(Math.log(0.9) + Math.log(0.4) + Math.log(0.7) + Math.log(0.55)) / 4,
                p.negativeLogLikelihood(),
                1e-15);
        assertEquals((2 * 0.01 + 2 * 0.36 + 2 * 0.09 + 2 * 0.2025) / 4, p.brier(), 1e-15);
        assertEquals((0.9 + 0.6 + 0.7 + 0.55) / 4, p.meanConfidence(), 1e-15);
        // Bins of width 0.2: (.4, .6] has .6 (wrong) and .55 (right), (.6, .8] has .7, (.8, 1] has .9.
        assertEquals((2 * Math.abs(0.5 - 0.575) + 0.3 + 0.1) / 4, p.expectedCalibrationError(5), 1e-15);
        assertEquals(0.3, p.maximumCalibrationError(5), 1e-15);
        // Both classes, two ranges of two examples each: probabilities of class 0 are .3 (no), .55 (yes) and .6 (no),
        // .9 (yes).
        double gap = (Math.abs(1 - 0.85) + Math.abs(1 - 1.5)) / 2 / 2;
        assertEquals(gap, p.adaptiveCalibrationError(2), 1e-15);
        double entropy = 0;
        for (double q : new double[] {0.9, 0.1, 0.6, 0.4, 0.3, 0.7, 0.55, 0.45}) {
            entropy -= q * Math.log(q) / 4;
        }
        assertEquals(entropy, p.meanEntropy(), 1e-15);
    }

    @Test
    void weightsCountLikeRepeatedExamples() {
        PredictedClasses weighted = four(2, 1, 3, 1);
        int[] repeated = {0, 0, 1, 2, 2, 2, 3};
        PredictedClasses one = four(1, 1, 1, 1);
        double[] probabilities = new double[repeated.length * 2];
        int[] truths = new int[repeated.length];
        double[] ones = new double[repeated.length];
        Arrays.fill(ones, 1);
        for (int i = 0; i < repeated.length; i++) {
            truths[i] = one.truths()[repeated[i]];
            System.arraycopy(one.probabilities(), 2 * repeated[i], probabilities, 2 * i, 2);
        }
        PredictedClasses many = new PredictedClasses(probabilities, truths, ones, 2);
        assertEquals(many.negativeLogLikelihood(), weighted.negativeLogLikelihood(), 1e-15);
        assertEquals(many.brier(), weighted.brier(), 1e-15);
        assertEquals(many.expectedCalibrationError(7), weighted.expectedCalibrationError(7), 1e-15);
        assertEquals(many.meanEntropy(), weighted.meanEntropy(), 1e-15);
    }

    @Test
    void adaptiveCalibrationDoesNotDependOnTheOrderOfTies() {
        // Two ranges of two: .2 with its tied half, and .5 three times, of which one is right; by hand with every tied
        // example a third right.
        double[] p = {0.2, 0.8, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
        double third = 1.0 / 3;
        double first = (Math.abs(third - 0.7) + Math.abs(2 * third - 1)) / 2;
        for (int right = 1; right < 4; right++) {
            int[] truths = {1, 1, 1, 1};
            truths[right] = 0;
            PredictedClasses tied = new PredictedClasses(p, truths, new double[] {1, 1, 1, 1}, 2);
            // Class 1 has the tied ones at .5 below the one at .8.
            double second = (Math.abs(4 * third - 1) + Math.abs(2 * third + 1 - 1.3)) / 2;
            assertEquals((first + second) / 4, tied.adaptiveCalibrationError(2), 1e-15);
        }
        assertEquals(
                four(1, 1, 1, 1).adaptiveCalibrationError(1),
                new PredictedClasses(
                                new double[] {0.9, 0.1, 0.6, 0.4, 0.3, 0.7, 0.55, 0.45, 0.1, 0.9},
                                new int[] {0, 1, 1, 0, 0},
                                new double[] {1, 1, 1, 1, 0},
                                2)
                        .adaptiveCalibrationError(1),
                1e-15);
        assertTrue(Double.isFinite(four(0, 0, 1, 1).adaptiveCalibrationError(4)));
    }

    @Test
    void impossibleAndUnknownLabelsStayFinite() {
        PredictedClasses impossible =
                new PredictedClasses(new double[] {1, 0, 1, 0}, new int[] {1, -1}, new double[] {1, 1}, 2);
        assertEquals(-Math.log(Double.MIN_VALUE), impossible.negativeLogLikelihood(), 1e-9);
        assertEquals(0, impossible.accuracy());
        assertEquals(2, impossible.brier(), 1e-15);
        assertEquals(1, impossible.expectedCalibrationError(15), 1e-15);
    }

    @Test
    void calibratedPredictionsHaveSmallErrors() {
        Random random = new Random(1);
        int n = 20000;
        double[] p = new double[n * 3];
        int[] truths = new int[n];
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int c = 0; c < 3; c++) {
                p[3 * i + c] = -Math.log(random.nextDouble());
                sum += p[3 * i + c];
            }
            double left = random.nextDouble();
            for (int c = 0; c < 3; c++) {
                p[3 * i + c] /= sum;
            }
            truths[i] = left < p[3 * i] ? 0 : left < p[3 * i] + p[3 * i + 1] ? 1 : 2;
        }
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        PredictedClasses calibrated = new PredictedClasses(p, truths, ones, 3);
        assertTrue(calibrated.expectedCalibrationError(15) < 0.015);
        assertTrue(calibrated.adaptiveCalibrationError(15) < 0.015);
        assertEquals(calibrated.accuracy(), calibrated.meanConfidence(), 0.01);
    }

    @Test
    void rankStatisticMatchesAllPairs() {
        Random random = new Random(2);
        double[] known = random.ints(37, 0, 9).asDoubleStream().toArray();
        double[] others = random.ints(23, 3, 12).asDoubleStream().toArray();
        double wins = 0;
        for (double a : known) {
            for (double b : others) {
                wins += b > a ? 1 : b == a ? 0.5 : 0;
            }
        }
        OutOfDistribution found = OutOfDistribution.of(known, others);
        assertEquals(wins / 37 / 23, found.auroc(), 1e-15);
        double area = 0;
        for (int i = 1; i < found.curve().size(); i++) {
            OutOfDistribution.Point a = found.curve().get(i - 1);
            OutOfDistribution.Point b = found.curve().get(i);
            area += (b.falseAlarms() - a.falseAlarms()) * 0.5 * (a.detections() + b.detections());
        }
        assertEquals(found.auroc(), area, 1e-12);
        assertEquals(
                new OutOfDistribution.Point(1, 1),
                found.curve().get(found.curve().size() - 1));
        assertThrows(IllegalArgumentException.class, () -> OutOfDistribution.of(new double[0], others));
        assertThrows(IllegalArgumentException.class, () -> OutOfDistribution.of(known, new double[] {Double.NaN}));
    }

    private static List<Prediction<Label>> predictions(Dataset<Label> data, double score, boolean probabilities) {
        return data.getData().stream()
                .map(example -> {
                    Map<String, Label> scores = new LinkedHashMap<>();
                    for (Label label : data.getOutputInfo().getDomain()) {
                        scores.put(
                                label.getLabel(),
                                new Label(
                                        label.getLabel(), label.equals(example.getOutput()) ? score : (1 - score) / 3));
                    }
                    return new Prediction<>(example.getOutput(), scores, 1, example, probabilities);
                })
                .toList();
    }

    @Test
    void badInputIsNamed() {
        Dataset<Label> data = LabelledDataGenerator.denseTrainTest().getA();
        Model<Label> model = DummyClassifierTrainer.createMostFrequentTrainer().train(data);
        ProbabilisticLabelEvaluator evaluator = new ProbabilisticLabelEvaluator();
        assertEquals(
                -Math.log(0.7),
                evaluator
                        .evaluate(model, predictions(data, 0.7, true), data.getSourceProvenance())
                        .nll(),
                1e-12);
        assertRefused(
                "no probabilities",
                () -> evaluator.evaluate(model, predictions(data, 0.7, false), data.getSourceProvenance()));
        assertRefused(
                "between 0 and 1",
                () -> evaluator.evaluate(model, predictions(data, 1.5, true), data.getSourceProvenance()));
        assertRefused("no predictions", () -> evaluator.evaluate(model, List.of(), data.getSourceProvenance()));
        MutableDataset<Label> unknown = new MutableDataset<>(data.getProvenance(), data.getOutputFactory());
        unknown.add(new ArrayExample<>(LabelFactory.UNKNOWN_LABEL, new String[] {"A", "B"}, new double[] {1, 2}));
        assertRefused("number 0", () -> evaluator.evaluate(model, unknown));
        data.getData().get(1).setWeight(-1f);
        assertEquals(
                -Math.log(0.7),
                evaluator
                        .evaluate(model, predictions(data, 0.7, true), data.getSourceProvenance())
                        .nll(),
                1e-12);
        ProbabilisticLabelEvaluator weighted = new ProbabilisticLabelEvaluator(15, true);
        assertRefused(
                "example 1 is -1.0",
                () -> weighted.evaluate(model, predictions(data, 0.7, true), data.getSourceProvenance()));
        data.getData().forEach(example -> example.setWeight(0f));
        assertRefused(
                "all examples are 0",
                () -> weighted.evaluate(model, predictions(data, 0.7, true), data.getSourceProvenance()));
        assertRefused("bins", () -> new ProbabilisticLabelEvaluator(0, false));
    }

    private static void assertRefused(String expected, Executable call) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, call).getMessage());
        assertTrue(message.contains(expected), message);
    }
}
