package org.finitentk.provenance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.data.columnar.processors.field.DoubleFieldProcessor;
import org.tribuo.data.columnar.processors.response.FieldResponseProcessor;
import org.tribuo.data.csv.CSVDataSource;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/** Files that small models are trained on, in a folder of the test's. */
final class TrainingData {
    private final Path folder;

    private TrainingData(Path folder) {
        this.folder = folder;
    }

    /** Writes a table of 40 rows a, b, y, class, and networks from (a, b) to one and to two outputs. */
    static TrainingData in(Path folder) throws IOException {
        StringBuilder csv = new StringBuilder("a,b,y,class\n");
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 40; i++) {
            double a = random.nextDouble(-1, 1);
            double b = random.nextDouble(-1, 1);
            csv.append(String.format(
                    Locale.ROOT, "%.4f,%.4f,%.4f,%s%n", a, b, Math.sin(3 * a) + b, a > b ? "more" : "less"));
        }
        TrainingData data = new TrainingData(folder);
        Files.writeString(data.csv(), csv);
        ModelWriter.write(NetworkBuilder.mlp(2, List.of(5), 1, Activation.TANH, 3), data.network(1));
        ModelWriter.write(
                new NetworkNames(List.of(), List.of("LESS", "MORE"))
                        .addTo(NetworkBuilder.mlp(2, List.of(5), 2, Activation.TANH, 3)),
                data.network(2));
        return data;
    }

    Path csv() {
        return folder.resolve("table.csv");
    }

    Path network(int outputs) {
        return folder.resolve("network" + outputs + ".onnx");
    }

    OnnxBackbone backbone(int outputs) {
        return OnnxBackbone.builder(network(outputs)).sortedFeatures().build();
    }

    CSVDataSource<Regressor> regression() {
        return source("y", new RegressionFactory());
    }

    CSVDataSource<Label> classification() {
        return source("class", new LabelFactory());
    }

    private <T extends Output<T>> CSVDataSource<T> source(String response, OutputFactory<T> outputs) {
        RowProcessor<T> rows = new RowProcessor.Builder<T>()
                .addFieldProcessor(new DoubleFieldProcessor("a"))
                .addFieldProcessor(new DoubleFieldProcessor("b"))
                .build(new FieldResponseProcessor<>(response, "", outputs));
        return new CSVDataSource<>(csv(), rows, true);
    }
}
