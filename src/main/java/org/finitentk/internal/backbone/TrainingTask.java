package org.finitentk.internal.backbone;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.backbone.InputMapping;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.RepeatableTrainer;
import org.finitentk.internal.onnx.LogitForms;
import org.finitentk.internal.tribuo.ModelContent;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
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
    private final RepeatableTrainer.Call<T> call;
    private final LogitForms takenOff;
    private final String positiveLabel;
    private @Nullable ModelContent content;

    /** A call of a trainer whose network is taken as it is. */
    public TrainingTask(NetworkTrainer<T, ?> trainer, RepeatableTrainer.Call<T> call) {
        this(trainer, call, LogitForms.NONE, "");
    }

    /**
     * A call of a trainer of labels.
     *
     * @param takenOff which activations that make probabilities of the network's outputs are taken off
     * @param positiveLabel the label whose log odds a network's only output is; empty if the trainer was not told
     */
    public TrainingTask(
            NetworkTrainer<T, ?> trainer, RepeatableTrainer.Call<T> call, LogitForms takenOff, String positiveLabel) {
        this.trainer = trainer;
        this.call = call;
        this.takenOff = takenOff;
        this.positiveLabel = positiveLabel;
    }

    /**
     * The training data.
     *
     * @return at least one example, all with known outputs
     */
    public Dataset<T> dataset() {
        return call.examples();
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
        return call.invocation();
    }

    /**
     * The seed of this call.
     *
     * @param trainersSeed the trainer's
     * @return another number for each of the trainer's calls, the same for the n-th one
     */
    public long seed(long trainersSeed) {
        SplittableRandom random = new SplittableRandom(trainersSeed);
        for (int i = 0; i < call.invocation(); i++) {
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
        InputMapping mapping = trainer.inputMapping(dataset(), graph);
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
            mapping = backbone().inputMapping(dataset(), network);
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
            known = read(backbone()).told().logits(takenOff);
            content = known;
        }
        return known;
    }

    /** The file's network, with the output that was chosen and the sizes that were given. */
    static ModelContent read(OnnxBackbone backbone) {
        ModelContent file = ModelContent.read(backbone.path())
                .requireUnchanged(backbone.getProvenance().sha256());
        return file.viewed(backbone.view(file.graph().inputs()));
    }

    OutputRule outputs(OutputUse use) {
        return new OutputRule(trainer.outputOrder(), trainer.outputNames(), use, positiveLabel);
    }

    Map<String, Provenance> runProvenance() {
        return call.runProvenance();
    }

    TrainerProvenance provenance() {
        return call.provenance();
    }
}
