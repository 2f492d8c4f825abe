package org.finitentk.stored;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.network.ProgressListener;
import org.finitentk.provenance.ProvenanceFile;
import org.finitentk.provenance.Reproduction;
import org.finitentk.provenance.ReproductionResult;
import org.finitentk.provenance.ReproductionResult.Difference;
import org.finitentk.provenance.ReproductionResult.Difference.Kind;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.Model;
import org.tribuo.Output;

/**
 * What earlier versions stored is loaded, predicts what it predicted, and is trained again to the last bit.
 *
 * <p>The last bits of sums follow the processor's instructions and the number of threads, which is why they are
 * demanded on the machine that wrote the files (machine.txt) and numbers within {@value #TOLERANCE} of the largest one
 * elsewhere: networks are float32. A change that moves the last bits of recorded runs is seen where it matters.
 */
final class StoredModelsTest {
    private static final double TOLERANCE = 1e-6;
    /** Adam's steps amplify the last bits. */
    private static final double TRAINED_TOLERANCE = 1e-4;

    @TempDir
    Path folder = Path.of("");

    private interface Check {
        void of(Path version, Path model) throws IOException;
    }

    private static Stream<DynamicContainer> everyModel(Check check) {
        return StoredModels.versions().stream()
                .map(version -> DynamicContainer.dynamicContainer(
                        version.getFileName().toString(),
                        StoredModels.models(version).stream()
                                .map(model -> DynamicTest.dynamicTest(
                                        model.getFileName().toString(), () -> check.of(version, model)))));
    }

    @Test
    void thereAreModelsOfEveryKind() {
        assertEquals("0.1.0", StoredModels.versions().get(0).getFileName().toString());
        assertEquals(
                List.of(76, 32),
                StoredModels.versions().stream()
                        .map(version -> StoredModels.models(version).size())
                        .toList());
    }

    @TestFactory
    Stream<DynamicContainer> bothFormsPredictWhatWasPredicted() {
        return everyModel((version, zip) -> {
            StoredPredictions expected = StoredPredictions.read(StoredModels.unpack(zip, "predictions.csv", folder));
            double tolerance = sameMachine(version) ? 0 : TOLERANCE;
            Path protobuf = StoredModels.unpack(zip, "model.pb", folder);
            Path java = StoredModels.unpack(zip, "model.ser", folder);
            Model<?> model = Model.deserializeFromFile(protobuf);
            assertClose(expected, again(model, expected), tolerance, "the protobuf form");
            assertClose(expected, again(readJava(java), expected), tolerance, "Java's form");
            // Through the filter of admitted classes too.
            assertEquals(
                    StoredModels.text(version, model.getProvenance()),
                    StoredModels.text(version, Reproduction.read(java).provenance()));
            assertEquals(
                    StoredModels.text(version, model.getProvenance()),
                    StoredModels.text(
                            version, ProvenanceFile.read(StoredModels.unpack(zip, "provenance.json", folder))));
        });
    }

    private static Model<?> readJava(Path file) throws IOException {
        try (ObjectInputStream in = new ObjectInputStream(Files.newInputStream(file))) {
            return (Model<?>) in.readObject();
        } catch (ClassNotFoundException e) {
            throw new IOException(e);
        }
    }

