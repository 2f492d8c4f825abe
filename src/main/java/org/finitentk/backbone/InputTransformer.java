package org.finitentk.backbone;

import com.google.protobuf.ByteString;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.finitentk.network.Examples;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.protos.InputTransformerProto;
import org.tribuo.Example;
import org.tribuo.protos.ProtoSerializable;

/**
 * Turns Tribuo examples into the inputs of a network that Tribuo's own {@code ExampleTransformer} cannot feed: several
 * inputs, token ids, other element types.
 *
 * <p>A fitted model stores its transformer, so a class needs, besides its configuration, the static method
 * {@code deserializeFromProto(int version, String className, Any message)} that Tribuo's convention asks for.
 * Implementations are immutable.
 */
public interface InputTransformer
        extends Configurable, ProtoSerializable<InputTransformerProto>, Provenancable<ConfiguredObjectProvenance> {
    /**
     * Refuses features that cannot be fed to the network; called once before training.
     *
     * @param featureNames the names that occur in the training data
     * @param inputs the network's inputs
     * @throws IllegalArgumentException with both shapes, if they do not fit
     */
    void check(Collection<String> featureNames, List<ValueInfo> inputs);

    /**
     * Builds a batch.
     *
     * @param examples the examples, at least one
     * @param inputs the network's inputs
     * @return one tensor for each input, examples along the first dimension
     * @throws IllegalArgumentException if a value does not fit, naming the example's index
     */
    Examples transform(List<? extends Example<?>> examples, List<ValueInfo> inputs);

    /**
     * Sizes that all batches have along axes which the network leaves open, so that its graph can be derived for them.
     *
     * @param inputs the network's inputs
     * @return none, unless an implementation says otherwise: then the network settles them by the examples that it gets
     */
    default InputSizes sizes(List<ValueInfo> inputs) {
        return InputSizes.NONE;
    }

    /**
     * Whether an example may lack a feature that every training example had.
     *
     * @param feature a feature's name
     * @param inputs the network's inputs
     * @return true, unless an implementation says otherwise: examples of token ids have different lengths
     */
    default boolean mayLack(String feature, List<ValueInfo> inputs) {
        return true;
    }

    /**
     * Files that a fitted model keeps, so that it needs them no more: those that whatever makes its examples reads,
     * too, such as a tokenizer.
     *
     * @return their bytes by their SHA-256 in lower-case hexadecimal; none unless an implementation says otherwise
     */
    default Map<String, ByteString> keptFiles() {
        return Map.of();
    }

    /**
     * How many of an example's features reach the network.
     *
     * @param example the example
     * @param inputs the network's inputs
     * @return 0 if the network would see none of it
     */
    int countUsed(Example<?> example, List<ValueInfo> inputs);
}
