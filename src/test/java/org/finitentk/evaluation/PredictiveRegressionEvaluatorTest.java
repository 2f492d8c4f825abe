package org.finitentk.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.util.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.finitentk.evaluation.PredictiveRegressionEvaluation.CalibrationPoint;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.scores.GaussianScores;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.testing.FixedPredictions;
import org.junit.jupiter.api.Test;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.evaluation.DescriptiveStats;
import org.tribuo.evaluation.EvaluationAggregator;
import org.tribuo.evaluation.metrics.MetricID;
import org.tribuo.evaluation.metrics.MetricTarget;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluation;
import org.tribuo.regression.evaluation.RegressionEvaluator;

class PredictiveRegressionEvaluatorTest {
    private static final MetricTarget<Regressor> AVERAGE = MetricTarget.macroAverageTarget();

    private static Regressor one(double value, double variance) {
        return new Regressor("y", value, variance);
    }

    private static Regressor two(double a, double varianceA, double b, double varianceB) {
        return new Regressor(new String[] {"a", "b"}, new double[] {a, b}, new double[] {varianceA, varianceB});
    }

    private static PredictiveRegressionEvaluation evaluate(List<Regressor> truths, List<Regressor> predictions) {
        Dataset<Regressor> data = FixedPredictions.dataset(truths);
        return new PredictiveRegressionEvaluator().evaluate(FixedPredictions.model(data, predictions), data);
    }

    private static List<Regressor> points(double... values) {
        List<Regressor> points = new ArrayList<>();
        for (double value : values) {
            points.add(new Regressor("y", value));
        }
        return points;
    }

    @Test
    void scoresByHand() {
        // Errors 0, 1, −3 with standard deviations 1, 2, 1: two of three lie within 1.96 of them.
        PredictiveRegressionEvaluation e = evaluate(points(1, 2, 3), List.of(one(1, 1), one(1, 4), one(6, 1)));
        assertEquals(Math.sqrt(10 / 3.0), e.averageRMSE(), 1e-12);
        assertEquals(4 / 3.0, e.averageMAE(), 1e-12);
        assertEquals(1 - 10 / 2.0, e.averageR2(), 1e-12);
        assertEquals(0.5 * Math.log(2 * Math.PI) + (Math.log(2) + 0.125 + 4.5) / 3, e.averageNLPD(), 1e-12);
        assertEquals(2 / 3.0, e.averageCoverage(), 1e-12);
        assertEquals(2 * 1.959963984540054 * 4 / 3, e.averageWidth(), 1e-9);
        double crps = GaussianScores.crps(1, 1, 1) + GaussianScores.crps(2, 1, 4) + GaussianScores.crps(3, 6, 1);
        assertEquals(crps / 3, e.averageCRPS(), 1e-12);
        assertEquals(3, e.size());
    }

