package org.finitentk.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.finitentk.finetune.FineTuningRegressionTrainer;
import org.finitentk.finetune.StochasticGradientDescent;
import org.finitentk.network.ProgressListener;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.MutableDataset;

final class ProvenanceFileTest {
    private static final String SENTINEL = "org.finitentk.provenance.touched";

    @TempDir
    Path folder = Path.of("");

    private Path file = Path.of("");
    private String json = "";

    /** Runs code when it is initialized, as any class on the class path may. */
    static final class Touchy {
        static {
            System.setProperty(SENTINEL, "initialized");
        }

        private Touchy() {}
    }

    /** Configurable, but no kind of thing that a trainer's optimizer can be. */
    static final class Stray implements Configurable {
        @Config
        private double learningRate;

        Stray() {}

        double learningRate() {
            return learningRate;
        }
    }

    @BeforeEach
    void writeProvenance() throws IOException {
        TrainingData data = TrainingData.in(folder);
        file = folder.resolve("provenance.json");
        ProvenanceFile.write(
                new FineTuningRegressionTrainer(data.backbone(1), new StochasticGradientDescent(1e-2, 0.9), 1, 40)
                        .train(new MutableDataset<>(data.regression())),
                file);
        json = Files.readString(file);
    }

    private record Damage(String name, String text, String refusal) {}

    @TestFactory
    Stream<DynamicTest> damageIsRefusedWithOneSentence() {
        String trainer = FineTuningRegressionTrainer.class.getName();
        String touchy = Touchy.class.getName();
        return Stream.of(
                        new Damage("empty", "", "is truncated or not a provenance in JSON"),
                        new Damage(
                                "truncated",
                                json.substring(0, json.length() / 2),
                                "is truncated or not a provenance in JSON"),
                        new Damage("no list", "{\"a\": 1}", "is truncated or not a provenance in JSON"),
                        new Damage("no objects", "[]", "it lists no objects"),
                        new Damage("deep", "[".repeat(100_000), "is truncated or not a provenance in JSON"),
                        new Damage(
                                "unknown class",
                                json.replace(
                                        "org.tribuo.provenance.ModelProvenance",
                                        "org.tribuo.provenance.NoSuchProvenance"),
                                "names the class 'org.tribuo.provenance.NoSuchProvenance', which is not on "
                                        + "the class path"),
                        new Damage(
                                "no provenance class",
                                json.replace("org.tribuo.provenance.ModelProvenance", touchy),
                                "names the class " + touchy + ", which is not a provenance class"),
                        new Damage(
                                "no value class",
                                json.replaceFirst(
                                        "com\\.oracle\\.labs\\.mlrg\\.olcut\\.provenance\\.primitives\\.StringProvenance",
                                        java.util.regex.Matcher.quoteReplacement(touchy)),
                                "names the class " + touchy + ", which is not the kind of value that the property"),
                        new Damage(
                                "unknown trainer",
                                json.replace(trainer, "org.example.NoSuchTrainer"),
                                "'org.example.NoSuchTrainer', which is not on the class path"),
                        new Damage(
                                "no configurable",
                                json.replace(trainer, touchy),
                                "names the class " + touchy + ", which is not one that OLCUT configures"),
                        new Damage(
                                "no trainer",
                                json.replace(trainer, StochasticGradientDescent.class.getName()),
                                "which is not what is needed here (Trainer)"),
                        new Damage(
                                "another kind",
                                json.replace(StochasticGradientDescent.class.getName(), Stray.class.getName()),
                                "cannot be configured as recorded"),
                        new Damage(
                                "remote data",
                                json.replaceAll(
                                        "\"[^\"]*table\\.csv\"(,\\s*\"provenance-class\" : \".*)FileProvenance",
                                        "\"http://127.0.0.1:1/table.csv\"$1URLProvenance"),
                                "only local files are read"))
                .map(damage -> DynamicTest.dynamicTest(damage.name(), () -> refused(damage)));
    }

