package org.finitentk.finetune;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.io.InvalidObjectException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.finitentk.backbone.StoredModel;
import org.finitentk.onnx.Graph;
import org.finitentk.protos.FineTunedClassificationModelProto;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.ModelProvenance;

/**
 * A fine-tuned network as a Tribuo classification model: its outputs are logits (log-probabilities will do), predictions
 * carry the softmax probabilities of all labels of the training data; outputs whose labels it lacks are left out. Sessions open at the first prediction; {@link #close} releases their
 * memory, and a later prediction opens them again. Safe for use from several threads.
 */
public final class FineTunedClassificationModel extends Model<Label> implements AutoCloseable {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network and its trained parameters. */
    private final TrainedNetwork network;

    FineTunedClassificationModel(String name, ModelProvenance provenance, ImmutableFeatureMap features, ImmutableOutputInfo<Label> outputs,
                                 TrainedNetwork network) {
        super(name, provenance, features, outputs, true);
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
    public List<String> outputNames() {
        return network.outputs().names();
    }

    @Override
    public Prediction<Label> predict(Example<Label> example) {
        return innerPredict(List.of(example)).get(0);
    }

    @Override
    protected List<Prediction<Label>> innerPredict(Iterable<Example<Label>> examples) {
        List<Example<Label>> batch = new ArrayList<>();
        examples.forEach(batch::add);
        int[] used = batch.stream().mapToInt(network::countUsed).toArray();
        List<String> outputs = network.outputs().names();
        Set<String> domain = outputIDInfo.getDomain().stream().map(Label::getLabel).collect(Collectors.toSet());
        int[] known = IntStream.range(0, outputs.size()).filter(c -> domain.contains(outputs.get(c))).toArray();
        List<String> names = Arrays.stream(known).mapToObj(outputs::get).toList();
        double[] logits = columns(network.forward(batch), outputs.size(), known);
        List<Prediction<Label>> predictions = new ArrayList<>();
        for (int i = 0; i < used.length; i++) {
            predictions.add(prediction(names, logits, i, used[i], batch.get(i)));
        }
        return predictions;
    }

    private static double[] columns(double[] values, int width, int[] chosen) {
        double[] some = new double[values.length / width * chosen.length];
        for (int j = 0; j < some.length; j++) {
            some[j] = values[j / chosen.length * width + chosen[j % chosen.length]];
        }
        return some;
    }

    private static Prediction<Label> prediction(List<String> names, double[] logits, int row, int used, Example<Label> example) {
        int from = row * names.size();
        double normalizer = Loss.logSumExp(logits, from, names.size());
        Map<String, Label> scores = new LinkedHashMap<>();
        Label best = new Label(names.get(0), Double.NEGATIVE_INFINITY);
        for (int c = 0; c < names.size(); c++) {
            Label label = new Label(names.get(c), Math.exp(logits[from + c] - normalizer));
            scores.put(label.getLabel(), label);
            best = label.getScore() > best.getScore() ? label : best;
        }
        return new Prediction<>(best, scores, used, example, true);
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
    public Optional<Excuse<Label>> getExcuse(Example<Label> example) {
        return Optional.empty();
    }

    @Override
    protected FineTunedClassificationModel copy(String newName, ModelProvenance newProvenance) {
        return new FineTunedClassificationModel(newName, newProvenance, featureIDMap, outputIDInfo, network);
    }

    @Override
    public ModelProto serialize() {
        FineTunedClassificationModelProto proto = FineTunedClassificationModelProto.newBuilder()
            .setMetadata(createDataCarrier().serialize().toByteString()).setNetwork(network.toProto()).build();
        return ModelProto.newBuilder().setVersion(CURRENT_VERSION).setClassName(FineTunedClassificationModel.class.getName())
            .setSerializedData(Any.pack(proto)).build();
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
            ImmutableOutputInfo<Label> outputs = StoredModel.outputs(carrier, Label.class);
            StoredModel.requireNames(outputs.getDomain().stream().map(Label::getLabel).toList(), network.outputs().names());
            return new FineTunedClassificationModel(carrier.name(), carrier.provenance(), carrier.featureDomain(), outputs, network);
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
    public static FineTunedClassificationModel deserializeFromProto(int version, String className, Any message)
        throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        FineTunedClassificationModelProto proto = message.unpack(FineTunedClassificationModelProto.class);
        ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(ModelDataProto.parseFrom(proto.getMetadata()));
        ImmutableOutputInfo<Label> outputs = StoredModel.outputs(carrier, Label.class);
        TrainedNetwork network = TrainedNetwork.fromProto(proto.getNetwork());
        StoredModel.requireNames(outputs.getDomain().stream().map(Label::getLabel).toList(), network.outputs().names());
        return new FineTunedClassificationModel(carrier.name(), carrier.provenance(), carrier.featureDomain(), outputs, network);
    }

    /** Releases the network's sessions, also for copies of this model; the next prediction opens them again. */
    @Override
    public void close() {
        network.close();
    }
}
