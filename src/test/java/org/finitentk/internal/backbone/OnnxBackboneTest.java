package org.finitentk.internal.backbone;

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
import java.util.concurrent.CancellationException;
import org.finitentk.backbone.NamedInputTransformer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OnnxBackboneProvenance;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.Inference;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.interop.onnx.ImageTransformer;
import org.tribuo.provenance.SimpleDataSourceProvenance;
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
        return OnnxBackbone.builder(model)
                .features(List.of("a", "b", "c"))
                .include("weight|bias")
                .exclude("^never$")
                .inputShape(3)
                .executionSettings(new ExecutionSettings(ExecutionSettings.Device.CPU, 1, 1 << 20, 0, true))
                .build();
    }

    private static SharedNetwork shared(OnnxBackbone backbone) {
        return SharedNetwork.open(TrainingTask.read(backbone), backbone.selection(), backbone.executionSettings());
    }

    @Test
    void configurationAndProvenanceRoundTrip() {
        Helpers.testConfigurableRoundtrip(full());
        Helpers.testConfigurableRoundtrip(new OnnxBackbone(model));
        Helpers.testConfigurableRoundtrip(OnnxBackbone.builder(model)
                .numberedFeatures(1)
                .transformer(new ImageTransformer(1, 1, 3))
                .build());
        Helpers.testConfigurableRoundtrip(OnnxBackbone.builder(model)
                .inputTransformer(new NamedInputTransformer(Map.of("input", "3")))
                .build());
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
        assertEquals(
                "weight|bias",
                Objects.requireNonNull(rebuilt.selection().include()).pattern());
    }

    @Test
    void provenanceHasTheFilesHashAndIsTakenOnce() throws IOException {
        OnnxBackbone backbone = new OnnxBackbone(model);
        String expected = ProvenanceUtil.hashArray(ProvenanceUtil.HashType.SHA256, Files.readAllBytes(model));
        assertTrue(expected.equalsIgnoreCase(backbone.getProvenance().sha256()));
        assertSame(backbone.getProvenance(), backbone.getProvenance());
        try (SharedNetwork shared = shared(backbone)) {
            assertEquals(backbone.getProvenance().sha256(), shared.sha256());
        }
    }

    @Test
    void aLayerCanBeTheOutput() {
        Graph graph = network(1);
        String layer = graph.nodes().stream()
                .filter(node -> node.op().equals("Tanh"))
                .findFirst()
                .orElseThrow()
                .outputs()
                .get(0);
        OnnxBackbone backbone = OnnxBackbone.builder(model).outputLayer(layer).build();
        Helpers.testConfigurableRoundtrip(backbone);
        String fileHash = new OnnxBackbone(model).getProvenance().sha256();
        assertEquals(fileHash, backbone.getProvenance().sha256(), "the hash is the file's");
        try (SharedNetwork cut = shared(backbone);
                SharedNetwork whole = shared(new OnnxBackbone(model))) {
            assertEquals(4, cut.network().outputSize());
            assertEquals(
                    3 * 4 + 4, cut.network().parameterCount(), "weights behind the layer are none of its parameters");
            assertNotSame(whole.network(), cut.network());
            Examples x = Examples.of(
                    graph.inputs().get(0).name(), Tensor.ofFloats(new float[] {0.3f, -1, 2, 0.1f, 0.2f, -0.3f}, 2, 3));
            // the derivative of an output by a weight behind the layer is the layer's value
            double[] features = cut.network().forward(x);
            double[] tangent = new double[(int) whole.network().parameterCount()];
            tangent[16] = 1;
            double[] byFirst = whole.network().jvp(x, tangent);
            tangent[16] = 0;
            tangent[16 + 7] = 1;
            double[] byLast = whole.network().jvp(x, tangent);
            for (int i = 0; i < 2; i++) {
                assertEquals(features[i * 4], byFirst[i * 2], 1e-6);
                assertEquals(features[i * 4 + 3], byLast[i * 2 + 1], 1e-6);
            }
            try (SharedNetwork stored =
                    SharedNetwork.open("stored", cut.model(), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
                assertEquals(4, stored.network().outputSize());
            }
        }
        String message = String.valueOf(assertThrows(
                        InvalidModelException.class,
                        () -> OnnxBackbone.builder(model)
                                .outputLayer("nothing")
                                .build()
                                .open())
                .getMessage());
        assertTrue(message.contains("'nothing'") && message.contains(layer), message);
    }

    @Test
    void aFileThatChangedAfterItsProvenanceWasTakenIsRefused() {
        OnnxBackbone backbone = new OnnxBackbone(model);
        String before = backbone.getProvenance().sha256();
        ModelWriter.write(network(2), model);
        String message = String.valueOf(
                assertThrows(IllegalStateException.class, backbone::open).getMessage());
        assertTrue(message.contains(before) && message.contains("model.onnx"), message);
    }

    /** Whatever the inference, and at whichever report of progress somebody ends it. */
    @Test
    void aTrainingThatFailsGivesItsNetworkBack() {
        int before = NetworkPool.INSTANCE.openNetworks();
        LabelFactory labels = new LabelFactory();
        MutableDataset<Label> data = new MutableDataset<>(new SimpleDataSourceProvenance("two points", labels), labels);
        data.add(new ArrayExample<>(new Label("a"), new String[] {"x", "y", "z"}, new double[] {1, 2, 3}));
        data.add(new ArrayExample<>(new Label("b"), new String[] {"x", "y", "z"}, new double[] {-1, 0.5, 2}));
        for (Inference inference : Inference.values()) {
            FiniteNTKClassificationTrainer trainer = new FiniteNTKClassificationTrainer(
                    OnnxBackbone.builder(model).sortedFeatures().build(),
                    ClassificationSettings.DEFAULT.with(inference),
                    List.of("a", "b"));
            trainer.setProgressListener((stage, done, total) -> {
                throw new CancellationException(inference + " ends at " + stage);
            });
            assertThrows(CancellationException.class, () -> trainer.train(data));
            assertEquals(before, NetworkPool.INSTANCE.openNetworks());
        }
    }

    @Test
    void networksAreSharedByContentAndSettingsAndClosedWithTheLastShare() throws IOException {
        int before = NetworkPool.INSTANCE.openNetworks();
        Path copy = Files.copy(model, folder.resolve("copy.onnx"));
        SharedNetwork first = shared(new OnnxBackbone(model));
        try (SharedNetwork second = shared(new OnnxBackbone(copy));
                SharedNetwork third = SharedNetwork.open(
                        "stored", first.model(), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                SharedNetwork other =
                        shared(OnnxBackbone.builder(model).exclude("bias").build())) {
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
        // Those that other tests forgot go too.
        assertTrue(NetworkPool.INSTANCE.openNetworks() <= before);
    }

    @SuppressWarnings("MustBeClosedChecker")
    private void forget() {
        assertEquals(
                2,
                shared(OnnxBackbone.builder(model).include("weight").build())
                        .network()
                        .outputSize());
    }

    @Test
    void missingAndDamagedFilesAreNamed() throws IOException {
        Path missing = folder.resolve("missing.onnx");
        assertTrue(String.valueOf(assertThrows(InvalidModelException.class, () -> new OnnxBackbone(missing).open())
                        .getMessage())
                .contains("missing.onnx"));
        byte[] bytes = Files.readAllBytes(model);
        Files.write(model, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertTrue(String.valueOf(
                        assertThrows(InvalidModelException.class, () -> new OnnxBackbone(model).getProvenance())
                                .getMessage())
                .contains("model.onnx"));
    }
}
