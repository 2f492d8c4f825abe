package org.finitentk.regression;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.NetworkModel;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.protos.FiniteNTKRegressionModelProto;
import org.tribuo.Example;
import org.tribuo.Prediction;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.regression.Regressor;

/**
 * A Gaussian process regression on a network's tangent kernel, as a Tribuo model. A prediction is the posterior mean;
 * its variances are of what the trainer's {@link VarianceKind} says, NaN for NONE.
 *
 * <p>Predicting many examples in one call is much faster than one at a time: variances compare with all training
 * examples. A stored model holds the network once, and predicts the same bit for bit when it is loaded. Safe for use
 * from several threads. Close it to release the network early; a model that is forgotten is closed by the garbage
 * collector.
 */
public final class FiniteNTKRegressionModel extends NetworkModel<Regressor> {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network, the mappings of features and dimensions, and the posterior. */
    private final AdaptedNetwork adapted;

    FiniteNTKRegressionModel(Metadata<Regressor> metadata, AdaptedNetwork adapted) {
        super(metadata);
        this.adapted = adapted;
    }

    /**
     * The names of the task's dimensions in the order of the posterior's, which is that of the network's outputs unless
     * outputs are SHARED.
     *
     * @return an unmodifiable list
     */
    @Override
    public List<String> outputNames() {
        return adapted.dimensions();
    }

    @Override
    protected Class<Regressor> outputType() {
        return Regressor.class;
    }

    @Override
    public Map<String, ByteString> keptFiles() {
        return adapted.keptFiles();
    }

    @Override
    protected int countUsed(Example<Regressor> example) {
        return adapted.countUsed(example);
    }

    /**
     * What the predictions' variances are of.
     *
     * @return the trainer's choice
     */
    public VarianceKind varianceKind() {
        return adapted.variances();
    }

    /**
     * The posterior: variances found, marginal likelihood, weights.
     *
     * @return usable until this model is closed
     */
    public RegressionPosterior posterior() {
        return adapted.posterior();
    }

    @Override
    protected List<Prediction<Regressor>> predictions(List<Example<Regressor>> batch, int[] used) {
        RegressionPosterior.Predictive predictive = adapted.predict(batch);
        return Regressors.of(adapted.dimensions(), predictive, used, batch);
    }

    @Override
    protected FiniteNTKRegressionModel of(Metadata<Regressor> metadata) {
        return new FiniteNTKRegressionModel(metadata, adapted.share());
    }

    @Override
    public ModelProto serialize() {
        return stored(
                CURRENT_VERSION,
                FiniteNTKRegressionModelProto.newBuilder()
                        .setMetadata(metadata())
                        .setAdapted(adapted.toProto())
                        .build());
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
    public static FiniteNTKRegressionModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        FiniteNTKRegressionModelProto proto = message.unpack(FiniteNTKRegressionModelProto.class);
        Metadata<Regressor> metadata = Metadata.read(proto.getMetadata(), Regressor.class)
                .requireOutputs(proto.getAdapted().getDimensionsList());
        return new FiniteNTKRegressionModel(metadata, AdaptedNetwork.fromProto(proto.getAdapted()));
    }

    @Override
    public void close() {
        adapted.close();
    }
}
