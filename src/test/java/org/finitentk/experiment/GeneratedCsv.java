package org.finitentk.experiment;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/**
 * A small regression set: y = sin(2a) + b²/2 + noise, a column c that does not matter and a column that does not vary.
 */
final class GeneratedCsv {
    private GeneratedCsv() {}

    static Path write(Path file, int rows, long seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder("a,b,c,constant,y\n");
        for (int i = 0; i < rows; i++) {
            double a = random.nextGaussian();
            double b = random.nextGaussian();
            double y = 100 + 10 * (Math.sin(2 * a) + b * b / 2 + 0.1 * random.nextGaussian());
            text.append(String.format(Locale.ROOT, "%.6f,%.6f,%.3e,0.1,%.6f%n", a, b, 1000 * random.nextGaussian(), y));
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (OutputStream bytes = Files.newOutputStream(file);
                OutputStream content = file.toString().endsWith(".gz") ? new GZIPOutputStream(bytes) : bytes) {
            content.write(text.toString().getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }
}
