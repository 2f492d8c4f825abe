package org.finitentk.backbone;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.internal.onnx.MissingNumbers;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.NetworkNames;
import org.jspecify.annotations.Nullable;
import org.tribuo.Dataset;
import org.tribuo.Output;
import org.tribuo.provenance.TrainerProvenance;

/**
 * One call of a {@link NetworkTrainer}: the data, and what of the trainer goes into the model. Nothing is open yet.
 *
 * @param <T> Regressor or Label
 */
public final class TrainingTask<T extends Output<T>> {
    private final NetworkTrainer<T, ?> trainer;
    private final Dataset<T> dataset;
    private final Map<String, Provenance> runProvenance;
    private final TrainerProvenance provenance;
    private final int invocation;
    private @Nullable ModelContent content;

    TrainingTask(
            NetworkTrainer<T, ?> trainer,
            Dataset<T> dataset,
            Map<String, Provenance> runProvenance,
            TrainerProvenance provenance,
            int invocation) {
        this.trainer = trainer;
        this.dataset = dataset;
        this.runProvenance = runProvenance;
        this.provenance = provenance;
        this.invocation = invocation;
    }

    /**
     * The training data.
     *
     * @return at least one example, all with known outputs
     */
    public Dataset<T> dataset() {
        return dataset;
    }

    /**
     * The backbone.
     *
     * @return the trainer's
     */
    public OnnxBackbone backbone() {
        return trainer.backbone();
    }

    /**
     * Who is told how far training is.
     *
     * @return the trainer's listener
     */
    public ProgressListener listener() {
        return trainer.progressListener();
    }

    /**
     * Which call it is.
     *
     * @return the number of the trainer's earlier calls
     */
    public int invocation() {
        return invocation;
    }

    /**
     * The seed of this call.
     *
     * @param trainersSeed the trainer's
     * @return another number for each of the trainer's calls, the same for the n-th one
     */
    public long seed(long trainersSeed) {
        SplittableRandom random = new SplittableRandom(trainersSeed);
        for (int i = 0; i < invocation; i++) {
            random.split();
        }
        return random.split().nextLong();
    }

    /**
     * Opens the backbone's network, or joins others who have it open, and settles which feature is which input and
     * which name is which output.
     *
     * @param use what the names of the outputs are for
     * @return the data as the network takes it, which the caller closes
     * @throws IllegalArgumentException if the data do not fit the network, or nothing says what is what
     */
    public TrainingData<T> open(OutputUse use) {
        Graph graph = graph();
        InputMapping mapping = backbone()
                .inputMapping(
                        DataFeatures.of(dataset),
                        graph.inputs(),
                        NetworkNames.of(graph).features())
                .missing(MissingNumbers.replaced(graph));
        SharedNetwork share = SharedNetwork.open(
                content().sized(mapping.sizes()),
                backbone().selection(),
                backbone().executionSettings());
        return TrainingData.of(this, share, share.network(), mapping, use);
    }

    /**
     * As {@link #open(OutputUse)}, for a network that nobody else uses.
     *
     * @param network the backbone's network, which the data close
     * @param use what the names of the outputs are for
     * @return the data as the network takes it, which the caller closes
     * @throws IllegalArgumentException if the data do not fit the network, or nothing says what is what
     */
    public TrainingData<T> open(LinearizedNetwork network, OutputUse use) {
        InputMapping mapping;
        try {
            mapping = backbone().inputMapping(dataset, network);
        } catch (RuntimeException | Error e) {
            network.close();
            throw e;
        }
        return TrainingData.of(this, null, network, mapping, use);
    }

    /**
     * The network, without a last activation that the trainer has taken off.
     *
     * @return the normalized graph
     * @throws org.finitentk.onnx.InvalidModelException if the file cannot be read or used
     */
    public Graph graph() {
        return content().graph();
    }

    /** The last activation that was taken off, or "". */
    String takenOff() {
        return content().takenOff();
    }

    private synchronized ModelContent content() {
        ModelContent known = content;
        if (known == null) {
            ModelContent whole = backbone().content().told();
            known = trainer.lastActivation() == LastActivation.TAKEN_OFF ? whole.logits() : whole;
            content = known;
        }
        return known;
    }

    OutputRule outputs(OutputUse use) {
        return trainer.outputs(use);
    }

    Map<String, Provenance> runProvenance() {
        return runProvenance;
    }

    TrainerProvenance provenance() {
        return provenance;
    }
}
