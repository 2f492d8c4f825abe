package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.StorableModel;
import org.finitentk.internal.backbone.OutputUse;
import org.finitentk.internal.backbone.TrainingData;
import org.finitentk.internal.backbone.TrainingTask;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.LogitForms;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Trainer;

/**
 * Trains or fine-tunes an {@link OnnxBackbone} on a Tribuo dataset: all of its selected parameters or the last layer's,
 * by mini-batches, from where they are. Example weights multiply the loss. The backbone's file is not changed; the
 * trained weights are in the model. Safe for use from several threads.
 *
 * @param <T> Regressor or Label
 * @param <M> the models
 */
abstract sealed class FineTuningTrainer<T extends Output<T>, M extends Model<T>> extends NetworkTrainer<T, M>
        permits FineTuningRegressionTrainer, FineTuningClassificationTrainer {
    private static final Logger LOG = Logger.getLogger(FineTuningTrainer.class.getName());

    @Config(description = "The rule of one step.")
    private Optimizer optimizer = new Adam(1e-3);

    @Config(description = "Passes over the training data.")
    private int epochs = 100;

    @Config(description = "Examples in one step.")
    private int batchSize = 32;

    @Config(
            description = "Which of the backbone's parameters are trained: ALL, LAST_LAYER, NONE, TEMPERATURE for the "
                    + "scale of a classifier's logits, or PLATT for scale and offset of its only logit.")
    private TrainedParameters trainedParameters = TrainedParameters.ALL;

    @Config(description = "Seed of the order of the examples.")
    private long seed = Trainer.DEFAULT_SEED;

    /** For OLCUT. */
    FineTuningTrainer() {}

    FineTuningTrainer(OnnxBackbone backbone, FineTuningSettings settings) {
        super(backbone, settings.outputNames());
        this.optimizer = settings.optimizer();
        this.epochs = settings.epochs();
        this.batchSize = settings.batchSize();
        this.trainedParameters = settings.trainedParameters();
        this.seed = settings.seed();
    }

    /** Checks the configuration; called by OLCUT and by the constructors. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireAtLeast("epochs", epochs, 1);
            Settings.requireAtLeast("batchSize", batchSize, 1);
        });
    }

    @Override
    protected final Supplier<M> fit(Call<T> call) {
        TrainingTask<T> task = new TrainingTask<>(this, call, takenOff(), positiveLabel());
        return () -> fit(task);
    }

    private M fit(TrainingTask<T> task) {
        Graph graph = task.graph();
        ExecutionSettings settings = backbone().executionSettings();
        ParameterSelection selection = trainedParameters == TrainedParameters.LAST_LAYER
                ? LastLayer.of(graph, backbone().selection())
                : backbone().selection();
        try (TrainingData<T> data = task.open(
                RunningNetwork.of(graph, selection, settings), trains() ? OutputUse.TRAINED : OutputUse.AS_IT_IS)) {
            LinearizedNetwork network = data.network();
            TrainingRun run = new TrainingRun(
                    network,
                    new FineTuning(loss(data), optimizer, epochs, batchSize),
                    data.inputs(),
                    targets(task.dataset(), data),
                    data.weights(),
                    task.seed(seed),
                    task.listener());
            FineTuning.Result result = trains() ? run.train() : run.untrained();
            LOG.log(
                    Level.FINE,
                    () -> "trained " + result.parameters().length + " parameters of "
                            + backbone().path() + " in " + result.steps() + " steps, losses by epoch "
                            + Arrays.toString(result.losses()));
            Graph moved = data.named(TrainedGraph.of(graph, network.parameters(), result.parameters()));
            TrainedNetwork trained = new TrainedNetwork(
                    isCalibrated() ? scaled(moved, run) : moved,
                    network.parameters().stream().map(Parameter::name).toList(),
                    settings,
                    data.mapping(),
                    data.outputNames());
            data.record("steps", result.steps());
            if (result.steps() > 0) {
                data.record("first-epoch-loss", result.losses()[0]).record("last-epoch-loss", result.finalLoss());
            }
            return model(data.metadata("fine-tuned-network", modelClass()), trained, run, result);
        }
    }

    /** The label whose log odds a network's only output is; empty if the trainer was not told, or has no labels. */
    String positiveLabel() {
        return "";
    }

    /** Which activations that make probabilities of the network's outputs are taken off. */
    LogitForms takenOff() {
        return LogitForms.NONE;
    }

    /** What is minimized. */
    abstract FineTuning.Loss loss(TrainingData<T> data);

    /** n × k, in the order of the network's outputs. */
    abstract double[] targets(Dataset<T> examples, TrainingData<T> data);

    /** The class of the models, for their provenance. */
    abstract Class<M> modelClass();

    /** The model; the run can tell more about the data. */
    abstract M model(
            StorableModel.Metadata<T> metadata, TrainedNetwork network, TrainingRun run, FineTuning.Result result);

    /** Whether training moves any of the network's parameters. */
    final boolean trains() {
        return trainedParameters == TrainedParameters.ALL || trainedParameters == TrainedParameters.LAST_LAYER;
    }

    private boolean isCalibrated() {
        return trainedParameters == TrainedParameters.TEMPERATURE || trainedParameters == TrainedParameters.PLATT;
    }

    /** Which of the backbone's parameters are trained. */
    final TrainedParameters trainedParameters() {
        return trainedParameters;
    }

    /**
     * The network with its outputs scaled, where only that is trained.
     *
     * @throws IllegalArgumentException if there is no such thing for this task
     */
    Graph scaled(Graph graph, TrainingRun run) {
        throw new IllegalArgumentException("trainedParameters is " + trainedParameters
                + ", which only classifiers have; expected ALL, LAST_LAYER or NONE");
    }

    /** The settings, for the subclasses' descriptions. */
    String describe() {
        return "backbone=" + backbone().path() + ", optimizer=" + optimizer + ", epochs=" + epochs + ", batchSize="
                + batchSize + ", trainedParameters=" + trainedParameters + ", seed=" + seed;
    }
}
