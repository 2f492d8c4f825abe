package org.finitentk.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.finitentk.evaluation.PredictiveRegressionEvaluation.CalibrationPoint;
import org.finitentk.internal.report.MethodResult.Summary;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.internal.util.AtomicFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentReportTest {
    private static ExperimentReport sample(int tasks) {
        return ExperimentReport.of("Sinusoids: adapting to new tasks")
                .introduction("A 1-40-40-1 tanh network was trained on one sinusoid, then adapted to " + tasks
                        + " new ones of ten points each.\n\nNumbers are made up by a test.")
                .setting("Seed", "1")
                .setting("Network", "1-40-40-1, tanh, 1761 parameters")
                .setting("Backbone SHA-256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
                .method(
                        "Finite-NTK GP",
                        "The closed-form posterior over the linearized network.",
                        SampleExperiment.withBand(tasks))
                .method(
                        "Full fine-tuning",
                        "Adam on all parameters; its variance is that of the residuals.",
                        SampleExperiment.tooSure(tasks))
                .method(
                        "Last-layer fine-tuning",
                        "Adam on the last layer only.",
                        SampleExperiment.withoutVariances(tasks))
                .section("Provenance", "{\n  \"trainer\" : \"<FiniteNTKRegressionTrainer>\"\n}")
                .build();
    }

    private static ExperimentReport small(TaskResult... tasks) {
        return ExperimentReport.of("t").method("m", List.of(tasks)).build();
    }

    private static TaskResult result(String task, double rmse) {
        return new TaskResult(task, Map.of(ReportMetric.RMSE, rmse), List.of(), null);
    }

    @Test
    void writesPageTablesAndPictures(@TempDir Path temporary) throws IOException {
        Path folder = Path.of(System.getProperty("keepPictures", temporary.toString()))
                .resolve("report");
        List<Path> written = sample(20).write(folder);
        assertEquals("report.html", written.get(0).getFileName().toString());
        List<String> names =
                written.stream().map(file -> file.getFileName().toString()).toList();
        for (String name : List.of(
                "results.csv",
                "results.json",
                "comparison.png",
                "comparison-dark.svg",
                "calibration.svg",
                "finite-ntk-gp-predictions.png",
                "last-layer-fine-tuning-predictions.svg")) {
            assertTrue(names.contains(name), () -> name + " is not in " + names);
        }
        try (var files = Files.list(folder)) {
            assertEquals(written.size(), files.count(), "temporary files were left behind");
        }
        for (Path file : written) {
            assertTrue(Files.size(file) > 100, file::toString);
        }
    }

    @Test
    void thePageNeedsNothingElse() throws IOException {
        String page = sample(3).toHtml();
        assertFalse(Pattern.compile("https?:|<link|@import|url\\(|src(set)?=\"(?!data:image/png;base64,)")
                .matcher(page)
                .find());
        Matcher pictures = Pattern.compile("src(?:set)?=\"data:image/png;base64,([^\"]+)\"")
                .matcher(page);
        int count = 0;
        while (pictures.find()) {
            byte[] png = Base64.getDecoder().decode(pictures.group(1));
            assertTrue(ImageIO.read(new ByteArrayInputStream(png)).getWidth() > 500);
            count++;
        }
        assertEquals(2 * 5, count, "for light and for dark pages");
        assertTrue(page.contains("width=device-width") && page.contains("prefers-color-scheme: dark"));
        assertTrue(page.contains("Last-layer fine-tuning: 3 tasks"));
        assertFalse(withoutScript(page.replaceAll("base64,[^\"]*", "")).contains("NaN"));
    }

    /** The page less its own script, which is there once. */
    private static String withoutScript(String page) {
        int start = page.indexOf("<script>");
        int end = page.indexOf("</script>", start);
        assertTrue(start > 0 && end > start, "the page has its script");
        return page.substring(0, start) + page.substring(end + "</script>".length());
    }

    @Test
    void textIsEscapedWhereverItStands() {
        String evil = "<script>alert('1')</script>\"&%s%";
        String page = ExperimentReport.of(evil)
                .introduction(evil)
                .setting(evil, evil)
                .method(
                        evil,
                        evil,
                        List.of(
                                result(evil, 1),
                                result("other", 2)
                                        .with(
                                                new ReportMetric(
                                                        "evil",
                                                        evil,
                                                        ReportMetric.Goal.HIGH,
                                                        Double.NaN,
                                                        ReportMetric.Unit.FRACTION,
                                                        evil),
                                                0.5)))
                .section(evil, evil)
                .build()
                .toHtml();
        assertFalse(withoutScript(page).contains("<script"), page);
        assertTrue(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;%s%"));
        assertEquals(count(page, "<td"), count(page, "</td>"));
        assertEquals(count(page, "<details"), count(page, "</details>"));
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    @Test
    void csvKeepsAllDigitsAndQuotes() {
        TaskResult odd = new TaskResult("a,\"b\"", ordered(0.1 + 0.2, Double.NaN), List.of(), null);
        TaskResult infinite = new TaskResult("c", ordered(1e-300, Double.POSITIVE_INFINITY), List.of(), null);
        assertEquals(
                "method,task,rmse,nlpd\r\n"
                        + "m,\"a,\"\"b\"\"\",0.30000000000000004,\r\n"
                        + "m,c,1.0E-300,Infinity\r\n",
                small(odd, infinite).toCsv());
    }

    private static Map<ReportMetric, Double> ordered(double rmse, double nlpd) {
        Map<ReportMetric, Double> metrics = new LinkedHashMap<>();
        metrics.put(ReportMetric.RMSE, rmse);
        metrics.put(ReportMetric.NLPD, nlpd);
        return metrics;
    }

    @Test
    void jsonIsReadByAnotherParser() throws IOException {
        String quoted = "a \"task\"\\ \n\t\u0001 😀";
        ExperimentReport report = ExperimentReport.of("t")
                .setting("threads", "2")
                .method(
                        "m",
                        List.of(
                                new TaskResult(
                                        quoted,
                                        ordered(0.1, Double.NaN),
                                        List.of(new CalibrationPoint(0.5, 0.25, 4)),
                                        null),
                                new TaskResult(
                                        "b",
                                        ordered(0.3, Double.POSITIVE_INFINITY),
                                        List.of(new CalibrationPoint(0.5, 1, 12)),
                                        null)))
                .build();
        JsonNode json = new ObjectMapper().readTree(report.toJson());
        assertEquals("t", json.at("/title").asText());
        assertEquals("2", json.at("/settings/threads").asText());
        assertEquals("low", json.at("/metrics/0/goal").asText());
        assertEquals(quoted, json.at("/methods/0/tasks/0/task").asText());
        assertEquals(0.1, json.at("/methods/0/tasks/0/rmse").doubleValue());
        assertTrue(json.at("/methods/0/tasks/0/nlpd").isNull());
        assertEquals("Infinity", json.at("/methods/0/tasks/1/nlpd").asText());
        assertEquals(0.2, json.at("/methods/0/summary/rmse/mean").doubleValue(), 1e-15);
        assertEquals(0.1, json.at("/methods/0/summary/rmse/standard_error").doubleValue(), 1e-15);
        assertTrue(json.at("/methods/0/summary/nlpd/median").isNull());
        // (1 of 4 and 12 of 12) over 16 points.
        assertEquals(13 / 16.0, json.at("/methods/0/calibration/0/coverage").doubleValue(), 1e-15);
    }

    @Test
    void summariesAreOfAllTasksOrNone() {
        Summary three = Summary.of(new double[] {3, 1, 2});
        assertEquals(new Summary(3, 2, three.standardError(), 2), three);
        assertEquals(1 / Math.sqrt(3), three.standardError(), 1e-15);
        assertEquals(2.5, Summary.of(new double[] {4, 1, 2, 3}).median());
        assertTrue(Double.isNaN(Summary.of(new double[] {1, Double.NaN}).mean()));
        assertTrue(Double.isNaN(Summary.of(new double[] {1, Double.NaN}).median()));
        assertTrue(Double.isNaN(Summary.of(new double[] {1}).standardError()));
        Summary infinite = Summary.of(new double[] {1, 2, Double.POSITIVE_INFINITY});
        assertEquals(Double.POSITIVE_INFINITY, infinite.mean());
        assertEquals(2, infinite.median());
    }

    /** Of 1, 3 and 10, 20 the means are 2 and 15; the second method is better in the second group only. */
    @Test
    void groupsOfTasksAreSummarizedAlone() {
        ExperimentReport report = ExperimentReport.of("t")
                .group("one & two", List.of("a", "b"))
                .group("three", List.of("c", "d"))
                .method("first", List.of(result("a", 1), result("b", 3), result("c", 10), result("d", 20)))
                .method("second", List.of(result("a", 2), result("b", 4), result("c", 5), result("d", 7)))
                .build();
        List<String> lines = report.summary()
                .lines()
                .map(line -> line.replaceAll(" {2,}", "|"))
                .toList();
        assertEquals(
                List.of(
                        "one & two",
                        "method|RMSE",
                        "first|2.0 ± 1.0",
                        "second|3.0 ± 1.0",
                        "",
                        "three",
                        "method|RMSE",
                        "first|15.0 ± 5.0",
                        "second|6.0 ± 1.0"),
                lines);
        String page = report.toHtml();
        assertTrue(page.indexOf("<h3>one &amp; two</h3>") < page.indexOf("<h3>three</h3>"));
        assertTrue(
                page.contains("<span class=\"best\">2.0</span>") && page.contains("<span class=\"best\">6.0</span>"),
                page);
        assertTrue(report.toJson().contains("\"name\": \"three\""));
        assertThrows(
                IllegalArgumentException.class, () -> ExperimentReport.of("t").group(" ", List.of("a")));
    }

    @Test
    void theBestMeanIsMarkedByEachMetricsGoal() {
        ExperimentReport report = sample(5);
        assertEquals(0, ExperimentReport.best(report.methods(), ReportMetric.RMSE));
        assertEquals(0, ExperimentReport.best(report.methods(), ReportMetric.coverage(0.95)));
        assertEquals(-1, ExperimentReport.best(report.methods(), ReportMetric.width(0.95)));
        assertEquals(-1, ExperimentReport.best(small(result("a", 1)).methods(), ReportMetric.RMSE));
        assertEquals(-1, ExperimentReport.best(report.methods(), ReportMetric.R2), "nobody has this metric");
    }

    @Test
    void printsASummaryWhateverTheLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG"));
            String text = sample(5).summary();
            assertEquals(4, text.lines().count(), text);
            assertTrue(text.startsWith("method "), text);
            assertTrue(text.contains("95 % coverage"), text);
            assertTrue(
                    Pattern.compile("Last-layer fine-tuning +0\\.\\d+ ± 0\\.\\d+ +- ")
                            .matcher(text)
                            .find(),
                    text);
            assertTrue(text.chars().allMatch(c -> c < 128 || c == '±'), text);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void refusesWhatCannotBeTold() {
        TaskResult task = result("a", 1);
        ReportMetric impostor = ReportMetric.low("rmse", "Other", ReportMetric.Unit.NUMBER, "?");
        for (Throwable refusal : List.of(
                assertThrows(
                        IllegalArgumentException.class,
                        () -> ExperimentReport.of("t").build()),
                assertThrows(IllegalArgumentException.class, () -> ExperimentReport.of(" ")),
                assertThrows(IllegalArgumentException.class, () -> small()),
                assertThrows(IllegalArgumentException.class, () -> small(task, task)),
                assertThrows(
                        IllegalArgumentException.class,
                        () -> small(task, result("b", 1).with(impostor, 1))),
                assertThrows(
                        IllegalArgumentException.class,
                        () -> ExperimentReport.of("t")
                                .method("m", List.of(task))
                                .method("m", List.of(task))),
                assertThrows(IllegalArgumentException.class, () -> result("", 1)))) {
            assertTrue(String.valueOf(refusal.getMessage()).matches("[a-z].*; expected .*[^.]"), refusal.getMessage());
        }
    }

    @Test
    void methodsThatDifferInPunctuationKeepTheirPictures() {
        List<ReportFigure> figures = ReportFigures.of(
                List.of(
                        new MethodResult("GP (a)", "", SampleExperiment.withBand(1)),
                        new MethodResult("GP a!", "", SampleExperiment.withBand(1)),
                        new MethodResult("ガウス", "", SampleExperiment.withBand(1))),
                List.of(),
                List.of(TaskGroup.ALL),
                0.95,
                List.of());
        assertEquals(
                List.of("calibration", "gp-a-predictions", "gp-a-predictions-2", "figure-predictions"),
                figures.stream().map(ReportFigure::fileName).toList());
    }

    @Test
    void aFailedWriteKeepsTheOldFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFile.write(file, "old".getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(file, "new".getBytes(StandardCharsets.UTF_8));
        assertEquals("new", Files.readString(file));
        Path occupied = Files.createDirectory(folder.resolve("folder"));
        Throwable refusal = assertThrows(IOException.class, () -> AtomicFile.write(occupied, new byte[1]));
        assertTrue(String.valueOf(refusal.getMessage()).contains("is a folder"));
        assertThrows(IOException.class, () -> AtomicFile.write(file.resolve("below-a-file"), new byte[1]));
        assertEquals("new", Files.readString(file));
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }
}
