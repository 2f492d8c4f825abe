package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line's experiments. */
final class RunCommandTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void hundredsOfTrainingsAreNoHundredsOfLines() throws IOException {
        String recorded = Files.readString(Path.of("tribuo-config", "sinusoids-gp.xml"));
        String quick = recorded.replace("name=\"tasks\" value=\"20\"", "name=\"tasks\" value=\"2\"")
                .replace("name=\"drawnTasks\" value=\"8\"", "name=\"drawnTasks\" value=\"1\"")
                .replace("name=\"epochs\" value=\"100\"", "name=\"epochs\" value=\"2\"")
                .replace("name=\"epochs\" value=\"500\"", "name=\"epochs\" value=\"2\"");
        Path configuration = Files.writeString(folder.resolve("quick.xml"), quick);
        List<String> lines = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public synchronized void publish(LogRecord line) {
                if (line.getLevel().equals(Level.INFO)) {
                    lines.add(line.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger ours = Logger.getLogger("org.finitentk");
        ours.addHandler(handler);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            String[] command = {
                "run",
                configuration.toString(),
                "--out",
                folder.resolve("results").toString()
            };
            assertEquals(0, Main.run(command, print, print), out.toString(StandardCharsets.UTF_8));
        } finally {
            ours.removeHandler(handler);
        }
        assertEquals(List.of(), lines);
    }

    /** OLCUT says that a name is unknown, or a word; the file's author wants to know which are known. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "numbers|name=\"splits\"|name=\"spilts\"|component 'numbers' has a property 'spilts', which is no setting of"
                        + " org.finitentk.experiment.AdaptationExperiment; expected one of data, introduction, methods,",
                "labels|value=\"SHARED\"|value=\"SHARD\"|component 'classifier-trainer' has 'SHARD' as its property"
                        + " 'structure'; expected one of AUTO, MATCHED, SHARED"
            })
    void settingsThatThereAreNotAreNamedBesideThoseThatThereAre(
            String component, String good, String bad, String sentence) throws IOException {
        String text = Files.readString(Path.of("tribuo-config", "your-table.xml"));
        assertTrue(text.contains(good));
        Path configuration = Files.writeString(folder.resolve("bad.xml"), text.replace(good, bad));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            String[] command = {"run", configuration.toString(), "--component", component};
            assertEquals(1, Main.run(command, print, print));
        }
        assertTrue(out.toString(StandardCharsets.UTF_8).contains(sentence), out.toString(StandardCharsets.UTF_8));
    }
}
