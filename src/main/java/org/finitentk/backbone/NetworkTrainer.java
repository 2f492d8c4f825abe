package org.finitentk.backbone;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.finitentk.network.ProgressListener;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.WeightedExamples;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.provenance.impl.TrainerProvenanceImpl;

/**
 * The skeleton of all trainers of this project: a backbone, which of its outputs is which label or dimension, and
 * Tribuo's count of invocations. The n-th call of train is repeated by {@code setInvocationCount(n)} and another call,
 * whatever was trained in between. Example weights count. Safe for use from several threads.
 *
 * @param <T> Regressor or Label
 * @param <M> the models
 */
public abstract class NetworkTrainer<T extends Output<T>, M extends Model<T>> implements Trainer<T>, WeightedExamples {
    @Config(mandatory = true, description = "The trained network.")
    private OnnxBackbone backbone;

    @Config(
            description = "Dimensions, or labels of all outputs, those included that the data lacks, in the order of"
                    + " the network's outputs; empty for outputOrder's rule.")
    private List<String> outputNames = new ArrayList<>();

    @Config(description = "Which output is which dimension or label where 'outputNames' is empty: EVIDENT or SORTED.")
    private OutputOrder outputOrder = OutputOrder.EVIDENT;

    private int invocationCount;
    private volatile ProgressListener progressListener = ProgressListener.NONE;

    /** For OLCUT. */
    protected NetworkTrainer() {}

    /**
     * A trainer of a backbone's network.
     *
     * @param backbone the network
     * @param outputNames dimensions, or labels of all outputs, in the order of the network's outputs; empty if the
     *     order is {@link OutputOrder#EVIDENT}
     */
    protected NetworkTrainer(OnnxBackbone backbone, List<String> outputNames) {
        this.backbone = backbone;
        this.outputNames = new ArrayList<>(outputNames);
    }

    /**
     * How one model is trained with the configuration as it is. It is asked for together with this trainer's
     * provenance, while nobody can change the one without the other.
     *
     * @return makes a model of the data
     */
    protected abstract Function<TrainingTask<T>, M> fit();

    /**
     * The network.
     *
     * @return its file, and how it runs
     */
    protected final OnnxBackbone backbone() {
        return backbone;
    }

    final OutputRule outputs(OutputUse use) {
        return new OutputRule(outputOrder, outputNames, use, positiveLabel());
    }

    /**
     * The label whose log odds a network's only output is.
     *
     * @return empty if the trainer was not told, or has no labels
     */
    protected String positiveLabel() {
        return "";
    }

    /**
     * What becomes of an activation that makes probabilities of the network's outputs.
     *
     * @return kept unless a classifier says otherwise
     */
    protected LastActivation lastActivation() {
        return LastActivation.KEPT;
    }

    final ProgressListener progressListener() {
        return progressListener;
    }

    /**
     * Has somebody told how far training is; not part of the configuration.
     *
     * @param listener the listener, {@link ProgressListener#NONE} for nobody
     */
    public final void setProgressListener(ProgressListener listener) {
        progressListener = listener;
    }

    @Override
    public final M train(Dataset<T> examples) {
        return train(examples, Map.of());
    }

    @Override
    public final M train(Dataset<T> examples, Map<String, Provenance> runProvenance) {
        return train(examples, runProvenance, INCREMENT_INVOCATION_COUNT);
    }

    @Override
    public final M train(Dataset<T> examples, Map<String, Provenance> runProvenance, int newInvocationCount) {
        TrainingTask.requireUsable(examples);
        TrainingTask<T> task;
        Function<TrainingTask<T>, M> fit;
        synchronized (this) {
            if (newInvocationCount != INCREMENT_INVOCATION_COUNT) {
                setInvocationCount(newInvocationCount);
            }
            fit = fit();
            task = new TrainingTask<>(this, examples, runProvenance, getProvenance(), invocationCount);
            invocationCount++;
        }
        return fit.apply(task);
    }

    @Override
    public final synchronized int getInvocationCount() {
        return invocationCount;
    }

    @Override
    public final synchronized void setInvocationCount(int newInvocationCount) {
        if (newInvocationCount < 0) {
            throw new IllegalArgumentException(
                    "the invocation count is " + newInvocationCount + "; expected 0 or more");
        }
        invocationCount = newInvocationCount;
    }

    @Override
    public final TrainerProvenance getProvenance() {
        return new TrainerProvenanceImpl(this);
    }
}
