package org.finitentk.internal.backbone;

import com.google.protobuf.ByteString;
import java.util.List;
import org.finitentk.backbone.InputMapping;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.internal.network.InputNumbers;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.internal.tribuo.WeightPattern;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.WeightRule;
import org.finitentk.protos.AdaptedNetworkProto;
import org.jspecify.annotations.Nullable;
import org.tribuo.protos.ProtoSerializable;

/**
 * The network of a fitted model and the mappings of features and outputs that go with it. A closed one opens its
 * network again when it is asked for. Safe for use from several threads.
 */
public final class ServedNetwork implements ProtoSerializable<AdaptedNetworkProto>, AutoCloseable {
    private static final String STORED_NAME = "the model's network";

    private final ByteString model;
    private final ParameterSelection selection;
    private final ExecutionSettings execution;
    private final InputMapping inputs;
    private final List<String> outputs;
    private @Nullable SharedNetwork open;

    private ServedNetwork(
            SharedNetwork network,
            ParameterSelection selection,
            ExecutionSettings execution,
            InputMapping inputs,
            List<String> outputs) {
        this.model = network.model();
        this.open = network;
        this.selection = selection.withNames(
                network.network().parameters().stream().map(Parameter::name).toList());
        this.execution = execution;
        this.inputs = inputs;
        this.outputs = List.copyOf(outputs);
    }

    /** Serves a network that a trainer has opened. Takes the share. */
    ServedNetwork(SharedNetwork network, OnnxBackbone backbone, InputMapping inputs, List<String> outputs) {
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
        return outputs;
    }

    /**
     * How the model's examples become the network's inputs.
     *
     * @return as in training
     */
    public InputMapping inputs() {
        return inputs;
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
    @Override
    public AdaptedNetworkProto serialize() {
        return AdaptedNetworkProto.newBuilder()
                .setBackbone(model)
                .setInclude(WeightPattern.text(selection.include()))
                .setExclude(WeightPattern.text(selection.exclude()))
                .addAllParameters(selection.names())
                .setExecution(StoredModel.write(execution))
                .setInput(inputs.serialize())
                .addAllDimensions(outputs)
                .build();
    }

    /**
     * Reads what {@link #serialize} made. The parameters are those that the model was trained with; version 0.1.0 did
     * not name them, so its own rule selects them again.
     *
     * @param proto the message
     * @return the network, open
     * @throws IllegalArgumentException if it is damaged
     */
    public static ServedNetwork deserializeFromProto(AdaptedNetworkProto proto) {
        ParameterSelection selection = new ParameterSelection(
                WeightPattern.stored(proto.getInclude()),
                WeightPattern.stored(proto.getExclude()),
                WeightRule.POSITION,
                proto.getParametersList());
        ExecutionSettings execution = StoredModel.read(proto.getExecution());
        SharedNetwork network = SharedNetwork.open(STORED_NAME, proto.getBackbone(), selection, execution);
        try {
            InputMapping inputs = InputMapping.deserializeFromProto(
                            proto.getInput(), network.network().inputs())
                    .missing(InputNumbers.mayMiss(network.network()));
            return new ServedNetwork(network, selection, execution, inputs, proto.getDimensionsList());
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }
}
