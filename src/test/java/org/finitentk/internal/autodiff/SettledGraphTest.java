package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.onnx.ViewedGraph;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InputValues;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.NetworkView;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Pooling;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/**
 * What is settled after a file was read: by values of inputs, by sizes that users give, by those that examples have.
 */
@NullUnmarked
final class SettledGraphTest {
    private static final double CLOSE = 1e-5;

    private static FileModel branch(String weight) {
        return FileModel.body(weight.hashCode())
                .weights(weight, 3, 3)
                .node("MatMul", weight + "_product", "t," + weight)
                .node("Sigmoid", weight + "_result", weight + "_product")
                .outs(weight + "_result");
    }

    private static FileModel decided(FileModel file) {
        return file.weights("v", 3, 2)
                .node("If", "b", "condition", "then_branch", branch("fast"), "else_branch", branch("slow"))
                .node("MatMul", "z", "b,v")
                .out("z", "N", "2");
    }

    private static byte[] byRate(String... dims) {
        return decided(FileModel.of(17)
                        .in("x", "N", "4")
                        .in("sr", ElementType.INT64, dims)
                        .weights("w", 4, 3)
                        .number("limit", 10_000)
                        .node("MatMul", "h", "x,w")
                        .node("Tanh", "t", "h")
                        .node("Greater", "condition", "sr,limit"))
                .bytes();
    }

    private static byte[] byLength() {
        return decided(FileModel.of(17)
                        .in("x", "N", "T", "4")
                        .weights("w", 4, 3)
                        .longs("axis", 1)
                        .number("one", 1)
                        .number("limit", 10)
                        .node("MatMul", "h", "x,w")
                        .node("ReduceMean", "t", "h", "axes", new long[] {1}, "keepdims", 0)
                        .node("Shape", "shape", "h")
                        .node("Gather", "size", "shape,one")
                        .node("Greater", "condition", "size,limit"))
                .bytes();
    }

    private static NetworkView values(String... texts) {
        return new NetworkView(InputSizes.NONE, InputValues.parse(List.of(texts)), "", Pooling.NONE, "");
    }

    private static Graph viewed(byte[] model, NetworkView view) {
        return ViewedGraph.of(view, ModelReader.read(model, "the file", null));
    }

