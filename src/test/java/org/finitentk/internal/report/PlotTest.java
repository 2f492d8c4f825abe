package org.finitentk.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.finitentk.evaluation.PredictiveRegressionEvaluation.CalibrationPoint;
import org.finitentk.internal.scores.Range;
import org.finitentk.internal.scores.ReportMetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYSeries;

class PlotTest {
    private static final Palette.Data DATA = Palette.LIGHT.data();

    /** To look at the pictures: -DkeepPictures=/some/folder. */
    private static void keep(String name, Plot plot) throws IOException {
        String folder = System.getProperty("keepPictures");
        if (folder != null) {
            plot.write(Path.of(folder, name + ".png"));
            plot.write(Path.of(folder, name + ".svg"));
            plot.write(Path.of(folder, name + "-dark.png"), ColorScheme.DARK);
        }
    }

    private static BufferedImage read(byte[] png) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    private static long count(BufferedImage image, Color color) {
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        return Arrays.stream(pixels).filter(pixel -> pixel == color.getRGB()).count();
    }

    /** What the translucent band looks like on white paper. */
    private static Color bandOnPaper() {
        double alpha = DATA.band().getAlpha() / 255.0;
        return new Color(
                (int) Math.round(255 + alpha * (DATA.band().getRed() - 255)),
                (int) Math.round(255 + alpha * (DATA.band().getGreen() - 255)),
                (int) Math.round(255 + alpha * (DATA.band().getBlue() - 255)));
    }

    private static List<RegressionPanel> panels(List<TaskResult> results) {
        return new MethodResult("m", "", results).panels();
    }

    private static List<MethodResult> methods(int tasks) {
        return List.of(
                new MethodResult("Finite-NTK GP", "", SampleExperiment.withBand(tasks)),
                new MethodResult("Full fine-tuning", "", SampleExperiment.tooSure(tasks)),
                new MethodResult("Last-layer fine-tuning", "", SampleExperiment.withoutVariances(tasks)));
    }

    @Test
    void predictionsShowPointsMeanAndBand() throws IOException {
        PredictionPlot plot = PredictionPlot.of("Finite-NTK GP", panels(SampleExperiment.withBand(20)));
        keep("predictions", plot);
        BufferedImage image = read(plot.png());
        assertEquals(2 * plot.width(), image.getWidth());
        // Five rows of four panels.
        assertTrue(image.getHeight() > 5 * 2 * 200 && image.getHeight() < 5 * 2 * 250, () -> "" + image.getHeight());
        for (Color color : List.of(DATA.mean(), DATA.training(), DATA.test(), DATA.truth(), bandOnPaper())) {
            assertTrue(count(image, color) > 2000, () -> color + ": " + count(image, color));
        }
    }

    @Test
    void withoutVariancesThereIsNoBand() throws IOException {
        PredictionPlot plot = PredictionPlot.of("Fine-tuning", panels(SampleExperiment.withoutVariances(3)));
        keep("no-band", plot);
        BufferedImage image = read(plot.png(1));
        assertEquals(plot.width(), image.getWidth());
        // A few pixels of the mean's smoothed edge have the band's colour.
        assertTrue(count(image, bandOnPaper()) < 200);
        assertTrue(count(image, DATA.mean()) > 100);
        assertFalse(plot.legend(Palette.LIGHT).stream()
                .anyMatch(entry -> entry.label().contains("interval")));
    }

    @Test
    void oddDataIsDrawnAllTheSame() throws IOException {
        double nan = Double.NaN;
        double inf = Double.POSITIVE_INFINITY;
        double[] x = {0, 1, 2, 3};
        PredictionPlot plot = PredictionPlot.of(
                "Odd data",
                List.of(
                        RegressionPanel.titled("nothing"),
                        RegressionPanel.titled("one point").training(new double[] {1}, new double[] {2}),
                        RegressionPanel.titled("constant")
                                .training(x, new double[] {5, 5, 5, 5})
                                .prediction(x, new double[] {5, 5, 5, 5}, new double[4]),
                        RegressionPanel.titled("gap")
                                .training(x, x)
                                .prediction(x, new double[] {0, 1, nan, 3}, new double[] {1, 1, 1, 1}),
                        RegressionPanel.titled("infinite")
                                .training(x, x)
                                .prediction(x, new double[] {0, 1, inf, 3}, new double[] {inf, 1, 1, nan}),
                        RegressionPanel.titled("runs off")
                                .training(x, x)
                                .prediction(x, new double[] {0, 1e9, -1e12, 3}, new double[] {1, 1e30, 1, 1}),
                        RegressionPanel.titled("unsorted")
                                .training(x, x)
                                .prediction(
                                        new double[] {3, 0, 2, 1}, new double[] {3, 0, 2, 1}, new double[] {1, 1, 1, 1
                                        }),
                        RegressionPanel.titled("a title that is much too long for its panel, as names of tasks may be")
                                .training(new double[] {nan, 1}, new double[] {1, 1e-7})));
        keep("odd", plot);
        assertTrue(count(read(plot.png(1)), DATA.training()) > 50);
        assertTrue(plot.svg().length > 1000);
    }

