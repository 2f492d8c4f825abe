package org.finitentk.internal.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.SharedFiles;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelReaderTest {
    private static final Pattern PARAMETER =
            Pattern.compile("\"name\": \"([^\"]+)\",\\s*\"shape\": \\[([^\\]]*)\\],\\s*\"offset\": (\\d+)");

    private static byte[] small() {
        Graph graph = new Graph(
                "g",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("batch", "2"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("batch", "3"))),
                java.util.Map.of("w", Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)),
                List.of(new Node("n", "", "MatMul", List.of("x", "w"), List.of("y"), Attributes.NONE)));
        return ModelWriter.toBytes(graph);
    }

    @Test
    void writtenModelsAreReadBack() {
        Graph graph = ModelReader.read(small(), "small", null);
        assertEquals("MatMul", graph.nodes().get(0).op());
        assertEquals(List.of("batch", "2"), graph.inputs().get(0).dims());
        assertEquals(
                List.of(new Parameter("w", List.of(2L, 3L), 0)), ParameterChoice.of(graph, ParameterSelection.DEFAULT));
    }

    @Test
    void truncatedModelsAreRefusedInOneSentence() {
        byte[] model = small();
        for (int length = 0; length < model.length; length++) {
            byte[] part = Arrays.copyOf(model, length);
            try {
                ModelReader.read(part, "part", null);
            } catch (InvalidModelException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("'part'"), e.getMessage());
            }
        }
    }

    @Test
    void flippedBytesNeverEscapeAsOtherExceptions() {
        Random random = new Random(7);
        byte[] model = small();
        for (int trial = 0; trial < 5000; trial++) {
            byte[] bad = model.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                ModelReader.read(bad, "bad", null);
            } catch (InvalidModelException expected) {
                assertTrue(String.valueOf(expected.getMessage()).contains("'bad'"), expected.getMessage());
            }
        }
    }

    @Test
    void weightsThatOneModelCannotHoldAreRefusedOnWriting(@TempDir Path folder) throws IOException {
        long gibibyte = 1L << 30;
        try (RandomAccessFile sparse =
                new RandomAccessFile(folder.resolve("weights").toFile(), "rw")) {
            sparse.setLength(gibibyte);
            Tensor large = new Tensor(
                    ElementType.FLOAT,
                    new long[] {gibibyte / 4},
                    sparse.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, gibibyte));
            Graph graph = new Graph("g", List.of(), List.of(), java.util.Map.of("v", large, "w", large), List.of());
            String message = String.valueOf(assertThrows(InvalidModelException.class, () -> ModelWriter.toBytes(graph))
                    .getMessage());
            assertTrue(message.contains("bytes of weights"), message);
            assertTrue(ModelWriter.toBytes(graph, "weights", java.util.Map.of("v", 0L, "w", 0L)).length < 1000);
        }
    }

    @Test
    void missingFileIsNamed() {
        InvalidModelException e =
                assertThrows(InvalidModelException.class, () -> ModelReader.read(Path.of("nowhere.onnx")));
        assertTrue(String.valueOf(e.getMessage()).contains("nowhere.onnx"));
    }

    @Test
    void sharedFixturesHaveTheParametersThatTheirMetadataLists() throws IOException {
        Path fixtures = SharedFiles.of("fixtures");
        Assumptions.assumeTrue(Files.isDirectory(fixtures), "no shared fixtures here");
        int read = 0;
        try (Stream<Path> folders = Files.list(fixtures)) {
            for (Path folder : folders.filter(Files::isDirectory).toList()) {
                List<Parameter> parameters =
                        ParameterChoice.of(ModelReader.read(folder.resolve("model.onnx")), ParameterSelection.DEFAULT);
                Matcher m = PARAMETER.matcher(Files.readString(folder.resolve("meta.json")));
                for (Parameter p : parameters) {
                    assertTrue(m.find(), folder + ": parameter " + p + " is not in the metadata");
                    assertEquals(m.group(1), p.name());
                    assertEquals(m.group(3), Long.toString(p.offset()));
                    assertEquals(
                            m.group(2).replaceAll("\\s", ""),
                            p.shape().toString().replaceAll("[\\[\\] ]", ""));
                }
                assertTrue(!m.find(), folder + " lists more parameters");
                read++;
            }
        }
        assertTrue(read > 5);
    }
}
