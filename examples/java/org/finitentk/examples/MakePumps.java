package org.finitentk.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTunedRegressionModel;
import org.finitentk.finetune.FineTuningRegressionTrainer;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.table.TableDataSource;
import org.tribuo.MutableDataset;
import org.tribuo.regression.Regressor;

/**
 * Makes the files in {@code examples/pumps}: a network that learned how the pressure of the pumps of one plant follows
 * from load, temperature and age, and tables of another plant, whose pumps are somewhat different. The network's file
 * does not say which input is which.
 */
public final class MakePumps {
    private static final List<String> FEATURES = List.of("load", "temperature", "age");

    private MakePumps() {}

    /**
     * Makes them.
     *
     * @param args the folder; {@code examples/pumps} if there is none
     * @throws IOException if they cannot be written
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args.length > 0 ? args[0] : "examples/pumps");
        tables(folder);
        Path first = folder.resolve("first-plant.csv");
        Files.writeString(first, table(new Random(1), 400, 0, true));
        Path network = folder.resolve("network.onnx");
        ModelWriter.write(NetworkBuilder.mlp(3, List.of(12, 12), 1, Activation.TANH, 1), network);
        OnnxBackbone backbone = OnnxBackbone.builder(network).features(FEATURES).build();
        try (FineTunedRegressionModel trained = new FineTuningRegressionTrainer(backbone, new Adam(1e-2), 100, 20)
                .train(new MutableDataset<Regressor>(
                        TableDataSource.regression(first, FEATURES, List.of("pressure"))))) {
            ModelWriter.write(NetworkNames.NONE.addTo(trained.network()), network);
        }
        Files.delete(first);
    }

    /**
     * Makes the tables alone.
     *
     * @param folder where they go
     * @throws IOException if they cannot be written
     */
    static void tables(Path folder) throws IOException {
        Files.createDirectories(folder);
        Random random = new Random(2);
        Files.writeString(folder.resolve("pumps.csv"), table(random, 80, 0.5, true));
        Files.writeString(folder.resolve("test.csv"), table(random, 40, 0.5, true));
        Files.writeString(folder.resolve("new.csv"), table(random, 10, 0.5, false));
    }

    /** Columns are not in the network's order, and an identifier is among them. */
    private static String table(Random random, int rows, double difference, boolean measured) {
        StringBuilder text =
                new StringBuilder("pump,age,load,temperature" + (measured ? ",pressure,state,alarm\n" : "\n"));
        for (int i = 1; i <= rows; i++) {
            double load = 2 * random.nextDouble();
            double temperature = random.nextGaussian();
            double age = 3 * random.nextDouble();
            double wear = age * load + difference * temperature;
            double pressure = Math.sin(1.5 * load) - 0.2 * wear + difference + 0.05 * random.nextGaussian();
            text.append(String.format(Locale.ROOT, "P-%03d,%.3f,%.3f,%.3f", i, age, load, temperature));
            if (measured) {
                String state = pressure > 0.7 ? "good" : pressure > 0.2 ? "watch" : "repair";
                String alarm = pressure < 0.45 ? "yes" : "no";
                text.append(String.format(Locale.ROOT, ",%.3f,%s,%s", pressure, state, alarm));
            }
            text.append('\n');
        }
        return text.toString();
    }
}
