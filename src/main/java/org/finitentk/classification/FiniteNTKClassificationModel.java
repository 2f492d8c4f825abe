package org.finitentk.classification;

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
import org.finitentk.protos.FiniteNTKClassificationModelProto;
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
 * Bayesian classification on a linearized network, as a Tribuo model. A prediction carries the probabilities of all labels of the training data, by the trainer's
 * {@link ClassProbabilities}, and the most probable one. Classes of the network that the training data lacks have a share in the likelihood, but Tribuo's evaluators know the
 * training data's labels only: probabilities are given that it is one of these.
 *
 * <p>Predicting many examples in one call is much faster than one at a time. A stored model holds the network once, and predicts the same bit for bit when it is loaded. Safe
 * for use from several threads. Close it to release the network early; a model that is forgotten is closed by the garbage collector.
 */
public final class FiniteNTKClassificationModel extends Model<Label> implements AutoCloseable {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network, the mappings of features and labels, and the posterior. */
    private final AdaptedClassifier adapted;

    FiniteNTKClassificationModel(String name, ModelProvenance provenance, ImmutableFeatureMap features, ImmutableOutputInfo<Label> outputs, AdaptedClassifier adapted) {
        super(name, provenance, features, outputs, true);
        this.adapted = adapted;
    }

    /**
     * The labels in the order of the posterior's classes, which is that of the network's outputs under MATCHED, those included that the training data lacks.
     *
     * @return an unmodifiable list
     */
    public List<String> labels() {
        return adapted.labels();
    }

    /**
     * The posterior: logits with their covariance, weights, how inference went.
     *
     * @return usable until this model is closed
     */
    public ClassificationPosterior posterior() {
        return adapted.posterior();
    }

    @Override
    public Prediction<Label> predict(Example<Label> example) {
        return innerPredict(List.of(example)).get(0);
    }

    @Override
    protected List<Prediction<Label>> innerPredict(Iterable<Example<Label>> examples) {
        List<Example<Label>> batch = new ArrayList<>();
        examples.forEach(batch::add);
        int[] used = batch.stream().mapToInt(adapted::countUsed).toArray();
        Set<String> domain = outputIDInfo.getDomain().stream().map(Label::getLabel).collect(Collectors.toSet());
        List<String> labels = adapted.labels();
        int[] known = IntStream.range(0, labels.size()).filter(c -> domain.contains(labels.get(c))).toArray();
        double[] probabilities = adapted.probabilities(batch, known);
        List<String> names = Arrays.stream(known).mapToObj(labels::get).toList();
        List<Prediction<Label>> predictions = new ArrayList<>();
        for (int i = 0; i < used.length; i++) {
            predictions.add(prediction(names, probabilities, i, used[i], batch.get(i)));
        }
        return predictions;
    }

    private static Prediction<Label> prediction(List<String> names, double[] probabilities, int row, int used, Example<Label> example) {
        Map<String, Label> scores = new LinkedHashMap<>();
        Label best = new Label(names.get(0), Double.NEGATIVE_INFINITY);
        for (int c = 0; c < names.size(); c++) {
            Label label = new Label(names.get(c), probabilities[row * names.size() + c]);
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
    protected FiniteNTKClassificationModel copy(String newName, ModelProvenance newProvenance) {
        return new FiniteNTKClassificationModel(newName, newProvenance, featureIDMap, outputIDInfo, adapted.share());
    }

    @Override
    public ModelProto serialize() {
        FiniteNTKClassificationModelProto proto = adapted.toProto().setMetadata(createDataCarrier().serialize().toByteString()).build();
        return ModelProto.newBuilder().setVersion(CURRENT_VERSION).setClassName(FiniteNTKClassificationModel.class.getName()).setSerializedData(Any.pack(proto)).build();
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
            StoredModel.requireNames(outputs.getDomain().stream().map(Label::getLabel).toList(), adapted.labels());
            return new FiniteNTKClassificationModel(carrier.name(), carrier.provenance(), carrier.featureDomain(), outputs, adapted);
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
    public static FiniteNTKClassificationModel deserializeFromProto(int version, String className, Any message) throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        FiniteNTKClassificationModelProto proto = message.unpack(FiniteNTKClassificationModelProto.class);
        ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(ModelDataProto.parseFrom(proto.getMetadata()));
        ImmutableOutputInfo<Label> outputs = StoredModel.outputs(carrier, Label.class);
        StoredModel.requireNames(outputs.getDomain().stream().map(Label::getLabel).toList(), proto.getAdapted().getDimensionsList());
        return new FiniteNTKClassificationModel(carrier.name(), carrier.provenance(), carrier.featureDomain(), outputs, AdaptedClassifier.fromProto(proto));
    }

    /** Gives the network back, so that it is closed when no other model uses it; the next prediction opens it again. */
    @Override
    public void close() {
        adapted.close();
    }
}
