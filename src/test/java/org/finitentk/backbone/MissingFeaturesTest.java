package org.finitentk.backbone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.finitentk.internal.autodiff.FileModel;
import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.table.TableFormat;
import org.finitentk.internal.tabular.TablePredictions;
import org.finitentk.network.ProgressListener;
import org.finitentk.regression.FiniteNTKRegressionModel;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/**
 * Features that are NaN, for a network that begins with an Imputer and for one that does not. Tribuo's datasets take
 * none, so that they are missing in predictions only.
 */
@NullUnmarked
final class MissingFeaturesTest {
    private static final float[] INSTEAD = {0.1f, -0.2f, 0.3f, 0.4f};
    private static final String[] NAMES = {"a", "b", "c", "d"};

    @TempDir
    private Path folder = Path.of("");

    private OnnxBackbone backbone(boolean imputes) throws IOException {
        FileModel file = FileModel.of(17).domain("ai.onnx.ml", 3).in("x", "N", "4");
        if (imputes) {
            file.node(
                    "ai.onnx.ml:Imputer", "i", "x", "imputed_value_floats", INSTEAD, "replaced_value_float", Float.NaN);
        }
        file.weights("w", 4, 3)
                .weights("v", 3, 1)
                .node("MatMul", "h", imputes ? "i,w" : "x,w")
                .node("Tanh", "t", "h")
                .node("MatMul", "y", "t,v")
                .out("y", "N", "1");
        Path path = Files.write(folder.resolve(imputes + ".onnx"), file.bytes());
        return OnnxBackbone.builder(path).features(List.of(NAMES)).build();
    }

    private static MutableDataset<Regressor> data() {
        MutableDataset<Regressor> data = new MutableDataset<>(
                new SimpleDataSourceProvenance("made", new RegressionFactory()), new RegressionFactory());
        Random random = new Random(1);
        for (int i = 0; i < 15; i++) {
            data.add(example(random, i, false));
        }
        return data;
    }

    /** Every third number is missing, or what an Imputer puts in its place. */
    private static Example<Regressor> example(Random random, int i, boolean missing) {
        double[] values = new double[4];
        for (int j = 0; j < 4; j++) {
            double value = random.nextGaussian();
            values[j] = (i + j) % 3 != 0 ? value : missing ? Double.NaN : INSTEAD[j];
        }
        return new ArrayExample<>(new Regressor("y", random.nextGaussian()), NAMES, values);
    }

    @Test
    void anImputerTakesThem() throws IOException {
        try (FiniteNTKRegressionModel model = new FiniteNTKRegressionTrainer(backbone(true)).train(data())) {
            Path stored = folder.resolve("model");
            model.serializeToFile(stored);
            @SuppressWarnings("unchecked")
            Model<Regressor> read = (Model<Regressor>) Model.deserializeFromFile(stored);
            for (int i = 0; i < 6; i++) {
                double expected = mean(model, example(new Random(i), i, false));
                assertEquals(expected, mean(model, example(new Random(i), i, true)), 1e-5);
                assertEquals(expected, mean(read, example(new Random(i), i, true)), 1e-5);
            }
        }
    }

    @Test
    void emptyCellsOfATableAreMissingNumbers() throws IOException {
        Path table = Files.writeString(
                folder.resolve("table.csv"), "a,b,c,d\n1,-0.2,2,-1\n1,,2,-1\n1,zero,2,-1\n1,,zero,-1\n");
        for (boolean imputes : new boolean[] {true, false}) {
            try (FiniteNTKRegressionModel model = new FiniteNTKRegressionTrainer(backbone(imputes)).train(data())) {
                StringWriter out = new StringWriter();
                TablePredictions.Counts counts = new TablePredictions(model, 0.95, null)
                        .write(new TableFile(table, TableFormat.DEFAULT), out, ProgressListener.NONE);
                List<String> means = out.toString()
                        .lines()
                        .skip(1)
                        .map(line -> line.split(",", -1)[4])
                        .toList();
                assertEquals(imputes ? 2 : 3, counts.empty(), counts.complaints());
                assertTrue(counts.complaints().contains("'b' is 'zero'"), counts.complaints());
                assertEquals(List.of("", ""), means.subList(2, 4));
                if (imputes) {
                    assertEquals(Double.parseDouble(means.get(0)), Double.parseDouble(means.get(1)), 1e-5);
                } else {
                    assertEquals("", means.get(1));
                    assertTrue(counts.complaints().contains("'b' is empty"), counts.complaints());
                }
            }
        }
    }

    private static double mean(Model<Regressor> model, Example<Regressor> example) {
        return model.predict(example).getOutput().getValues()[0];
    }

    @Test
    void othersRefuseThem() throws IOException {
        try (FiniteNTKRegressionModel model = new FiniteNTKRegressionTrainer(backbone(false)).train(data())) {
            String message = String.valueOf(assertThrows(
                            IllegalArgumentException.class, () -> mean(model, example(new Random(1), 0, true)))
                    .getMessage());
            assertTrue(message.contains("example 0: feature 'a' is NaN; expected a finite number"), message);
        }
    }
}
