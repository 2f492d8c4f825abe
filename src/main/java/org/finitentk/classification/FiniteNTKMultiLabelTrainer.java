package org.finitentk.classification;

import java.util.List;
import java.util.function.Supplier;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OutputOrder;
import org.finitentk.internal.backbone.TrainingData;
import org.finitentk.internal.backbone.TrainingTask;
import org.finitentk.internal.tribuo.MultiLabels;
import org.tribuo.multilabel.MultiLabel;

/**
 * Adapts a trained network to a task in which an example may have several labels or none: Bayesian inference of the
 * weights of the linearized network, each logit being the log odds of one label, whatever the others are. All labels
 * share the weights, so that what is learned of one moves the others, too; under SHARED each label has weights of its
 * own. The network's own weights stay as they are. A Sigmoid that it ends in is taken off. Without other settings:
 * Laplace's method with a learned prior variance, and probabilities that are expectations over each example's logits.
 *
 * <p>Which output is which label is settled as for one label an example: by a list, by the network's file, by labels
 * that are numbers, or in alphabetical order if the network's own predictions on the training data speak for it;
 * anything else is refused. Example weights multiply log-likelihoods. Every call of train draws other random numbers,
 * by its invocation count. Safe for use from several threads.
 */
public final class FiniteNTKMultiLabelTrainer extends LabelsTrainer<MultiLabel, FiniteNTKMultiLabelModel> {
    private FiniteNTKMultiLabelTrainer() {}

    /**
     * Laplace's method, everything chosen automatically.
     *
     * @param backbone the trained network
     */
    public FiniteNTKMultiLabelTrainer(OnnxBackbone backbone) {
        this(backbone, ClassificationSettings.DEFAULT, List.of());
    }

    /**
     * All settings.
     *
     * @param backbone the trained network
     * @param settings inference, outputs, prior and predictions
     * @param outputNames labels of all outputs of the network in their order, those included that the data lacks; empty
     *     if the order is {@link OutputOrder#EVIDENT}; under SHARED the data's labels in any order
     */
    public FiniteNTKMultiLabelTrainer(
            OnnxBackbone backbone, ClassificationSettings settings, List<String> outputNames) {
        super(backbone, settings, outputNames);
    }

    @Override
    protected Supplier<FiniteNTKMultiLabelModel> fit(Call<MultiLabel> call) {
        TrainingTask<MultiLabel> task = new TrainingTask<>(this, call, takenOff(), "");
        return () -> fit(task);
    }

    private FiniteNTKMultiLabelModel fit(TrainingTask<MultiLabel> task) {
        try (TrainingData<MultiLabel> data = task.open(use())) {
            List<String> labels = data.outputNames();
            LabelTargets targets =
                    LabelTargets.ofMany(labels.size(), MultiLabels.memberships(task.dataset(), labels), data.weights());
            ClassificationPosterior posterior = ClassificationPosterior.fit(
                    data.network(), data.inputs(), targets, settings(task), task.listener());
            record(posterior, data);
            return new FiniteNTKMultiLabelModel(
                    data.metadata("finite-ntk-multi-label-classifier", FiniteNTKMultiLabelModel.class),
                    new AdaptedClassifier(data.serve(), posterior));
        }
    }
}
