package org.finitentk.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.cli.Main;
import org.finitentk.regression.FiniteNTKRegressionModel;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.RegressionSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.MutableDataset;
import org.tribuo.datasource.LibSVMDataSource;
import org.tribuo.regression.RegressionFactory;

/** Paths of written provenances are those of the folder in which their program ran. */
final class RelativePathsTest {
    @TempDir
    Path folder = Path.of("");

    /**
     * What a program in a folder of its own does: a network and a table beside it, by relative paths, and a table above
     * it as a URL.
     */
    static final class Program {
        private Program() {}

        /**
         * Trains and writes.
         *
         * @param args none
         */
        public static void main(String[] args) throws IOException {
            TrainingData data = TrainingData.in(Files.createDirectories(Path.of("data files")));
            OnnxBackbone backbone = OnnxBackbone.builder(Path.of("data files", "network1.onnx"))
                    .sortedFeatures()
                    .build();
            FiniteNTKRegressionTrainer trainer =
                    new FiniteNTKRegressionTrainer(backbone, RegressionSettings.DEFAULT.withFixedVariances(1, 0.1));
            FiniteNTKRegressionModel model = trainer.train(new MutableDataset<>(data.regression()));
            ProvenanceFile.write(model, Path.of("table.json"));
            model.serializeToFile(Path.of("table.model"));
            Path above = Path.of("..", "above it.libsvm");
            Files.writeString(above, "1.5 1:2 2:1\n2.5 1:1 2:3\n");
            LibSVMDataSource<org.tribuo.regression.Regressor> source =
                    new LibSVMDataSource<>(above.toUri().normalize().toURL(), new RegressionFactory());
            ProvenanceFile.write(trainer.train(new MutableDataset<>(source)), Path.of("url.json"));
        }
    }

    /** JUnit's own program loads the tests by a loader of its own. */
    private static String classPath() {
        return RelativePathsTest.class.getClassLoader() instanceof URLClassLoader loader
                ? Arrays.stream(loader.getURLs())
                        .map(url -> Path.of(URI.create(url.toString())).toString())
                        .collect(Collectors.joining(File.pathSeparator))
                : System.getProperty("java.class.path");
    }

    private static String java(Path where, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                classPath(),
                program.getName()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(where.toAbsolutePath().getParent(), "out", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        String text = Files.readString(out, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), text);
        return text;
    }

    @Test
    void whatWasWrittenInAFolderIsReproducedInACopyOfIt() throws IOException, InterruptedException {
        Path before = Files.createDirectories(folder.resolve("first/work"));
        java(before, Program.class);
        for (String json : List.of("table.json", "url.json")) {
            String text = Files.readString(before.resolve(json));
            assertFalse(text.contains(folder.toString()), text);
            assertFalse(text.matches("(?s).*\"value\" : \"(?:file:)?/.*"), text);
        }
        String model = Files.readString(before.resolve("table.model"), StandardCharsets.ISO_8859_1);
        assertFalse(model.contains(folder.toString()));
        assertTrue(model.contains("data files/network1.onnx"));
        assertTrue(Files.readString(before.resolve("table.json")).contains("\"value\" : \"data files/network1.onnx\""));
        assertTrue(Files.readString(before.resolve("url.json")).contains("\"value\" : \"file:../above%20it.libsvm\""));
        Files.move(folder.resolve("first"), folder.resolve("second"));
        Path after = folder.resolve("second/work");
        for (String json : List.of("table.json", "url.json")) {
            String out = java(after, Main.class, "reproduce", json);
            assertTrue(out.contains("identical: the same provenance") && out.contains("unchanged"), out);
        }
        for (Path where : List.of(after, folder)) {
            String out = java(
                    where,
                    Main.class,
                    "reproduce",
                    where.relativize(after).resolve("table.model").toString());
            assertTrue(out.contains("the same parameters to the last bit") && out.contains("unchanged"), out);
        }
        Files.move(after.resolve("data files"), after.resolve("elsewhere"));
        assertTrue(java(after, Main.class, "reproduce", "table.json", "--moved", "data files=elsewhere")
                .contains("identical: the same provenance"));
    }
}