    @TestFactory
    Stream<DynamicContainer> everyModelIsReproduced() {
        return everyModel((version, zip) -> {
            try (ReproductionResult result = reproduce(version, StoredModels.unpack(zip, "model.pb", folder))) {
                StoredPredictions expected =
                        StoredPredictions.read(StoredModels.unpack(zip, "predictions.csv", folder));
                if (sameMachine(version)) {
                    assertIdentical(result);
                }
                assertClose(
                        expected,
                        again(result.model(), expected),
                        sameMachine(version) ? 0 : TRAINED_TOLERANCE,
                        "the reproduction");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "regression-default",
                "regression-scaled",
                "classification-default",
                "fine-tuned-regression-all",
                "ensemble-classification"
            })
    void aProvenanceSuffices(String name) throws IOException {
        for (Path version : StoredModels.versions()) {
            try (ReproductionResult result = reproduce(
                    version, StoredModels.unpack(version.resolve(name + ".zip"), "provenance.json", folder))) {
                assertFalse(result.contentCompared());
                if (sameMachine(version)) {
                    assertIdentical(result);
                }
            }
        }
    }

    /**
     * Of the recorded experiments, those whose data follow from a seed; the network is the one that training it gave on
     * that machine.
     */
    @ParameterizedTest
    @ValueSource(strings = {"finite-ntk-gp-01", "full-fine-tuning-01", "last-layer-fine-tuning-01"})
    void recordedExperimentsAreReproduced(String name) throws IOException, URISyntaxException {
        Path network = Path.of(Objects.requireNonNull(
                        StoredModelsTest.class.getResource("/recorded/sinusoids-gp/source.onnx"), "the network")
                .toURI());
        Reproduction reproduction = Reproduction.read(Path.of("provenance", "sinusoids-gp", name + ".json"));
        try (ReproductionResult result = reproduction
                .moved(Path.of("results", "sinusoids-gp", "source.onnx"), network)
                .reproduce(ProgressListener.NONE)) {
            if (sameMachine(StoredModels.versions().get(0))) {
                assertIdentical(result);
            }
        }
    }

    @TestFactory
    Stream<DynamicContainer> predictionsLogNothing() {
        return everyModel((version, zip) -> {
            StoredPredictions examples = StoredPredictions.read(StoredModels.unpack(zip, "predictions.csv", folder));
            Model<?> model = Model.deserializeFromFile(StoredModels.unpack(zip, "model.pb", folder));
            List<String> lines = new ArrayList<>();
            Handler listener = new Handler() {
                @Override
                public void publish(LogRecord line) {
                    if (line.getLevel().intValue() >= Level.INFO.intValue()) {
                        lines.add(line.getLoggerName() + ": " + line.getMessage());
                    }
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };
            Logger root = Logger.getLogger("");
            root.addHandler(listener);
            try {
                again(model, examples);
            } finally {
                root.removeHandler(listener);
            }
            assertEquals(List.of(), lines);
        });
    }

    @Test
    void bundlesAreRead() {
        for (Path version : StoredModels.versions()) {
            assertEquals(
                    17,
                    LinearizationBundle.read(version.resolve("networks/outputs1.zip"))
                            .parameterCount());
            LinearizationBundle scaled = LinearizationBundle.read(version.resolve("networks/scaled1.zip"));
            boolean byPosition = version.endsWith("0.1.0");
            assertEquals(
                    byPosition
                            ? List.of("mean", "deviation", "first", "bias", "position", "last")
                            : List.of("first", "bias", "position", "temperature", "last", "offset"),
                    scaled.parameters().stream().map(p -> p.name()).toList());
            new OnnxBackbone(version.resolve("networks/scaled1.zip")).open().close();
        }
    }

    private static ReproductionResult reproduce(Path version, Path file) throws IOException {
        Reproduction reproduction = Reproduction.read(file);
        for (Path recorded : StoredModels.recorded(version)) {
            reproduction = reproduction.moved(recorded, version);
        }
        return reproduction.reproduce(ProgressListener.NONE);
    }

    private static void assertIdentical(ReproductionResult result) {
        assertEquals(
                List.of(),
                result.differences().stream()
                        .filter(d -> d.kind() != Kind.ENVIRONMENT)
                        .map(Difference::toString)
                        .toList());
        assertTrue(result.identical());
    }

    private static <T extends Output<T>> StoredPredictions again(Model<T> model, StoredPredictions before) {
        return StoredPredictions.of(
                model,
                before.examples(model.getOutputIDInfo().getDomain().iterator().next()));
    }

    private static boolean sameMachine(Path version) throws IOException {
        return Files.readString(version.resolve("machine.txt")).strip().equals(WriteStoredModels.machine());
    }

    /** Within a tolerance of each column's largest number; NaN, for no variance, equals NaN. */
    private static void assertClose(
            StoredPredictions expected, StoredPredictions found, double tolerance, String what) {
        assertEquals(expected.columns(), found.columns());
        for (int c = 0; c < expected.columns().size(); c++) {
            int column = c;
            double largest = expected.rows().stream()
                    .mapToDouble(row -> Math.abs(row[column]))
                    .filter(Double::isFinite)
                    .max()
                    .orElse(0);
            for (int i = 0; i < expected.rows().size(); i++) {
                double before = expected.rows().get(i)[c];
                double now = found.rows().get(i)[c];
                assertTrue(
                        Double.compare(before, now) == 0 || Math.abs(before - now) <= tolerance * largest,
                        what + " gives " + now + " for " + expected.columns().get(c) + " of example " + i
                                + "; expected " + before);
            }
        }
    }
}
