package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.finitentk.provenance.ProvenanceFile;
import org.finitentk.provenance.ReproductionResult.Difference;
import org.finitentk.provenance.ReproductionResult.Difference.Kind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.data.columnar.processors.field.DoubleFieldProcessor;
import org.tribuo.data.columnar.processors.response.FieldResponseProcessor;
import org.tribuo.data.csv.CSVDataSource;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.baseline.DummyRegressionTrainer;

final class ReproduceCommandTest {
    @TempDir
    Path folder = Path.of("");

    private Path csv = Path.of("");
    private Path file = Path.of("");
    private Path json = Path.of("");

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] texts = Stream.concat(
                        Stream.of("reproduce"), Arrays.stream(args).map(Object::toString))
                .toArray(String[]::new);
        int code = Main.run(
                texts,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @BeforeEach
    void train() throws IOException {
        csv = folder.resolve("table.csv");
        file = folder.resolve("model.pb");
        json = folder.resolve("provenance.json");
        Files.writeString(csv, "a,y\n1.5,2.5\n-1.0,3.0\n0.5,-4.0\n");
        RowProcessor<Regressor> rows = new RowProcessor.Builder<Regressor>()
                .addFieldProcessor(new DoubleFieldProcessor("a"))
                .build(new FieldResponseProcessor<>("y", "", new RegressionFactory()));
        Model<Regressor> model = DummyRegressionTrainer.createGaussianTrainer(3)
                .train(new MutableDataset<>(new CSVDataSource<>(csv, rows, true)));
        model.serializeToFile(file);
        ProvenanceFile.write(model, json);
    }

    @Test
    void anIdenticalModelIsWrittenAndReproducibleItself() {
        Path again = folder.resolve("again.pb");
        Outcome outcome = run(file, "--out", again);
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(
                outcome.out().contains("unchanged  SHA-256 ") && outcome.out().contains(csv.toString()), outcome.out());
        assertTrue(outcome.out().contains("identical: the same provenance, the same predictions"), outcome.out());
        assertEquals("", outcome.err());
        assertEquals(0, run(again).code());
    }

    @Test
    void aProvenanceSuffices() {
        Outcome outcome = run(json);
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(
                outcome.out().contains("a model file would let predictions and parameters be compared too"),
                outcome.out());
    }

    @Test
    void aChangedFileIsShownAndRefusedBeforeTraining() throws IOException {
        Files.writeString(csv, Files.readString(csv).replace("2.5", "2.6"));
        Outcome outcome = run(file, "--out", folder.resolve("again.pb"));
        assertEquals(1, outcome.code());
        assertTrue(outcome.out().contains("CHANGED    SHA-256 "), outcome.out());
        assertTrue(
                outcome.err().startsWith("error: '" + csv + "' (CSVDataSource) has changed: its SHA-256 was "),
                outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertFalse(Files.exists(folder.resolve("again.pb")));
    }

    @Test
    void aMovedFileIsFoundWhereTheUserSays() throws IOException {
        Path elsewhere = Files.move(csv, folder.resolve("elsewhere.csv"));
        Outcome missing = run(file);
        assertEquals(1, missing.code());
        assertTrue(missing.err().startsWith("error: '" + csv + "' (CSVDataSource) is missing"), missing.err());
        assertTrue(missing.err().contains("say where to (reproduce --moved OLD=NEW"), missing.err());
        assertTrue(missing.out().contains("MISSING    SHA-256 "), missing.out());
        Outcome outcome = run(file, "--moved", csv + "=" + elsewhere);
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().contains(elsewhere.toString()), outcome.out());
    }

    @Test
    void aCopiedFolderIsReproducedWithoutAWord() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("copy/below"));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                Files.move(each, copy.resolve(each.getFileName()));
            }
        }
        Outcome outcome = run(copy.resolve(file.getFileName()));
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().contains(copy.resolve(csv.getFileName()).toString()), outcome.out());
        Files.writeString(copy.resolve(csv.getFileName()), "changed");
        Outcome changed = run(copy.resolve(file.getFileName()));
        assertEquals(1, changed.code());
        assertTrue(changed.err().contains("has changed: its SHA-256 was"), changed.err());
    }

    @Test
    void aDifferenceIsAFailure() throws IOException {
        Files.writeString(
                json,
                Files.readString(json).replaceFirst("(\"key\" : \"num-outputs\",\\s*\"value\" : )\"1\"", "$1\"2\""));
        Outcome outcome = run(json);
        assertEquals(1, outcome.code(), outcome.out());
        assertEquals(
                "error: the reproduction of '" + json
                        + "' differs from the original in 1 place: dataset.num-outputs: was 2, now 1\n",
                outcome.err());
        assertTrue(
                outcome.out().contains("trained-at: was ")
                        && outcome.out().contains("\nDIFFERENCES\n  dataset.num-outputs: was 2, now 1\n"),
                outcome.out());
        assertFalse(outcome.out().contains("identical"), outcome.out());
    }

    @Test
    void roundingIsCalledSo() {
        Difference evidence = new Difference(Kind.PROVENANCE, "evidence", "-200", "-200.00000000002");
        Difference noise = new Difference(Kind.PROVENANCE, "noise", "0.5", "0.51");
        Difference solver = new Difference(Kind.PROVENANCE, "solver", "DENSE", "ITERATIVE");
        assertEquals(
                "; whatever differs are numbers, by at most 1.0e-13 of their size, which is what another processor or "
                        + "number of threads does by rounding",
                ReproduceCommand.rounding(List.of(evidence)));
        assertEquals("", ReproduceCommand.rounding(List.of(evidence, noise)));
        assertEquals("", ReproduceCommand.rounding(List.of(solver, evidence)));
    }

    @Test
    void aFileThatIsNeitherIsRefused() throws IOException {
        Files.writeString(json, "no model");
        Outcome outcome = run(json);
        assertEquals(1, outcome.code());
        assertTrue(
                outcome.err().startsWith("error: file '" + json + "' is damaged or holds no Tribuo model"),
                outcome.err());
        assertEquals(1, run(folder.resolve("none.pb")).code());
    }
}
