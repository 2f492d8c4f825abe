package org.finitentk.backbone;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.network.Examples;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.protos.InputMappingProto;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.protos.ProtoSerializable;

/**
 * The fixed rule by which one model's examples become its network's inputs: made from the training data's feature
 * names, stored with the model, independent of feature ids. Features that an example lacks are 0, unless every training
 * example had them: then the example is refused. Features that the network does not read are ignored. Immutable.
 */
public sealed interface InputMapping extends ProtoSerializable<InputMappingProto>
        permits DenseMapping, TransformedMapping {
    /** Bytes of inputs that {@link #forEachChunk} converts at once. */
    long CONVERSION_BYTES = 64L << 20;

    /**
     * All features that occur in the data as a row of float64 numbers, in alphabetical order, for a model without a
     * network.
     *
     * @param data the training data
     * @return the mapping
     * @throws IllegalArgumentException if no example has a feature
     */
    static InputMapping ofNumbers(Dataset<?> data) {
        DataFeatures features = DataFeatures.look(data);
        List<String> names = OutputNames.sorted(features.occurring());
        if (names.isEmpty()) {
            throw new IllegalArgumentException("no training example has a feature; expected at least one");
        }
        return DenseMapping.listed(names, features.always(), DenseMapping.numbers(names.size()));
    }

    /**
     * Reads what a mapping by {@link #ofNumbers} wrote.
     *
     * @param proto what {@link #serialize()} made
     * @return the mapping
     * @throws IllegalArgumentException if it is damaged
     */
    static InputMapping deserializeFromProto(InputMappingProto proto) {
        return deserializeFromProto(
                proto,
                List.of(DenseMapping.numbers(proto.getFeaturesCount()).only().input()));
    }

    /**
     * Turns examples into a batch of network inputs.
     *
     * @param examples the examples, in order
     * @param first the number that sentences give to the first of them
     * @return one tensor for each network input
     * @throws IllegalArgumentException if there is no example, a value is not finite in the input's type, or an example
     *     lacks a feature that every training example had, naming the example's number and the feature
     */
    Examples toExamples(List<? extends Example<?>> examples, int first);

    /**
     * Turns examples into a batch of network inputs.
     *
     * @param examples the examples, in order, numbered from 0 in sentences
     * @return one tensor for each network input
     * @throws IllegalArgumentException as the other method
     */
    default Examples toExamples(List<? extends Example<?>> examples) {
        return toExamples(examples, 0);
    }

    /**
     * How many of an example's features the network reads.
     *
     * @param example the example
     * @return 0 if it shares no feature with this mapping, in which case a model refuses to predict
     */
    int countUsed(Example<?> example);

    /**
     * How many of an example's features the network reads, for a prediction.
     *
     * @param example the example
     * @return at least 1
     * @throws IllegalArgumentException if it shares no feature with this mapping
     */
    default int requireUsed(Example<?> example) {
        int used = countUsed(example);
        if (used == 0) {
            throw new IllegalArgumentException("the example shares no feature with the model; expected at"
                    + " least one of the features that the model was trained on");
        }
        return used;
    }

    /** Takes converted examples in. */
    @FunctionalInterface
    interface Consumer {
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
    default void forEachChunk(List<? extends Example<?>> examples, Consumer consumer) {
        int chunk = (int) Math.max(1, Math.min(examples.size(), CONVERSION_BYTES / bytesPerExample()));
        for (int from = 0; from < examples.size(); from += chunk) {
            List<? extends Example<?>> some = examples.subList(from, Math.min(examples.size(), from + chunk));
            consumer.accept(from, toExamples(some, from).placedAt(from));
        }
    }

    /**
     * The bytes of one example's inputs, for choosing how many to convert at once.
     *
     * @return an estimate, at least 1
     */
    long bytesPerExample();

    /**
     * The sizes that the inputs of all examples have.
     *
     * @return for the inputs whose sizes are settled
     */
    InputSizes sizes();

    /**
     * The names of the features, in the order of the input's elements.
     *
     * @return empty if positions follow from names by a rule, or an object of its own makes the inputs
     */
    List<String> features();

    /**
     * The mapping in a few words, for provenance.
     *
     * @return the features as a JSON array, or the rule
     */
    String describe();

    /**
     * Files that were read to make examples, and that the mapping keeps.
     *
     * @return their bytes by their SHA-256 in lower-case hexadecimal
     */
    default Map<String, ByteString> keptFiles() {
        return this instanceof TransformedMapping mapping
                ? mapping.transformer().keptFiles()
                : Map.of();
    }

    /**
     * The same for a network that puts other numbers in the place of missing ones: features may be NaN there.
     *
     * @param inputs names of the inputs whose numbers may be missing
     * @return a mapping that refuses NaN elsewhere only
     */
    default InputMapping missing(Set<String> inputs) {
        return this instanceof DenseMapping mapping && !inputs.isEmpty() ? mapping.withMissing(inputs) : this;
    }

    /**
     * Reads a stored mapping.
     *
     * @param proto what {@link #serialize()} made
     * @param inputs the inputs of the network that it is for
     * @return the mapping
     * @throws IllegalArgumentException if it does not fit the network or is damaged
     */
    static InputMapping deserializeFromProto(InputMappingProto proto, List<ValueInfo> inputs) {
        if (proto.hasInputTransformer()) {
            return TransformedMapping.fromProto(proto, inputs);
        }
        try {
            return DenseMapping.fromProto(proto, inputs);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("the stored example transformer is damaged: " + e.getMessage(), e);
        }
    }
}
