package org.finitentk.backbone;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.provenance.TrainerProvenance;

/**
 * The skeleton of the trainers that adapt a network: a backbone, and which of its outputs is which label or dimension.
 * Safe for use from several threads.
 *
 * @param <T> Regressor or Label
 * @param <M> the models
 */
public abstract class NetworkTrainer<T extends Output<T>, M extends Model<T>> extends RepeatableTrainer<T, M> {
    @Config(mandatory = true, description = "The trained network.")
    private OnnxBackbone backbone;

    @Config(
            description = "Dimensions, or labels of all outputs, those included that the data lacks, in the order of"
                    + " the network's outputs; empty for outputOrder's rule.")
    private List<String> outputNames = new ArrayList<>();

    @Config(description = "Which output is which dimension or label where 'outputNames' is empty: EVIDENT or SORTED.")
    private OutputOrder outputOrder = OutputOrder.EVIDENT;

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
    public final OnnxBackbone backbone() {
        return backbone;
    }

    /**
     * The features that the backbone lists.
     *
     * @return in the order of the network's inputs; empty if there is no such list
     */
    public final List<String> listedFeatures() {
        return List.copyOf(backbone.matching().features());
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

    @Override
    protected final Supplier<M> fit(
            Dataset<T> examples, Map<String, Provenance> runProvenance, TrainerProvenance provenance, int invocation) {
        Function<TrainingTask<T>, M> fit = fit();
        TrainingTask<T> task = new TrainingTask<>(this, examples, runProvenance, provenance, invocation);
        return () -> fit.apply(task);
    }
}
