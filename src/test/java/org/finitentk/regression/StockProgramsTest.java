package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.ModelWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;
import org.tribuo.data.CompletelyConfigurableTrainTest;
import org.tribuo.data.ConfigurableTrainTest;
import org.tribuo.impl.ArrayExample;
import org.tribuo.regression.Regressor;

/** Tribuo's own config-driven programs with our trainer, on CSV files. */
final class StockProgramsTest {
    private static final String[] FEATURES = {"f1", "f2", "f3", "f4"};

    @TempDir
    Path folder = Path.of("");

    private static double target(double[] x) {
        return Math.sin(2 * x[0]) + x[1] * x[2];
    }

    private static double[] point(SplittableRandom random) {
        return random.doubles(4, -1, 1).toArray();
    }

    @BeforeEach
    void writeFiles() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        for (String name : List.of("train.csv", "test.csv")) {
            StringBuilder csv = new StringBuilder("f1,f2,f3,f4,y\n");
            for (int i = 0; i < 80; i++) {
                double[] x = point(random);
                csv.append(String.format(Locale.ROOT, "%f,%f,%f,%f,%f%n", x[0], x[1], x[2], x[3], target(x)));
            }
            Files.writeString(folder.resolve(name), csv);
        }
        ModelWriter.write(NetworkBuilder.mlp(4, List.of(32, 32), 1, Activation.TANH, 1), folder.resolve("net.onnx"));
        StringBuilder fields = new StringBuilder();
        StringBuilder items = new StringBuilder();
        for (String feature : FEATURES) {
            fields.append("<component name='")
                    .append(feature)
                    .append("' " + "type='org.tribuo.data.columnar.processors.field.DoubleFieldProcessor'><property "
                            + "name='fieldName' value='")
                    .append(feature)
                    .append("'/></component>\n");
            items.append("<item>").append(feature).append("</item>");
        }
        Files.writeString(folder.resolve("config.xml"), """
            <config>
              <component name="outputs" type="org.tribuo.regression.RegressionFactory"/>
              <component name="net" type="org.finitentk.backbone.OnnxBackbone"><property name="path" value="FOLDER/net.onnx"/></component>
              <component name="gp" type="org.finitentk.regression.FiniteNTKRegressionTrainer">
                <property name="backbone" value="net"/><property name="meanFunction" value="CONSTANT"/>
              </component>
              <component name="response" type="org.tribuo.data.columnar.processors.response.FieldResponseProcessor">
                <property name="fieldName" value="y"/><property name="defaultValue" value="0"/><property name="outputFactory" value="outputs"/>
              </component>
              FIELDS
              <component name="rows" type="org.tribuo.data.columnar.RowProcessor">
                <propertylist name="fieldProcessorList">ITEMS</propertylist><property name="responseProcessor" value="response"/>
              </component>
              <component name="train" type="org.tribuo.data.csv.CSVDataSource">
                <property name="dataPath" value="FOLDER/train.csv"/><property name="rowProcessor" value="rows"/><property name="outputFactory" value="outputs"/>
              </component>
              <component name="test" type="org.tribuo.data.csv.CSVDataSource">
                <property name="dataPath" value="FOLDER/test.csv"/><property name="rowProcessor" value="rows"/><property name="outputFactory" value="outputs"/>
              </component>
            </config>
            """.replace("FOLDER", folder.toString())
                .replace("FIELDS", fields)
                .replace("ITEMS", items));
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private static void assertPredicts(Model<?> loaded, String... features) {
        try (FiniteNTKRegressionModel model = assertInstanceOf(FiniteNTKRegressionModel.class, loaded)) {
            SplittableRandom random = new SplittableRandom(77);
            double squares = 0;
            for (int i = 0; i < 50; i++) {
                double[] x = point(random);
                Regressor y = model.predict(new ArrayExample<>(new Regressor("DIM-0", 0), features, x))
                        .getOutput();
                squares += Math.pow(y.getValues()[0] - target(x), 2) / 50;
                assertTrue(y.getVariances()[0] > 0);
            }
            assertEquals(0, Math.sqrt(squares), 0.15);
        }
    }

    @Test
    void configurableTrainTest() throws IOException {
        ConfigurableTrainTest.main(new String[] {
            "-c",
            file("config.xml"),
            "-t",
            "gp",
            "-u",
            file("train.csv"),
            "-v",
            file("test.csv"),
            "-s",
            "CSV",
            "--csv-response-name",
            "y",
            "-a",
            "outputs",
            "-f",
            file("model.tribuo"),
            "--model-output-protobuf",
            "true"
        });
        assertPredicts(Model.deserializeFromFile(folder.resolve("model.tribuo")), FEATURES);
    }

    @Test
    void completelyConfigurableTrainTest() throws Exception {
        CompletelyConfigurableTrainTest.main(
                new String[] {"-c", file("config.xml"), "-t", "gp", "-u", "train", "-v", "test", "-f", file("model.ser")
                });
        try (ObjectInputStream in = new ObjectInputStream(Files.newInputStream(folder.resolve("model.ser")))) {
            Model<?> model = assertInstanceOf(Model.class, in.readObject());
            String[] names = model.getFeatureIDMap().keySet().stream().sorted().toArray(String[]::new);
            assertPredicts(model, names);
        }
    }
}
