package org.finitentk.classification;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.NetworkModel;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.internal.tribuo.MultiLabels;
import org.finitentk.protos.FiniteNTKClassificationModelProto;
import org.tribuo.Example;
import org.tribuo.Prediction;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.protos.core.ModelProto;

/**
 * Bayesian classification on a linearized network into labels of which an example may have several or none, as a Tribuo
 * model. A prediction has the labels whose probability is above one half, and as scores, by label, the probability of
 * each label of the training data. Labels of the network that the training data lacks are not among them.
 *
 * <p>Predicting many examples in one call is much faster than one at a time. A stored model holds the network once, and
 * predicts the same bit for bit when it is loaded. Safe for use from several threads. Close it to release the network
 * early; a model that is forgotten is closed by the garbage collector.
 */
public final class FiniteNTKMultiLabelModel extends NetworkModel<MultiLabel> {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network, the mappings of features and labels, and the posterior. */
    private final AdaptedClassifier adapted;

    FiniteNTKMultiLabelModel(Metadata<MultiLabel> metadata, AdaptedClassifier adapted) {
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
    protected Class<MultiLabel> outputType() {
        return MultiLabel.class;
    }

    @Override
    public Map<String, ByteString> keptFiles() {
        return adapted.keptFiles();
    }

    @Override
    protected int countUsed(Example<MultiLabel> example) {
        return adapted.countUsed(example);
    }

    /**
     * The posterior: log odds of the labels with their covariance, weights, how inference went.
     *
     * @return usable until this model is closed
     */
    public ClassificationPosterior posterior() {
        return adapted.posterior();
    }

    @Override
    protected List<Prediction<MultiLabel>> predictions(List<Example<MultiLabel>> examples, int[] used) {
        MultiLabels known = new MultiLabels(outputIDInfo, outputNames());
        return known.of(adapted.probabilities(examples, known.outputs()), used, examples);
    }

    @Override
    protected FiniteNTKMultiLabelModel of(Metadata<MultiLabel> metadata) {
        return new FiniteNTKMultiLabelModel(metadata, adapted.share());
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
    public static FiniteNTKMultiLabelModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        FiniteNTKClassificationModelProto proto = message.unpack(FiniteNTKClassificationModelProto.class);
        Metadata<MultiLabel> metadata = Metadata.read(proto.getMetadata(), MultiLabel.class)
                .requireOutputs(proto.getAdapted().getDimensionsList());
        return new FiniteNTKMultiLabelModel(metadata, AdaptedClassifier.fromProto(proto, false));
    }

    @Override
    protected void requireFit(Metadata<MultiLabel> metadata) {
        super.requireFit(metadata);
        adapted.requireExclusive(false);
    }

    @Override
    public void close() {
        adapted.close();
    }
}
