package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.Arrays;
import org.finitentk.backbone.LastActivation;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.StorableModel;
import org.finitentk.internal.backbone.TrainingData;
import org.finitentk.internal.onnx.LogitForms;
import org.finitentk.onnx.Graph;
import org.tribuo.Dataset;
import org.tribuo.classification.Label;

/**
 * Fine-tuning for classification: softmax cross-entropy on the network's outputs, one for each label, or logistic loss
 * on the only output of a network for two labels. A Sigmoid, Softmax or LogSoftmax that the network ends in is taken
 * off, so that the outputs of the trained network are logits.
 */
public final class FineTuningClassificationTrainer extends FineTuningTrainer<Label, FineTunedClassificationModel> {
    @Config(
            description = "For a network with one output and two labels, the label whose log odds the output is; empty "
                    + "for 'outputNames', the network's file, or what the labels and the training data say.")
    private String positiveLabel = "";

    @Config(
            description =
                    "What becomes of a last Sigmoid, Softmax or LogSoftmax of the network: TAKEN_OFF, so that its "
                            + "outputs are logits, or KEPT.")
    private LastActivation lastActivation = LastActivation.TAKEN_OFF;

    @Config(
            description =
                    "What becomes of one last Sigmoid of which the network makes 1 - p and p, or 1 - p: TAKEN_OFF "
                            + "if 'lastActivation' is, or KEPT.")
    private LastActivation oppositeSigmoid = LastActivation.TAKEN_OFF;

    private FineTuningClassificationTrainer() {}

    /**
     * Trains all selected parameters; the default seed.
     *
     * @param backbone the network to start from
     * @param optimizer the rule of one step
     * @param epochs passes over the training data, at least 1
     * @param batchSize examples in one step, at least 1
     */
    public FineTuningClassificationTrainer(OnnxBackbone backbone, Optimizer optimizer, int epochs, int batchSize) {
        this(backbone, new FineTuningSettings(optimizer, epochs, batchSize));
    }

    /**
     * All settings.
     *
     * @param backbone the network to start from
     * @param settings what is trained, and how; as outputNames the labels of all outputs of the network in their order,
     *     those included that the data lacks; for its only output and two labels, the label whose log odds that is, or
     *     the negative label and then this one; none if the order is {@link org.finitentk.backbone.OutputOrder#EVIDENT}
     */
    public FineTuningClassificationTrainer(OnnxBackbone backbone, FineTuningSettings settings) {
        super(backbone, settings);
        postConfig();
    }

    @Override
    LogitForms takenOff() {
        return new LogitForms(lastActivation == LastActivation.TAKEN_OFF, oppositeSigmoid == LastActivation.TAKEN_OFF);
    }

    @Override
    String positiveLabel() {
        return positiveLabel;
    }

    @Override
    FineTuning.Loss loss(TrainingData<Label> data) {
        return data.isOneLogit() ? FineTuning.Loss.LOGISTIC : FineTuning.Loss.CROSS_ENTROPY;
    }

    @Override
    double[] targets(Dataset<Label> examples, TrainingData<Label> data) {
        int k = data.network().outputSize();
        double[] targets = new double[Math.multiplyExact(examples.size(), k)];
        for (int i = 0; i < examples.size(); i++) {
            int label = data.outputOf(examples.getExample(i).getOutput().getLabel());
            if (data.isOneLogit()) {
                targets[i] = label;
            } else {
                targets[i * k + label] = 1;
            }
        }
        return targets;
    }

    /** Logits over T (Guo et al. 2017), or the only logit times a number plus another (Platt 1999). */
    @Override
    Graph scaled(Graph graph, TrainingRun run) {
        int k = run.network().outputSize();
        double[] logits = run.network().requireFinite(run.network().forward(run.examples()), run.examples());
        if (trainedParameters() == TrainedParameters.PLATT) {
            requireOneLogit(k);
            PlattScaling scaling = PlattScaling.fit(logits, run.targets(), run.weights());
            return TrainedGraph.scaled(graph, scaling.slope(), scaling.offset());
        }
        if (k == 1) {
            return scaledLogit(graph, run, logits);
        }
        int[] labels = new int[run.examples().size()];
        for (int row = 0; row < run.targets().length; row++) {
            labels[row / k] = run.targets()[row] == 1 ? row % k : labels[row / k];
        }
        return TrainedGraph.divided(
                graph, TemperatureScaling.fit(logits, labels, run.weights(), k).temperature());
    }

    private static void requireOneLogit(int outputs) {
        if (outputs != 1) {
            throw new IllegalArgumentException(
                    "trainedParameters is PLATT, which is for a network with one output, but " + "the network has "
                            + outputs + "; expected TEMPERATURE");
        }
    }

    /** One logit is two, of which the first is 0. */
    private static Graph scaledLogit(Graph graph, TrainingRun run, double[] logOdds) {
        double[] logits = FineTunedClassificationModel.withZeros(logOdds);
        int[] labels =
                Arrays.stream(run.targets()).mapToInt(target -> (int) target).toArray();
        return TrainedGraph.divided(
                graph, TemperatureScaling.fit(logits, labels, run.weights(), 2).temperature());
    }

    @Override
    Class<FineTunedClassificationModel> modelClass() {
        return FineTunedClassificationModel.class;
    }

    @Override
    FineTunedClassificationModel model(
            StorableModel.Metadata<Label> metadata, TrainedNetwork network, TrainingRun run, FineTuning.Result result) {
        return new FineTunedClassificationModel(metadata, network);
    }

    @Override
    public String toString() {
        return "FineTuningClassificationTrainer(" + describe() + ")";
    }
}
