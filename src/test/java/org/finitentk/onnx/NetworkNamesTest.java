package org.finitentk.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.FineTuning;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.Layer;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names in the metadata of ONNX files: read, kept by everything that stays the same network, written again. */
final class NetworkNamesTest {
    private static final NetworkNames NAMES =
            new NetworkNames(List.of("fixed acidity", "größe \"x\""), List.of("no", "yes", "a,b"));

    private static Graph network() {
        return NetworkBuilder.mlp(2, List.of(4), 3, Activation.TANH, 1);
    }

    private static byte[] withMetadata(String... keysAndValues) throws InvalidProtocolBufferException {
        ModelProto.Builder model = ModelProto.parseFrom(ModelWriter.toBytes(network())).toBuilder();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(keysAndValues[i]).setValue(keysAndValues[i + 1]));
        }
        return model.build().toByteArray();
    }

    private static Graph read(byte[] model) {
        return ModelReader.read(model, "model", null);
    }

    @Test
    void anyToolsJsonIsRead() throws InvalidProtocolBufferException {
        Graph graph = read(withMetadata(
                "author", "somebody", NetworkNames.FEATURES, " [\"a\",\n\"\\u00e4\"] ", NetworkNames.OUTPUTS, "[]"));
        assertEquals(new NetworkNames(List.of("a", "ä"), List.of()), NetworkNames.of(graph));
        assertEquals(NetworkNames.NONE, NetworkNames.of(network()));
    }

    @Test
    void writtenNamesAreReadBackAndFilesWithoutNamesStayAsTheyWere() {
        byte[] nameless = ModelWriter.toBytes(network());
        Graph named = read(ModelWriter.toBytes(NAMES.addTo(network())));
        assertEquals(NAMES, NetworkNames.of(named));
        assertEquals(
                List.of("a"),
                NetworkNames.of(new NetworkNames(List.of("a"), List.of()).addTo(named))
                        .features());
        assertTrue(java.util.Arrays.equals(nameless, ModelWriter.toBytes(NetworkNames.NONE.addTo(named))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "{}",
                "null",
                "3",
                "[1]",
                "[\"a\"",
                "[\"a\"] x",
                "[[\"a\"]]",
                "[null]",
                "[\"a\",\"b\",\"a\"]"
            })
    void whatIsNoListOfDifferentNamesIsRefused(String json) throws InvalidProtocolBufferException {
        for (String key : List.of(NetworkNames.FEATURES, NetworkNames.OUTPUTS)) {
            Graph graph = read(withMetadata(key, json));
            InvalidModelException refusal = assertThrows(InvalidModelException.class, () -> NetworkNames.of(graph));
            assertTrue(String.valueOf(refusal.getMessage()).contains(key), refusal.getMessage());
        }
    }

    @Test
    void deepAndLongMetadataIsRefusedInAShortSentence() throws InvalidProtocolBufferException {
        Graph graph = read(withMetadata(NetworkNames.FEATURES, "[".repeat(1_000_000)));
        InvalidModelException refusal = assertThrows(InvalidModelException.class, () -> NetworkNames.of(graph));
        assertTrue(String.valueOf(refusal.getMessage()).length() < 300, refusal.getMessage());
    }

    @Test
    void oneKeyTwiceIsRefused() throws InvalidProtocolBufferException {
        byte[] twice = withMetadata(NetworkNames.FEATURES, "[\"a\",\"b\"]", NetworkNames.FEATURES, "[\"b\",\"a\"]");
        assertTrue(String.valueOf(assertThrows(InvalidModelException.class, () -> read(twice))
                        .getMessage())
                .contains("twice"));
    }

    @Test
    void whateverIsStillTheSameNetworkKeepsThem(@TempDir Path folder) {
        Graph named = NAMES.addTo(network());
        try (LinearizedNetwork network =
                RunningNetwork.of(named, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            assertEquals(NAMES, network.names());
            for (String bundle : List.of("bundle", "bundle.zip")) {
                LinearizationBundle.of(network).write(folder.resolve(bundle));
                LinearizationBundle read = LinearizationBundle.read(folder.resolve(bundle));
                for (Graph graph : List.of(read.forward(), read.jvp(), read.vjp())) {
                    assertEquals(NAMES, NetworkNames.of(graph));
                }
                try (LinearizedNetwork again = read.open(ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
                    assertEquals(NAMES, again.names());
                }
            }
            assertEquals(
                    NAMES, NetworkNames.of(FineTuning.graph(named, network.parameters(), network.parameterVector())));
        }
        assertEquals(NAMES, NetworkNames.of(named.withoutUnneeded()));
    }

    @Test
    void aLayerKeepsTheFeaturesButHasOtherOutputs() {
        Graph named = NAMES.addTo(network());
        Graph cut = Layer.upTo(named, named.nodes().get(0).output());
        assertEquals(new NetworkNames(NAMES.features(), List.of()), NetworkNames.of(cut));
        assertEquals(Map.of(NetworkNames.FEATURES, NetworkNames.json(NAMES.features())), cut.metadata());
    }
}
