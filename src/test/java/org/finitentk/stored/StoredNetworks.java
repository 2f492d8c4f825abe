package org.finitentk.stored;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** The networks that stored models adapt, in the folder 'networks'. */
final class StoredNetworks {
    private final Path folder;
    private final SplittableRandom random = new SplittableRandom(11);

    StoredNetworks(Path folder) {
        this.folder = folder.resolve("networks");
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    void write() throws IOException {
        Files.createDirectories(folder);
        for (int outputs = 1; outputs <= 3; outputs++) {
            ModelWriter.write(
                    NetworkBuilder.mlp(2, List.of(4), outputs, Activation.TANH, 3),
                    file("outputs" + outputs + ".onnx"));
        }
        ModelWriter.write(NetworkBuilder.mlp(1, List.of(4), 1, Activation.TANH, 3), file("input1.onnx"));
        ModelWriter.write(NetworkBuilder.mlp(3, List.of(4), 1, Activation.TANH, 3), file("numbers.onnx"));
        ModelWriter.write(
                NetworkBuilder.withSeed(5)
                        .elementType(ElementType.DOUBLE)
                        .features(2)
                        .dense(4)
                        .activation(Activation.TANH)
                        .dense(1)
                        .build(),
                file("double.onnx"));
        ModelWriter.write(
                NetworkBuilder.withSeed(6)
                        .images(1, 3, 3)
                        .convolution(2, 3, 1, 1)
                        .activation(Activation.RELU)
                        .globalAveragePool()
                        .dense(1)
                        .build(),
                file("image.onnx"));
        ModelWriter.write(inputs(), file("inputs.onnx"));
        ModelWriter.write(scaled(1), file("scaled1.onnx"));
        ModelWriter.write(scaled(3), file("scaled3.onnx"));
        bundle("outputs1");
        bundle("scaled1");
    }

    private void bundle(String name) {
        try (LinearizedNetwork network =
                NetworkFile.open(file(name + ".onnx"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            LinearizationBundle.of(network).write(file(name + ".zip"));
        }
    }

    /**
     * Constants of all kinds about which a rule of selection decides: a scaler before the weights, a position
     * embedding, a bias of one element, a scale of the outputs.
     */
    private Graph scaled(int outputs) {
        Map<String, Tensor> constants = new LinkedHashMap<>();
        constants.put("mean", Tensor.ofFloats(new float[] {0.1f, -0.2f}, 2));
        constants.put("deviation", Tensor.ofFloats(new float[] {0.7f, 1.3f}, 2));
        constants.put("first", draw(2, 4));
        constants.put("bias", draw(4));
        constants.put("position", draw(1, 4));
        constants.put("temperature", Tensor.ofFloats(new float[] {1.5f}, 1));
        constants.put("last", draw(4, outputs));
        constants.put("offset", draw(outputs));
        constants.put("gain", draw(outputs));
        List<Node> nodes = List.of(
                node("Sub", "x", "mean", "centred"),
                node("Div", "centred", "deviation", "standard"),
                node("MatMul", "standard", "first", "product"),
                node("Add", "product", "bias", "sum"),
                node("Add", "sum", "position", "placed"),
                new Node("tanh", "", "Tanh", List.of("placed"), List.of("hidden"), Map.of()),
                node("Mul", "hidden", "temperature", "warm"),
                node("MatMul", "warm", "last", "outputs"),
                node("Add", "outputs", "offset", "shifted"),
                node("Mul", "shifted", "gain", "y"));
        return new Graph(
                "scaled",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", "2"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", Integer.toString(outputs)))),
                constants,
                nodes);
    }

    /** Token ids and numbers. */
    private Graph inputs() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("table", draw(4, 2));
        weights.put("ones", Tensor.ofFloats(new float[] {1, 1, 1, 1}, 4, 1));
        weights.put("v", draw(2, 1));
        List<Node> nodes = List.of(
                node("Gather", "table", "ids", "embedded"),
                new Node("flat", "", "Flatten", List.of("embedded"), List.of("flat"), Map.of()),
                new Node("tanh", "", "Tanh", List.of("flat"), List.of("hidden"), Map.of()),
                node("MatMul", "hidden", "ones", "first"),
                node("MatMul", "values", "v", "second"),
                node("Add", "first", "second", "y"));
        return new Graph(
                "inputs",
                List.of(
                        new ValueInfo("ids", ElementType.INT64, List.of("n", "2")),
                        new ValueInfo("values", ElementType.FLOAT, List.of("n", "2"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", "1"))),
                weights,
                nodes);
    }

    private static Node node(String op, String left, String right, String output) {
        return new Node(output, "", op, List.of(left, right), List.of(output), Map.of());
    }

    private Tensor draw(long... shape) {
        float[] values = new float[(int) Tensor.count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.7 * random.nextGaussian());
        }
        return Tensor.ofFloats(values, shape);
    }
}
