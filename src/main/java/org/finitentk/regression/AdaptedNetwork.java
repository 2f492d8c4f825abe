package org.finitentk.regression;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.finitentk.backbone.InputMapping;
import org.finitentk.backbone.OutputMapping;
import org.finitentk.backbone.SharedNetwork;
import org.finitentk.backbone.StoredModel;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.protos.AdaptedNetworkProto;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;

/**
 * What a fitted model consists of besides Tribuo's metadata: its share in the network, its mappings, and the posterior. Java serialization writes the protobuf message,
 * so both serializations are one. Safe for use from several threads.
 */
final class AdaptedNetwork implements Serializable, AutoCloseable {
    private static final long serialVersionUID = 1L;
    /** Bytes of inputs that are converted at once. */
    private static final long CONVERSION_BYTES = 64L << 20;
    private static final String STORED_NAME = "the model's network";

    private final transient ByteString model;
    private final transient ParameterSelection selection;
    private final transient ExecutionSettings execution;
    private final transient InputMapping inputs;
    private final transient OutputMapping dimensions;
    private final transient VarianceKind variances;
    private transient RegressionPosterior posterior;
    private transient @Nullable SharedNetwork open;

    /** Takes the share in the network. */
    AdaptedNetwork(SharedNetwork network, ParameterSelection selection, ExecutionSettings execution, InputMapping inputs, OutputMapping dimensions, VarianceKind variances,
                   RegressionPosterior posterior) {
        this.model = network.model();
        this.open = network;
        this.selection = selection;
        this.execution = execution;
        this.inputs = inputs;
        this.dimensions = dimensions;
        this.variances = variances;
        this.posterior = posterior;
    }

    /** For another model: the same posterior, a share of its own. */
    synchronized AdaptedNetwork share() {
        SharedNetwork network = open().share();
        return new AdaptedNetwork(network, selection, execution, inputs, dimensions, variances, posterior);
    }

    /** The network, opened again if it was closed. */
    private synchronized SharedNetwork open() {
        SharedNetwork network = open;
        if (network == null) {
            network = SharedNetwork.open(STORED_NAME, model, selection, execution);
            open = network;
            posterior = posterior.on(network.network());
        }
        return network;
    }

    List<String> dimensions() {
        return dimensions.names();
    }

    VarianceKind variances() {
        return variances;
    }

    synchronized RegressionPosterior posterior() {
        open();
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
        int d = current.dimensions();
        RegressionPosterior.Predictive all = new RegressionPosterior.Predictive(new double[Math.multiplyExact(examples.size(), d)], new double[examples.size() * d]);
        int chunk = (int) Math.max(1, Math.min(examples.size(), CONVERSION_BYTES / inputs.bytesPerExample()));
        for (int from = 0; from < examples.size(); from += chunk) {
            Examples x = inputs.toExamples(examples.subList(from, Math.min(examples.size(), from + chunk)));
            RegressionPosterior.Predictive some = current.predict(x, variances);
            System.arraycopy(open().network().requireFinite(some.mean()), 0, all.mean(), from * d, some.mean().length);
            System.arraycopy(some.variance(), 0, all.variance(), from * d, some.variance().length);
        }
        return all;
    }

    /**
     * How many features of an example the network sees.
     *
     * @throws IllegalArgumentException if it sees none
     */
    int countUsed(Example<?> example) {
        int used = inputs.countUsed(example);
        if (used == 0) {
            throw new IllegalArgumentException("the example shares no feature with the model's network; expected at least one of the features that the model was trained on");
        }
        return used;
    }

    @Override
    public synchronized void close() {
        SharedNetwork network = open;
        open = null;
        if (network != null) {
            network.close();
        }
    }

    AdaptedNetworkProto toProto() {
        return AdaptedNetworkProto.newBuilder().setBackbone(model).setInclude(source(selection.include())).setExclude(source(selection.exclude()))
            .setExecution(StoredModel.write(execution)).setInput(inputs.toProto()).addAllDimensions(dimensions.names()).setVariances(variances.name())
            .setPosterior(posterior().toProto()).build();
    }

    private static String source(@Nullable Pattern pattern) {
        return pattern == null ? "" : pattern.pattern();
    }

    /**
     * Reads what {@link #toProto} made.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    static AdaptedNetwork fromProto(AdaptedNetworkProto proto) {
        ParameterSelection selection = new ParameterSelection(pattern(proto.getInclude()), pattern(proto.getExclude()));
        ExecutionSettings execution = StoredModel.read(proto.getExecution());
        VarianceKind variances = StoredPosterior.constant(VarianceKind.class, proto.getVariances());
        SharedNetwork network = SharedNetwork.open(STORED_NAME, proto.getBackbone(), selection, execution);
        try {
            InputMapping inputs = InputMapping.fromProto(proto.getInput(), network.network().inputs());
            RegressionPosterior posterior = RegressionPosterior.fromProto(proto.getPosterior(), network.network());
            if (posterior.dimensions() != proto.getDimensionsCount()) {
                throw new IllegalArgumentException("the stored model names " + proto.getDimensionsCount() + " dimensions, but its posterior has " + posterior.dimensions()
                    + "; the model is damaged");
            }
            return new AdaptedNetwork(network, selection, execution, inputs, new OutputMapping(proto.getDimensionsList()), variances, posterior);
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    private static @Nullable Pattern pattern(String expression) {
        try {
            return expression.isEmpty() ? null : Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("the stored model's parameter selection '" + expression + "' is no regular expression; the model is damaged", e);
        }
    }

    private Object writeReplace() {
        return new Stored(toProto().toByteArray());
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("an adapted network is stored as its protobuf message");
    }

    /** The form in which Java serialization writes an adapted network. */
    private static final class Stored implements Serializable {
        private static final long serialVersionUID = 1L;
        private final byte[] message;

        Stored(byte[] message) {
            this.message = message;
        }

        private Object readResolve() throws InvalidObjectException {
            try {
                return fromProto(AdaptedNetworkProto.parseFrom(message));
            } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
                InvalidObjectException damaged = new InvalidObjectException("the stored model is damaged: " + e.getMessage());
                damaged.initCause(e);
                throw damaged;
            }
        }
    }
}
