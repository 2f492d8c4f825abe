package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
}