    private void refused(Damage damage) throws IOException {
        assertFalse(damage.text().equals(json), "the damage must change something");
        Files.writeString(file, damage.text());
        NotReproducibleException e = assertThrows(
                NotReproducibleException.class,
                () -> Reproduction.of(ProvenanceFile.read(file)).reproduce(ProgressListener.NONE));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(damage.refusal()), message);
        assertEquals(1, message.lines().count(), message);
        assertNull(System.getProperty(SENTINEL), "the class was initialized");
    }

    @Test
    void anObjectInsideItselfIsRefused() throws IOException {
        String trainer = json.lines()
                .filter(line -> line.contains("\"object-name\"") && line.contains("finetuningregressiontrainer"))
                .findFirst()
                .orElse("")
                .replaceAll(".*: *\"([^\"]*)\".*", "$1");
        String optimizer =
                trainer.isEmpty() ? "" : json.replaceAll("(?s).*\"(stochasticgradientdescent-\\d+)\".*", "$1");
        Files.writeString(file, json.replace("\"value\" : \"" + optimizer + "\"", "\"value\" : \"" + trainer + "\""));
        assertTrue(String.valueOf(assertThrows(NotReproducibleException.class, () -> ProvenanceFile.read(file))
                        .getMessage())
                .endsWith("an object contains itself"));
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path none = folder.resolve("none.json");
        assertThrows(NoSuchFileException.class, () -> ProvenanceFile.read(none));
        Files.write(file, new byte[] {'[', (byte) 0xff, (byte) 0xfe});
        assertTrue(String.valueOf(assertThrows(NotReproducibleException.class, () -> Reproduction.read(file))
                        .getMessage())
                .contains("it is not UTF-8 text"));
        Files.write(file, "\b\u0001garbage".getBytes(StandardCharsets.UTF_8));
        assertTrue(String.valueOf(assertThrows(NotReproducibleException.class, () -> Reproduction.read(file))
                        .getMessage())
                .contains("is damaged or holds no Tribuo model"));
        assertRefused(new byte[0], "is empty; expected a Tribuo model");
        byte[] model = "\0221org.finitentk.regression.FiniteNTKRegressionModel".getBytes(StandardCharsets.ISO_8859_1);
        byte[] later = new byte[model.length + 2];
        later[0] = 8;
        later[1] = 99;
        System.arraycopy(model, 0, later, 2, model.length);
        assertRefused(
                later,
                "' was written by a later version: the stored org.finitentk.regression.FiniteNTKRegressionModel has "
                        + "version 99; this release reads versions 0 to 0");
        model[model.length - 1] = 'k';
        assertRefused(
                model,
                "' needs a class that this program does not have, or is damaged: "
                        + "org.finitentk.regression.FiniteNTKRegressionModek");
    }

    private void assertRefused(byte[] content, String sentence) throws IOException {
        Files.write(file, content);
        assertTrue(String.valueOf(assertThrows(NotReproducibleException.class, () -> Reproduction.readModel(file))
                        .getMessage())
                .endsWith(sentence));
    }

    /** What a later version may record: a setting or a value of one that this version lacks. */
    @Test
    void settingsOfLaterVersionsAreNamed() throws IOException {
        ProvenanceFile.write(
                new FiniteNTKRegressionTrainer(TrainingData.in(folder).backbone(1))
                        .train(new MutableDataset<>(TrainingData.in(folder).regression())),
                file);
        String recorded = Files.readString(file);
        Files.writeString(file, recorded.replace("\"varianceScale\"", "\"futureSetting\""));
        Reproduction reproduction = Reproduction.read(file);
        assertEquals(
                "a org.finitentk.regression.FiniteNTKRegressionTrainer cannot be configured as recorded: it has no setting "
                        + "'futureSetting'; if a later version recorded it, reproduce with that one",
                assertThrows(NotReproducibleException.class, () -> reproduction.reproduce(ProgressListener.NONE))
                        .getMessage());
        Files.writeString(file, recorded.replace("\"EVIDENCE\"", "\"FUTURE\""));
        assertEquals(
                "provenance file '" + file
                        + "' has the value 'FUTURE' of org.finitentk.regression.VarianceScale, which this "
                        + "version does not know; if a later one recorded it, reproduce with that one",
                assertThrows(NotReproducibleException.class, () -> ProvenanceFile.read(file))
                        .getMessage());
    }

    @Test
    void nothingButTheFileIsLeftAfterWriting() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    List.of("network1.onnx", "network2.onnx", "provenance.json", "table.csv"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }
}
