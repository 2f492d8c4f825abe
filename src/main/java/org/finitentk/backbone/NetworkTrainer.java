package org.finitentk.backbone;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.onnx.MissingNumbers;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.NetworkNames;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;

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

    /**
     * What {@link OnnxBackbone#inputMapping} gives, before the network is opened.
     *
     * @param data the training data
     * @param graph the backbone's network
     * @return the mapping, which settles the sizes that the graph leaves open
     * @throws IllegalArgumentException if the features do not fit, or nothing says where each feature goes
     */
    public final InputMapping inputMapping(Dataset<T> data, Graph graph) {
        List<String> named = NetworkNames.of(graph).features();
        return backbone.matching()
                .match(DataFeatures.of(data), graph.inputs(), named)
                .missing(MissingNumbers.replaced(graph));
    }

    /**
     * Dimensions, or labels of all outputs.
     *
     * @return in the order of the network's outputs; empty to go by {@link #outputOrder}
     */
    public final List<String> outputNames() {
        return List.copyOf(outputNames);
    }

    /**
     * Which output is which dimension or label where no names are given.
     *
     * @return the rule
     */
    public final OutputOrder outputOrder() {
        return outputOrder;
    }
}
