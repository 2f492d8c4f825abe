package org.finitentk.classification;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OutputOrder;
import org.finitentk.internal.backbone.TrainingData;
import org.finitentk.internal.backbone.TrainingTask;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.RejectedSetting;
import org.tribuo.Dataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.WeightedLabels;

/**
 * Adapts a trained network to a classification task: Bayesian inference of the weights of the linearized network under
 * a softmax likelihood, or a Bernoulli one where the network's only output is the log odds of one of two labels (Maddox
 * et al., "Fast Adaptation with Linearized Neural Networks", AISTATS 2021, section 3). The network's own weights stay
 * as they are. A Sigmoid or Softmax that it ends in is taken off. Without other settings: Laplace's method with a
 * learned prior variance, and probabilities that are expectations over each example's logits.
 *
 * <p>Example weights and label weights multiply log-likelihoods: an example of weight 2, or one of weight 1 with a
 * label of weight 2, counts like two examples, and one of weight 0 is left out. Every call of train draws other random
 * numbers, by its invocation count. Safe for use from several threads.
 */
public final class FiniteNTKClassificationTrainer extends LabelsTrainer<Label, FiniteNTKClassificationModel>
        implements WeightedLabels {
    private static final Logger LOG = Logger.getLogger(FiniteNTKClassificationTrainer.class.getName());

    @Config(
            description = "For a network with one output and two labels, the label whose log odds the output is; empty "
                    + "for 'outputNames', the network's file, or what the labels and the training data say.")
    private String positiveLabel = "";

    @Config(description = "What an example of a label counts, times its own weight; 1 for labels that are not listed.")
    private Map<String, Double> labelWeights = new HashMap<>();

    private FiniteNTKClassificationTrainer() {}

    /**
     * Laplace's method, everything chosen automatically.
     *
     * @param backbone the trained network
     */
    public FiniteNTKClassificationTrainer(OnnxBackbone backbone) {
        this(backbone, ClassificationSettings.DEFAULT);
    }

    /**
     * With settings; which output is which label must be {@link OutputOrder#EVIDENT}.
     *
     * @param backbone the trained network
     * @param settings inference, outputs, prior and predictions
     */
    public FiniteNTKClassificationTrainer(OnnxBackbone backbone, ClassificationSettings settings) {
        this(backbone, settings, List.of());
    }

    /**
     * All settings.
     *
     * @param backbone the trained network
     * @param settings inference, outputs, prior and predictions
     * @param outputNames labels of all outputs of the network in their order, those included that the data lacks; for
     *     its only output and two labels, the label whose log odds that is, or the negative label and then this one;
     *     empty if the order is {@link OutputOrder#EVIDENT}; under SHARED the data's labels in any order
     */
    public FiniteNTKClassificationTrainer(
            OnnxBackbone backbone, ClassificationSettings settings, List<String> outputNames) {
        super(backbone, settings, outputNames);
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        super.postConfig();
        Configured.check(() -> labelWeights.forEach(FiniteNTKClassificationTrainer::requireWeight));
    }

    private static void requireWeight(String label, double weight) {
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new RejectedSetting(
                    "labelWeights",
                    "the weight of the label " + label + " is " + weight + "; expected a positive finite number");
        }
    }

    /**
     * Sets what an example of a label counts, times its own weight, in models that are trained from now on; part of the
     * configuration.
     *
     * @param weights positive finite numbers; a label that is not listed has 1, and one that the data does not have is
     *     ignored
     * @throws IllegalArgumentException if a weight is not positive and finite
     */
    @Override
    public synchronized void setLabelWeights(Map<Label, Float> weights) {
        Map<String, Double> byName = new HashMap<>();
        weights.forEach((label, weight) -> byName.put(label.getLabel(), weight.doubleValue()));
        byName.forEach(FiniteNTKClassificationTrainer::requireWeight);
        labelWeights = byName;
    }

    @Override
    protected Supplier<FiniteNTKClassificationModel> fit(Call<Label> call) {
        TrainingTask<Label> task = new TrainingTask<>(this, call, takenOff(), positiveLabel);
        Map<String, Double> ownWeights = labelWeights;
        return () -> fit(task, ownWeights);
    }

    private FiniteNTKClassificationModel fit(TrainingTask<Label> task, Map<String, Double> byLabel) {
        Dataset<Label> examples = task.dataset();
        try (TrainingData<Label> data = task.open(use())) {
            List<String> labels = data.outputNames();
            int[] classes = examples.getData().stream()
                    .mapToInt(example -> data.outputOf(example.getOutput().getLabel()))
                    .toArray();
            warnIfAlike(examples, labels, classes);
            double[] weights = data.weights();
            for (int i = 0; i < weights.length; i++) {
                weights[i] *= byLabel.getOrDefault(labels.get(classes[i]), 1.0);
            }
            Likelihood likelihood =
                    data.isOneLogit() ? new BernoulliLikelihood() : new SoftmaxLikelihood(labels.size());
            LabelTargets targets = LabelTargets.ofGiven(likelihood, classes, examples.size(), weights);
            ClassificationPosterior posterior = ClassificationPosterior.fit(
                    data.network(), data.inputs(), targets, settings(task), task.listener());
            LOG.log(
                    Level.FINE,
                    () -> "adapted " + backbone().path() + " to " + examples.size() + " examples: "
                            + posterior.report());
            record(posterior, data);
            return new FiniteNTKClassificationModel(
                    data.metadata("finite-ntk-classifier", FiniteNTKClassificationModel.class),
                    new AdaptedClassifier(data.serve(), posterior));
        }
    }

    private static void warnIfAlike(Dataset<Label> examples, List<String> labels, int[] classes) {
        if (Arrays.stream(classes).distinct().count() == 1) {
            LOG.log(
                    Level.WARNING,
                    () -> "all " + examples.size() + " training examples have the label '" + labels.get(classes[0])
                            + "': predictions have no other label, whatever the example is");
        }
    }
}
