package org.finitentk.internal.tabular;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.table.Cell;
import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.table.TableFormat;
import org.finitentk.internal.table.TableRow;
import org.finitentk.internal.table.TableRows;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.provenance.Reproduction;
import org.finitentk.provenance.ReproductionResult;
import org.finitentk.regression.OutputStructure;
import org.finitentk.table.NumberTargets;
import org.finitentk.table.TableDataSource;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.baseline.DummyRegressionTrainer;
import org.tribuo.regression.sgd.linear.LinearSGDTrainer;
import org.tribuo.regression.sgd.objectives.SquaredLoss;

/** Columns of weights, fractions after commas, and cells of rows that are no rows. */
@NullUnmarked
final class TableColumnsTest {
    private static final TableFormat COMMAS = new TableFormat("auto", "\"", ",", List.of());

    @TempDir
    private Path folder = Path.of("");

    private TableFile file(String text, TableFormat format) throws IOException {
        return new TableFile(Files.writeString(folder.resolve("table.csv"), text), format);
    }

    private static List<List<String>> cells(TableFile file) throws IOException {
        List<List<String>> cells = new ArrayList<>();
        try (TableRows rows = file.open()) {
            for (@Nullable TableRow row = rows.next(); row != null; row = rows.next()) {
                cells.add(row.cells());
            }
        }
        return cells;
    }

    @Test
    void fractionsAfterCommas() throws IOException {
        String text = "id;a;b\nv1,x;1,5;-1.234.567,25\nv2;,5e3;12\n3;0.5;1,\n";
        assertEquals(
                List.of(
                        List.of("v1,x", "1.5", "-1234567.25"),
                        List.of("v2", ".5e3", "12"),
                        List.of("3", "0.5 (with a point)", "1.")),
                cells(file(text, COMMAS)));
        assertEquals(List.of(List.of("1.5")), cells(file("a\n1,5\n", COMMAS)));
        assertThrows(IllegalArgumentException.class, () -> new TableFormat(",", "\"", ",", List.of()));
        assertThrows(IllegalArgumentException.class, () -> new TableFormat(";", "\"", "'", List.of()));
        assertTrue(Cell.noNumber("a", "1,5").contains("--decimal ,"));
    }

    private TableDataSource<Regressor> weighted(String text) throws IOException {
        TableFile file = file(text, TableFormat.DEFAULT);
        return TableSource.of(
                file,
                TableSource.processor(FeatureColumns.ofNumbers(List.of("x")), new NumberTargets(List.of("y")), "w"));
    }

