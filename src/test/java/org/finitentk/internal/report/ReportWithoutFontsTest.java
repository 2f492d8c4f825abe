package org.finitentk.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.scores.ReportMetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Servers and containers often have a Java runtime without any font; an experiment must not fail there at its end. */
class ReportWithoutFontsTest {
    /** Run in a Java runtime of its own, since AWT asks for fonts once. */
    static final class Main {
        private Main() {}

        /** Writes a report with one picture into the folder given. */
        public static void main(String[] arguments) throws IOException {
            double[] x = {0, 1};
            TaskResult task = new TaskResult("a", Map.of(ReportMetric.RMSE, 0.5), List.of(), null)
                    .withPanel(RegressionPanel.titled("a").prediction(x, x, x));
            ExperimentReport.of("t").method("m", List.of(task)).build().write(Path.of(arguments[0]));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void thePageIsWrittenAndSaysWhatIsMissing(@TempDir Path folder) throws IOException, InterruptedException {
        Path fonts = Files.writeString(
                folder.resolve("fonts.conf"),
                "<?xml version=\"1.0\"?><fontconfig><dir>/nonexistent</dir></fontconfig>");
        Path report = folder.resolve("report");
        Path log = folder.resolve("log.txt");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.awt.headless=true",
                // Java keeps what it once found out about fonts in the home folder.
                "-Duser.home=" + folder,
                Main.class.getName(),
                report.toString());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("FONTCONFIG_FILE", fonts.toString());
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        assertEquals(0, builder.start().waitFor(), () -> read(log));
        assertTrue(read(log).contains("WARNING"), () -> read(log));
        String page = Files.readString(report.resolve("report.html"));
        assertTrue(page.contains("This picture is missing") && page.contains("install fontconfig"), page);
        assertTrue(Files.exists(report.resolve("results.csv")));
        assertFalse(Files.exists(report.resolve("m-predictions.png")));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
