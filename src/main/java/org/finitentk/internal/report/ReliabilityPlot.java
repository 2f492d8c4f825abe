package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation.ReliabilityBin;
import org.finitentk.internal.scores.Numbers;
import org.finitentk.internal.scores.Range;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.Marker;

/**
 * Reliability diagrams: for each method, how often predictions of similar confidence are right (bars; DeGroot and
 * Fienberg 1983), against the diagonal of perfect calibration, and the share of predictions of that confidence (dots).
 */
final class ReliabilityPlot extends Plot {
    private static final int WIDTH = 300;
    private static final int HEIGHT = 280;
    private static final int COLUMNS = 4;
    private static final double RADIUS = 4;
    /** So many bins, the fullest, are said in words. */
    private static final int SPOKEN = 3;

    /** Of a bin's width that its bar leaves free on each side. */
    private static final double GAP = 0.06;

    private final Map<String, List<ReliabilityBin>> methods;

    private ReliabilityPlot(String title, Map<String, List<ReliabilityBin>> methods) {
        super(title, methods.size(), COLUMNS, WIDTH, HEIGHT);
        this.methods = methods;
    }

    static ReliabilityPlot of(String title, Map<String, List<ReliabilityBin>> methods) {
        return new ReliabilityPlot(title, new LinkedHashMap<>(methods));
    }

    @Override
    List<TitledChart> charts(Palette palette) {
        List<TitledChart> charts = new ArrayList<>();
        methods.forEach((name, bins) -> charts.add(new TitledChart(name, chart(bins, palette))));
        return charts;
    }

    private static XYChart chart(List<ReliabilityBin> bins, Palette palette) {
        XYChart chart = Charts.empty(palette, WIDTH, HEIGHT, "confidence", "accuracy, share");
        Range unit = new Range(0, 1).widened(0.03);
        Charts.range(chart, unit, unit);
        double total = bins.stream().mapToDouble(ReliabilityBin::weight).sum();
        List<ReliabilityBin> full = full(bins);
        for (ReliabilityBin bin : full) {
            double gap = GAP * (bin.upper() - bin.lower());
            double[] x = {bin.lower() + gap, bin.upper() - gap};
            Charts.band(
                    chart,
                    "accuracy from " + bin.lower(),
                    x,
                    new double[] {0, 0},
                    new double[] {bin.accuracy(), bin.accuracy()},
                    palette.data().band());
            Charts.line(
                    chart,
                    "top from " + bin.lower(),
                    x,
                    new double[] {bin.accuracy(), bin.accuracy()},
                    palette.data().mean(),
                    Palette.LINE);
        }
        Charts.line(
                chart,
                "calibrated",
                new double[] {0, 1},
                new double[] {0, 1},
                palette.data().truth(),
                Palette.DASHES);
        double[] middles = full.stream()
                .mapToDouble(bin -> 0.5 * (bin.lower() + bin.upper()))
                .toArray();
        double[] shares = full.stream().mapToDouble(bin -> bin.weight() / total).toArray();
        Charts.points(chart, "share", middles, shares, palette.data().test(), share(palette));
        return chart;
    }

    @Override
    List<LegendEntry> legend(Palette palette) {
        return List.of(
                LegendEntry.line("accuracy", palette.data().mean(), Palette.LINE),
                LegendEntry.line("calibrated", palette.data().truth(), Palette.DASHES),
                LegendEntry.point("share of predictions", palette.data().test(), share(palette)));
    }

    private static Marker share(Palette palette) {
        return PointMarker.disc(RADIUS, palette);
    }

    private static List<ReliabilityBin> full(List<ReliabilityBin> bins) {
        return bins.stream().filter(bin -> bin.weight() > 0).toList();
    }

    @Override
    String words() {
        List<String> said = new ArrayList<>();
        methods.forEach((name, bins) -> said.add(name + ": " + fullest(bins)));
        return "How often predictions of a confidence are right. " + String.join("; ", said) + ".";
    }

    private static String fullest(List<ReliabilityBin> bins) {
        double total = bins.stream().mapToDouble(ReliabilityBin::weight).sum();
        return full(bins).stream()
                .sorted(Comparator.comparingDouble(ReliabilityBin::weight).reversed())
                .limit(SPOKEN)
                .map(bin -> "of confidence " + Numbers.tick(bin.lower()) + " to " + Numbers.tick(bin.upper())
                        + " (" + Numbers.percent(bin.weight() / total) + " of all) "
                        + Numbers.percent(bin.accuracy()) + " are right")
                .collect(Collectors.joining(", "));
    }
}
