package org.finitentk.internal.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Weights beside a model: which files are taken, and what becomes of files that change. */
final class ExternalWeightsTest {
    private static final int ROWS = 300_000;
    private static final String DATA = "model.onnx_data";

    @TempDir
    private Path folder = Path.of("");

    private byte[] model = new byte[0];
    private final float[] values = new float[2 * ROWS];

    @BeforeEach
    void write() throws IOException {
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Graph graph = new Graph(
                "g",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("batch", Integer.toString(ROWS)))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("batch", "2"))),
                Map.of("w", Tensor.ofFloats(values, ROWS, 2)),
                List.of(new Node("n", "MatMul", "", List.of("x", "w"), List.of("y"), Map.of())));
        model = ModelWriter.toBytes(graph, DATA, Map.of("w", 0L));
        writeData(folder.resolve(DATA));
        Files.write(folder.resolve("model.onnx"), model);
    }

    private void writeData(Path file) throws IOException {
        Files.write(
                file, Tensor.ofFloats(values, ROWS, 2).toProto("").getRawData().toByteArray());
    }

    private static Tensor weights(Path model) {
        return Objects.requireNonNull(ModelReader.read(model).initializers().get("w"));
    }

    private static String refusal(Path model) {
        return String.valueOf(assertThrows(InvalidModelException.class, () -> ModelReader.read(model))
                .getMessage());
    }

    @Test
    void weightsStayWhatTheyWereWhenTheirFileIsOverwrittenOrCut() throws IOException {
        Tensor before = weights(folder.resolve("model.onnx"));
        try (RandomAccessFile file = new RandomAccessFile(folder.resolve(DATA).toFile(), "rw")) {
            file.write(new byte[1 << 16]);
            file.setLength(1 << 10);
        }
        double[] expected = new double[values.length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = values[i];
        }
        assertArrayEquals(expected, before.toDoubles());
        assertTrue(refusal(folder.resolve("model.onnx")).contains("which has 1024 bytes"));
    }

    @Test
    void aFileThatChangesWhileItIsReadIsRefused() throws IOException {
        for (String change : List.of("overwritten", "cut", "replaced")) {
            writeData(folder.resolve(DATA));
            ExternalWeights files = new ExternalWeights(folder);
            Graph graph = ModelReader.readSharing(model, "model", files);
            assertEquals(1, graph.initializers().size());
            files.requireUnchanged();
            change(change, folder.resolve(DATA));
            String message = String.valueOf(assertThrows(InvalidModelException.class, files::requireUnchanged)
                    .getMessage());
            assertTrue(
                    message.contains("'" + DATA + "'") && message.contains("changed while"), change + ": " + message);
        }
    }

    private void change(String how, Path file) throws IOException {
        if (how.equals("replaced")) {
            writeData(folder.resolve("other"));
            Files.delete(file);
            Files.move(folder.resolve("other"), file);
            return;
        }
        var earlier = Files.getLastModifiedTime(file);
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.writeInt(7);
            if (how.equals("cut")) {
                open.setLength(8);
            }
        }
        // file systems count time in steps of some milliseconds
        Files.setLastModifiedTime(file, FileTime.fromMillis(earlier.toMillis() + 50));
    }

    @Test
    void graphsThatReferToTheSameBytesShareOneCopy() {
        ExternalWeights files = new ExternalWeights(folder);
        ModelReader.readSharing(model, "first", files);
        ModelReader.readSharing(model, "second", files);
        assertEquals(1, files.copies());
    }

    /** The layout of the Hugging Face hub's cache. */
    @Test
    void linksIntoTheBlobsOfTheirCacheAreTaken() throws IOException {
        Path cache = folder.resolve("hub/models--a--b");
        Path blobs = Files.createDirectories(cache.resolve("blobs"));
        Path snapshot = Files.createDirectories(cache.resolve("snapshots/0123abc/onnx"));
        Files.write(blobs.resolve("aaaa"), model);
        writeData(blobs.resolve("bbbb"));
        Files.createSymbolicLink(snapshot.resolve("model.onnx"), Path.of("../../../blobs/aaaa"));
        Path data = Files.createSymbolicLink(snapshot.resolve(DATA), Path.of("../../../blobs/bbbb"));
        assertEquals(values.length, weights(snapshot.resolve("model.onnx")).size());

        Path secret = folder.resolve("secret");
        writeData(secret);
        for (String target :
                List.of(secret.toString(), "../../../../../secret", "/proc/self/environ", "../../../other")) {
            Files.delete(data);
            writeData(cache.resolve("other"));
            Files.createSymbolicLink(data, Path.of(target));
            String message = refusal(snapshot.resolve("model.onnx"));
            assertTrue(message.contains("inside the model's folder"), target + ": " + message);
        }
        Files.delete(data);
        Files.createSymbolicLink(data, Path.of("../../../blobs/bbbb"));
        Files.move(blobs, cache.resolve("elsewhere"));
        Files.createSymbolicLink(cache.resolve("blobs"), Path.of("elsewhere"));
        assertTrue(
                refusal(snapshot.resolve("model.onnx")).contains("inside the model's folder"), "blobs that are a link");
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void pipesAndDevicesAreRefusedUnopened() throws Exception {
        Files.delete(folder.resolve(DATA));
        Process made = new ProcessBuilder("mkfifo", folder.resolve(DATA).toString()).start();
        Assumptions.assumeTrue(made.waitFor() == 0);
        assertTrue(refusal(folder.resolve("model.onnx")).contains("device or pipe"));
        Files.delete(folder.resolve(DATA));
        Files.createDirectory(folder.resolve(DATA));
        assertTrue(refusal(folder.resolve("model.onnx")).contains("folder, device or pipe"));
    }
}