    private static LinearizedNetwork open(Graph graph) {
        return RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    private static List<String> parameters(LinearizedNetwork network) {
        return network.parameters().stream().map(Parameter::name).toList();
    }

    private static Tensor ones(int n, double value) {
        return Tensor.ofLongs(new long[] {(long) value}, n);
    }

    @Test
    void theValueOfAnInputChoosesABranch() throws OrtException {
        for (String[] dims : List.of(new String[0], new String[] {"1"})) {
            for (int rate : new int[] {8_000, 16_000}) {
                try (LinearizedNetwork network = open(viewed(byRate(dims), values("sr=" + rate)))) {
                    assertEquals(List.of("w", rate > 10_000 ? "fast" : "slow", "v"), parameters(network));
                    Examples x = RandomExamples.draw(network.inputs(), 1, 3);
                    assertEquals(Set.of("x"), x.inputs().keySet());
                    Examples whole = new Examples(Map.of("x", x.inputs().get("x"), "sr", ones(1, rate)));
                    FileChecker.same("f", FileChecker.run(byRate("1"), "z", whole), network.forward(x), CLOSE);
                    double[] v = network.parameterVector();
                    assertTrue(network.jvp(x, v).length == 2 && network.jvp(x, v)[0] != 0);
                }
            }
        }
    }

    @Test
    void anInputThatDecidesIsToldToBeGivenAValue() {
        String message =
                String.valueOf(assertThrows(InvalidModelException.class, () -> open(viewed(byRate(), values())))
                        .getMessage());
        assertTrue(message.contains("(If)") && message.contains("the input's value (--input-value NAME=V"), message);
    }

    @Test
    void oneValueFillsAnInputOfAsManyRowsAsExamples() throws OrtException {
        byte[] file = FileModel.of(17)
                .in("x", "batch", "4")
                .in("state", "batch", "3")
                .weights("w", 4, 3)
                .weights("v", 3, 2)
                .node("MatMul", "h", "x,w")
                .node("Add", "s", "h,state")
                .node("Tanh", "t", "s")
                .node("MatMul", "z", "t,v")
                .out("z", "batch", "2")
                .bytes();
        try (LinearizedNetwork network = open(viewed(file, values("state=0.25")))) {
            Examples x = RandomExamples.draw(network.inputs(), 5, 3);
            float[] filled = new float[15];
            Arrays.fill(filled, 0.25f);
            Examples whole = new Examples(Map.of("x", x.inputs().get("x"), "state", Tensor.ofFloats(filled, 5, 3)));
            FileChecker.same("f", FileChecker.run(file, "z", whole), network.forward(x), CLOSE);
            network.requireIndependentExamples(x);
        }
    }

    /** A state of a recurrent layer has the examples on its second axis, which a file may give a name of its own. */
    @Test
    void anAxisMayBeSaidToBeTheExamples() {
        byte[] file = FileModel.of(17)
                .in("x", "batch", "4")
                .in("state", "2", "state_dim", "3")
                .number("last", 1)
                .weights("w", 4, 3)
                .weights("v", 3, 2)
                .node("MatMul", "h", "x,w")
                .node("Gather", "one", "state,last")
                .node("Mul", "s", "h,one")
                .node("MatMul", "z", "s,v")
                .out("z", "batch", "2")
                .bytes();
        String message =
                String.valueOf(assertThrows(InvalidModelException.class, () -> viewed(file, values("state=0.25")))
                        .getMessage());
        assertTrue(message.contains("state=2xNx3 if it is the number of examples"), message);
        NetworkView view = new NetworkView(
                InputSizes.parse(List.of("state=2xNx3")),
                InputValues.parse(List.of("state=0.25")),
                "",
                Pooling.NONE,
                "");
        try (LinearizedNetwork network = open(viewed(file, view))) {
            Examples x = RandomExamples.draw(network.inputs(), 5, 3);
            double[] f = network.forward(x);
            double[] w = network.parameterVector();
            double[] numbers = x.inputs().get("x").toDoubles();
            for (int i = 0; i < 5; i++) {
                for (int k = 0; k < 2; k++) {
                    double sum = 0;
                    for (int j = 0; j < 12; j++) {
                        sum += numbers[4 * i + j / 3] * w[j] * 0.25 * w[12 + 2 * (j % 3) + k];
                    }
                    assertEquals(sum, f[2 * i + k], CLOSE, "example " + i + ", output " + k);
                }
            }
        }
    }

    @Test
    void inputsThatHaveNoExamplesAreToldWithWhatToDo() {
        byte[] file = FileModel.of(17)
                .in("x", "batch", "T")
                .in("h", "2", "batch", "3")
                .in("sr", ElementType.INT64)
                .weights("w", 1)
                .node("Mul", "y", "x,w")
                .out("y", "batch", "T")
                .bytes();
        List<ValueInfo> inputs = ModelReader.read(file, "the file", null).inputs();
        String message =
                String.valueOf(assertThrows(InvalidModelException.class, () -> RandomExamples.draw(inputs, 2, 1))
                        .getMessage());
        for (String part : List.of(
                "'x' has open sizes on axis 1",
                "'h' has the examples on axis 1",
                "'sr' is one number for all examples",
                "--input-shape x=NxA",
                "--input-value h=0 --input-value sr=VALUE")) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void aFileOfAnotherDomainAloneNeedsNoStandardOpset() {
        FileModel linear = FileModel.of(0)
                .domain("ai.onnx.ml", 3)
                .in("x", "N", "2")
                .out("y", "N", "1")
                .node("ai.onnx.ml:LinearRegressor", "y", "x", "coefficients", new float[] {0.5f, -2}, "targets", 1);
        byte[] file = linear.withoutOpset().bytes();
        try (LinearizedNetwork network = open(ModelReader.read(file, "the file", null))) {
            assertEquals(2, network.parameterCount());
        }
        byte[] trees = FileModel.of(0)
                .domain("ai.onnx.ml", 3)
                .in("x", "N", "features")
                .out("y", "N", "1")
                .node("ai.onnx.ml:TreeEnsembleRegressor", "y", "x")
                .withoutOpset()
                .bytes();
        String message =
                String.valueOf(assertThrows(InvalidModelException.class, () -> viewed(trees, NetworkView.WHOLE))
                        .getMessage());
        assertTrue(message.contains("'the_y'") && message.contains("decision trees"), message);
    }

    @Test
    void sizesThatAreGivenChooseABranch() throws OrtException {
        for (int length : new int[] {7, 12}) {
            InputSizes sizes = InputSizes.parse(List.of("x=Nx" + length + "x4"));
            Graph graph = viewed(byLength(), new NetworkView(sizes, InputValues.NONE, "", Pooling.NONE, ""));
            try (LinearizedNetwork network = open(graph)) {
                assertEquals(List.of("w", length > 10 ? "fast" : "slow", "v"), parameters(network));
                Examples x = RandomExamples.draw(network.inputs(), 2, 3);
                FileChecker.same("f", FileChecker.run(byLength(), "z", x), network.forward(x), CLOSE);
            }
        }
    }

    @Test
    void sizesOfExamplesChooseABranch() throws OrtException {
        for (int length : new int[] {7, 12}) {
            try (LinearizedNetwork network = open(ModelReader.read(byLength(), "the file", null))) {
                double[] numbers = new double[2 * length * 4];
                Arrays.setAll(numbers, i -> Math.sin(i));
                Examples x = Examples.of("x", Tensor.ofReals(ElementType.FLOAT, numbers, 2, length, 4));
                FileChecker.same("f", FileChecker.run(byLength(), "z", x), network.forward(x), CLOSE);
                assertEquals(List.of("w", length > 10 ? "fast" : "slow", "v"), parameters(network));
            }
        }
    }

    @Test
    void valuesThatDoNotFitAreRefused() {
        assertRefused("has no input 'rate', for which a value is given; its inputs are 'x'", "rate=1");
        assertRefused("3 values are given for input 'sr' []; expected one for all elements", "sr=1,2,3");
        assertRefused("the value 0.5 is given for input 'sr', which has the element type INT64", "sr=0.5");
        assertRefused("values are given for all inputs of the network, x and sr", "x=0", "sr=1");
        for (String text : List.of("sr", "=1", "sr=", "sr=a", "sr=1,,2", "sr=NaN")) {
            String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> values(text))
                    .getMessage());
            assertTrue(message.contains("the input value '" + text + "'"), message);
        }
    }

    private static void assertRefused(String sentence, String... texts) {
        String message = String.valueOf(assertThrows(InvalidModelException.class, () -> viewed(byRate(), values(texts)))
                .getMessage());
        assertTrue(message.contains(sentence), message);
    }
}
