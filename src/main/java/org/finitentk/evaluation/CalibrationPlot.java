package org.finitentk.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.PredictiveRegressionEvaluation.CalibrationPoint;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.Marker;

/**
 * Observed against nominal coverage of central predictive intervals: on the diagonal is calibrated, above it too
 * cautious, below it too sure.
 */
final class CalibrationPlot extends Plot {
    private static final int WIDTH = 520;
    private static final int HEIGHT = 440;
    private static final Marker POINT = PointMarker.disc(5);

    private final Map<String, List<CalibrationPoint>> methods;

    private CalibrationPlot(String title, Map<String, List<CalibrationPoint>> methods) {
        super(title, 1, 1, WIDTH, HEIGHT);
        this.methods = methods;
    }

    static CalibrationPlot of(String title, Map<String, List<CalibrationPoint>> methods) {
        return new CalibrationPlot(title, new LinkedHashMap<>(methods));
    }

    @Override
    List<TitledChart> charts() {
        XYChart chart = Charts.empty(WIDTH, HEIGHT, "nominal coverage", "observed coverage");
        chart.setCustomXAxisTickLabelsFormatter(level -> Numbers.tick(100 * level) + " %");
        chart.setCustomYAxisTickLabelsFormatter(level -> Numbers.tick(100 * level) + " %");
        Range unit = new Range(0, 1).widened(0.04);
        Charts.range(chart, unit, unit);
        Charts.line(chart, "calibrated", new double[] {0, 1}, new double[] {0, 1}, Palette.TRUTH, Palette.DASHES);
        int index = 0;
        for (Map.Entry<String, List<CalibrationPoint>> method : methods.entrySet()) {
            List<CalibrationPoint> known = known(method.getValue());
            if (!known.isEmpty()) {
                double[] x = known.stream().mapToDouble(CalibrationPoint::level).toArray();
                double[] y =
                        known.stream().mapToDouble(CalibrationPoint::coverage).toArray();
                Charts.line(chart, method.getKey() + " (line)", x, y, Palette.series(index), Palette.LINE);
                Charts.points(chart, method.getKey(), x, y, Palette.series(index), POINT);
            }
            index++;
        }
        return List.of(new TitledChart("", chart));
    }

    @Override
    List<LegendEntry> legend() {
        List<LegendEntry> entries = new ArrayList<>();
        int index = 0;
        for (Map.Entry<String, List<CalibrationPoint>> method : methods.entrySet()) {
            if (!known(method.getValue()).isEmpty()) {
                entries.add(LegendEntry.point(method.getKey(), Palette.series(index), POINT));
            }
            index++;
        }
        entries.add(LegendEntry.line("calibrated", Palette.TRUTH, Palette.DASHES));
        return entries;
    }

    private static List<CalibrationPoint> known(List<CalibrationPoint> points) {
        return points.stream().filter(point -> !Double.isNaN(point.coverage())).toList();
    }
}
