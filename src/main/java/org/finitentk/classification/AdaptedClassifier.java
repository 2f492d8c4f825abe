package org.finitentk.classification;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.backbone.ServedNetwork;
import org.finitentk.internal.store.StoredForm;
import org.finitentk.protos.FiniteNTKClassificationModelProto;
import org.tribuo.Example;

/**
 * What a fitted model consists of besides Tribuo's metadata: its network and mappings, and the posterior. Java
 * serialization writes the protobuf message, so both serializations are one. Safe for use from several threads.
 */
final class AdaptedClassifier implements Serializable, AutoCloseable {
    private static final long serialVersionUID = 1L;

    private final transient ServedNetwork served;
    private transient ClassificationPosterior posterior;

    /** Takes the network. */
    AdaptedClassifier(ServedNetwork served, ClassificationPosterior posterior) {
        this.served = served;
        this.posterior = posterior;
    }

    /** For another model: the same posterior, a share of its own. */
    AdaptedClassifier share() {
        return new AdaptedClassifier(served.share(), posterior());
    }

    List<String> labels() {
        return served.names();
    }

    synchronized ClassificationPosterior posterior() {
        posterior = posterior.on(served.network());
        return posterior;
    }

    /** Given that it is one of these classes: m × as many. */
    double[] probabilities(List<? extends Example<?>> examples, int[] classes) {
        // A share of its own keeps the network open while this prediction runs; the posterior, and with it the weights
        // that it drew, is the same.
        try (AdaptedClassifier own = share()) {
            ClassificationPosterior current = own.posterior();
            int c = classes.length;
            double[] all = new double[Math.multiplyExact(examples.size(), c)];
            own.served.inputs().forEachChunk(examples, (from, x) -> {
                double[] some = current.probabilities(x, classes);
                System.arraycopy(own.served.network().requireFinitePredictions(some, x), 0, all, from * c, some.length);
            });
            return all;
        }
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

    FiniteNTKClassificationModelProto.Builder toProto() {
        return FiniteNTKClassificationModelProto.newBuilder()
                .setAdapted(served.serialize())
                .setPosterior(posterior().toProto());
    }

    /**
     * Reads what {@link #toProto} made.
     *
     * @param exclusive whether the model's examples have one label each
     * @throws IllegalArgumentException if it is damaged
     */
    static AdaptedClassifier fromProto(FiniteNTKClassificationModelProto proto, boolean exclusive) {
        AdaptedClassifier read = fromProto(proto);
        try {
            read.requireExclusive(exclusive);
            return read;
        } catch (RuntimeException e) {
            read.close();
            throw e;
        }
    }

    /** Refuses a posterior of the other kind of labels. */
    void requireExclusive(boolean exclusive) {
        Likelihood likelihood = posterior().likelihood();
        if (likelihood.areExclusive() != exclusive) {
            throw new IllegalArgumentException("the stored posterior has the likelihood " + likelihood.name()
                    + ", which is that of " + (exclusive ? "several labels" : "one label") + " an example, not of "
                    + (exclusive ? "one" : "several") + "; the model is damaged");
        }
    }

    private static AdaptedClassifier fromProto(FiniteNTKClassificationModelProto proto) {
        ServedNetwork served = ServedNetwork.deserializeFromProto(proto.getAdapted());
        try {
            ClassificationPosterior posterior =
                    ClassificationPosterior.fromProto(proto.getPosterior(), served.network());
            if (posterior.classes() != served.names().size()) {
                throw new IllegalArgumentException(
                        "the stored model names " + served.names().size() + " labels, but its posterior has "
                                + posterior.classes() + " classes; the model is damaged");
            }
            return new AdaptedClassifier(served, posterior);
        } catch (RuntimeException e) {
            served.close();
            throw e;
        }
    }

    private Object writeReplace() {
        return new Stored(toProto().build().toByteArray());
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("an adapted classifier is stored as its protobuf message");
    }

    /** The form in which Java serialization writes an adapted classifier. */
    private static final class Stored extends StoredForm implements Serializable {
        private static final long serialVersionUID = 1L;
        private final byte[] message;

        Stored(byte[] message) {
            this.message = message;
        }

        @Override
        protected Object read() throws InvalidProtocolBufferException {
            return fromProto(FiniteNTKClassificationModelProto.parseFrom(message));
        }
    }
}
