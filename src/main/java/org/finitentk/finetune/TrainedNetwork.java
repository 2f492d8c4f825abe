package org.finitentk.finetune;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.InputMapping;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.store.StoredForm;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.protos.TrainedNetworkProto;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;

/**
 * What the fine-tuned models of both tasks have in common: the trained graph, its mappings, and its open sessions. The
 * sessions are opened by the first prediction, in the same way for a model that was just trained and for one that was
 * loaded, so both predict the same to the last bit. Safe for use from several threads.
 */
final class TrainedNetwork implements Serializable, AutoCloseable {
    private static final long serialVersionUID = 1L;

    private final transient Graph graph;
    private final transient List<String> parameters;
    private final transient ExecutionSettings settings;
    private final transient InputMapping inputs;
    private final transient List<String> outputs;
    private transient @Nullable LinearizedNetwork open;

    TrainedNetwork(
            Graph graph,
            List<String> parameters,
            ExecutionSettings settings,
            InputMapping inputs,
            List<String> outputs) {
        this.graph = graph;
        this.parameters = List.copyOf(parameters);
        this.settings = settings;
        this.inputs = inputs;
        this.outputs = List.copyOf(outputs);
    }

    Graph graph() {
        return graph;
    }

    List<String> outputNames() {
        return outputs;
    }

    /** Outputs of a batch, one after the other: n × k, of as many outputs as names, or one for two names. */
    double[] forward(List<? extends Example<?>> examples) {
        try (LinearizedNetwork network = share()) {
            int k = network.outputSize();
            double[] f = new double[Math.multiplyExact(examples.size(), k)];
            inputs.forEachChunk(examples, (from, x) -> {
                double[] some = network.requireFinite(network.forward(x), x);
                System.arraycopy(some, 0, f, from * k, some.length);
            });
            return f;
        }
    }

    /** Files that the inputs were made by, by their SHA-256. */
    Map<String, ByteString> keptFiles() {
        return inputs.keptFiles();
    }

    int countUsed(Example<?> example) {
        return inputs.requireUsed(example);
    }

    /** A handle on the open network, which the caller closes. */
    private synchronized LinearizedNetwork share() {
        LinearizedNetwork network = open;
        if (network == null) {
            network = RunningNetwork.of(graph, ParameterSelection.exactly(parameters), settings);
            open = network;
            requireOutputs(network.outputSize());
        }
        return network.share();
    }

    private void requireOutputs(int k) {
        if (k != outputs.size() && !(k == 1 && outputs.size() == 2)) {
            throw new IllegalArgumentException("the model's network has " + k + " outputs but the model names "
                    + outputs.size() + "; the model is damaged");
        }
    }

    /** Releases the sessions; the next prediction opens them again. */
    @Override
    public synchronized void close() {
        LinearizedNetwork network = open;
        open = null;
        if (network != null) {
            network.close();
        }
    }

    TrainedNetworkProto toProto() {
        return TrainedNetworkProto.newBuilder()
                .setNetwork(ByteString.copyFrom(ModelWriter.toBytes(graph)))
                .addAllParameters(parameters)
                .setInput(inputs.serialize())
                .addAllOutputs(outputs)
                .setExecution(StoredModel.write(settings))
                .build();
    }

    /**
     * Reads what {@link #toProto} made.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    static TrainedNetwork fromProto(TrainedNetworkProto proto) {
        Graph graph = ModelReader.read(proto.getNetwork().toByteArray(), "the model's network", null);
        ExecutionSettings settings = StoredModel.read(proto.getExecution());
        InputMapping inputs = InputMapping.deserializeFromProto(proto.getInput(), graph.inputs());
        List<String> missing = proto.getParametersList().stream()
                .filter(name -> !graph.initializers().containsKey(name))
                .toList();
        if (proto.getParametersCount() == 0 || !missing.isEmpty()) {
            throw new IllegalArgumentException("the stored model names " + proto.getParametersCount()
                    + " trained parameters, of which its network lacks " + missing + "; the model is damaged");
        }
        return new TrainedNetwork(graph, proto.getParametersList(), settings, inputs, proto.getOutputsList());
    }

    /** Java serialization goes through the protobuf. */
    private Object writeReplace() {
        return new Stored(toProto().toByteArray());
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a trained network is stored as its protobuf message");
    }

    /** The form in which Java serialization writes a trained network. */
    private static final class Stored extends StoredForm implements Serializable {
        private static final long serialVersionUID = 1L;
        private final byte[] message;

        Stored(byte[] message) {
            this.message = message;
        }

        @Override
        protected Object read() throws InvalidProtocolBufferException {
            return fromProto(TrainedNetworkProto.parseFrom(message));
        }
    }
}
