package org.finitentk.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.ClassStructure;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.FiniteNTKClassificationModel;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.Inference;
import org.finitentk.classification.PriorLogits;
import org.finitentk.evaluation.ProbabilisticLabelEvaluator;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.ModelWriter;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * Adapts a network with two outputs to a task of three labels: the sum of its outputs gives the kernel, and each label
 * has weights of its own. After {@code mvn -q -DskipTests package}:
 *
 * <pre>{@code
 * java -cp "target/tribuo-finite-ntk.jar:target/lib/*" examples/java/org/finitentk/examples/ClassifyNewLabels.java
 * }</pre>
 */
public final class ClassifyNewLabels {
    private ClassifyNewLabels() {}

    /**
     * Runs the example.
     *
     * @param args a folder for the files it writes; a temporary one if there is none
     * @throws IOException if they cannot be written
     */
    public static void main(String[] args) throws IOException {
        Path folder = args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("classify");
        Path network = folder.resolve("source.onnx");
        // In your project this is a trained network.
        ModelWriter.write(NetworkBuilder.mlp(2, List.of(30, 30), 2, Activation.TANH, 1), network);
        MutableDataset<Label> training = rings(60, 1);
        MutableDataset<Label> test = rings(300, 2);
        // The data's columns, in the order of the network's inputs.
        OnnxBackbone backbone =
                OnnxBackbone.builder(network).features(List.of("x", "y")).build();
        for (Inference inference : List.of(Inference.LAPLACE, Inference.FULL_COVARIANCE)) {
            ClassificationSettings settings = ClassificationSettings.DEFAULT
                    .with(inference)
                    .withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.AUTO);
            try (FiniteNTKClassificationModel model =
                    new FiniteNTKClassificationTrainer(backbone, settings).train(training)) {
                System.out.println(
                        inference + ", prior variance " + model.posterior().priorVariance());
                System.out.println(
                        "accuracy " + new LabelEvaluator().evaluate(model, test).accuracy());
                System.out.println(new ProbabilisticLabelEvaluator().evaluate(model, test));
                System.out.println(
                        "first prediction: " + model.predict(test.getExample(0)).getOutputScores());
            }
        }
    }

    /** Three rings around the origin. */
    private static MutableDataset<Label> rings(int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        LabelFactory labels = new LabelFactory();
        List<ArrayExample<Label>> examples = IntStream.range(0, n)
                .mapToObj(i -> {
                    double radius = i % 3 + 0.5 + 0.25 * random.nextGaussian();
                    double angle = random.nextDouble(2 * Math.PI);
                    return new ArrayExample<>(
                            new Label(List.of("inner", "middle", "outer").get(i % 3)),
                            new String[] {"x", "y"},
                            new double[] {radius * Math.cos(angle), radius * Math.sin(angle)});
                })
                .toList();
        return new MutableDataset<>(new ListDataSource<>(
                List.copyOf(examples), labels, new SimpleDataSourceProvenance("three rings", labels)));
    }
}