    @Test
    void aPredictionThatRunsOffDoesNotFlattenTheData() {
        double[] x = {0, 1};
        Range range = RegressionPanel.titled("t")
                .training(x, x)
                .prediction(x, new double[] {0, 1e6}, new double[] {1, 1e8})
                .yRange(2);
        assertTrue(range.high() < 2.5 && range.low() > -1.5, range::toString);
    }

    @Test
    void panelsRefuseWhatDoesNotFitTogether() {
        RegressionPanel panel = RegressionPanel.titled("t");
        double[] two = {1, 2};
        double[] three = {1, 2, 3};
        for (Throwable refusal : List.of(
                assertThrows(IllegalArgumentException.class, () -> panel.training(two, three)),
                assertThrows(IllegalArgumentException.class, () -> panel.test(two, three)),
                assertThrows(IllegalArgumentException.class, () -> panel.prediction(two, two, three)),
                assertThrows(IllegalArgumentException.class, () -> panel.prediction(two, two, new double[] {1, -1})))) {
            assertTrue(String.valueOf(refusal.getMessage()).contains("panel"), refusal.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> PredictionPlot.of("none", List.of()));
        assertThrows(IllegalArgumentException.class, () -> PredictionPlot.of("level", List.of(panel), 1, 95));
    }

    @Test
    void calibrationHasALineForEachMethodWithVariances() throws IOException {
        Map<String, List<CalibrationPoint>> lines = new LinkedHashMap<>();
        methods(20).forEach(method -> lines.put(method.name(), method.calibration()));
        CalibrationPlot plot = CalibrationPlot.of("Calibration over 20 tasks", lines);
        keep("calibration", plot);
        BufferedImage image = read(plot.png());
        assertTrue(count(image, Palette.LIGHT.method(0)) > 500);
        assertTrue(count(image, Palette.LIGHT.method(1)) > 500);
        assertEquals(0, count(image, Palette.LIGHT.method(2)));
        assertEquals(3, plot.legend(Palette.LIGHT).size());
    }

    /**
     * The height is known before anything is painted: a legend that then takes another row would cut the charts off.
     */
    @Test
    void nothingIsCutOffHoweverLongTheLegendIs() throws IOException {
        List<String> names = List.of(
                "Finite NTK, Laplace",
                "Finite NTK, full-covariance VI",
                "Bayesian last layer",
                "Last-layer fine-tuning",
                "Full fine-tuning");
        List<TaskResult> results = SampleExperiment.withBand(2);
        for (int added = 0; added < 12; added++) {
            String end = "i".repeat(added);
            List<MethodResult> methods = names.stream()
                    .map(name -> new MethodResult(name + end, "", results))
                    .toList();
            Plot plot = ComparisonPlot.of("gap", methods, List.of(ReportMetric.RMSE, ReportMetric.NLPD));
            BufferedImage image = read(plot.png(2));
            int margin = 20;
            BufferedImage bottom = image.getSubimage(0, image.getHeight() - margin, image.getWidth(), margin);
            assertEquals(
                    (long) margin * image.getWidth(),
                    count(bottom, Palette.LIGHT.page().paper()),
                    () -> "names that end in '" + end + "'");
        }
    }

    /** A title as wide as the picture runs to its edge, where the last letters would be lost. */
    @Test
    void noTitleIsCutOff() throws IOException {
        List<MethodResult> methods = methods(2);
        for (int length : new int[] {10, 40, 60, 300}) {
            Plot plot = ComparisonPlot.of("Wide ".repeat(length / 5), methods, List.of(ReportMetric.RMSE));
            BufferedImage image = read(plot.png(2));
            int margin = 20;
            BufferedImage right = image.getSubimage(image.getWidth() - margin, 0, margin, 70);
            assertEquals(70L * margin, count(right, Palette.LIGHT.page().paper()), () -> length + " letters");
            BufferedImage left = image.getSubimage(0, 0, image.getWidth() - margin, 70);
            assertTrue(count(left, Palette.LIGHT.page().ink()) > 100, () -> length + " letters");
        }
    }

    @Test
    void comparisonHasAPanelForEachMetric() throws IOException {
        List<ReportMetric> metrics =
                List.of(ReportMetric.RMSE, ReportMetric.NLPD, ReportMetric.coverage(0.95), ReportMetric.SECONDS);
        ComparisonPlot plot = ComparisonPlot.of("20 tasks", methods(20), metrics);
        keep("comparison", plot);
        BufferedImage image = read(plot.png());
        for (int i = 0; i < 3; i++) {
            int index = i;
            assertTrue(count(image, Palette.LIGHT.method(i)) > 500, () -> "method " + index);
        }
    }

    @Test
    void aMethodKeepsItsColourWhereAnotherHasNoScores() {
        List<MethodResult> methods = methods(4);
        List<TaskResult> tasks = methods.get(0).tasks();
        List<MethodResult> withGap = new ArrayList<>(methods);
        withGap.set(0, new MethodResult(methods.get(0).name(), "", tasks.subList(0, 2)));
        List<TaskGroup> groups = List.of(
                new TaskGroup("first", List.of(tasks.get(0).task(), tasks.get(1).task())),
                new TaskGroup(
                        "second", List.of(tasks.get(2).task(), tasks.get(3).task())));
        List<TitledChart> charts = ComparisonPlot.ofGroups("gap", groups, withGap, ReportMetric.RMSE)
                .charts(Palette.LIGHT);
        assertTrue(
                charts.get(0).chart().getSeriesMap().containsKey(methods.get(0).name()));
        Map<String, XYSeries> second = charts.get(1).chart().getSeriesMap();
        assertFalse(second.containsKey(methods.get(0).name()));
        for (int i = 1; i < methods.size(); i++) {
            XYSeries series = Objects.requireNonNull(second.get(methods.get(i).name()));
            assertEquals(Palette.LIGHT.method(i), series.getMarkerColor());
            assertEquals(i + 1, Arrays.stream(series.getXData()).average().orElseThrow(), 0.5);
        }
    }

    @Test
    void svgIsWellFormedAndHasTheText() throws Exception {
        PredictionPlot plot = PredictionPlot.of("Größe <&> 0.123456", panels(SampleExperiment.withBand(2)));
        byte[] svg = plot.svg();
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        assertEquals(
                "svg",
                factory.newDocumentBuilder()
                        .parse(new ByteArrayInputStream(svg))
                        .getDocumentElement()
                        .getTagName());
        String text = new String(svg, StandardCharsets.UTF_8);
        assertTrue(text.contains("Task 2"));
        assertTrue(text.contains("Größe &lt;&amp;&gt; 0.123456"), "numbers in texts keep their digits");
        assertTrue(text.contains(",sans-serif;"));
    }

    @Test
    void writesByTheNamesEndingAndLeavesNothingElse(@TempDir Path folder) throws IOException {
        Plot plot = PredictionPlot.of("p", panels(SampleExperiment.withBand(1)));
        Path inside = folder.resolve("new/sub");
        plot.write(inside.resolve("a.PNG"));
        plot.write(inside.resolve("a.svg"));
        plot.write(inside.resolve("a.svg"));
        Throwable refusal = assertThrows(IllegalArgumentException.class, () -> plot.write(inside.resolve("a.jpg")));
        assertTrue(String.valueOf(refusal.getMessage()).contains(".png or .svg"));
        assertEquals("PNG", new String(Files.readAllBytes(inside.resolve("a.PNG")), 1, 3, StandardCharsets.US_ASCII));
        try (var files = Files.list(inside)) {
            assertEquals(2, files.count());
        }
    }
}
