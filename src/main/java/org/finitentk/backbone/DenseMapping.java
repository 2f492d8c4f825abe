package org.finitentk.backbone;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.protos.InputMappingProto;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.interop.onnx.ExampleTransformer;
import org.tribuo.interop.onnx.protos.ExampleTransformerProto;
import org.tribuo.protos.ProtoUtil;

/**
 * A mapping of feature names to the elements of the network's inputs.
 *
 * @param dense the inputs
 * @param positions where each name goes
 * @param required positions whose features every training example had, so that no example may lack them
 */
record DenseMapping(DenseInputs dense, FeaturePositions positions, BitSet required) implements InputMapping {
    private static final String LISTED = "LISTED";

    DenseMapping {
        required = (BitSet) required.clone();
    }

    /**
     * Names in the order of their positions.
     *
     * @param always names that every training example has
     * @throws IllegalArgumentException if there are more or fewer names than elements, or a name is there twice
     */
    static DenseMapping listed(List<String> names, Set<String> always, DenseInputs dense) {
        FeaturePositions.Listed positions = listed(names, dense);
        BitSet required = new BitSet(names.size());
        for (int i = 0; i < names.size(); i++) {
            required.set(i, always.contains(names.get(i)));
        }
        return new DenseMapping(dense, positions, required);
    }

    /** So many numbers an example, which no network says how to lay out. */
    static DenseInputs numbers(int size) {
        ValueInfo row = new ValueInfo("features", ElementType.DOUBLE, List.of("n", Integer.toString(size)));
        return DenseInputs.of(List.of(row), List.of(), size, null);
    }

    private static FeaturePositions.Listed listed(List<String> names, DenseInputs dense) {
        if (names.size() != dense.size()) {
            throw new IllegalArgumentException(
                    "the backbone lists " + names.size() + " features, but its network's " + dense.describe());
        }
        return new FeaturePositions.Listed(names);
    }

    /**
     * The numbers at the ends of the names; whoever writes such names may leave out zeros, so no feature is required.
     */
    static DenseMapping numbered(int firstNumber, Collection<String> featureNames, DenseInputs dense) {
        FeaturePositions.Numbered positions = new FeaturePositions.Numbered(firstNumber, dense.size());
        Map<Integer, String> taken = new HashMap<>();
        for (String name : featureNames) {
            if (positions.of(name) == FeaturePositions.NONE) {
                throw new IllegalArgumentException(
                        "the data's " + featureNames.size() + " features do not fit: feature '" + name
                                + "' has no place, because it does not end in a number from " + firstNumber + " to "
                                + ((long) firstNumber + dense.size() - 1) + "; the network's " + dense.describe());
            }
            String other = taken.put(positions.of(name), name);
            if (other != null) {
                throw new IllegalArgumentException("features '" + other + "' and '" + name
                        + "' end in the same number; expected one feature for each position");
            }
        }
        return new DenseMapping(dense, positions, new BitSet());
    }

    DenseMapping withMissing(Set<String> inputs) {
        return new DenseMapping(dense.missing(inputs), positions, required);
    }

    static void requireSome(List<? extends Example<?>> examples) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("there are no examples; expected at least one");
        }
    }

    @Override
    public Examples toExamples(List<? extends Example<?>> examples, int first) {
        requireSome(examples);
        DenseInputs.Filler filler = dense.filler(examples.size(), first);
        for (int i = 0; i < examples.size(); i++) {
            BitSet missing = (BitSet) required.clone();
            for (Feature feature : examples.get(i)) {
                int position = positions.of(feature.getName());
                if (position != FeaturePositions.NONE) {
                    filler.put(i, position, feature);
                    missing.clear(position);
                }
            }
            if (!missing.isEmpty()) {
                throw lacks(
                        first + i,
                        features().get(missing.nextSetBit(0)),
                        missing.cardinality() - 1,
                        "give the example its value; of a network, featureOrder NUMBERED of OnnxBackbone takes "
                                + "features that are left out as zeros");
            }
        }
        return filler.examples();
    }

    static IllegalArgumentException lacks(int example, String feature, int others, String advice) {
        return new IllegalArgumentException("example " + example + " lacks the feature '" + feature + "'"
                + (others == 0 ? "" : " and " + others + " more") + ", which every training example had; " + advice);
    }

    @Override
    public int countUsed(Example<?> example) {
        int count = 0;
        for (Feature feature : example) {
            if (positions.of(feature.getName()) != FeaturePositions.NONE) {
                count++;
            }
        }
        return count;
    }

    @Override
    public long bytesPerExample() {
        return dense.bytes();
    }

    @Override
    public InputSizes sizes() {
        return dense.sizes();
    }

    @Override
    public List<String> features() {
        return positions instanceof FeaturePositions.Listed listed ? listed.names() : List.of();
    }

    @Override
    public String describe() {
        return positions instanceof FeaturePositions.Numbered numbered
                ? "numbered from " + numbered.firstNumber() + " to "
                        + (numbered.firstNumber() + (long) numbered.size() - 1)
                : NetworkNames.json(features());
    }

    @Override
    public InputMappingProto serialize() {
        InputMappingProto.Builder proto = InputMappingProto.newBuilder();
        if (dense.all().size() == 1) {
            proto.addAllShape(dense.only().shape());
        }
        ExampleTransformer transformer = dense.only().transformer();
        if (transformer != null) {
            proto.setExampleTransformer(transformer.serialize().toByteString());
        }
        if (positions instanceof FeaturePositions.Numbered numbered) {
            return proto.setOrder(FeatureOrder.NUMBERED.name())
                    .setFirstNumber(numbered.firstNumber())
                    .build();
        }
        return proto.setOrder(LISTED)
                .addAllFeatures(features())
                .setRequired(ByteString.copyFrom(required.toByteArray()))
                .build();
    }

    static DenseMapping fromProto(InputMappingProto proto, List<ValueInfo> inputs)
            throws InvalidProtocolBufferException {
        DenseInputs dense =
                DenseInputs.of(inputs, proto.getShapeList(), proto.getFeaturesCount(), readTransformer(proto));
        return switch (proto.getOrder()) {
            case LISTED -> new DenseMapping(dense, listed(proto.getFeaturesList(), dense), required(proto));
            case "NUMBERED" ->
                new DenseMapping(
                        dense, new FeaturePositions.Numbered(proto.getFirstNumber(), dense.size()), new BitSet());
            default ->
                throw new IllegalArgumentException(
                        "the stored input mapping has the unknown order '" + proto.getOrder() + "'");
        };
    }

    private static BitSet required(InputMappingProto proto) {
        BitSet required = BitSet.valueOf(proto.getRequired().asReadOnlyByteBuffer());
        if (required.length() > proto.getFeaturesCount()) {
            throw new IllegalArgumentException("the stored input mapping requires feature " + (required.length() - 1)
                    + " of " + proto.getFeaturesCount() + "; the model is damaged");
        }
        return required;
    }

    private static @Nullable ExampleTransformer readTransformer(InputMappingProto proto)
            throws InvalidProtocolBufferException {
        return proto.getExampleTransformer().isEmpty()
                ? null
                : ProtoUtil.<ExampleTransformerProto, ExampleTransformer>deserialize(
                        ExampleTransformerProto.parseFrom(proto.getExampleTransformer()));
    }
}
