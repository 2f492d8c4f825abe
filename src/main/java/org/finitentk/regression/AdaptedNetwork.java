package org.finitentk.regression;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.backbone.ServedNetwork;
import org.finitentk.internal.store.StoredForm;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.protos.AdaptedNetworkProto;
import org.tribuo.Example;

/**
 * What a fitted model consists of besides Tribuo's metadata: its network and mappings, and the posterior. Java
 * serialization writes the protobuf message, so both serializations are one. Safe for use from several threads.
 */
final class AdaptedNetwork implements Serializable, AutoCloseable {
    private static final long serialVersionUID = 1L;

    private final transient ServedNetwork served;
    private final transient VarianceKind variances;
    private transient RegressionPosterior posterior;

    /** Takes the network. */
    AdaptedNetwork(ServedNetwork served, VarianceKind variances, RegressionPosterior posterior) {
        this.served = served;
        this.variances = variances;
        this.posterior = posterior;
    }

    /** For another model: the same posterior, a share of its own. */
    AdaptedNetwork share() {
        return new AdaptedNetwork(served.share(), variances, posterior());
    }

    List<String> dimensions() {
        return served.names();
    }

    VarianceKind variances() {
        return variances;
    }

    synchronized RegressionPosterior posterior() {
        posterior = posterior.on(served.network());
        return posterior;
    }

    RegressionPosterior.Predictive predict(List<? extends Example<?>> examples) {
        // A share of its own keeps the network open while this prediction runs.
        try (AdaptedNetwork own = share()) {
            return own.predictOpen(examples);
        }
    }

    private RegressionPosterior.Predictive predictOpen(List<? extends Example<?>> examples) {
        RegressionPosterior current = posterior();
        LinearizedNetwork network = served.network();
        int d = current.dimensions();
        RegressionPosterior.Predictive all = new RegressionPosterior.Predictive(
                new double[Math.multiplyExact(examples.size(), d)],
                new double[examples.size() * d],
                new double[examples.size() * d]);
        served.inputs().forEachChunk(examples, (from, x) -> {
            RegressionPosterior.Predictive some = current.predict(x, variances);
            System.arraycopy(
                    network.requireFinitePredictions(some.mean(), x), 0, all.mean(), from * d, some.mean().length);
            System.arraycopy(some.variance(), 0, all.variance(), from * d, some.variance().length);
            System.arraycopy(some.varianceError(), 0, all.varianceError(), from * d, some.varianceError().length);
        });
        return all;
    }

    /** Files that the inputs were made by, by their SHA-256. */
    Map<String, ByteString> keptFiles() {
        return served.inputs().keptFiles();
    }

    int countUsed(Example<?> example) {
        return served.inputs().requireUsed(example);
    }

    @Override
    public void close() {
        served.close();
    }

    AdaptedNetworkProto toProto() {
        return served.serialize().toBuilder()
                .setVariances(variances.name())
                .setPosterior(posterior().toProto())
                .build();
    }

    /**
     * Reads what {@link #toProto} made.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    static AdaptedNetwork fromProto(AdaptedNetworkProto proto) {
        VarianceKind variances = StoredModel.constant(VarianceKind.class, proto.getVariances());
        ServedNetwork served = ServedNetwork.deserializeFromProto(proto);
        try {
            RegressionPosterior posterior = RegressionPosterior.fromProto(proto.getPosterior(), served.network());
            if (posterior.dimensions() != proto.getDimensionsCount()) {
                throw new IllegalArgumentException("the stored model names " + proto.getDimensionsCount()
                        + " dimensions, but its posterior has " + posterior.dimensions() + "; the model is damaged");
            }
            return new AdaptedNetwork(served, variances, posterior);
        } catch (RuntimeException e) {
            served.close();
            throw e;
        }
    }

    private Object writeReplace() {
        return new Stored(toProto().toByteArray());
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("an adapted network is stored as its protobuf message");
    }

    /** The form in which Java serialization writes an adapted network. */
    private static final class Stored extends StoredForm implements Serializable {
        private static final long serialVersionUID = 1L;
        private final byte[] message;

        Stored(byte[] message) {
            this.message = message;
        }

        @Override
        protected Object read() throws InvalidProtocolBufferException {
            return fromProto(AdaptedNetworkProto.parseFrom(message));
        }
    }
}
