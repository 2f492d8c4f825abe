package org.finitentk.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.config.property.ListProperty;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.network.ProgressListener;
import org.finitentk.provenance.Reproduction;
import org.finitentk.provenance.ReproductionResult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.MutableDataset;
import org.tribuo.regression.Regressor;
import org.tribuo.test.Helpers;

/** The published experiment, and its turned images, on small made-up ones: ten groups of four images of 12 x 12. */
final class RotationExperimentTest {
    private static final int GROUPS = 10;
    private static final int EACH = 4;
    private static final int SIDE = 12;
    private static final Map<String, Map<String, String>> SMALL = Map.of(
            "rotation",
                    Map.of("splits", "2", "sourceGroups", "4", "testGroups", "2", "sourceTurns", "2", "testTurns", "1"),
            "faces", Map.of("side", "8"),
            "source", Map.of("epochs", "2"),
            "last-layer", Map.of("epochs", "2"),
            "full-fine-tuning", Map.of("epochs", "2"));

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void writeImages() throws IOException {
        byte[] pixels = new byte[GROUPS * EACH * SIDE * SIDE];
        new Random(1).nextBytes(pixels);
        byte[] groups = new byte[GROUPS * EACH];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = (byte) (i / EACH);
        }
        write("faces-idx3-ubyte.gz", pixels, groups.length, SIDE, SIDE);
        write("people-idx1-ubyte.gz", groups, groups.length);
    }

    private void write(String name, byte[] values, int... sizes) throws IOException {
        try (DataOutputStream out =
                new DataOutputStream(new GZIPOutputStream(Files.newOutputStream(folder.resolve(name))))) {
            out.writeInt(0x800 | sizes.length);
            for (int size : sizes) {
                out.writeInt(size);
            }
            out.write(values);
        }
    }

    private ConfigurationManager configuration() {
        ConfigurationManager configuration = new ConfigurationManager(Path.of("tribuo-config", "olivetti-rotation.xml")
                .toAbsolutePath()
                .toString());
        configuration.setGlobalProperty("output", folder.resolve("out").toString());
        configuration.setGlobalProperty("data", folder.toString());
        SMALL.forEach((component, values) -> values.forEach((name, value) ->
                configuration.overrideConfigurableProperty(component, name, new SimpleProperty(value))));
        configuration.overrideConfigurableProperty(
                "rotation", "adaptationImages", ListProperty.createFromStringList(List.of("6", "12")));
        configuration.overrideConfigurableProperty(
                "source", "convolutions", ListProperty.createFromStringList(List.of("2", "2", "3")));
        configuration.overrideConfigurableProperty(
                "source", "hiddenSizes", ListProperty.createFromStringList(List.of("4")));
        return configuration;
    }

    private RotatedImageDataSource images() {
        return (RotatedImageDataSource) configuration().lookup("faces");
    }

    @Test
    void methodsAreComparedByNumbersOfImagesAndReproduced() throws IOException {
        ExperimentReport report = ((Experiment) configuration().lookup("rotation")).run(ProgressListener.NONE);
        assertEquals(9, report.methods().size());
        for (var method : report.methods()) {
            assertEquals(
                    Set.of("6 images 1", "6 images 2", "12 images 1", "12 images 2"),
                    new HashSet<>(method.tasks().stream().map(TaskResult::task).toList()));
            method.tasks()
                    .forEach(task -> task.metrics()
                            .forEach((metric, value) ->
                                    assertTrue(Double.isFinite(value), () -> method.name() + task.task() + metric)));
        }
        Path provenance = folder.resolve("out/provenance");
        assertTrue(Files.readString(provenance.resolve("untrained-kernel-6-images-2.json"))
                .contains("split-2-untrained.onnx"));
        for (String name : List.of("finite-ntk-gp-12-images-1", "rbf-gp-on-pixels-6-images-1")) {
            try (ReproductionResult result =
                    Reproduction.read(provenance.resolve(name + ".json")).reproduce(ProgressListener.NONE)) {
                assertTrue(result.identical(), () -> name + result.differences());
            }
        }
    }

    private static List<Example<Regressor>> read(RotatedImageDataSource source) {
        List<Example<Regressor>> examples = new ArrayList<>();
        source.iterator().forEachRemaining(examples::add);
        return examples;
    }

    private static double angle(Example<Regressor> example) {
        return example.getOutput().getValues()[0];
    }

    private static double[] values(Example<Regressor> example) {
        List<Double> values = new ArrayList<>();
        for (Feature feature : example) {
            assertEquals(values.size(), Integer.parseInt(feature.getName()));
            values.add(feature.getValue());
        }
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Test
    void fewerImagesAreSomeOfMore() {
        List<Example<Regressor>> few = read(images().part(List.of(2, 3, 7), 5, 2, 11));
        List<Example<Regressor>> more = read(images().part(List.of(2, 3, 7), 9, 2, 11));
        assertEquals(10, few.size());
        for (int i = 0; i < few.size(); i++) {
            assertEquals(angle(more.get(i)), angle(few.get(i)));
            assertArrayEquals(values(more.get(i)), values(few.get(i)));
        }
        assertEquals(GROUPS * EACH, read(images()).size());
        assertTrue(few.stream().allMatch(example -> Math.abs(angle(example)) <= Math.PI / 2));
        Helpers.testProvenanceMarshalling(new MutableDataset<>(images().part(List.of(2), 1, 1, 3)).getProvenance());
    }

    /** An image that is linear in the coordinates is linear after turning too, along the turned coordinates. */
    @Test
    void turningIsCounterclockwiseAboutTheCentre() {
        byte[] ramp = new byte[SIDE * SIDE];
        for (int r = 0; r < SIDE; r++) {
            for (int c = 0; c < SIDE; c++) {
                ramp[r * SIDE + c] = (byte) (100 + 4 * c + 7 * r);
            }
        }
        TurnedImage image = new TurnedImage(new IdxArray(new int[] {1, SIDE, SIDE}, ramp), 0);
        int side = 5;
        double step = SIDE / Math.sqrt(2) / side;
        for (double angle : new double[] {0, 0.3, -1.2, Math.PI / 2, 3}) {
            double[] turned = image.pixels(angle, side);
            for (int i = 0; i < turned.length; i++) {
                double right = (i % side - 2) * step;
                double up = (2 - i / side) * step;
                double fromRight = Math.cos(angle) * right + Math.sin(angle) * up;
                double fromUp = Math.cos(angle) * up - Math.sin(angle) * right;
                double middle = (SIDE - 1) / 2.0;
                assertEquals(100 + 4 * (middle + fromRight) + 7 * (middle - fromUp), turned[i], 1e-9);
            }
        }
        // what is at the right goes to the top
        byte[] spot = new byte[SIDE * SIDE];
        Arrays.fill(spot, 5 * SIDE + 8, 5 * SIDE + 10, (byte) 200);
        double[] turned = new TurnedImage(new IdxArray(new int[] {1, SIDE, SIDE}, spot), 0).pixels(Math.PI / 2, side);
        assertTrue(turned[2] > 20 && turned[14] < 1 && turned[22] < 1, Arrays.toString(turned));
    }

    @ParameterizedTest
    @CsvSource({
        "rotation, sourceGroups, 8, 10 groups",
        "rotation, adaptationImages, 17, at least the 17",
        "faces, groups, 11, no image of group 11",
        "faces, side, 7, does not fit"
    })
    void whatTheDataDoNotHaveIsOneSentence(String component, String property, String value, String said) {
        ConfigurationManager configuration = configuration();
        boolean list = property.equals("groups") || property.equals("adaptationImages");
        configuration.overrideConfigurableProperty(
                component,
                property,
                list ? ListProperty.createFromStringList(List.of(value)) : new SimpleProperty(value));
        Experiment experiment = (Experiment) configuration.lookup("rotation");
        String message =
                String.valueOf(assertThrows(IllegalArgumentException.class, () -> experiment.run(ProgressListener.NONE))
                        .getMessage());
        assertTrue(message.contains(said), message);
    }

    @ParameterizedTest
    @CsvSource({
        "rotation, splits, 0",
        "rotation, testTurns, 0",
        "faces, largestAngle, 0",
        "faces, largestAngle, 181",
        "faces, turns, 0",
        "faces, deviation, 0"
    })
    void impossibleSettingsAreRefused(String component, String property, String value) {
        ConfigurationManager configuration = configuration();
        configuration.overrideConfigurableProperty(component, property, new SimpleProperty(value));
        assertThrows(PropertyException.class, () -> configuration.lookup("rotation"));
    }
}
