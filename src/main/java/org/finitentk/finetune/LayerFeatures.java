package org.finitentk.finetune;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.backbone.ServedNetwork;
import org.finitentk.internal.store.StoredForm;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.protos.AdaptedNetworkProto;
import org.finitentk.protos.LayerFeaturesProto;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.impl.ArrayExample;
import org.tribuo.protos.core.ModelProto;

/**
 * A network and the model that takes its outputs. Java serialization writes the protobuf message. Thread safe.
 *
 * @param <T> Regressor, Label or MultiLabel
 */
final class LayerFeatures<T extends Output<T>> implements Serializable, AutoCloseable {
    private static final long serialVersionUID = 1L;

    private final transient ServedNetwork network;
    private final transient Model<T> inner;

    /** Takes the network. */
    LayerFeatures(ServedNetwork network, Model<T> inner) {
        this.network = network;
        this.inner = inner;
    }

    /** For another model: a share of its own. */
    LayerFeatures<T> share() {
        return new LayerFeatures<>(network.share(), inner);
    }

    List<String> dimensions() {
        return network.names();
    }

    /** The type of the outputs. */
    @SuppressWarnings("unchecked") // A model's outputs are of one type.
    Class<T> outputType() {
        return (Class<T>) inner.getOutputIDInfo().getOutput(0).getClass();
    }

    boolean generatesProbabilities() {
        return inner.generatesProbabilities();
    }

    /** Files that the inputs were made by, by their SHA-256. */
    Map<String, ByteString> keptFiles() {
        return network.inputs().keptFiles();
    }

    int countUsed(Example<?> example) {
        return network.inputs().requireUsed(example);
    }

    /** Examples with the network's n × k outputs as features, named by their numbers, in place of their own. */
    static <T extends Output<T>> List<Example<T>> examples(double[] outputs, List<? extends Example<T>> from) {
        int k = outputs.length / from.size();
        String[] names = new String[k];
        for (int j = 0; j < k; j++) {
            names[j] = Integer.toString(j);
        }
        List<Example<T>> made = new ArrayList<>();
        for (int i = 0; i < from.size(); i++) {
            double[] row = new double[k];
            System.arraycopy(outputs, i * k, row, 0, k);
            Example<T> example = new ArrayExample<>(from.get(i).getOutput(), names, row);
            example.setWeight(from.get(i).getWeight());
            made.add(example);
        }
        return made;
    }

    List<Prediction<T>> predict(List<Example<T>> batch, int[] used) {
        List<Prediction<T>> predictions = new ArrayList<>();
        // A share of its own keeps the network open while this prediction runs.
        try (LayerFeatures<T> own = share()) {
            LinearizedNetwork open = own.network.network();
            network.inputs().forEachChunk(batch, (from, x) -> {
                double[] outputs = open.requireFinite(open.forward(x), x);
                List<Prediction<T>> some = inner.predict(examples(outputs, batch.subList(from, from + x.size())));
                for (int i = 0; i < some.size(); i++) {
                    predictions.add(of(some.get(i), used[from + i], batch.get(from + i)));
                }
            });
        }
        return predictions;
    }

    /** The inner model's prediction as one of the example whose outputs it was made of. */
    private static <T extends Output<T>> Prediction<T> of(Prediction<T> inner, int used, Example<T> example) {
        return inner.getOutputScores().isEmpty()
                ? new Prediction<>(inner.getOutput(), used, example)
                : new Prediction<>(inner.getOutput(), inner.getOutputScores(), used, example, inner.hasProbabilities());
    }

    @Override
    public void close() {
        network.close();
    }

    LayerFeaturesProto toProto() {
        return LayerFeaturesProto.newBuilder()
                .setNetwork(network.serialize().toByteString())
                .setInner(inner.serialize().toByteString())
                .build();
    }

    /**
     * Reads what {@link #toProto} made.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    static LayerFeatures<?> fromProto(LayerFeaturesProto proto) throws InvalidProtocolBufferException {
        Model<?> inner = Model.deserialize(ModelProto.parseFrom(proto.getInner()));
        return new LayerFeatures<>(
                ServedNetwork.deserializeFromProto(AdaptedNetworkProto.parseFrom(proto.getNetwork())), inner);
    }

    private Object writeReplace() {
        return new Stored(toProto().toByteArray());
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a layer's features are stored as their protobuf message");
    }

    /** The form in which Java serialization writes it. */
    private static final class Stored extends StoredForm implements Serializable {
        private static final long serialVersionUID = 1L;
        private final byte[] message;

        Stored(byte[] message) {
            this.message = message;
        }

        @Override
        protected Object read() throws InvalidProtocolBufferException {
            return fromProto(LayerFeaturesProto.parseFrom(message));
        }
    }
}
