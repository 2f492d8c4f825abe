package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.finitentk.evaluation.OutOfDistribution;
import org.finitentk.evaluation.OutOfDistribution.Point;
import org.finitentk.internal.scores.Range;
import org.knowm.xchart.XYChart;

/**
 * Receiver operating characteristics of telling examples of another kind: for each method, the share of them that is
 * detected against the share of false alarms.
 */
final class OutOfDistributionPlot extends Plot {
    private static final int WIDTH = 520;
    private static final int HEIGHT = 440;
    /** More points of a curve than can be seen. */
    private static final int DRAWN = 400;

    private final Map<String, OutOfDistribution> methods;

    private OutOfDistributionPlot(String title, Map<String, OutOfDistribution> methods) {
        super(title, 1, 1, WIDTH, HEIGHT);
        this.methods = methods;
    }

    static OutOfDistributionPlot of(String title, Map<String, OutOfDistribution> methods) {
        return new OutOfDistributionPlot(title, new LinkedHashMap<>(methods));
    }

    @Override
    List<TitledChart> charts(Palette palette) {
        XYChart chart =
                Charts.empty(palette, WIDTH, HEIGHT, "false alarms (share of known)", "detections (share of others)");
        Range unit = new Range(0, 1).widened(0.03);
        Charts.range(chart, unit, unit);
        Charts.line(
                chart,
                "chance",
                new double[] {0, 1},
                new double[] {0, 1},
                palette.data().truth(),
                Palette.DASHES);
        int index = 0;
        for (Map.Entry<String, OutOfDistribution> method : methods.entrySet()) {
            List<Point> curve = thinned(method.getValue().curve());
            double[] x = curve.stream().mapToDouble(Point::falseAlarms).toArray();
            double[] y = curve.stream().mapToDouble(Point::detections).toArray();
            Charts.line(chart, method.getKey(), x, y, palette.method(index++), Palette.LINE);
        }
        return List.of(new TitledChart("", chart));
    }

    private static List<Point> thinned(List<Point> curve) {
        List<Point> thinned = new ArrayList<>();
        for (int i = 0; i < DRAWN; i++) {
            thinned.add(curve.get((int) ((long) i * (curve.size() - 1) / (DRAWN - 1))));
        }
        return thinned;
    }

    @Override
    List<LegendEntry> legend(Palette palette) {
        List<LegendEntry> entries = new ArrayList<>();
        int index = 0;
        for (Map.Entry<String, OutOfDistribution> method : methods.entrySet()) {
            entries.add(LegendEntry.line(label(method), palette.method(index++), Palette.LINE));
        }
        entries.add(LegendEntry.line("chance", palette.data().truth(), Palette.DASHES));
        return entries;
    }

    private static String label(Map.Entry<String, OutOfDistribution> method) {
        return String.format(
                Locale.ROOT,
                "%s (area %.3f)",
                method.getKey(),
                method.getValue().auroc());
    }

    @Override
    String words() {
        return "Detections against false alarms, a curve for each method: "
                + methods.entrySet().stream().map(OutOfDistributionPlot::label).collect(Collectors.joining(", "))
                + ".";
    }
}
