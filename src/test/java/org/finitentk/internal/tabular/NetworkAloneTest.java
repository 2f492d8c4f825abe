package org.finitentk.internal.tabular;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.logging.Level;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.table.TableFormat;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.provenance.Reproduction;
import org.finitentk.provenance.ReproductionResult;
import org.finitentk.provenance.ReproductionResult.Difference;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.OutputStructure;
import org.finitentk.table.TableDataSource;
import org.finitentk.testing.LogLines;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.Model;
import org.tribuo.MutableDataset;

/** Columns in another order than the network's are told of, and tasks of their own are not taken for that. */
@NullUnmarked
final class NetworkAloneTest {
    private static final List<String> TRAINED = List.of("radius", "Age", "weight", "dose", "count");
    private static final int ROWS = 200;

    @TempDir
    private Path folder = Path.of("");

    private double[] inputs(Random random) {
        double[] x = new double[ROWS * TRAINED.size()];
        Arrays.setAll(x, i -> random.nextGaussian());
        return x;
    }

    private double[] outputs(Graph graph, double[] x) {
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            String input = graph.inputs().get(0).name();
            float[] floats = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                floats[i] = (float) x[i];
            }
            return network.forward(Examples.of(input, Tensor.ofFloats(floats, ROWS, TRAINED.size())));
        }
    }

    /** A table whose columns are in the alphabet's order, as a database writes them. */
    private Path table(double[] x, String[] targets) throws IOException {
        List<String> header = TRAINED.stream().sorted().toList();
        StringBuilder text = new StringBuilder(String.join(",", header) + ",target\n");
        for (int i = 0; i < ROWS; i++) {
            for (String name : header) {
                text.append(String.format(Locale.ROOT, "%.5f,", x[i * TRAINED.size() + TRAINED.indexOf(name)]));
            }
            text.append(targets[i]).append('\n');
        }
        return Files.writeString(folder.resolve("table.csv"), text);
    }

    private NetworkAlone alone(Graph graph, List<String> features) {
        Path network = folder.resolve("network.onnx");
        ModelWriter.write(graph, network);
        OnnxBackbone backbone = OnnxBackbone.builder(network).features(features).build();
        List<String> header = TRAINED.stream().sorted().toList();
        return new NetworkAlone(backbone, features, NetworkAlone.OPTION, header, List.of("target"));
    }

    private List<String> warnings(Graph graph, TableDataSource<?> source, List<String> features) {
        try (LogLines log = new LogLines(NetworkAlone.class)) {
            alone(graph, features).of(new MutableDataset<>(source), ProgressListener.NONE);
            return log.of(Level.WARNING);
        }
    }

    private static void assertFound(List<String> warnings) {
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).contains("--features " + String.join(",", TRAINED) + " "), warnings::toString);
    }

    private static TableDataSource<?> numbers(Path table) {
        return TableDataSource.regression(table, TRAINED, List.of("target"));
    }

    private static String[] texts(double[] values) {
        return Arrays.stream(values).mapToObj(Double::toString).toArray(String[]::new);
    }

    private double[] noisy(double[] f, Random random) {
        double square = Arrays.stream(f).map(value -> value * value).average().orElseThrow();
        return Arrays.stream(f)
                .map(value -> 3 * value + Math.sqrt(square) * random.nextGaussian() + 7)
                .toArray();
    }

    @Test
    void anotherOrderIsFoundAndNamed() throws IOException {
        Graph graph = NetworkBuilder.mlp(TRAINED.size(), List.of(12), 1, Activation.TANH, 3);
        Random random = new Random(1);
        double[] x = inputs(random);
        TableDataSource<?> table = numbers(table(x, texts(noisy(outputs(graph, x), random))));
        assertEquals(List.of(), warnings(graph, table, TRAINED));
        assertFound(warnings(graph, table, TRAINED.stream().sorted().toList()));
        List<String> exchanged = new ArrayList<>(TRAINED);
        Collections.swap(exchanged, 0, 3);
        assertFound(warnings(graph, table, exchanged));
    }

    @Test
    void anotherOrderIsFoundForLabels() throws IOException {
        Graph graph = NetworkBuilder.mlp(TRAINED.size(), List.of(12), 3, Activation.TANH, 4);
        Random random = new Random(2);
        double[] x = inputs(random);
        double[] f = outputs(graph, x);
        String[] labels = new String[ROWS];
        for (int i = 0; i < ROWS; i++) {
            int best = 0;
            for (int c = 1; c < 3; c++) {
                best = f[i * 3 + c] > f[i * 3 + best] ? c : best;
            }
            labels[i] = List.of("high", "low", "mid").get(random.nextInt(5) == 0 ? random.nextInt(3) : best);
        }
        TableDataSource<?> table = TableDataSource.classification(table(x, labels), TRAINED, "target");
        assertEquals(List.of(), warnings(graph, table, TRAINED));
        assertFound(warnings(graph, table, TRAINED.stream().sorted().toList()));
    }

    /**
     * A price of 300 is no log odds, of which a sigmoid would make 1 for all rows: it tells dear from cheap all the
     * same.
     */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void numbersThatTellLabelsApartAreNotTakenForLogOdds(int labels) throws IOException {
        Graph graph = priced(NetworkBuilder.mlp(TRAINED.size(), List.of(12), 1, Activation.TANH, 3));
        double[] x = inputs(new Random(1));
        double[] f = outputs(graph, x);
        double[] sorted = Arrays.stream(f).sorted().toArray();
        assertTrue(sorted[0] > 100, "the least price is " + sorted[0]);
        String[] bands = Arrays.stream(f)
                .mapToObj(price -> List.of("cheap", "dear", "dearest")
                        .get((int) (Arrays.stream(sorted).filter(p -> p < price).count() * labels / ROWS)))
                .toArray(String[]::new);
        TableDataSource<?> table = TableDataSource.classification(table(x, bands), TRAINED, "target");
        assertEquals(List.of(), warnings(graph, table, TRAINED));
        assertFound(warnings(graph, table, TRAINED.stream().sorted().toList()));
    }

    /** The network's outputs, 100 times as large and 300 more. */
    private static Graph priced(Graph graph) {
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        List<String> names = new ArrayList<>(initializers.keySet());
        for (int last = 1; last <= 2; last++) {
            initializers.computeIfPresent(names.get(names.size() - last), (name, tensor) -> {
                double[] values = tensor.toDoubles();
                Arrays.setAll(values, i -> 100 * values[i] + (values.length == 1 ? 300 : 0));
                return Tensor.ofReals(tensor.type(), values, tensor.shape());
            });
        }
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, graph.nodes());
    }

    /**
     * All columns are in other places, which no few exchanges mend; those of a network that says nothing have no order.
     */
    @Test
    void aFarOrderIsFoundByClimbing() throws IOException {
        List<String> columns = List.of("h", "c", "f", "a", "g", "b", "e", "d");
        Random random = new Random(6);
        Graph graph = NetworkBuilder.mlp(columns.size(), List.of(8), 1, Activation.TANH, 7);
        float[] x = new float[ROWS * columns.size()];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        double[] f;
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            f = network.forward(Examples.of(graph.inputs().get(0).name(), Tensor.ofFloats(x, ROWS, columns.size())));
        }
        Path file = folder.resolve("far.csv");
        for (boolean isNoise : new boolean[] {false, true}) {
            StringBuilder text = new StringBuilder(String.join(",", columns) + ",target\n");
            for (int i = 0; i < ROWS; i++) {
                for (int c = 0; c < columns.size(); c++) {
                    text.append(x[i * columns.size() + c]).append(',');
                }
                text.append(isNoise ? random.nextGaussian() : f[i]).append('\n');
            }
            Files.writeString(file, text);
            List<String> given = List.of("d", "e", "b", "g", "a", "f", "c", "h");
            List<String> warnings =
                    warnings(graph, TableDataSource.regression(file, columns, List.of("target")), given);
            String line = "--features " + String.join(",", columns) + " ";
            assertEquals(1, warnings.size(), warnings::toString);
            assertEquals(!isNoise, warnings.get(0).contains(line), warnings::toString);
            assertEquals(!isNoise, warnings.get(0).contains("--features"), warnings::toString);
        }
    }

    /** All 120 orders are tried for each of these: one of them would look better, were it tested where it was found. */
    @Test
    void aTaskOfItsOwnHasNoBetterOrder() throws IOException {
        Graph graph = NetworkBuilder.mlp(TRAINED.size(), List.of(12), 1, Activation.TANH, 5);
        int silent = 0;
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            double[] x = inputs(random);
            double[] y = new double[ROWS];
            Arrays.setAll(y, i -> random.nextGaussian());
            List<String> warnings = warnings(graph, numbers(table(x, texts(y))), TRAINED);
            assertTrue(warnings.stream().noneMatch(line -> line.contains("--features")), warnings::toString);
            silent += warnings.isEmpty() ? 1 : 0;
        }
        assertTrue(silent <= 2, "a network says something of noise " + silent + " times of 12");
    }

    @Test
    void whatWasFoundIsRecordedAndReproduced() throws IOException {
        Graph graph = NetworkBuilder.mlp(TRAINED.size(), List.of(12), 1, Activation.TANH, 3);
        Random random = new Random(1);
        double[] x = inputs(random);
        Path table = table(x, texts(noisy(outputs(graph, x), random)));
        TableColumns columns =
                new TableColumns(new TableFile(table, TableFormat.DEFAULT), List.of("target"), TRAINED, "", "");
        for (OutputStructure structure : List.of(OutputStructure.AUTO, OutputStructure.SHARED)) {
            OnnxBackbone backbone = alone(graph, TRAINED).backbone();
            Model<?> model = TableTraining.of(
                            columns, backbone, new OutputChoice(Task.AUTO, List.of(), null, structure))
                    .train(ProgressListener.NONE);
            Object finding =
                    model.getProvenance().getInstanceProvenance().getMap().get(NetworkAlone.KEY);
            if (structure == OutputStructure.SHARED) {
                assertNull(finding);
                continue;
            }
            assertTrue(String.valueOf(finding).contains("explains"), () -> String.valueOf(finding));
            try (ReproductionResult again = Reproduction.of(model).reproduce(ProgressListener.NONE)) {
                assertTrue(
                        again.differences().stream()
                                .noneMatch(difference -> difference.kind() != Difference.Kind.ENVIRONMENT),
                        () -> again.differences().toString());
            }
        }
    }

    /** Whoever lists the columns, and wherever rows come from. */
    @Test
    void trainersOfConfigurationFilesAndAnySourceAreLookedAt() throws IOException {
        Graph graph = NetworkBuilder.mlp(TRAINED.size(), List.of(12), 1, Activation.TANH, 3);
        Random random = new Random(1);
        double[] x = inputs(random);
        Path table = table(x, texts(noisy(outputs(graph, x), random)));
        List<String> wrong = TRAINED.stream().sorted().toList();
        OnnxBackbone backbone = alone(graph, wrong).backbone();
        FiniteNTKRegressionTrainer trainer = new FiniteNTKRegressionTrainer(backbone);
        TableColumns columns =
                new TableColumns(new TableFile(table, TableFormat.DEFAULT), List.of("target"), wrong, "", "");
        OutputChoice any = new OutputChoice(Task.AUTO, List.of(), null, OutputStructure.AUTO);
        for (TableTraining<?> training : List.of(
                TableTraining.of(columns, trainer, Task.AUTO),
                TableTraining.of((TableDataSource<?>) numbers(table), trainer),
                TableTraining.of((TableDataSource<?>) numbers(table), backbone, any))) {
            try (LogLines log = new LogLines(NetworkAlone.class)) {
                training.train(ProgressListener.NONE);
                List<String> warnings = log.of(Level.WARNING);
                assertEquals(1, warnings.size(), warnings::toString);
                assertTrue(warnings.get(0).contains(" " + String.join(",", TRAINED) + " "), warnings::toString);
                assertTrue(warnings.get(0).contains("features"), warnings::toString);
            }
        }
    }
}
