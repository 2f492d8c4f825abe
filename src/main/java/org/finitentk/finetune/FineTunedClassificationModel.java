package org.finitentk.finetune;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.NetworkModel;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.internal.tribuo.LabelPredictions;
import org.finitentk.onnx.Graph;
import org.finitentk.protos.FineTunedClassificationModelProto;
import org.tribuo.Example;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.protos.core.ModelProto;

/**
 * A fine-tuned network as a Tribuo classification model: its outputs are logits (log-probabilities will do), or its
 * only output is the log odds of the second of two labels; predictions carry the softmax probabilities of all labels of
 * the training data; outputs whose labels it lacks are left out. Sessions open at the first prediction; {@link #close}
 * releases their memory, and a later prediction opens them again. Safe for use from several threads.
 */
public final class FineTunedClassificationModel extends NetworkModel<Label> {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network and its trained parameters. */
    private final TrainedNetwork network;

    FineTunedClassificationModel(Metadata<Label> metadata, TrainedNetwork network) {
        super(metadata);
        this.network = network;
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
     * The labels of all outputs of the network in their order, those included that the training data lacks.
     *
     * @return an unmodifiable list
     */
    @Override
    public List<String> outputNames() {
        return network.outputNames();
    }

    @Override
    protected Class<Label> outputType() {
        return Label.class;
    }

    @Override
    public Map<String, ByteString> keptFiles() {
        return network.keptFiles();
    }

    @Override
    protected int countUsed(Example<Label> example) {
        return network.countUsed(example);
    }

    @Override
    protected List<Prediction<Label>> predictions(List<Example<Label>> examples, int[] used) {
        LabelPredictions known = new LabelPredictions(outputIDInfo, outputNames());
        double[] outputs = network.forward(examples);
        boolean oneLogit = outputs.length < examples.size() * outputNames().size();
        double[] probabilities =
                columns(oneLogit ? withZeros(outputs) : outputs, outputNames().size(), known.outputs());
        int c = known.outputs().length;
        for (int from = 0; from < probabilities.length; from += c) {
            double normalizer = Vectors.logSumExp(probabilities, from, c);
            for (int i = from; i < from + c; i++) {
                probabilities[i] = Math.exp(probabilities[i] - normalizer);
            }
        }
        return known.of(probabilities, used, examples);
    }

    /** Logits of two labels: the log odds of the second, and 0 for the first. */
    static double[] withZeros(double[] logOdds) {
        double[] logits = new double[2 * logOdds.length];
        for (int i = 0; i < logOdds.length; i++) {
            logits[2 * i + 1] = logOdds[i];
        }
        return logits;
    }

    private static double[] columns(double[] values, int width, int[] chosen) {
        double[] some = new double[values.length / width * chosen.length];
        for (int j = 0; j < some.length; j++) {
            some[j] = values[j / chosen.length * width + chosen[j % chosen.length]];
        }
        return some;
    }

    @Override
    protected FineTunedClassificationModel of(Metadata<Label> metadata) {
        return new FineTunedClassificationModel(metadata, network);
    }

    @Override
    public ModelProto serialize() {
        return stored(
                CURRENT_VERSION,
                FineTunedClassificationModelProto.newBuilder()
                        .setMetadata(metadata())
                        .setNetwork(network.toProto())
                        .build());
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
    public static FineTunedClassificationModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        FineTunedClassificationModelProto proto = message.unpack(FineTunedClassificationModelProto.class);
        TrainedNetwork network = TrainedNetwork.fromProto(proto.getNetwork());
        return new FineTunedClassificationModel(
                Metadata.read(proto.getMetadata(), Label.class).requireOutputs(network.outputNames()), network);
    }

    /** Releases the network's sessions, also for copies of this model; the next prediction opens them again. */
    @Override
    public void close() {
        network.close();
    }
}
