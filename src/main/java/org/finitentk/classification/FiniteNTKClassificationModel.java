package org.finitentk.classification;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.NetworkModel;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.internal.tribuo.LabelPredictions;
import org.finitentk.protos.FiniteNTKClassificationModelProto;
import org.tribuo.Example;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.protos.core.ModelProto;

/**
 * Bayesian classification on a linearized network, as a Tribuo model. A prediction carries the probabilities of all
 * labels of the training data, by the trainer's {@link ClassProbabilities}, and the most probable one. Classes of the
 * network that the training data lacks have a share in the likelihood, but Tribuo's evaluators know the training data's
 * labels only: probabilities are given that it is one of these.
 *
 * <p>Predicting many examples in one call is much faster than one at a time. A stored model holds the network once, and
 * predicts the same bit for bit when it is loaded. Safe for use from several threads. Close it to release the network
 * early; a model that is forgotten is closed by the garbage collector.
 */
public final class FiniteNTKClassificationModel extends NetworkModel<Label> {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network, the mappings of features and labels, and the posterior. */
    private final AdaptedClassifier adapted;

    FiniteNTKClassificationModel(Metadata<Label> metadata, AdaptedClassifier adapted) {
        super(metadata);
        this.adapted = adapted;
    }

    /**
     * The labels in the order of the posterior's classes, which is that of the network's outputs under MATCHED, those
     * included that the training data lacks.
     *
     * @return an unmodifiable list
     */
    @Override
    public List<String> outputNames() {
        return adapted.labels();
    }

    @Override
    protected Class<Label> outputType() {
        return Label.class;
    }

    @Override
    public Map<String, ByteString> keptFiles() {
        return adapted.keptFiles();
    }

    @Override
    protected int countUsed(Example<Label> example) {
        return adapted.countUsed(example);
    }

    /**
     * The posterior: logits with their covariance, weights, how inference went.
     *
     * @return usable until this model is closed
     */
    public ClassificationPosterior posterior() {
        return adapted.posterior();
    }

    @Override
    protected List<Prediction<Label>> predictions(List<Example<Label>> examples, int[] used) {
        LabelPredictions known = new LabelPredictions(outputIDInfo, outputNames());
        return known.of(adapted.probabilities(examples, known.outputs()), used, examples);
    }

    @Override
    protected FiniteNTKClassificationModel of(Metadata<Label> metadata) {
        return new FiniteNTKClassificationModel(metadata, adapted.share());
    }

    @Override
    public ModelProto serialize() {
        return stored(CURRENT_VERSION, adapted.toProto().setMetadata(metadata()).build());
    }

    /**
     * Reads a stored model; Tribuo calls it.
     *
     * @param version version of the stored form
     * @param className the stored class name
     * @param message the stored content
     * @return the model
     * @throws InvalidProtocolBufferException if the message is of another type or damaged
     * @throws IllegalArgumentException if it is of a newer version or its content is inconsistent
     */
    public static FiniteNTKClassificationModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        FiniteNTKClassificationModelProto proto = message.unpack(FiniteNTKClassificationModelProto.class);
        Metadata<Label> metadata = Metadata.read(proto.getMetadata(), Label.class)
                .requireOutputs(proto.getAdapted().getDimensionsList());
        return new FiniteNTKClassificationModel(metadata, AdaptedClassifier.fromProto(proto, true));
    }

    @Override
    protected void requireFit(Metadata<Label> metadata) {
        super.requireFit(metadata);
        adapted.requireExclusive(true);
    }

    @Override
    public void close() {
        adapted.close();
    }
}
