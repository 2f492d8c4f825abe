package org.finitentk.regression;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.io.InvalidObjectException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.finitentk.backbone.RegressionTargets;
import org.finitentk.backbone.StoredModel;
import org.finitentk.protos.FiniteNTKRegressionModelProto;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.regression.Regressor;

/**
 * A Gaussian process regression on a network's tangent kernel, as a Tribuo model. A prediction is the posterior mean; its variances are of what the trainer's
 * {@link VarianceKind} says, NaN for NONE.
 *
 * <p>Predicting many examples in one call is much faster than one at a time: variances compare with all training examples. A stored model holds the network once, and
 * predicts the same bit for bit when it is loaded. Safe for use from several threads. Close it to release the network early; a model that is forgotten is closed by the
 * garbage collector.
 */
public final class FiniteNTKRegressionModel extends Model<Regressor> implements AutoCloseable {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network, the mappings of features and dimensions, and the posterior. */
    private final AdaptedNetwork adapted;

    FiniteNTKRegressionModel(String name, ModelProvenance provenance, ImmutableFeatureMap features, ImmutableOutputInfo<Regressor> outputs, AdaptedNetwork adapted) {
        super(name, provenance, features, outputs, false);
        this.adapted = adapted;
    }

    /**
     * The names of the task's dimensions in the order of the posterior's, which is that of the network's outputs unless outputs are SHARED.
     *
     * @return an unmodifiable list
     */
    public List<String> dimensionNames() {
        return adapted.dimensions();
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
    public Prediction<Regressor> predict(Example<Regressor> example) {
        return innerPredict(List.of(example)).get(0);
    }

    @Override
    protected List<Prediction<Regressor>> innerPredict(Iterable<Example<Regressor>> examples) {
        List<Example<Regressor>> batch = new ArrayList<>();
        examples.forEach(batch::add);
        int[] used = batch.stream().mapToInt(adapted::countUsed).toArray();
        RegressionPosterior.Predictive predictive = adapted.predict(batch);
        String[] names = adapted.dimensions().toArray(String[]::new);
        List<Prediction<Regressor>> predictions = new ArrayList<>(used.length);
        for (int i = 0; i < used.length; i++) {
            predictions.add(new Prediction<>(new Regressor(names, row(predictive.mean(), i, names.length), row(predictive.variance(), i, names.length)), used[i], batch.get(i)));
        }
        return predictions;
    }

    private static double[] row(double[] values, int i, int width) {
        return Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }

    /**
     * A network has no linear weights by feature.
     *
     * @param n ignored
     * @return an empty map
     */
    @Override
    public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        return Map.of();
    }

    /**
     * A network does not explain its predictions.
     *
     * @param example ignored
     * @return empty
     */
    @Override
    public Optional<Excuse<Regressor>> getExcuse(Example<Regressor> example) {
        return Optional.empty();
    }

    @Override
    protected FiniteNTKRegressionModel copy(String newName, ModelProvenance newProvenance) {
        return new FiniteNTKRegressionModel(newName, newProvenance, featureIDMap, outputIDInfo, adapted.share());
    }

    @Override
    public ModelProto serialize() {
        FiniteNTKRegressionModelProto proto = FiniteNTKRegressionModelProto.newBuilder().setMetadata(createDataCarrier().serialize().toByteString())
            .setAdapted(adapted.toProto()).build();
        return ModelProto.newBuilder().setVersion(CURRENT_VERSION).setClassName(FiniteNTKRegressionModel.class.getName()).setSerializedData(Any.pack(proto)).build();
    }

    /**
     * Checks what Java's serialization read, for it checks nothing itself. Tribuo's parts are made anew, since a field of theirs that the stream lacks is null.
     *
     * @return a model of the same parts
     * @throws InvalidObjectException if the stored model is not one that training writes
     */
    private Object readResolve() throws InvalidObjectException {
        try {
            ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(createDataCarrier().serialize());
            ImmutableOutputInfo<Regressor> outputs = StoredModel.outputs(carrier, Regressor.class);
            StoredModel.requireSameNames(RegressionTargets.names(outputs), adapted.dimensions());
            return new FiniteNTKRegressionModel(carrier.name(), carrier.provenance(), carrier.featureDomain(), outputs, adapted);
        } catch (RuntimeException e) {
            throw StoredModel.damaged(e);
        }
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
    public static FiniteNTKRegressionModel deserializeFromProto(int version, String className, Any message) throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        FiniteNTKRegressionModelProto proto = message.unpack(FiniteNTKRegressionModelProto.class);
        ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(ModelDataProto.parseFrom(proto.getMetadata()));
        ImmutableOutputInfo<Regressor> outputs = StoredModel.outputs(carrier, Regressor.class);
        StoredModel.requireSameNames(RegressionTargets.names(outputs), proto.getAdapted().getDimensionsList());
        return new FiniteNTKRegressionModel(carrier.name(), carrier.provenance(), carrier.featureDomain(), outputs, AdaptedNetwork.fromProto(proto.getAdapted()));
    }

    /** Gives the network back, so that it is closed when no other model uses it; the next prediction opens it again. */
    @Override
    public void close() {
        adapted.close();
    }
}
