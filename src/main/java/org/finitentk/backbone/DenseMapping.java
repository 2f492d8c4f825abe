package org.finitentk.backbone;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.network.Examples;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.protos.InputMappingProto;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.interop.onnx.ExampleTransformer;
import org.tribuo.interop.onnx.protos.ExampleTransformerProto;
import org.tribuo.protos.ProtoUtil;

/**
 * A mapping of feature names to the elements of the network's only input.
 *
 * @param dense the input
 * @param positions where each name goes
 */
record DenseMapping(DenseInput dense, FeaturePositions positions) implements InputMapping {
    private static final String LISTED = "LISTED";

    /** Explicitly listed names go to positions 0, 1, …; every feature of the data must be listed. */
    static DenseMapping listed(List<String> names, Collection<String> featureNames, DenseInput dense) {
        FeaturePositions.Listed positions = listed(names, dense);
        requireAllKnown(positions, featureNames, dense, "which is not among the " + names.size() + " features that the backbone lists");
        return new DenseMapping(dense, positions);
    }

    private static FeaturePositions.Listed listed(List<String> names, DenseInput dense) {
        if (names.size() != dense.size()) {
            throw new IllegalArgumentException("the backbone lists " + names.size() + " features, but its network's " + dense.describe());
        }
        return new FeaturePositions.Listed(names);
    }

    /** The names that occur, in number-aware order; they must fill the input. */
    static DenseMapping sorted(Collection<String> featureNames, DenseInput dense) {
        int found = featureNames.size();
        if (found != dense.size()) {
            throw new IllegalArgumentException("the data has " + found + " features (shape [" + found + "] an example), but the network's " + dense.describe()
                + "; give the backbone its features by name in input order, or featureOrder NUMBERED if the names end in their positions");
        }
        return new DenseMapping(dense, new FeaturePositions.Listed(featureNames.stream().sorted(NumberAwareOrder.INSTANCE).toList()));
    }

    /** The numbers at the ends of the names. */
    static DenseMapping numbered(int firstNumber, Collection<String> featureNames, DenseInput dense) {
        FeaturePositions.Numbered positions = new FeaturePositions.Numbered(firstNumber, dense.size());
        requireAllKnown(positions, featureNames, dense, "because it does not end in a number from " + firstNumber + " to " + ((long) firstNumber + dense.size() - 1));
        Map<Integer, String> taken = new HashMap<>();
        for (String name : featureNames) {
            String other = taken.put(positions.of(name), name);
            if (other != null) {
                throw new IllegalArgumentException("features '" + other + "' and '" + name + "' end in the same number; expected one feature for each position");
            }
        }
        return new DenseMapping(dense, positions);
    }

    private static void requireAllKnown(FeaturePositions positions, Collection<String> featureNames, DenseInput dense, String why) {
        for (String name : featureNames) {
            if (positions.of(name) == FeaturePositions.NONE) {
                throw new IllegalArgumentException("the data's " + featureNames.size() + " features do not fit: feature '" + name + "' has no place, " + why
                    + "; the network's " + dense.describe());
            }
        }
    }

    static void requireSome(List<? extends Example<?>> examples) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("there are no examples; expected at least one");
        }
    }

    @Override
    public Examples toExamples(List<? extends Example<?>> examples) {
        requireSome(examples);
        DenseInput.Filler filler = dense.filler(examples.size());
        for (int i = 0; i < examples.size(); i++) {
            for (Feature feature : examples.get(i)) {
                int position = positions.of(feature.getName());
                if (position != FeaturePositions.NONE) {
                    filler.put(i, position, feature);
                }
            }
        }
        Tensor tensor = filler.tensor();
        return Examples.of(dense.input().name(), tensor);
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
        return (long) dense.size() * dense.input().type().bytes();
    }

    @Override
    public InputMappingProto toProto() {
        InputMappingProto.Builder proto = InputMappingProto.newBuilder().addAllShape(dense.shape());
        ExampleTransformer transformer = dense.transformer();
        if (transformer != null) {
            proto.setExampleTransformer(transformer.serialize().toByteString());
        }
        if (positions instanceof FeaturePositions.Numbered numbered) {
            return proto.setOrder(FeatureOrder.NUMBERED.name()).setFirstNumber(numbered.firstNumber()).build();
        }
        return proto.setOrder(LISTED).addAllFeatures(((FeaturePositions.Listed) positions).names()).build();
    }

    static DenseMapping fromProto(InputMappingProto proto, List<ValueInfo> inputs) throws InvalidProtocolBufferException {
        DenseInput dense = DenseInput.of(inputs, proto.getShapeList(), proto.getFeaturesCount(), readTransformer(proto));
        return switch (proto.getOrder()) {
            case LISTED -> new DenseMapping(dense, listed(proto.getFeaturesList(), dense));
            case "NUMBERED" -> new DenseMapping(dense, new FeaturePositions.Numbered(proto.getFirstNumber(), dense.size()));
            default -> throw new IllegalArgumentException("the stored input mapping has the unknown order '" + proto.getOrder() + "'");
        };
    }

    private static @Nullable ExampleTransformer readTransformer(InputMappingProto proto) throws InvalidProtocolBufferException {
        return proto.getExampleTransformer().isEmpty() ? null
            : ProtoUtil.<ExampleTransformerProto, ExampleTransformer>deserialize(ExampleTransformerProto.parseFrom(proto.getExampleTransformer()));
    }
}
