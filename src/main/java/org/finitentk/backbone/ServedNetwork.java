package org.finitentk.backbone;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.WeightRule;
import org.finitentk.protos.AdaptedNetworkProto;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;

/**
 * The network of a fitted model and the mappings of features and outputs that go with it. A closed one opens its network again when it is asked for. Safe for use from
 * several threads.
 */
public final class ServedNetwork implements AutoCloseable {
    /** Bytes of inputs that are converted at once. */
    private static final long CONVERSION_BYTES = 64L << 20;
    private static final String STORED_NAME = "the model's network";

    private final ByteString model;
    private final ParameterSelection selection;
    private final ExecutionSettings execution;
    private final InputMapping inputs;
    private final OutputMapping outputs;
    private @Nullable SharedNetwork open;

    private ServedNetwork(SharedNetwork network, ParameterSelection selection, ExecutionSettings execution, InputMapping inputs, OutputMapping outputs) {
        this.model = network.model();
        this.open = network;
        this.selection = selection.withNames(network.network().parameters().stream().map(Parameter::name).toList());
        this.execution = execution;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /**
     * Serves a network that a trainer has opened.
     *
     * @param network the trainer's share, which becomes this object's
     * @param backbone where it came from
     * @param inputs its features' places
     * @param outputs its outputs' names
     */
    public ServedNetwork(SharedNetwork network, OnnxBackbone backbone, InputMapping inputs, OutputMapping outputs) {
        this(network, backbone.selection(), backbone.executionSettings(), inputs, outputs);
    }

    /**
     * For another model: a share of its own.
     *
     * @return a new object, which the caller closes
     */
    public synchronized ServedNetwork share() {
        network();
        SharedNetwork own = open == null ? null : open.share();
        if (own == null) {
            throw new IllegalStateException("the network did not open");
        }
        return new ServedNetwork(own, selection, execution, inputs, outputs);
    }

    /**
     * The network, opened again if it was closed.
     *
     * @return usable until this object is closed
     */
    public synchronized LinearizedNetwork network() {
        SharedNetwork network = open;
        if (network == null) {
            network = SharedNetwork.open(STORED_NAME, model, selection, execution);
            open = network;
        }
        return network.network();
    }

    /**
     * The names of the outputs.
     *
     * @return in the order of the model's own outputs
     */
    public List<String> names() {
        return outputs.names();
    }

    /** Takes converted examples in. */
    @FunctionalInterface
    public interface Consumer {
        /**
         * Takes some examples.
         *
         * @param from the number of the first one
         * @param x the examples
         */
        void accept(int from, Examples x);
    }

    /**
     * Converts examples, so many at a time that their inputs take little memory.
     *
     * @param examples Tribuo's
     * @param consumer takes them in their order
     */
    public void forEachChunk(List<? extends Example<?>> examples, Consumer consumer) {
        int chunk = (int) Math.max(1, Math.min(examples.size(), CONVERSION_BYTES / inputs.bytesPerExample()));
        for (int from = 0; from < examples.size(); from += chunk) {
            consumer.accept(from, inputs.toExamples(examples.subList(from, Math.min(examples.size(), from + chunk)), from).placedAt(from));
        }
    }

    /**
     * How many features of an example the network sees.
     *
     * @param example Tribuo's
     * @return at least 1
     * @throws IllegalArgumentException if it sees none
     */
    public int countUsed(Example<?> example) {
        int used = inputs.countUsed(example);
        if (used == 0) {
            throw new IllegalArgumentException("the example shares no feature with the model's network; expected at least one of the features that the model was trained on");
        }
        return used;
    }

    /** Gives the network back, so that it is closed when nobody else uses it. */
    @Override
    public synchronized void close() {
        SharedNetwork network = open;
        open = null;
        if (network != null) {
            network.close();
        }
    }

    /**
     * The network and its mappings for storing.
     *
     * @return a message to which the caller adds what was fitted
     */
    public AdaptedNetworkProto.Builder toProto() {
        return AdaptedNetworkProto.newBuilder().setBackbone(model).setInclude(source(selection.include())).setExclude(source(selection.exclude()))
            .addAllParameters(selection.names()).setExecution(StoredModel.write(execution)).setInput(inputs.toProto()).addAllDimensions(outputs.names());
    }

    private static String source(@Nullable Pattern pattern) {
        return pattern == null ? "" : pattern.pattern();
    }

    /**
     * Reads what {@link #toProto} made. The parameters are those that the model was trained with; version 0.1.0 did not name them, so its own rule selects them again.
     *
     * @param proto the message
     * @return the network, open
     * @throws IllegalArgumentException if it is damaged
     */
    public static ServedNetwork fromProto(AdaptedNetworkProto proto) {
        ParameterSelection selection = new ParameterSelection(pattern(proto.getInclude()), pattern(proto.getExclude()), WeightRule.POSITION, proto.getParametersList());
        ExecutionSettings execution = StoredModel.read(proto.getExecution());
        SharedNetwork network = SharedNetwork.open(STORED_NAME, proto.getBackbone(), selection, execution);
        try {
            InputMapping inputs = InputMapping.fromProto(proto.getInput(), network.network().inputs());
            return new ServedNetwork(network, selection, execution, inputs, new OutputMapping(proto.getDimensionsList()));
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
}
