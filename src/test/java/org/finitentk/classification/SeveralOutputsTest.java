package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.Level;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuningClassificationTrainer;
import org.finitentk.finetune.FineTuningSettings;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.finetune.TrainedParameters;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.LogLines;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tribuo.Example;
import org.tribuo.MutableDataset;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** Classifiers that are exported with the label before the probabilities, and other files with several outputs. */
@NullUnmarked
final class SeveralOutputsTest {
    private static final List<String> LABELS = List.of("low", "middle", "high");
    private static final Graph LOGITS = NetworkBuilder.mlp(2, List.of(6), 3, Activation.TANH, 1);
    private static final String LOGIT = LOGITS.outputs().get(0).name();

    @TempDir
    private Path folder = Path.of("");

    /** The same network with its label and probabilities as outputs, in this order. */
    private static Graph exported(String... outputs) {
        List<Node> nodes = new ArrayList<>(LOGITS.nodes());
        nodes.add(new Node("arg", "", "ArgMax", List.of(LOGIT), List.of("label"), Map.of()));
        nodes.add(new Node("soft", "", "Softmax", List.of(LOGIT), List.of("probabilities"), Map.of()));
        List<ValueInfo> named = new ArrayList<>();
        for (String name : outputs) {
            named.add(
                    name.equals("label")
                            ? new ValueInfo(name, ElementType.INT64, List.of())
                            : new ValueInfo(
                                    name,
                                    ElementType.FLOAT,
                                    LOGITS.outputs().get(0).dims()));
        }
        return new Graph("exported", LOGITS.inputs(), named, LOGITS.initializers(), nodes);
    }

    private OnnxBackbone backbone(Graph graph, String layer) {
        Path file = folder.resolve("network-" + System.nanoTime() + ".onnx");
        ModelWriter.write(new NetworkNames(List.of("x", "y"), LABELS).addTo(graph), file);
        return OnnxBackbone.builder(file).outputLayer(layer).build();
    }

    private static MutableDataset<Label> data() {
        SplittableRandom random = new SplittableRandom(5);
        LabelFactory factory = new LabelFactory();
        List<Example<Label>> examples = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            examples.add(new ArrayExample<>(new Label(LABELS.get(i % 3)), new String[] {"x", "y"}, new double[] {
                random.nextGaussian() + i % 3, random.nextGaussian()
            }));
        }
        return new MutableDataset<>(
                new ListDataSource<>(examples, factory, new SimpleDataSourceProvenance("three labels", factory)));
    }

    private static Map<String, Label> scores(Trainer<Label> trainer) {
        MutableDataset<Label> data = data();
        return trainer.train(data).predict(data.getExample(1)).getOutputScores();
    }

    private static Trainer<Label> closedForm(OnnxBackbone backbone) {
        return new FiniteNTKClassificationTrainer(backbone, ClassificationSettings.DEFAULT);
    }

    @Test
    void probabilitiesBehindALabelBecomeLogits() {
        Map<String, Label> expected = scores(closedForm(backbone(LOGITS, "")));
        assertEquals(expected, scores(closedForm(backbone(exported("label", "probabilities"), ""))));
        assertEquals(expected, scores(closedForm(backbone(exported("probabilities", "label"), ""))));
        // The file's names are of that output, also where somebody says which it is.
        assertEquals(expected, scores(closedForm(backbone(exported("label", "probabilities"), "probabilities"))));
    }

    @ParameterizedTest
    @EnumSource(
            value = TrainedParameters.class,
            names = {"ALL", "LAST_LAYER", "NONE", "TEMPERATURE"})
    void theSameIsTrained(TrainedParameters trained) {
        FineTuningSettings settings = new FineTuningSettings(new Adam(1e-2), 3, 16, trained, List.of(), 1);
        assertEquals(
                scores(new FineTuningClassificationTrainer(backbone(LOGITS, ""), settings)),
                scores(new FineTuningClassificationTrainer(
                        backbone(exported("label", "probabilities"), ""), settings)));
    }

    @Test
    void theOneThatIsUsedIsSaid() {
        assertEquals(List.of(), told(exported("label", "probabilities")));
        List<String> lines = told(exported("probabilities", "label", LOGIT));
        assertTrue(
                lines.size() == 1
                        && lines.get(0)
                                .contains("'probabilities', the first, is the network's; if it is '" + LOGIT
                                        + "', say so"),
                lines.toString());
    }

    private List<String> told(Graph graph) {
        try (LogLines log = new LogLines("org.finitentk.internal.tribuo.ModelContent")) {
            closedForm(backbone(graph, "")).train(data());
            return log.of(Level.INFO).stream()
                    .filter(line -> line.contains("more than one output"))
                    .toList();
        }
    }

    @Test
    void aLabelAloneIsRefusedWithWhatItIsOf() {
        Graph label = exported("label");
        String message = assertThrows(
                        InvalidModelException.class,
                        () -> closedForm(backbone(label, "")).train(data()))
                .getMessage();
        assertTrue(message.contains("its ArgMax is of '" + LOGIT + "'"), message);
        assertEquals(
                scores(closedForm(backbone(LOGITS, ""))),
                scores(new FiniteNTKClassificationTrainer(
                        backbone(label, LOGIT), ClassificationSettings.DEFAULT, LABELS)));
    }
}
