package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.backbone.Findings;
import org.finitentk.backbone.InputMapping;
import org.finitentk.backbone.MatchedOutputs;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OutputMapping;
import org.finitentk.backbone.OutputOrder;
import org.finitentk.backbone.OutputRule;
import org.finitentk.backbone.TrainingData;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.network.ProgressReporter;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.tribuo.Dataset;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.WeightedExamples;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.provenance.impl.TrainerProvenanceImpl;

/**
 * Trains or fine-tunes an {@link OnnxBackbone} on a Tribuo dataset: all of its selected parameters or the last layer's, by
 * mini-batches, from where they are. Example weights multiply the loss. The backbone's file is not changed; the trained
 * weights are in the model.
 *
 * <p>The n-th call of train is repeated by {@code setInvocationCount(n)} and another call, whatever was trained in between.
 * Safe for use from several threads.
 *
 * @param <T> Regressor or Label
 */
public abstract sealed class FineTuningTrainer<T extends Output<T>> implements Trainer<T>, WeightedExamples, ProgressReporter
    permits FineTuningRegressionTrainer, FineTuningClassificationTrainer {
    private static final Logger LOG = Logger.getLogger(FineTuningTrainer.class.getName());

    @Config(mandatory = true, description = "The network to train, from its present weights.")
    private OnnxBackbone backbone;

    @Config(description = "The rule of one step.")
    private Optimizer optimizer = new Adam(1e-3);

    @Config(description = "Passes over the training data.")
    private int epochs = 100;

    @Config(description = "Examples in one step.")
    private int batchSize = 32;

    @Config(description = "Which of the backbone's parameters are trained: ALL, LAST_LAYER, NONE, or TEMPERATURE for the scale of a classifier's logits.")
    private TrainedParameters trainedParameters = TrainedParameters.ALL;

    @Config(description = "Dimensions, or labels of all outputs, in the order of the network's outputs; empty for outputOrder's rule.")
    private List<String> outputNames = new ArrayList<>();

    @Config(description = "Which output is which dimension or label where 'outputNames' is empty: EVIDENT or SORTED.")
    private OutputOrder outputOrder = OutputOrder.EVIDENT;

    @Config(description = "Seed of the order of the examples.")
    private long seed = Trainer.DEFAULT_SEED;

    private SplittableRandom random = new SplittableRandom(Trainer.DEFAULT_SEED);
    private int invocationCount;
    private volatile ProgressListener progressListener = ProgressListener.NONE;

    /** For OLCUT. */
    FineTuningTrainer() {}

    FineTuningTrainer(OnnxBackbone backbone, Optimizer optimizer, int epochs, int batchSize, TrainedParameters trainedParameters,
                      List<String> outputNames, long seed) {
        this.backbone = backbone;
        this.optimizer = optimizer;
        this.epochs = epochs;
        this.batchSize = batchSize;
        this.trainedParameters = trainedParameters;
        this.outputNames = new ArrayList<>(outputNames);
        this.seed = seed;
    }

    /** Checks the configuration and starts the random numbers; called by OLCUT and by the constructors. */
    @Override
    public synchronized void postConfig() {
        Settings.requireAtLeastOne("epochs", epochs);
        Settings.requireAtLeastOne("batchSize", batchSize);
        random = new SplittableRandom(seed);
    }

    /**
     * Has somebody told of every step; not part of the configuration.
     *
     * @param listener the listener, {@link ProgressListener#NONE} for nobody
     */
    @Override
    public void setProgressListener(ProgressListener listener) {
        progressListener = listener;
    }

    @Override
    public Model<T> train(Dataset<T> examples, Map<String, Provenance> runProvenance) {
        return train(examples, runProvenance, INCREMENT_INVOCATION_COUNT);
    }

    @Override
    public Model<T> train(Dataset<T> examples, Map<String, Provenance> runProvenance, int newInvocationCount) {
        TrainingData.requireUsable(examples);
        TrainerProvenance trainerProvenance;
        SplittableRandom localRandom;
        synchronized (this) {
            if (newInvocationCount != INCREMENT_INVOCATION_COUNT) {
                setInvocationCount(newInvocationCount);
            }
            localRandom = random.split();
            trainerProvenance = getProvenance();
            invocationCount++;
        }
        return train(examples, runProvenance, trainerProvenance, localRandom.nextLong());
    }

    private Model<T> train(Dataset<T> examples, Map<String, Provenance> runProvenance, TrainerProvenance trainerProvenance, long runSeed) {
        ImmutableFeatureMap features = examples.getFeatureIDMap();
        ImmutableOutputInfo<T> domain = examples.getOutputIDInfo();
        Graph graph = backbone.graph();
        ParameterSelection selection = trainedParameters == TrainedParameters.LAST_LAYER ? LastLayer.of(graph, backbone.selection())
            : backbone.selection();
        try (LinearizedNetwork network = LinearizedNetwork.of(graph, selection, backbone.executionSettings())) {
            InputMapping inputs = backbone.inputMapping(examples, network);
            TrainingData data = TrainingData.of(examples, inputs);
            OutputRule rule = new OutputRule(outputOrder, outputNames, trains() ? OutputRule.Use.TRAINED : OutputRule.Use.AS_IT_IS);
            MatchedOutputs matched = matched(rule, examples, data.inputs(), network);
            OutputMapping outputs = matched.mapping();
            TrainingRun run = new TrainingRun(network, new FineTuning(loss(), optimizer, epochs, batchSize), data.inputs(), targets(examples, outputs), data.weights(), runSeed,
                progressListener);
            TrainingResult result = trains() ? run.train() : run.untrained();
            LOG.log(Level.FINE, () -> "trained " + result.parameters().length + " parameters of " + backbone.path() + " in " + result.steps()
                + " steps, losses by epoch " + Arrays.toString(result.losses()));
            Graph moved = named(TrainedGraph.of(graph, network.parameters(), result.parameters()), inputs, matched);
            TrainedNetwork trained = new TrainedNetwork(trainedParameters == TrainedParameters.TEMPERATURE ? scaled(moved, run) : moved,
                network.parameters().stream().map(Parameter::name).toList(), backbone.executionSettings(), inputs, outputs);
            ModelProvenance provenance = new ModelProvenance(modelClass().getName(), OffsetDateTime.now(ZoneId.systemDefault()), examples.getProvenance(),
                trainerProvenance, findings(runProvenance, result, inputs, matched));
            return model(provenance, features, domain, trained, run, result);
        }
    }

    private Map<String, Provenance> findings(Map<String, Provenance> runProvenance, TrainingResult result, InputMapping inputs, MatchedOutputs matched) {
        Findings findings = matched.record(new Findings(runProvenance, backbone, result.parameters().length).add(inputs)).add("steps", result.steps());
        if (result.steps() > 0) {
            findings.add("first-epoch-loss", result.losses()[0]).add("last-epoch-loss", result.finalLoss());
        }
        return findings.values();
    }

    /**
     * Which feature and which output is which is known now, so that whoever reads the trained network needs no list. Names that its own file gave to features stay. Names of outputs that are their numbers
     * say themselves what they are.
     */
    private static Graph named(Graph graph, InputMapping inputs, MatchedOutputs matched) {
        NetworkNames own = NetworkNames.of(graph);
        List<String> features = own.features().isEmpty() ? inputs.features() : own.features();
        List<String> outputs = switch (matched.basis()) {
            case LISTED, METADATA, TESTED, TRAINED -> matched.mapping().names();
            case ONLY_ONE, EVIDENT, SORTED, SHARED -> own.outputs().equals(matched.mapping().names()) ? own.outputs() : List.<String>of();
        };
        return new NetworkNames(features, outputs).addTo(graph);
    }

    /** What is minimized. */
    abstract Loss loss();

    /** Which of the network's outputs is which. */
    abstract MatchedOutputs matched(OutputRule rule, Dataset<T> examples, Examples inputs, LinearizedNetwork network);

    /** n × k, in the order of the network's outputs. */
    abstract double[] targets(Dataset<T> examples, OutputMapping outputs);

    /** The class of the models, for their provenance. */
    abstract Class<? extends Model<T>> modelClass();

    /** The model; the run can tell more about the data. */
    abstract Model<T> model(ModelProvenance provenance, ImmutableFeatureMap features, ImmutableOutputInfo<T> domain, TrainedNetwork network,
                            TrainingRun run, TrainingResult result);

    /** Whether training moves any of the network's parameters. */
    final boolean trains() {
        return trainedParameters == TrainedParameters.ALL || trainedParameters == TrainedParameters.LAST_LAYER;
    }

    /**
     * The network with its outputs scaled, where only that is trained.
     *
     * @throws IllegalArgumentException if there is no such thing for this task
     */
    Graph scaled(Graph graph, TrainingRun run) {
        throw new IllegalArgumentException("trainedParameters is TEMPERATURE, which only classifiers have; expected ALL, LAST_LAYER or NONE");
    }

    @Override
    public synchronized int getInvocationCount() {
        return invocationCount;
    }

    @Override
    public synchronized void setInvocationCount(int newInvocationCount) {
        if (newInvocationCount < 0) {
            throw new IllegalArgumentException("the invocation count is " + newInvocationCount + "; expected 0 or more");
        }
        random = new SplittableRandom(seed);
        for (invocationCount = 0; invocationCount < newInvocationCount; invocationCount++) {
            random.split();
        }
    }

    @Override
    public TrainerProvenance getProvenance() {
        return new TrainerProvenanceImpl(this);
    }

    /** The settings, for the subclasses' descriptions. */
    String describe() {
        return "backbone=" + backbone.path() + ", optimizer=" + optimizer + ", epochs=" + epochs + ", batchSize=" + batchSize
            + ", trainedParameters=" + trainedParameters + ", seed=" + seed;
    }
}
