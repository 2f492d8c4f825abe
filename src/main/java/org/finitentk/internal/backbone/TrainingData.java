package org.finitentk.internal.backbone;

import ai.onnxruntime.OrtEnvironment;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Logger;
import org.finitentk.backbone.InputMapping;
import org.finitentk.backbone.OutputOrder;
import org.finitentk.backbone.StorableModel;
import org.finitentk.internal.tribuo.Findings;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.internal.tribuo.TaskKind;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.NetworkNames;
import org.jspecify.annotations.Nullable;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.provenance.ModelProvenance;

/**
 * A Tribuo dataset as an open network takes it.
 *
 * @param <T> Regressor or Label
 */
public final class TrainingData<T extends Output<T>> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TrainingData.class.getName());

    private final TrainingTask<T> task;
    /** Null where the network is the trainer's own. */
    private final @Nullable SharedNetwork share;

    private final LinearizedNetwork network;
    private final InputMapping mapping;
    private final Examples inputs;
    private final double[] weights;
    private final MatchedOutputs outputs;
    private final Findings findings;

    private TrainingData(
            TrainingTask<T> task,
            @Nullable SharedNetwork share,
            LinearizedNetwork network,
            InputMapping mapping,
            OutputUse use) {
        this.task = task;
        this.share = share;
        this.network = network;
        Dataset<T> data = task.dataset();
        this.mapping = mapping;
        this.inputs = inputs(data, mapping);
        network.requireFit(inputs);
        this.weights = data.getData().stream().mapToDouble(Example::getWeight).toArray();
        this.outputs = OutputMatching.of(task.outputs(use), data, inputs, network);
        if (TaskKind.of(data.getOutputInfo()) == TaskKind.MULTI_LABELS) {
            requireLabels(use);
        }
        this.findings = outputs.record(start(task, network, mapping));
        if (!task.takenOff().isEmpty()) {
            findings.add("activation-taken-off", task.takenOff());
        }
    }

    /** Whether outputs can be the log odds of labels that an example has several of. */
    private void requireLabels(OutputUse use) {
        if (task.takenOff().endsWith("Softmax")) {
            LOG.warning("the network ends in " + task.takenOff() + ", so that it was trained for one label an example;"
                    + " what is before it are no log odds of labels of which an example may have several, and "
                    + "probabilities rest on the training data alone for their level");
        }
        if (outputs.isMatched()) {
            List<String> labels =
                    OutputNames.sorted(OutputNames.of(task.dataset().getOutputIDInfo()));
            EvidenceRows.of(task.dataset())
                    .signs(labels, task.dataset(), inputs, network)
                    .require(outputs, use == OutputUse.TRAINED);
        }
    }

    /** What every model of a network records. */
    private static Findings start(TrainingTask<?> task, LinearizedNetwork network, InputMapping mapping) {
        return new Findings(task.runProvenance())
                .add("backbone-sha256", task.backbone().getProvenance().sha256())
                .add("parameter-count", network.parameterCount())
                // Sessions are open by now, so the environment exists and is not created here.
                .add("onnxruntime-version", OrtEnvironment.getEnvironment().getVersion())
                .add(
                        "execution-provider",
                        task.backbone().executionSettings().device().name())
                .addList(
                        "input-features", mapping.describe(), mapping.features().size(), "features");
    }

    /** Takes the network, which is closed if the data do not fit. */
    static <T extends Output<T>> TrainingData<T> of(
            TrainingTask<T> task,
            @Nullable SharedNetwork share,
            LinearizedNetwork network,
            InputMapping mapping,
            OutputUse use) {
        try {
            return new TrainingData<>(task, share, network, mapping, use);
        } catch (RuntimeException | Error e) {
            close(share, network);
            throw e;
        }
    }

    static Examples inputs(Dataset<?> data, InputMapping mapping) {
        double bytes = (double) data.size() * mapping.bytesPerExample();
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(data.size() + " examples of " + mapping.bytesPerExample()
                    + " bytes make an input tensor of " + (long) bytes + " bytes; at most " + Integer.MAX_VALUE
                    + " can be trained on at once");
        }
        return mapping.toExamples(List.copyOf(data.getData()));
    }

    /**
     * The network.
     *
     * @return open until this object is closed
     */
    public LinearizedNetwork network() {
        return network;
    }

    /**
     * The examples.
     *
     * @return n
     */
    public Examples inputs() {
        return inputs;
    }

    /**
     * The examples' weights.
     *
     * @return a copy, n numbers
     */
    public double[] weights() {
        return weights.clone();
    }

    /**
     * Whether weights make a difference.
     *
     * @return false if every example has weight 1
     */
    public boolean isWeighted() {
        return Arrays.stream(weights).anyMatch(weight -> weight != 1);
    }

    /**
     * Which name is which output.
     *
     * @return where names are outputs one name for each output, among them labels that the data lacks, and for one
     *     logit the negative label and the positive one; else the data's names in the order of the model's own
     */
    public List<String> outputNames() {
        return outputs.mapping().names();
    }

    /**
     * Whether names are outputs of the network.
     *
     * @return false if they share a kernel
     */
    public boolean isMatched() {
        return outputs.isMatched();
    }

    /**
     * Whether the network's only output is the log odds of the second of two names.
     *
     * @return true for one output, two labels, and no shared kernel
     */
    public boolean isOneLogit() {
        return isMatched() && network.outputSize() == 1 && outputNames().size() == 2;
    }

    /**
     * Whether there are as many names as outputs, several of each, and nobody knows which name is which output.
     *
     * @return false if names are matched, or their alphabetical order was asked for
     */
    public boolean isOrderUnknown() {
        int k = network.outputSize();
        return !isMatched()
                && k > 1
                && outputNames().size() == k
                && task.outputs(OutputUse.AUTO).order() == OutputOrder.EVIDENT;
    }

    /**
     * The place of a label or dimension.
     *
     * @param name which
     * @return its position among {@link #outputNames}
     * @throws IllegalArgumentException if it is none of them
     */
    public int outputOf(String name) {
        return OutputNames.indexOf(name, outputNames());
    }

    /**
     * How features become inputs.
     *
     * @return what every prediction uses too
     */
    public InputMapping mapping() {
        return mapping;
    }

    /**
     * Records a word that training found, for the model's provenance.
     *
     * @param name the key
     * @param value the word
     * @return this
     */
    public TrainingData<T> record(String name, String value) {
        findings.add(name, value);
        return this;
    }

    /**
     * Records a count that training found, for the model's provenance.
     *
     * @param name the key
     * @param value the count
     * @return this
     */
    public TrainingData<T> record(String name, long value) {
        findings.add(name, value);
        return this;
    }

    /**
     * Records a number that training found, for the model's provenance.
     *
     * @param name the key
     * @param value the number
     * @return this
     */
    public TrainingData<T> record(String name, double value) {
        findings.add(name, value);
        return this;
    }

    /**
     * What Tribuo asks of a model. Its provenance has versions, hashes and mappings, and what was recorded.
     *
     * @param name the model's
     * @param type the model's class
     * @return the metadata of a model that was trained now
     */
    public StorableModel.Metadata<T> metadata(String name, Class<? extends Model<T>> type) {
        Dataset<T> data = task.dataset();
        ModelProvenance provenance = new ModelProvenance(
                type.getName(),
                OffsetDateTime.now(ZoneId.systemDefault()),
                data.getProvenance(),
                task.provenance(),
                findings.values());
        return new StorableModel.Metadata<>(name, provenance, data.getFeatureIDMap(), data.getOutputIDInfo());
    }

    /**
     * The network for a model's predictions.
     *
     * @return a share of its own, which the model closes
     * @throws IllegalStateException if the network is the trainer's own
     */
    public ServedNetwork serve() {
        if (share == null) {
            throw new IllegalStateException("the network is the trainer's own; a model needs one of the backbone's");
        }
        return new ServedNetwork(share.share(), task.backbone(), mapping, outputNames());
    }

    /**
     * Writes into a network which feature and which output is which, so that whoever reads it needs no list. Names that
     * its own file gave to features stay. Names of outputs that are their numbers say themselves what they are.
     *
     * @param graph this network at other weights
     * @return the same with names in its metadata
     */
    public Graph named(Graph graph) {
        NetworkNames own = NetworkNames.of(graph);
        List<String> features = own.features().isEmpty() ? mapping.features() : own.features();
        List<String> names =
                switch (outputs.basis()) {
                    case LISTED, METADATA, TESTED, TRAINED ->
                        isOneLogit() ? outputNames().subList(1, 2) : outputNames();
                    case ONLY_ONE, EVIDENT, SORTED, SHARED ->
                        own.outputs().equals(outputNames()) ? own.outputs() : List.<String>of();
                };
        return new NetworkNames(features, names).addTo(graph);
    }

    /** Gives the network back. */
    @Override
    public void close() {
        close(share, network);
    }

    private static void close(@Nullable SharedNetwork share, LinearizedNetwork network) {
        if (share != null) {
            share.close();
        } else {
            network.close();
        }
    }
}
