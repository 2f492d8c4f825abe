package org.finitentk.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.check.RandomExamples;
import org.finitentk.classification.ClassificationPosterior;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.Inference;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;

/**
 * Adapts the last layers of classifiers, which have few weights: 450 weights of a network with 30 classes to 30 and 900
 * examples, and, where there is {@code resnet14}, its 650 weights of 10 classes to 10,000 images of noise. Labels are
 * drawn from what the network says of the class before, so that the weights have to move. Prior variances are learned.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.FewWeightsBenchmark 30 900 resnet14
 * }</pre>
 */
public final class FewWeightsBenchmark {
    private static final int CLASSES = 30;
    private static final int IMAGES = 10_000;

    private FewWeightsBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments numbers of examples of 30 classes, and {@code resnet14}
     */
    public static void main(String[] arguments) {
        List<String> works = arguments.length > 0 ? List.of(arguments) : List.of("30", "900");
        System.out.printf(
                Locale.ROOT,
                "%8s %8s %8s %-16s %9s %14s %12s%n",
                "examples",
                "classes",
                "weights",
                "inference",
                "seconds",
                "prior variance",
                "objective");
        for (String work : works) {
            if (work.equals("resnet14")) {
                ParameterSelection last = new ParameterSelection(Pattern.compile("^fc\\."), null);
                try (LinearizedNetwork network = NetworkFile.open(Peers.model(work), last, ExecutionSettings.DEFAULT)) {
                    fit(network, IMAGES, List.of(Inference.LAPLACE));
                }
            } else {
                ParameterSelection last = new ParameterSelection(Pattern.compile("^layers\\.1\\."), null);
                try (LinearizedNetwork network = RunningNetwork.of(
                        NetworkBuilder.mlp(10, List.of(14), CLASSES, Activation.TANH, 1),
                        last,
                        ExecutionSettings.DEFAULT)) {
                    fit(network, Integer.parseInt(work), List.of(Inference.LAPLACE, Inference.FULL_COVARIANCE));
                }
            }
        }
        System.out.printf(Locale.ROOT, "peak resident set %.0f MiB%n", Stopwatch.peakMebibytes());
    }

    private static void fit(LinearizedNetwork network, int n, List<Inference> inferences) {
        int classes = network.outputSize();
        Examples x = RandomExamples.draw(network.inputs(), n, 1);
        int[] labels = drawn(network.forward(x), classes);
        for (Inference inference : inferences) {
            long start = System.nanoTime();
            ClassificationPosterior posterior = ClassificationPosterior.fit(
                    network,
                    x,
                    new ClassificationPosterior.Labels(labels, classes),
                    null,
                    ClassificationSettings.DEFAULT.with(inference),
                    ProgressListener.NONE);
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "%8d %8d %8d %-16s %9.2f %14.4g %12.4f%n",
                    n,
                    classes,
                    network.parameterCount(),
                    inference,
                    seconds,
                    posterior.priorVariance(),
                    posterior.report().objective());
        }
    }

    /** The class after one that is drawn by the softmax of three times the logits. */
    private static int[] drawn(double[] logits, int classes) {
        SplittableRandom random = new SplittableRandom(2);
        int[] labels = new int[logits.length / classes];
        for (int i = 0; i < labels.length; i++) {
            double best = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                double gumbel = -Math.log(-Math.log(random.nextDouble()));
                if (3 * logits[i * classes + c] + gumbel > best) {
                    best = 3 * logits[i * classes + c] + gumbel;
                    labels[i] = (c + 1) % classes;
                }
            }
        }
        return labels;
    }
}