    @Test
    void agreesWithTribuoWhereTribuoHasTheMetric() {
        SplittableRandom random = new SplittableRandom(7);
        List<Regressor> truths = new ArrayList<>();
        List<Regressor> predictions = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            truths.add(two(random.nextDouble(), Double.NaN, 3 * random.nextDouble(), Double.NaN));
            predictions.add(two(random.nextDouble(), 1, 3 * random.nextDouble(), 2));
        }
        Dataset<Regressor> data = FixedPredictions.dataset(truths);
        float weight = 0.5f;
        for (Example<Regressor> example : data) {
            example.setWeight(weight += 0.25f);
        }
        Model<Regressor> model = FixedPredictions.model(data, predictions);
        for (boolean weighted : new boolean[] {false, true}) {
            RegressionEvaluation theirs = new RegressionEvaluator(weighted).evaluate(model, data);
            PredictiveRegressionEvaluation ours =
                    new PredictiveRegressionEvaluator(0.9, List.of(), weighted).evaluate(model, data);
            assertFalse(theirs.asMap().isEmpty());
            for (Map.Entry<MetricID<Regressor>, Double> metric : theirs.asMap().entrySet()) {
                assertEquals(
                        metric.getValue(), ours.get(metric.getKey()), 1e-6, () -> metric.getKey() + " " + weighted);
            }
            RegressionEvaluation sameInterface = ours;
            assertEquals(theirs.averagedExplainedVariance(), sameInterface.averagedExplainedVariance(), 1e-6);
            theirs.mae().forEach((dimension, mae) -> assertEquals(mae, sameInterface.mae(dimension), 1e-6));
        }
    }

    /** Four z-scores of ±1 have the kurtosis 1, and of (-1, -1, -1, 3) it is 7 / 3. */
    @Test
    void zScoresHaveKurtosisAndCoverage() {
        PredictiveRegressionEvaluation e = evaluate(
                List.of(
                        two(0, Double.NaN, 0, Double.NaN),
                        two(1, Double.NaN, 1, Double.NaN),
                        two(2, Double.NaN, 2, Double.NaN),
                        two(3, Double.NaN, 3, Double.NaN)),
                List.of(two(2, 4, 1, 1), two(-1, 4, 2, 1), two(4, 4, 3, 1), two(1, 4, 0, 1)));
        assertEquals(1 - 3, e.kurtosis(new Regressor("a", 0)), 1e-12);
        assertEquals(7.0 / 3 - 3, e.kurtosis(new Regressor("b", 0)), 1e-12);
        assertEquals(0.5 * (1 + 7.0 / 3) - 3, e.averageKurtosis(), 1e-12);
        assertEquals(0, e.averageCoverage(0.5), 1e-12);
        assertEquals(0.5 * (1 + 0.75), e.averageCoverage(0.8), 1e-12);
        assertEquals(0.5 * (1 + 0.75), e.averageCoverage(0.95), 1e-12);
        TaskResult reported = TaskResult.of("task", e, 1);
        assertEquals(e.averageKurtosis(), reported.value(ReportMetric.KURTOSIS));
        for (double level : List.of(0.5, 0.8, 0.95)) {
            assertEquals(e.averageCoverage(level), reported.value(ReportMetric.coverage(level)));
        }
        String text = e.toString();
        assertTrue(text.contains("Kurtosis") && text.contains("50 % coverage") && text.contains("80 % coverage"), text);
    }

    @Test
    void averagesOverDimensionsAndFindsThemByName() {
        PredictiveRegressionEvaluation e = evaluate(
                List.of(two(0, Double.NaN, 0, Double.NaN), two(1, Double.NaN, 5, Double.NaN)),
                List.of(two(1, 1, 0, 0.01), two(2, 1, 6, 0.01)));
        Regressor a = new Regressor("a", 0);
        Regressor b = new Regressor("b", 0);
        assertEquals(1, e.rmse(a), 1e-12);
        assertEquals(Math.sqrt(0.5), e.rmse(b), 1e-12);
        assertEquals(1, e.coverage(a), 1e-12);
        assertEquals(0.5, e.coverage(b), 1e-12);
        assertEquals(0.75, e.averageCoverage(), 1e-12);
        assertEquals(0.5 * (e.nlpd(a) + e.nlpd(b)), e.averageNLPD(), 1e-12);
        assertEquals(
                List.of("a", "b"),
                e.nlpd().keySet().stream().map(r -> r.getNames()[0]).toList());
        assertEquals(0.2 * GaussianScores.intervalHalfWidth(0.95), e.width(b), 1e-12);
        assertEquals(e.crps(b), e.crps().get(b));
        Throwable refusal = assertThrows(IllegalArgumentException.class, () -> e.nlpd(new Regressor("c", 0)));
        assertTrue(String.valueOf(refusal.getMessage()).contains("\"c\""), refusal.getMessage());
    }

    @Test
    void oneMissingVarianceMakesNoFigureUp() {
        PredictiveRegressionEvaluation e = evaluate(points(1, 2), List.of(one(1, 1), one(1, Double.NaN)));
        assertEquals(Math.sqrt(0.5), e.averageRMSE(), 1e-12);
        for (double value : new double[] {
            e.averageNLPD(), e.averageCRPS(), e.averageCoverage(), e.averageWidth(), e.calibrationError()
        }) {
            assertTrue(Double.isNaN(value));
        }
        assertTrue(Double.isNaN(e.calibration().get(0).coverage()));
        assertTrue(e.toString().contains("-"), e.toString());
        assertFalse(e.toString().contains("NaN"), e.toString());
    }

    @Test
    void aNaNPredictionIsNotJustOutside() {
        PredictiveRegressionEvaluation e = evaluate(points(1, 2), List.of(one(1, 1), one(Double.NaN, 1)));
        assertTrue(Double.isNaN(e.averageCoverage()));
        assertTrue(Double.isNaN(e.averageRMSE()));
    }

    @Test
    void zeroVarianceCoversOnlyTheExactValue() {
        PredictiveRegressionEvaluation e = evaluate(points(1, 2), List.of(one(1, 0), one(1.5, 0)));
        assertEquals(0.5, e.averageCoverage());
        assertEquals(0, e.averageWidth());
        assertEquals(0.25, e.averageCRPS());
        // −∞ and +∞ have no mean.
        assertTrue(Double.isNaN(e.averageNLPD()));
        assertEquals(
                Double.POSITIVE_INFINITY,
                evaluate(points(1), List.of(one(2, 0))).averageNLPD());
    }

    @Test
    void calibrationOfTheTrueDistributionIsNominal() {
        SplittableRandom random = new SplittableRandom(11);
        List<Regressor> truths = new ArrayList<>();
        List<Regressor> predictions = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            double mean = random.nextDouble();
            double variance = 0.1 + random.nextDouble();
            truths.add(new Regressor("y", mean + Math.sqrt(variance) * random.nextGaussian()));
            predictions.add(one(mean, variance));
        }
        PredictiveRegressionEvaluation e = evaluate(truths, predictions);
        assertEquals(
                PredictiveRegressionEvaluator.DEFAULT_CALIBRATION_LEVELS.size(),
                e.calibration().size());
        for (CalibrationPoint point : e.calibration()) {
            // Four standard errors.
            double tolerance = 4 * Math.sqrt(point.level() * (1 - point.level()) / point.count());
            assertEquals(point.level(), point.coverage(), tolerance);
        }
        assertTrue(e.calibrationError() < 0.01, () -> "" + e.calibrationError());
        assertEquals(e.calibration(), e.calibration(new Regressor("y", 0)));
    }

    @Test
    void worksInCrossValidationAndItsSummaries() {
        List<Regressor> truths = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            truths.add(new Regressor("y", i % 5));
        }
        Dataset<Regressor> data = FixedPredictions.dataset(truths);
        FixedPredictions trainer = new FixedPredictions(example -> one(2, 2));
        List<Pair<PredictiveRegressionEvaluation, Model<Regressor>>> folds =
                new CrossValidation<>(trainer, data, new PredictiveRegressionEvaluator(), 5).evaluate();
        assertEquals(5, folds.size());
        assertEquals(5, trainer.getInvocationCount());
        assertEquals(30, folds.stream().mapToInt(fold -> fold.getA().size()).sum());
        Map<MetricID<Regressor>, DescriptiveStats> summary = EvaluationAggregator.summarizeCrossValidation(folds);
        DescriptiveStats nlpd = of(summary, PredictiveRegressionMetric.nlpd(AVERAGE));
        // Squared errors over the whole data average 2, as does the predicted variance.
        assertEquals(0.5 * Math.log(2 * Math.PI * 2) + 0.5, nlpd.getMean(), 1e-9);
        assertEquals(
                1,
                of(summary, PredictiveRegressionMetric.coverage(AVERAGE, 0.95)).getMean());
        Model<Regressor> model = folds.get(0).getB();
        assertEquals(model.getProvenance(), folds.get(0).getA().getProvenance().getModelProvenance());
        assertEquals(
                nlpd.getMean(),
                EvaluationAggregator.summarize(PredictiveRegressionMetric.nlpd(AVERAGE), List.of(model), data)
                        .getMean(),
                1e-9);
    }

    private static DescriptiveStats of(
            Map<MetricID<Regressor>, DescriptiveStats> summary, PredictiveRegressionMetric metric) {
        return Objects.requireNonNull(summary.get(metric.getID()), metric::toString);
    }

    @Test
    void refusesWhatItCannotScore() {
        Dataset<Regressor> data = FixedPredictions.dataset(points(1, 2));
        record Case(Regressor prediction, String fragment) {}
        for (Case each : List.of(
                new Case(new Regressor("z", 1, 1), "[z]"),
                new Case(two(1, 1, 1, 1), "[a, b]"),
                new Case(RegressionFactory.UNKNOWN_REGRESSOR, "unknown"),
                new Case(one(1, -1), "negative"))) {
            Model<Regressor> model = FixedPredictions.model(data, List.of(one(1, 1), each.prediction()));
            Throwable refusal = assertThrows(
                    IllegalArgumentException.class, () -> new PredictiveRegressionEvaluator().evaluate(model, data));
            String message = String.valueOf(refusal.getMessage());
            assertTrue(message.contains("example 1") && message.contains(each.fragment()), message);
        }
        for (double level : new double[] {0, 1, 95, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> new PredictiveRegressionEvaluator(level));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new PredictiveRegressionEvaluator(0.95, List.of(level), false));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> PredictiveRegressionMetric.rmse(MetricTarget.microAverageTarget())
                        .compute(new PredictiveRegressionContext(
                                FixedPredictions.model(data, List.of()), List.of(), false)));
    }

    @Test
    void refusesWeightsThatMakeNoMean() {
        Dataset<Regressor> data = FixedPredictions.dataset(points(1, 2));
        Model<Regressor> model = FixedPredictions.model(data, List.of(one(1, 1), one(2, 1)));
        PredictiveRegressionEvaluator weighted = new PredictiveRegressionEvaluator(0.95, List.of(), true);
        for (float weight : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
            data.getExample(1).setWeight(weight);
            String message =
                    String.valueOf(assertThrows(IllegalArgumentException.class, () -> weighted.evaluate(model, data))
                            .getMessage());
            assertTrue(message.contains("example 1 is " + weight), message);
            assertEquals(
                    2, new PredictiveRegressionEvaluator().evaluate(model, data).size());
        }
        data.forEach(example -> example.setWeight(0f));
        String message =
                String.valueOf(assertThrows(IllegalArgumentException.class, () -> weighted.evaluate(model, data))
                        .getMessage());
        assertTrue(message.contains("all examples are 0"), message);
    }

    @Test
    void noExamplesGiveNaN() {
        Dataset<Regressor> data = FixedPredictions.dataset(points(1, 2));
        Model<Regressor> model = FixedPredictions.model(data, List.of());
        PredictiveRegressionEvaluation e =
                new PredictiveRegressionEvaluator().evaluate(model, List.of(), data.getProvenance());
        assertEquals(0, e.size());
        assertTrue(Double.isNaN(e.averageRMSE()) && Double.isNaN(e.averageCoverage()));
    }

    @Test
    void printsATableWhateverTheLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            String text = evaluate(
                            List.of(two(0, Double.NaN, 0, Double.NaN), two(1, Double.NaN, 5, Double.NaN)),
                            List.of(two(1, 1, 0, 0.01), two(2.5, 1, 6, 0.01)))
                    .toString();
            assertTrue(text.contains("2 examples"), text);
            assertTrue(text.contains("95 % coverage"), text);
            assertTrue(text.contains("50.0 %"), text);
            assertTrue(text.contains("1.275"), text);
            assertEquals(5, text.lines().count(), text);
        } finally {
            Locale.setDefault(before);
        }
    }
}
