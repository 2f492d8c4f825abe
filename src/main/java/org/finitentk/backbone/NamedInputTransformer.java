package org.finitentk.backbone;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.util.NumberAwareOrder;
import org.finitentk.network.Examples;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.protos.InputTransformerProto;
import org.finitentk.protos.NamedInputTransformerProto;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.protos.ProtoSerializableClass;
import org.tribuo.protos.ProtoSerializableMapField;
import org.tribuo.protos.ProtoUtil;

/**
 * Fills several inputs from features named {@code input:position}, where position counts the elements of one example's
 * input in C order from 0: {@code input_ids:3} is the fourth token id. Values are cast to the input's own type,
 * elements that no feature names are 0; but the only element of an input that has one element an example may not be
 * missing where every training example had it.
 */
@ProtoSerializableClass(
        version = NamedInputTransformer.CURRENT_VERSION,
        serializedDataClass = NamedInputTransformerProto.class)
public final class NamedInputTransformer implements InputTransformer {
    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    private static final char SEPARATOR = ':';

    @Config(
            description = "Sizes of one example's input, such as 16 or 3x32x32, by input name, for inputs whose "
                    + "own dimensions are symbolic.")
    @ProtoSerializableMapField(name = "shapes")
    private Map<String, String> shapes = new HashMap<>();

    /** A transformer for a network all of whose input dimensions but the first are fixed. */
    public NamedInputTransformer() {
        this(Map.of());
    }

    /**
     * A transformer that fixes the sizes that the network leaves open.
     *
     * @param shapes sizes of one example's input, such as 16 or 3x32x32, by input name
     */
    public NamedInputTransformer(Map<String, String> shapes) {
        this.shapes = new HashMap<>(shapes);
        postConfig();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        shapes.forEach((input, shape) -> sizes(input, shape));
    }

    /**
     * Reads a stored transformer; Tribuo calls it.
     *
     * @param version version of the stored form
     * @param className this class
     * @param message the stored form
     * @return the transformer
     * @throws InvalidProtocolBufferException if it cannot be parsed
     */
    public static NamedInputTransformer deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        if (version < 0 || version > CURRENT_VERSION) {
            throw new IllegalArgumentException("NamedInputTransformer has version " + version
                    + "; this program reads versions 0 to " + CURRENT_VERSION);
        }
        return new NamedInputTransformer(
                message.unpack(NamedInputTransformerProto.class).getShapesMap());
    }

    private static List<Integer> sizes(String input, String shape) {
        try {
            List<Integer> sizes = Arrays.stream(shape.split("x", -1))
                    .map(String::strip)
                    .map(Integer::valueOf)
                    .toList();
            if (sizes.stream().allMatch(size -> size > 0)) {
                return sizes;
            }
        } catch (NumberFormatException e) {
            // Refused below, like sizes that are not positive.
        }
        throw new PropertyException(
                "",
                "shapes",
                "the shape of input '" + input + "' is '" + shape + "'; expected positive sizes such as 16 or 3x32x32");
    }

    @Override
    public void check(Collection<String> featureNames, List<ValueInfo> inputs) {
        Map<String, DenseInput> dense = dense(inputs);
        for (String name : featureNames) {
            if (find(name, dense) == null) {
                throw new IllegalArgumentException("feature '" + name
                        + "' names no element of the network's inputs; expected a name such as '"
                        + inputs.get(0).name() + SEPARATOR + "0', where the inputs are "
                        + dense.values().stream().map(DenseInput::describe).toList());
            }
        }
    }

    @Override
    public InputSizes sizes(List<ValueInfo> inputs) {
        InputSizes sizes = InputSizes.NONE;
        for (ValueInfo input : inputs) {
            String shape = shapes.get(input.name());
            sizes = shape == null ? sizes : sizes.and(InputSizes.ofExample(input.name(), sizes(input.name(), shape)));
        }
        return sizes;
    }

    @Override
    public Examples transform(List<? extends Example<?>> examples, List<ValueInfo> inputs) {
        Map<String, DenseInput> dense = dense(inputs);
        Map<String, DenseInput.Filler> fillers = new LinkedHashMap<>();
        dense.forEach((name, input) -> fillers.put(name, input.filler(examples.size(), 0)));
        for (int i = 0; i < examples.size(); i++) {
            for (Feature feature : examples.get(i)) {
                Place place = find(feature.getName(), dense);
                DenseInput.Filler filler = place == null ? null : fillers.get(place.input());
                if (place != null && filler != null) {
                    filler.put(i, place.position(), feature);
                }
            }
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        fillers.forEach((name, filler) -> tensors.put(name, filler.tensor()));
        return new Examples(tensors);
    }

    @Override
    public boolean mayLack(String feature, List<ValueInfo> inputs) {
        Map<String, DenseInput> dense = dense(inputs);
        Place place = find(feature, dense);
        DenseInput input = place == null ? null : dense.get(place.input());
        return input == null || input.size() > 1;
    }

    @Override
    public int countUsed(Example<?> example, List<ValueInfo> inputs) {
        Map<String, DenseInput> dense = dense(inputs);
        int count = 0;
        for (Feature feature : example) {
            count += find(feature.getName(), dense) == null ? 0 : 1;
        }
        return count;
    }

    private Map<String, DenseInput> dense(List<ValueInfo> inputs) {
        Map<String, DenseInput> dense = new LinkedHashMap<>();
        for (ValueInfo input : inputs) {
            String shape = shapes.get(input.name());
            List<Integer> given = shape == null ? new ArrayList<>() : sizes(input.name(), shape);
            if (given.isEmpty() && input.dims().size() == 2 && !input.isFixed(1)) {
                throw new IllegalArgumentException("the network's input '" + input.name() + "' has the symbolic shape "
                        + input.dims() + "; give the NamedInputTransformer its shape");
            }
            dense.put(input.name(), DenseInput.of(List.of(input), given, 0, null));
        }
        return dense;
    }

    private record Place(String input, int position) {}

    private static @Nullable Place find(String feature, Map<String, DenseInput> dense) {
        int separator = feature.lastIndexOf(SEPARATOR);
        if (separator < 0) {
            return null;
        }
        String input = feature.substring(0, separator);
        DenseInput target = dense.get(input);
        if (target == null) {
            return null;
        }
        String number = feature.substring(separator + 1);
        boolean digitsOnly = number.chars().allMatch(c -> NumberAwareOrder.isDigit((char) c));
        int position = digitsOnly ? new FeaturePositions.Numbered(0, target.size()).of(number) : FeaturePositions.NONE;
        return position == FeaturePositions.NONE ? null : new Place(input, position);
    }

    @Override
    public InputTransformerProto serialize() {
        return ProtoUtil.serialize(this);
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "InputTransformer");
    }
}
