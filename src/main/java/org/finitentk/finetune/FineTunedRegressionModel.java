package org.finitentk.finetune;

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
import org.finitentk.onnx.Graph;
import org.finitentk.protos.FineTunedRegressionModelProto;
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
 * A fine-tuned network as a Tribuo regression model. If it was trained with residual variances, every prediction carries
 * them: of the observation y, the same for all examples. Sessions open at the first prediction; {@link #close} releases
 * their memory, and a later prediction opens them again. Safe for use from several threads.
 */
public final class FineTunedRegressionModel extends Model<Regressor> implements AutoCloseable {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network and its trained parameters. */
    private final TrainedNetwork network;
    /** One for each network output, or none. */
    private final double[] variances;

    FineTunedRegressionModel(String name, ModelProvenance provenance, ImmutableFeatureMap features, ImmutableOutputInfo<Regressor> outputs,
                             TrainedNetwork network, double[] variances) {
        super(name, provenance, features, outputs, false);
        this.network = network;
        this.variances = variances;
    }

    /**
     * The trained network, e.g. to be written with {@link org.finitentk.onnx.ModelWriter} and used as a backbone.
     *
     * @return the graph with the trained weights in it
     */
    public Graph network() {
        return network.graph();
    }

    /**
     * The dimensions' names in the order of the network's outputs.
     *
     * @return an unmodifiable list
     */
    public List<String> outputNames() {
        return network.outputs().names();
    }

    /**
     * The mean squared residual of the training data, which predictions carry as their variance.
     *
     * @return one for each network output, or an empty array if the trainer was not asked for them
     */
    public double[] residualVariances() {
        return variances.clone();
    }

    @Override
    public Prediction<Regressor> predict(Example<Regressor> example) {
        return innerPredict(List.of(example)).get(0);
    }

    @Override
    protected List<Prediction<Regressor>> innerPredict(Iterable<Example<Regressor>> examples) {
        List<Example<Regressor>> batch = new ArrayList<>();
        examples.forEach(batch::add);
        int[] used = batch.stream().mapToInt(network::countUsed).toArray();
        double[] f = network.forward(batch);
        String[] names = network.outputs().names().toArray(String[]::new);
        List<Prediction<Regressor>> predictions = new ArrayList<>();
        for (int i = 0; i < used.length; i++) {
            double[] mean = Arrays.copyOfRange(f, i * names.length, (i + 1) * names.length);
            Regressor output = variances.length == 0 ? new Regressor(names, mean) : new Regressor(names, mean, variances);
            predictions.add(new Prediction<>(output, used[i], batch.get(i)));
        }
        return predictions;
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
    protected FineTunedRegressionModel copy(String newName, ModelProvenance newProvenance) {
        return new FineTunedRegressionModel(newName, newProvenance, featureIDMap, outputIDInfo, network, variances);
    }

    @Override
    public ModelProto serialize() {
        FineTunedRegressionModelProto.Builder proto = FineTunedRegressionModelProto.newBuilder()
            .setMetadata(createDataCarrier().serialize().toByteString()).setNetwork(network.toProto());
        Arrays.stream(variances).forEach(proto::addVariances);
        return ModelProto.newBuilder().setVersion(CURRENT_VERSION).setClassName(FineTunedRegressionModel.class.getName())
            .setSerializedData(Any.pack(proto.build())).build();
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
            StoredModel.requireSameNames(RegressionTargets.names(outputs), network.outputs().names());
            if (variances.length != 0 && variances.length != network.outputs().names().size()) {
                throw new IllegalArgumentException(variances.length + " variances for " + network.outputs().names().size() + " dimensions");
            }
            return new FineTunedRegressionModel(carrier.name(), carrier.provenance(), carrier.featureDomain(), outputs, network, variances);
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
    public static FineTunedRegressionModel deserializeFromProto(int version, String className, Any message)
        throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        FineTunedRegressionModelProto proto = message.unpack(FineTunedRegressionModelProto.class);
        ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(ModelDataProto.parseFrom(proto.getMetadata()));
        ImmutableOutputInfo<Regressor> outputs = StoredModel.outputs(carrier, Regressor.class);
        TrainedNetwork network = TrainedNetwork.fromProto(proto.getNetwork());
        List<String> names = RegressionTargets.names(outputs);
        StoredModel.requireSameNames(names, network.outputs().names());
        double[] variances = proto.getVariancesList().stream().mapToDouble(Double::doubleValue).toArray();
        if (variances.length != 0 && variances.length != names.size()) {
            throw new IllegalArgumentException("the stored model has " + variances.length + " variances for " + names.size()
                + " dimensions; the model is damaged");
        }
        return new FineTunedRegressionModel(carrier.name(), carrier.provenance(), carrier.featureDomain(), outputs, network, variances);
    }

    /** Releases the network's sessions, also for copies of this model; the next prediction opens them again. */
    @Override
    public void close() {
        network.close();
    }
}
