package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.PredictiveRegressionEvaluation.CalibrationPoint;
import org.finitentk.internal.scores.Levels;
import org.finitentk.internal.scores.Numbers;
import org.finitentk.internal.scores.Range;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.Marker;

/**
 * Observed against nominal coverage of central predictive intervals: on the diagonal is calibrated, above it too
 * cautious, below it too sure.
 */
final class CalibrationPlot extends Plot {
    private static final int WIDTH = 520;
    private static final int HEIGHT = 440;
    private static final double RADIUS = 5;
    /** Of which the words for those who cannot see speak, as far as the methods have them. */
    private static final List<Double> SPOKEN = List.of(0.5, 0.8, 0.9, 0.95);

    private final Map<String, List<CalibrationPoint>> methods;

    private CalibrationPlot(String title, Map<String, List<CalibrationPoint>> methods) {
        super(title, 1, 1, WIDTH, HEIGHT);
        this.methods = methods;
    }

    static CalibrationPlot of(String title, Map<String, List<CalibrationPoint>> methods) {
        return new CalibrationPlot(title, new LinkedHashMap<>(methods));
    }

    @Override
    List<TitledChart> charts(Palette palette) {
        XYChart chart = Charts.empty(palette, WIDTH, HEIGHT, "nominal coverage", "observed coverage");
        Range unit = new Range(0, 1).widened(0.04);
        Charts.range(chart, unit, unit);
        chart.setCustomXAxisTickLabelsFormatter(Numbers::percentTick);
        chart.setCustomYAxisTickLabelsFormatter(Numbers::percentTick);
        Charts.line(
                chart,
                "calibrated",
                new double[] {0, 1},
                new double[] {0, 1},
                palette.data().truth(),
                Palette.DASHES);
        int index = 0;
        for (Map.Entry<String, List<CalibrationPoint>> method : methods.entrySet()) {
            List<CalibrationPoint> known = known(method.getValue());
            if (!known.isEmpty()) {
                double[] x = known.stream().mapToDouble(CalibrationPoint::level).toArray();
                double[] y =
                        known.stream().mapToDouble(CalibrationPoint::coverage).toArray();
                Charts.line(chart, method.getKey() + " (line)", x, y, palette.method(index), Palette.LINE);
                Charts.points(chart, method.getKey(), x, y, palette.method(index), marker(index, palette));
            }
            index++;
        }
        return List.of(new TitledChart("", chart));
    }

    @Override
    List<LegendEntry> legend(Palette palette) {
        List<LegendEntry> entries = new ArrayList<>();
        int index = 0;
        for (Map.Entry<String, List<CalibrationPoint>> method : methods.entrySet()) {
            if (!known(method.getValue()).isEmpty()) {
                entries.add(LegendEntry.point(method.getKey(), palette.method(index), marker(index, palette)));
            }
            index++;
        }
        entries.add(LegendEntry.line("calibrated", palette.data().truth(), Palette.DASHES));
        return entries;
    }

    private static Marker marker(int index, Palette palette) {
        return PointMarker.method(index, RADIUS, palette);
    }

    @Override
    String words() {
        List<String> said = new ArrayList<>();
        methods.forEach((name, points) -> {
            List<String> levels = known(points).stream()
                    .filter(point -> SPOKEN.contains(point.level()))
                    .map(point ->
                            Numbers.percent(point.coverage()) + " in intervals of " + Levels.percent(point.level()))
                    .toList();
            if (!levels.isEmpty()) {
                said.add(name + ": " + String.join(", ", levels));
            }
        });
        return "Share of observations inside, a line for each method. " + String.join("; ", said) + ".";
    }

    private static List<CalibrationPoint> known(List<CalibrationPoint> points) {
        return points.stream().filter(point -> !Double.isNaN(point.coverage())).toList();
    }
}
