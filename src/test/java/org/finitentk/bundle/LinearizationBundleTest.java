package org.finitentk.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.util.Hashes;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.SmallNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Bundles come back as they went out; damaged and hostile ones are refused in one sentence that names them. */
@NullUnmarked
final class LinearizationBundleTest {
    private static final List<String> FILES =
            List.of("bundle.json", "forward.onnx", "jvp.onnx", "parameters.bin", "vjp.onnx");

    @TempDir
    private Path folder;

    private static LinearizedNetwork open(Graph graph) {
        return RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    private static LinearizedNetwork open(Path bundle) {
        return NetworkFile.open(bundle, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    private static Path write(Graph graph, Path place) {
        try (LinearizedNetwork network = open(graph)) {
            LinearizationBundle.of(network).write(place);
        }
        return place;
    }

    private static Graph small() {
        return SmallNetworks.mlp(ElementType.FLOAT, "n", 3, 8, 2);
    }

    @Test
    void foldersAndZipsComputeTheSameToTheLastBit() throws IOException {
        for (ElementType type : List.of(ElementType.FLOAT, ElementType.DOUBLE)) {
            Graph graph = SmallNetworks.mlp(type, "n", 3, 8, 2);
            Examples x = SmallNetworks.examples(type, 5, 3, 2);
            double[] v = SmallNetworks.gaussian(new Random(3), 50, 1);
            double[] u = SmallNetworks.gaussian(new Random(4), 10, 1);
            for (String name : List.of("folder_" + type, type + ".zip")) {
                Path place = write(graph, folder.resolve("new").resolve(name));
                Path again = folder.resolve("again_" + name);
                LinearizationBundle.read(place).write(again);
                try (LinearizedNetwork network = open(graph);
                        LinearizedNetwork bundle = open(place);
                        LinearizedNetwork rewritten = open(again)) {
                    for (LinearizedNetwork read : List.of(bundle, rewritten)) {
                        assertArrayEquals(network.forward(x), read.forward(x), 0);
                        assertArrayEquals(network.jvp(x, v), read.jvp(x, v), 0);
                        assertArrayEquals(network.vjp(x, u), read.vjp(x, u), 0);
                        assertArrayEquals(network.parameterVector(), read.parameterVector(), 0);
                        assertEquals(network.parameters(), read.parameters());
                        assertEquals(network.inputs(), read.inputs());
                        assertEquals(
                                RunningNetwork.of(network).graphs().sha256(),
                                RunningNetwork.of(read).graphs().sha256());
                        try (LinearizedNetwork moved = network.at(v);
                                LinearizedNetwork readMoved = read.at(v)) {
                            assertArrayEquals(moved.jvp(x, v), readMoved.jvp(x, v), 0);
                            assertArrayEquals(moved.forward(x), readMoved.forward(x), 0);
                        }
                    }
                }
                assertEquals(Files.isDirectory(place), Files.isDirectory(again));
                if (!Files.isDirectory(place)) {
                    assertArrayEquals(Files.readAllBytes(place), Files.readAllBytes(again));
                }
            }
        }
        try (Stream<Path> left = Files.list(folder.resolve("new"))) {
            assertEquals(4, left.count(), "temporary files remain");
        }
    }

    @Test
    void weightsAreStoredOnceWhetherParametersOrNot() throws IOException {
        Graph graph = SmallNetworks.mlp(ElementType.FLOAT, "n", 64, 256, 256, 8);
        long weights = 4L * (64 * 256 + 256 + 256 * 256 + 256 + 256 * 8 + 8);
        for (ParameterSelection selection :
                List.of(ParameterSelection.DEFAULT, new ParameterSelection(Pattern.compile("w2|b2"), null))) {
            for (String name : List.of("folder", "bundle.zip")) {
                Path place = folder.resolve(name);
                try (LinearizedNetwork network = RunningNetwork.of(graph, selection, ExecutionSettings.DEFAULT)) {
                    LinearizationBundle.of(network).write(place);
                }
                long size = size(place);
                assertTrue(
                        size > weights * 0.8 && size < weights * 1.1,
                        name + " has " + size + " bytes for " + weights + " of weights");
            }
        }
    }

    @Test
    void theParametersFileStartsWithTheParameterVector() throws IOException {
        Path place = write(small(), folder.resolve("b"));
        try (LinearizedNetwork network = open(small())) {
            double[] theta = network.parameterVector();
            double[] stored = new Tensor(
                            ElementType.FLOAT,
                            new long[] {50},
                            java.nio.ByteBuffer.wrap(Files.readAllBytes(place.resolve("parameters.bin")), 0, 200)
                                    .slice())
                    .toDoubles();
            assertArrayEquals(theta, stored, 0);
        }
    }

    private static long size(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return Files.size(place);
        }
        try (Stream<Path> files = Files.list(place)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private interface Damage {
        void to(Path bundle) throws IOException;
    }

    private static Damage manifest(Consumer<ObjectNode> change) {
        return bundle -> {
            ObjectMapper mapper = new ObjectMapper();
            ObjectNode root = (ObjectNode) mapper.readTree(Files.readAllBytes(bundle.resolve("bundle.json")));
            change.accept(root);
            Files.write(bundle.resolve("bundle.json"), mapper.writeValueAsBytes(root));
        };
    }

    private static Damage json(String contents) {
        return bundle -> Files.writeString(bundle.resolve("bundle.json"), contents);
    }

    private static void append(Path file) throws IOException {
        byte[] bytes = Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) + 1);
        Files.write(file, bytes);
    }

    /** The change, and the hash in the manifest to go with it. */
    private static Damage rehashed(String file, Damage change) {
        return bundle -> {
            change.to(bundle);
            String sha256 = Hashes.sha256(bundle.resolve(file));
            manifest(root -> ((ObjectNode) root.get("files")).putObject(file).put("sha256", sha256))
                    .to(bundle);
        };
    }

    private static Damage graph(String location) {
        return rehashed(
                "forward.onnx",
                bundle -> Files.write(
                        bundle.resolve("forward.onnx"), ModelWriter.toBytes(small(), location, Map.of("w0", 0L))));
    }

    private static ObjectNode object(ObjectNode root, String list, int index) {
        return (ObjectNode) root.get(list).get(index);
    }

    /** What is done to a good bundle, and what the refusal must say. */
    private static Map<String, Map.Entry<Damage, String>> damages() {
        Map<String, Map.Entry<Damage, String>> rows = new LinkedHashMap<>();
        for (String file : FILES.subList(1, 5)) {
            rows.put(
                    file + " changed",
                    Map.entry(bundle -> append(bundle.resolve(file)), "file " + file + " has SHA-256"));
        }
        for (String file : FILES) {
            rows.put(file + " missing", Map.entry(bundle -> Files.delete(bundle.resolve(file)), "no file " + file));
        }
        rows.put("bad JSON", Map.entry(json("{\"format\": "), "bundle.json is not JSON"));
        rows.put("empty JSON", Map.entry(json(""), "bundle.json has no 'format'"));
        rows.put("a list", Map.entry(json("[1, 2]"), "bundle.json has no 'format'"));
        rows.put("deep JSON", Map.entry(json("[".repeat(100_000)), "bundle.json is not JSON"));
        rows.put(
                "two documents",
                Map.entry(
                        bundle -> Files.writeString(
                                bundle.resolve("bundle.json"), Files.readString(bundle.resolve("bundle.json")) + "{}"),
                        "bundle.json is not JSON"));
        rows.put(
                "duplicate key",
                Map.entry(
                        bundle -> Files.writeString(
                                bundle.resolve("bundle.json"),
                                Files.readString(bundle.resolve("bundle.json"))
                                        .replaceFirst("\\{", "{\"version\": 1,")),
                        "bundle.json is not JSON"));
        rows.put("another format", Map.entry(manifest(root -> root.put("format", "zoo")), "format 'zoo'"));
        rows.put(
                "future version",
                Map.entry(manifest(root -> root.put("version", 2)), "version 2; this program reads version 1"));
        rows.put("k", Map.entry(manifest(root -> root.put("outputSize", 3)), "outputSize 3"));
        rows.put(
                "k with a dynamic output",
                Map.entry(
                        manifest(root -> {
                            root.put("outputSize", 3);
                            ((ObjectNode) root.get("output"))
                                    .putArray("shape")
                                    .add("n")
                                    .add("k");
                        }),
                        "expected 'cotangent' FLOAT[n, 3]"));
        rows.put("negative k", Map.entry(manifest(root -> root.put("outputSize", -1L << 40)), "outputSize"));
        rows.put("P", Map.entry(manifest(root -> root.put("parameterCount", 51)), "parameterCount 51"));
        rows.put(
                "P of both",
                Map.entry(
                        manifest(root -> {
                            root.put("parameterCount", 51);
                            object(root, "parameters", 3).putArray("shape").add(3);
                        }),
                        "'b1'"));
        rows.put("no parameters", Map.entry(manifest(root -> root.putArray("parameters")), "no parameters"));
        rows.put(
                "parameter shape",
                Map.entry(
                        manifest(root -> object(root, "parameters", 0)
                                .putArray("shape")
                                .add(8)
                                .add(3)),
                        "parameter 'w0' in the shape [3, 8]"));
        rows.put(
                "negative parameter shape",
                Map.entry(
                        manifest(root -> object(root, "parameters", 0)
                                .putArray("shape")
                                .add(-8)
                                .add(-3)),
                        "-8"));
        rows.put(
                "overflowing parameter",
                Map.entry(
                        manifest(root -> object(root, "parameters", 3)
                                .putArray("shape")
                                .add(1L << 40)
                                .add(1L << 40)),
                        "'b1'"));
        rows.put(
                "huge parameter",
                Map.entry(
                        manifest(root ->
                                object(root, "parameters", 3).putArray("shape").add(1L << 40)),
                        "at most 2147483647"));
        rows.put(
                "offset",
                Map.entry(manifest(root -> object(root, "parameters", 1).put("offset", 25)), "offset 25; expected 24"));
        rows.put(
                "parameter twice",
                Map.entry(manifest(root -> object(root, "parameters", 1).put("name", "w0")), "parameter 'w0' twice"));
        rows.put(
                "parameter's name is a number",
                Map.entry(manifest(root -> object(root, "parameters", 1).put("name", 5)), "'name'"));
        rows.put(
                "input name",
                Map.entry(
                        manifest(root -> object(root, "inputs", 0).put("name", "z")), "forward.onnx has no input 'z'"));
        rows.put(
                "input type",
                Map.entry(
                        manifest(root -> object(root, "inputs", 0).put("type", "double")),
                        "forward.onnx has input 'x' FLOAT"));
        rows.put(
                "unknown type",
                Map.entry(manifest(root -> object(root, "inputs", 0).put("type", "quaternion")), "type 'quaternion'"));
        rows.put(
                "input shape",
                Map.entry(
                        manifest(root -> object(root, "inputs", 0)
                                .putArray("shape")
                                .add("n")
                                .add(4)),
                        "forward.onnx has input 'x' FLOAT[n, 3]"));
        rows.put(
                "overflowing input shape",
                Map.entry(
                        bundle -> Files.writeString(
                                bundle.resolve("bundle.json"),
                                Files.readString(bundle.resolve("bundle.json"))
                                        .replaceFirst("\"n\", 3", "\"n\", 99999999999999999999")),
                        "99999999999999999999"));
        rows.put(
                "overflowing output",
                Map.entry(
                        manifest(root -> ((ObjectNode) root.get("output"))
                                .putArray("shape")
                                .add("n")
                                .add(1L << 62)
                                .add(1L << 62)),
                        "outputSize 2"));
        rows.put(
                "dimension in digits",
                Map.entry(
                        manifest(root -> object(root, "inputs", 0)
                                .putArray("shape")
                                .add("n")
                                .add("99999999999999999999")),
                        "99999999999999999999"));
        rows.put(
                "output name",
                Map.entry(
                        manifest(root -> ((ObjectNode) root.get("output")).put("name", "z")),
                        "forward.onnx has no output 'z'"));
        rows.put(
                "output type",
                Map.entry(
                        manifest(root -> ((ObjectNode) root.get("output")).put("type", "int64")),
                        "output's type is INT64"));
        rows.put(
                "a graph not listed",
                Map.entry(
                        manifest(root -> ((ObjectNode) root.get("files")).remove("jvp.onnx")),
                        "lists no file jvp.onnx"));
        rows.put(
                "weights not listed",
                Map.entry(
                        manifest(root -> ((ObjectNode) root.get("files")).remove("parameters.bin")), "parameters.bin"));
        rows.put(
                "a file outside",
                Map.entry(
                        manifest(root -> ((ObjectNode) root.get("files"))
                                .putObject("../secret")
                                .put("sha256", "0")),
                        "file '../secret'"));
        rows.put(
                "a file anywhere",
                Map.entry(
                        manifest(root -> ((ObjectNode) root.get("files"))
                                .putObject("/etc/passwd")
                                .put("sha256", "0")),
                        "file '/etc/passwd'"));
        rows.put(
                "no graph",
                Map.entry(
                        rehashed(
                                "vjp.onnx", bundle -> Files.writeString(bundle.resolve("vjp.onnx"), "no graph at all")),
                        "vjp.onnx"));
        rows.put(
                "jvp in the place of vjp",
                Map.entry(
                        rehashed(
                                "vjp.onnx",
                                bundle -> Files.copy(
                                        bundle.resolve("jvp.onnx"),
                                        bundle.resolve("vjp.onnx"),
                                        java.nio.file.StandardCopyOption.REPLACE_EXISTING)),
                        "vjp.onnx has no input 'cotangent'"));
        rows.put("external data outside", Map.entry(graph("../secret"), "'../secret'"));
        rows.put("external data anywhere", Map.entry(graph("/etc/hostname"), "'/etc/hostname'"));
        return rows;
    }

    private static void assertRefused(Path bundle, String says) {
        InvalidModelException e = assertThrows(InvalidModelException.class, () -> LinearizationBundle.read(bundle));
        assertTrue(e.getMessage().contains(says), e.getMessage());
        assertTrue(e.getMessage().contains("'" + bundle + "'"), e.getMessage());
        assertFalse(
                e.getMessage().contains("finite-ntk-bundle1") || e.getMessage().contains("\n"), e.getMessage());
    }

    @TestFactory
    Stream<DynamicTest> damagedBundlesAreRefused() throws IOException {
        Path good = write(small(), folder.resolve("good"));
        Files.writeString(folder.resolve("secret"), "s".repeat(1000));
        return damages().entrySet().stream()
                .map(row -> DynamicTest.dynamicTest(row.getKey(), () -> {
                    Path bundle = Files.createTempDirectory(folder, "bad");
                    copy(good, bundle);
                    row.getValue().getKey().to(bundle);
                    assertRefused(bundle, row.getValue().getValue());
                    Path zip = folder.resolve(bundle.getFileName() + ".zip");
                    zip(bundle, zip, Map.of());
                    assertRefused(zip, row.getValue().getValue());
                }));
    }

    private static void copy(Path from, Path to) throws IOException {
        for (String file : FILES) {
            Files.copy(from.resolve(file), to.resolve(file));
        }
    }

    private static void zip(Path bundle, Path zip, Map<String, byte[]> more) throws IOException {
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file);
                Stream<Path> files = Files.list(bundle)) {
            for (Path each : files.sorted().toList()) {
                out.putNextEntry(new ZipEntry(each.getFileName().toString()));
                Files.copy(each, out);
            }
            for (Map.Entry<String, byte[]> entry : more.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
    }

    @Test
    void hostileZipsAreRefused() throws IOException {
        Path good = write(small(), folder.resolve("good"));
        for (String name : List.of("../evil", "a/../../evil", "/tmp/evil", "C:\\evil", "..\\evil")) {
            Path zip = folder.resolve("leaving.zip");
            zip(good, zip, Map.of(name, "evil".getBytes(StandardCharsets.UTF_8)));
            assertRefused(zip, "zip entry '" + name + "'");
        }
        assertFalse(Files.exists(folder.resolve("evil")));
        Path zip = write(small(), folder.resolve("whole.zip"));
        byte[] bytes = Files.readAllBytes(zip);
        for (int length : new int[] {0, 3, 100, bytes.length / 2, bytes.length - 1}) {
            Path truncated = folder.resolve("truncated.zip");
            Files.write(truncated, Arrays.copyOf(bytes, length));
            assertRefused(truncated, "cannot be read");
        }
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            byte[] flipped = bytes.clone();
            flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Path damaged = Files.write(folder.resolve("damaged.zip"), flipped);
            try {
                LinearizationBundle.read(damaged); // times and the like may change
            } catch (InvalidModelException e) {
                assertTrue(e.getMessage().contains("'" + damaged + "'"), e.getMessage());
            }
        }
    }

    @Test
    void zipsThatUnpackToFarMoreAreRefused() throws IOException {
        Path good = write(small(), folder.resolve("good"));
        manifest(root -> ((ObjectNode) root.get("files")).putObject("bomb.bin").put("sha256", "0"))
                .to(good);
        Path zip = folder.resolve("bomb.zip");
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file)) {
            for (String each : FILES) {
                out.putNextEntry(new ZipEntry(each));
                Files.copy(good.resolve(each), out);
            }
            out.putNextEntry(new ZipEntry("bomb.bin"));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 300; i++) {
                out.write(zeros);
            }
        }
        assertRefused(zip, "bomb.bin that unpacks to more than");
    }

    @Test
    void linksThatLeaveTheFolderAreRefused() throws IOException {
        Assumptions.assumeTrue(
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
        Path good = write(small(), folder.resolve("good"));
        for (String file : FILES) {
            Path bundle = Files.createTempDirectory(folder, "linked");
            copy(good, bundle);
            Files.delete(bundle.resolve(file));
            Files.createSymbolicLink(bundle.resolve(file), good.resolve(file));
            assertRefused(bundle, "file " + file + " is a link");
        }
        assertRefused(folder.resolve("nothing"), "does not exist");
        assertRefused(Files.createDirectory(folder.resolve("empty")), "no file bundle.json");
    }

    @Test
    void aBundleIsOnlyReplacedByAWholeOne() throws IOException {
        for (String name : List.of("folder", "bundle.zip")) {
            Path place = write(small(), folder.resolve(name));
            long before = size(place);
            LinearizationBundle good = LinearizationBundle.read(place);
            BundleManifest manifest = good.manifest();
            // fails half-way, when the second graph is asked for
            LinearizationBundle failing = new LinearizationBundle(manifest, Map.of(Product.FORWARD, good.forward()));
            assertThrows(RuntimeException.class, () -> failing.write(place));
            assertEquals(before, size(place));
            LinearizationBundle.read(place);
            write(SmallNetworks.mlp(ElementType.FLOAT, "n", 4, 8, 2), place);
            assertEquals(4, LinearizationBundle.read(place).inputs().get(0).dim(1));
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(2, left.count(), "temporary files remain");
        }
    }

    @Test
    void whatIsNoBundleIsNotReplaced() throws IOException {
        Path document = Files.writeString(folder.resolve("document.zip"), "a letter");
        Path other = folder.resolve("other.zip");
        zip(Files.createDirectory(folder.resolve("none")), other, Map.of("letter.txt", new byte[3]));
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.writeString(home.resolve("letter.txt"), "a letter");
        Path shared = write(small(), folder.resolve("shared"));
        Files.writeString(shared.resolve("letter.txt"), "a letter");
        List<Path> kept =
                new ArrayList<>(List.of(document, other, home.resolve("letter.txt"), shared.resolve("letter.txt")));
        for (Path place : List.of(document, other, home, shared)) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> write(small(), place));
            assertTrue(e.getMessage().contains("exists and is no bundle"), e.getMessage());
        }
        kept.forEach(file -> assertTrue(Files.exists(file)));
        Path below = document.resolve("bundle");
        assertThrows(UncheckedIOException.class, () -> write(small(), below));
    }

    @Test
    void aSelectionDoesNotGoWithABundle() {
        Path place = write(small(), folder.resolve("b"));
        assertThrows(
                IllegalArgumentException.class,
                () -> NetworkFile.open(
                        place, new ParameterSelection(Pattern.compile("w"), null), ExecutionSettings.DEFAULT));
    }
}
