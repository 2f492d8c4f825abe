package org.finitentk.backbone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.ParameterSelection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.interop.onnx.ImageTransformer;
import org.tribuo.test.Helpers;

class OnnxBackboneTest {
    @TempDir
    private Path folder = Path.of("");

    private Path model = Path.of("");

    @BeforeEach
    void write() {
        model = folder.resolve("model.onnx");
        ModelWriter.write(network(1), model);
    }

    private static Graph network(long seed) {
        return NetworkBuilder.mlp(3, List.of(4), 2, Activation.TANH, seed);
    }

    private OnnxBackbone full() {
        return OnnxBackbone.builder(model).features(List.of("a", "b", "c")).include("weight|bias").exclude("^never$").inputShape(3)
            .executionSettings(new ExecutionSettings(ExecutionSettings.Device.CPU, 1, 1 << 20, 0, true)).build();
    }

    @Test
    void configurationAndProvenanceRoundTrip() {
        Helpers.testConfigurableRoundtrip(full());
        Helpers.testConfigurableRoundtrip(new OnnxBackbone(model));
        Helpers.testConfigurableRoundtrip(OnnxBackbone.builder(model).numberedFeatures(1).transformer(new ImageTransformer(1, 1, 3)).build());
        Helpers.testConfigurableRoundtrip(OnnxBackbone.builder(model).inputTransformer(new NamedInputTransformer(Map.of("input", "3"))).build());
        Helpers.testProvenanceMarshalling(full().getProvenance());
        assertSame(full().getProvenance().getClass(), OnnxBackboneProvenance.class);
    }

    @Test
    void aBackboneRebuiltFromItsProvenanceIsTheSame() {
        OnnxBackbone backbone = full();
        ConfigurationManager manager = new ConfigurationManager();
        manager.addConfiguration(ProvenanceUtil.extractConfiguration(backbone.getProvenance()));
        OnnxBackbone rebuilt = manager.lookupSingleton(OnnxBackbone.class, false);
        assertEquals(backbone.getProvenance(), rebuilt.getProvenance());
        assertEquals(backbone.executionSettings(), rebuilt.executionSettings());
        assertEquals("weight|bias", Objects.requireNonNull(rebuilt.selection().include()).pattern());
    }

    @Test
    void provenanceHasTheFilesHashAndIsTakenOnce() throws IOException {
        OnnxBackbone backbone = new OnnxBackbone(model);
        String expected = ProvenanceUtil.hashArray(ProvenanceUtil.HashType.SHA256, Files.readAllBytes(model));
        assertTrue(expected.equalsIgnoreCase(backbone.getProvenance().sha256()));
        assertSame(backbone.getProvenance(), backbone.getProvenance());
        try (SharedNetwork shared = backbone.open()) {
            assertEquals(backbone.getProvenance().sha256(), shared.sha256());
        }
    }

    @Test
    void aFileThatChangedAfterItsProvenanceWasTakenIsRefused() {
        OnnxBackbone backbone = new OnnxBackbone(model);
        String before = backbone.getProvenance().sha256();
        ModelWriter.write(network(2), model);
        String message = String.valueOf(assertThrows(IllegalStateException.class, backbone::open).getMessage());
        assertTrue(message.contains(before) && message.contains("model.onnx"), message);
    }

    @Test
    void networksAreSharedByContentAndSettingsAndClosedWithTheLastShare() throws IOException {
        int before = NetworkPool.INSTANCE.openNetworks();
        Path copy = Files.copy(model, folder.resolve("copy.onnx"));
        SharedNetwork first = new OnnxBackbone(model).open();
        try (SharedNetwork second = new OnnxBackbone(copy).open();
             SharedNetwork third = SharedNetwork.open("stored", first.model(), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
             SharedNetwork other = OnnxBackbone.builder(model).exclude("bias").build().open()) {
            assertSame(first.network(), second.network());
            assertSame(first.network(), third.network());
            assertNotSame(first.network(), other.network());
            assertNotEquals(first.network().parameterCount(), other.network().parameterCount());
            assertEquals(before + 2, NetworkPool.INSTANCE.openNetworks());
            SharedNetwork fourth = first.share();
            first.close();
            first.close();
            assertThrows(IllegalStateException.class, first::network);
            assertEquals(2, fourth.network().outputSize());
            fourth.close();
        }
        assertEquals(before, NetworkPool.INSTANCE.openNetworks());
    }

    @Test
    void forgottenSharesAreClosedByTheCollector() throws InterruptedException {
        int before = NetworkPool.INSTANCE.openNetworks();
        forget();
        for (int i = 0; i < 100 && NetworkPool.INSTANCE.openNetworks() > before; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertEquals(before, NetworkPool.INSTANCE.openNetworks());
    }

    @SuppressWarnings("MustBeClosedChecker")
    private void forget() {
        assertEquals(2, OnnxBackbone.builder(model).include("weight").build().open().network().outputSize());
    }

    @Test
    void missingAndDamagedFilesAreNamed() throws IOException {
        Path missing = folder.resolve("missing.onnx");
        assertTrue(String.valueOf(assertThrows(InvalidModelException.class, () -> new OnnxBackbone(missing).open()).getMessage()).contains("missing.onnx"));
        byte[] bytes = Files.readAllBytes(model);
        Files.write(model, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertTrue(String.valueOf(assertThrows(InvalidModelException.class, () -> new OnnxBackbone(model).getProvenance()).getMessage()).contains("model.onnx"));
    }
}
