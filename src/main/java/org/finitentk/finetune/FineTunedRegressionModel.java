package org.finitentk.finetune;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.NetworkModel;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.onnx.Graph;
import org.finitentk.protos.FineTunedRegressionModelProto;
import org.tribuo.Example;
import org.tribuo.Prediction;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.regression.Regressor;

/**
 * A fine-tuned network as a Tribuo regression model. If it was trained with residual variances, every prediction
 * carries them: of the observation y, the same for all examples. Sessions open at the first prediction; {@link #close}
 * releases their memory, and a later prediction opens them again. Safe for use from several threads.
 */
public final class FineTunedRegressionModel extends NetworkModel<Regressor> {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network and its trained parameters. */
    private final TrainedNetwork network;
    /** One for each network output, or none. */
    private final double[] variances;

    FineTunedRegressionModel(Metadata<Regressor> metadata, TrainedNetwork network, double[] variances) {
        super(metadata);
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
    @Override
    public List<String> outputNames() {
        return network.outputNames();
    }

    @Override
    protected Class<Regressor> outputType() {
        return Regressor.class;
    }

    @Override
    public Map<String, ByteString> keptFiles() {
        return network.keptFiles();
    }

    @Override
    protected int countUsed(Example<Regressor> example) {
        return network.countUsed(example);
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
    protected List<Prediction<Regressor>> predictions(List<Example<Regressor>> batch, int[] used) {
        double[] f = network.forward(batch);
        String[] names = outputNames().toArray(String[]::new);
        List<Prediction<Regressor>> predictions = new ArrayList<>();
        for (int i = 0; i < used.length; i++) {
            double[] mean = Arrays.copyOfRange(f, i * names.length, (i + 1) * names.length);
            Regressor output =
                    variances.length == 0 ? new Regressor(names, mean) : new Regressor(names, mean, variances);
            predictions.add(new Prediction<>(output, used[i], batch.get(i)));
        }
        return predictions;
    }

    @Override
    protected FineTunedRegressionModel of(Metadata<Regressor> metadata) {
        return new FineTunedRegressionModel(metadata, network, variances);
    }

    @Override
    public ModelProto serialize() {
        FineTunedRegressionModelProto.Builder proto = FineTunedRegressionModelProto.newBuilder()
                .setMetadata(metadata())
                .setNetwork(network.toProto());
        Arrays.stream(variances).forEach(proto::addVariances);
        return stored(CURRENT_VERSION, proto.build());
    }

    @Override
    protected void requireFit(Metadata<Regressor> metadata) {
        super.requireFit(metadata);
        if (variances.length != 0 && variances.length != outputNames().size()) {
            throw new IllegalArgumentException("the stored model has " + variances.length + " variances for "
                    + outputNames().size() + " dimensions; the model is damaged");
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
        Metadata<Regressor> metadata = Metadata.read(proto.getMetadata(), Regressor.class);
        double[] variances = proto.getVariancesList().stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
        FineTunedRegressionModel model =
                new FineTunedRegressionModel(metadata, TrainedNetwork.fromProto(proto.getNetwork()), variances);
        model.requireFit(metadata);
        return model;
    }

    /** Releases the network's sessions, also for copies of this model; the next prediction opens them again. */
    @Override
    public void close() {
        network.close();
    }
}