    @Test
    void aColumnOfWeights() throws IOException {
        List<Float> weights = new ArrayList<>();
        for (Example<Regressor> example : new MutableDataset<>(weighted("x,w,y\n1,0.5,2\n2,0,3\n3,1e2,4\n"))) {
            weights.add(example.getWeight());
        }
        assertEquals(List.of(0.5f, 0f, 100f), weights);
        assertEquals(
                1f, new MutableDataset<>(weighted("x,y\n1,2\n")).getExample(0).getWeight());
        String message = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> new MutableDataset<>(weighted("x,w,y\n1,-1,2\n2,,3\n3,much,4\n4,1,5\n")))
                .getMessage());
        assertTrue(message.contains("3 rows that cannot be used, of 4"), message);
        assertTrue(message.contains("line 2 (the weight 'w' is -1, which is negative)"), message);
        assertTrue(message.contains("line 3 ('w' is empty)"), message);
    }

    @Test
    void weightsAreNoFeatureAndReproduced() throws IOException {
        TableColumns columns = new TableColumns(
                file("x,w,y\n1,0.5,2\n2,2,3\n3,1,4\n", TableFormat.DEFAULT), List.of("y"), List.of(), "w", "");
        LinearSGDTrainer trainer = new LinearSGDTrainer(new SquaredLoss(), new AdaGrad(0.1), 2, 1L);
        TableTraining<?> training = TableTraining.of(columns, trainer, Task.AUTO);
        assertTrue(training.notes().toString().contains("from 1 columns: x"), training.notes()::toString);
        Model<?> model = training.train(ProgressListener.NONE);
        assertTrue(model.getProvenance().toString().contains("WeightColumn"), "recorded");
        try (ReproductionResult again = Reproduction.of(model).reproduce(ProgressListener.NONE)) {
            assertTrue(again.contentCompared());
        }
        String message = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> TableTraining.of(columns, DummyRegressionTrainer.createMeanTrainer(), Task.AUTO))
                .getMessage());
        assertTrue(message.contains("DummyRegressionTrainer, does not take"), message);
        assertThrows(
                IllegalArgumentException.class,
                () -> new TableColumns(columns.file(), List.of("y"), List.of("w"), "w", ""));
        TableColumns none = new TableColumns(columns.file(), List.of("y"), List.of(), "weight", "");
        assertTrue(String.valueOf(
                        assertThrows(IllegalArgumentException.class, () -> TableTraining.of(none, trainer, Task.AUTO))
                                .getMessage())
                .contains("has no column 'weight', which has the weights"));
    }

    /** Of two targets in other units, the one that spreads less had the noise of the other, and no more sense. */
    @Test
    void targetsThatSpreadDifferentlyHaveProcessesOfTheirOwn() throws IOException {
        Graph graph = NetworkBuilder.mlp(2, List.of(8), 2, Activation.TANH, 1);
        ModelWriter.write(graph, folder.resolve("two.onnx"));
        OnnxBackbone backbone = OnnxBackbone.builder(folder.resolve("two.onnx"))
                .features(List.of("a", "b"))
                .build();
        for (double times : new double[] {1, 40}) {
            Random random = new Random(3);
            StringBuilder text = new StringBuilder("a,b,y,z\n");
            double square = 0;
            for (int i = 0; i < 60; i++) {
                double a = random.nextGaussian();
                double b = random.nextGaussian();
                double z = Math.sin(a) + b;
                square += z * z / 60;
                text.append(String.format(
                        Locale.ROOT, "%f,%f,%f,%f%n", a, b, times * (a * b + 0.3 * random.nextGaussian()), z));
            }
            TableColumns columns = new TableColumns(
                    file(text.toString(), TableFormat.DEFAULT), List.of("y", "z"), List.of("a", "b"), "", "");
            OutputChoice outputs = new OutputChoice(Task.AUTO, List.of("y", "z"), null, OutputStructure.AUTO);
            TableTraining<?> training = TableTraining.of(columns, backbone, outputs);
            assertEquals(times > 3, training.notes().toString().contains("--structure independent"));
            Model<Regressor> model = training.train(ProgressListener.NONE).castModel(Regressor.class);
            double error = 0;
            for (Example<Regressor> example :
                    TableDataSource.regression(columns.file().path(), List.of("a", "b"), List.of("y", "z"))) {
                double difference = model.predict(example).getOutput().getValues()[1]
                        - example.getOutput().getValues()[1];
                error += difference * difference / 60;
            }
            assertTrue(error < 0.05 * square, "explains 95 % of a function without noise: " + error / square);
        }
    }

    @Test
    void cellsOfRaggedRowsAreKept() throws IOException {
        TableFile training = file("x,y\n1,2\n2,3\n", TableFormat.DEFAULT);
        Model<Regressor> model = DummyRegressionTrainer.createMeanTrainer()
                .train(new MutableDataset<>(TableDataSource.regression(training.path(), List.of("x"), List.of("y"))));
        TableFile ragged = file("id,x,z\np1,1\np2,2,3,4\np3,1,1\n", TableFormat.DEFAULT);
        StringWriter all = new StringWriter();
        TablePredictions.Counts counts =
                new TablePredictions(model, 0.9, null).write(ragged, all, ProgressListener.NONE);
        assertEquals(2, counts.empty());
        String[] lines = all.toString().split("\n");
        assertTrue(lines[1].startsWith("p1,1,,"), lines[1]);
        assertTrue(lines[2].startsWith("p2,2,3,,"), lines[2]);
        assertTrue(lines[3].startsWith("p3,1,1,2.5,"), lines[3]);
        for (String line : lines) {
            assertEquals(7, line.split(",", -1).length, line);
        }
        StringWriter id = new StringWriter();
        new TablePredictions(model, 0.9, List.of("id")).write(ragged, id, ProgressListener.NONE);
        assertTrue(id.toString().split("\n")[1].startsWith("p1,"), id::toString);
    }
}
