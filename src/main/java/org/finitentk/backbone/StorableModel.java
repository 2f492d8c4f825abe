package org.finitentk.backbone;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.oracle.labs.mlrg.olcut.config.protobuf.ProtoProvenanceSerialization;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import java.io.InvalidObjectException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.internal.tribuo.RelativePaths;
import org.finitentk.internal.tribuo.TaskKind;
import org.tribuo.Example;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.ModelProvenance;

/**
 * The skeleton of all models of this project as Tribuo takes and stores them: names and types are checked when a model
 * is read, whichever serialization wrote it. It has no field of its own, so that models which earlier versions wrote by
 * Java's serialization can be read.
 *
 * @param <T> Regressor or Label
 */
public abstract class StorableModel<T extends Output<T>> extends Model<T> {
    private static final long serialVersionUID = 1L;

    /**
     * What Tribuo asks of every model.
     *
     * @param name the model's
     * @param provenance how it was made
     * @param features the features of the training data
     * @param outputs the labels or dimensions of the training data
     * @param <T> Regressor or Label
     */
    public record Metadata<T extends Output<T>>(
            String name, ModelProvenance provenance, ImmutableFeatureMap features, ImmutableOutputInfo<T> outputs) {
        private static <T extends Output<T>> Metadata<T> of(ModelDataCarrier<?> carrier, Class<T> type) {
            Class<?> found = carrier.outputDomain().getOutput(0).getClass();
            if (!found.equals(type)) {
                throw new IllegalArgumentException(
                        "the stored model has outputs of " + found.getName() + "; expected " + type.getName());
            }
            @SuppressWarnings("unchecked") // Checked just above.
            ImmutableOutputInfo<T> outputs = (ImmutableOutputInfo<T>) carrier.outputDomain();
            return new Metadata<>(carrier.name(), carrier.provenance(), carrier.featureDomain(), outputs);
        }

        /**
         * Reads what {@link StorableModel#metadata} wrote.
         *
         * @param stored Tribuo's message
         * @param type Regressor or Label
         * @param <T> the type
         * @return the metadata
         * @throws InvalidProtocolBufferException if the bytes are no such message
         * @throws IllegalArgumentException if the outputs are of another type
         */
        public static <T extends Output<T>> Metadata<T> read(ByteString stored, Class<T> type)
                throws InvalidProtocolBufferException {
            return of(ModelDataCarrier.deserialize(ModelDataProto.parseFrom(stored)), type);
        }

        /**
         * Refuses a stored model whose outputs are not those of its domain. The outputs of a classifier may have
         * further labels.
         *
         * @param names the names of the model's outputs
         * @return this
         * @throws IllegalArgumentException if they do not fit
         */
        public Metadata<T> requireOutputs(List<String> names) {
            List<String> domain = OutputNames.of(outputs);
            Set<String> different = new HashSet<>(names);
            boolean isLabels = TaskKind.of(outputs).areLabels();
            if (different.size() != names.size()
                    || !different.containsAll(domain)
                    || !isLabels && names.size() != domain.size()) {
                throw new IllegalArgumentException("the stored network's outputs " + names
                        + (isLabels
                                ? " are not different names with the stored outputs " + domain + " among them"
                                : " are not the stored outputs " + domain)
                        + "; the model is damaged");
            }
            return this;
        }
    }

    /**
     * A model of these metadata.
     *
     * @param metadata what Tribuo asks of every model
     */
    protected StorableModel(Metadata<T> metadata) {
        super(
                metadata.name(),
                metadata.provenance(),
                metadata.features(),
                metadata.outputs(),
                TaskKind.of(metadata.outputs()).areLabels());
    }

    /**
     * The names of the model's outputs in their order, which is that of the network's where each name is one of its
     * outputs; labels that the training data lacks are among them.
     *
     * @return an unmodifiable list
     */
    public abstract List<String> outputNames();

    /**
     * The type of the outputs.
     *
     * @return Regressor or Label
     */
    protected abstract Class<T> outputType();

    /**
     * How many features of an example the model sees.
     *
     * @param example Tribuo's
     * @return at least 1
     * @throws IllegalArgumentException if it sees none
     */
    protected abstract int countUsed(Example<T> example);

    /**
     * Predicts some examples.
     *
     * @param examples at least one
     * @param used for each example, how many of its features the model sees
     * @return one prediction for each
     */
    protected abstract List<Prediction<T>> predictions(List<Example<T>> examples, int[] used);

    @Override
    public final Prediction<T> predict(Example<T> example) {
        return innerPredict(List.of(example)).get(0);
    }

    @Override
    protected final List<Prediction<T>> innerPredict(Iterable<Example<T>> examples) {
        List<Example<T>> batch = new ArrayList<>();
        examples.forEach(batch::add);
        return predictions(batch, batch.stream().mapToInt(this::countUsed).toArray());
    }

    /**
     * The metadata for storing, with paths that are relative to the folder in which this process runs, as in a
     * provenance's own file.
     *
     * @return Tribuo's message
     */
    protected final ByteString metadata() {
        return createDataCarrier().serialize().toBuilder()
                .setProvenance(new ProtoProvenanceSerialization(false)
                        .serializeToProto(RelativePaths.of(ProvenanceUtil.marshalProvenance(provenance))))
                .build()
                .toByteString();
    }

    /**
     * This model's stored form.
     *
     * @param version version of the form
     * @param content the message that the class's {@code deserializeFromProto} reads
     * @return Tribuo's message
     */
    protected final ModelProto stored(int version, Message content) {
        return ModelProto.newBuilder()
                .setVersion(version)
                .setClassName(getClass().getName())
                .setSerializedData(Any.pack(content))
                .build();
    }

    /**
     * A model of other metadata with all that was fitted, which may share what is open.
     *
     * @param metadata what Tribuo asks of every model
     * @return a new model
     */
    protected abstract StorableModel<T> of(Metadata<T> metadata);

    @Override
    protected final StorableModel<T> copy(String newName, ModelProvenance newProvenance) {
        return of(new Metadata<>(newName, newProvenance, featureIDMap, outputIDInfo));
    }

    /**
     * Refuses metadata that do not fit what was fitted.
     *
     * @param metadata this model's
     * @throws IllegalArgumentException with what is wrong
     */
    protected void requireFit(Metadata<T> metadata) {
        metadata.requireOutputs(outputNames());
    }

    /**
     * Checks what Java's serialization read, for it checks nothing itself. Tribuo's parts are made anew, since a field
     * of theirs that the stream lacks is null.
     *
     * @return a model of the same parts
     * @throws InvalidObjectException if the stored model is not one that training writes
     */
    protected final Object readResolve() throws InvalidObjectException {
        try {
            Metadata<T> metadata =
                    Metadata.of(ModelDataCarrier.deserialize(createDataCarrier().serialize()), outputType());
            requireFit(metadata);
            StorableModel<T> made = of(metadata);
            replaced();
            return made;
        } catch (RuntimeException e) {
            throw StoredModel.damaged(e);
        }
    }

    /** Releases what this object holds, since another one takes its place. */
    protected void replaced() {}
}
