package org.finitentk.backbone;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.finitentk.network.Examples;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.protos.InputMappingProto;
import org.finitentk.protos.InputTransformerProto;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.protos.ProtoUtil;

/**
 * A mapping by an object that sees whole examples.
 *
 * @param transformer fills all inputs
 * @param inputs the network's inputs
 * @param required features that every training example had and that no example may lack
 */
record TransformedMapping(InputTransformer transformer, List<ValueInfo> inputs, Set<String> required)
        implements InputMapping {
    private static final long ASSUMED_BYTES = 1L << 16;

    TransformedMapping {
        inputs = List.copyOf(inputs);
        required = Set.copyOf(required);
    }

    static TransformedMapping of(InputTransformer transformer, DataFeatures data, List<ValueInfo> inputs) {
        transformer.check(data.occurring(), inputs);
        Set<String> required = new HashSet<>(data.always());
        required.removeIf(feature -> transformer.mayLack(feature, inputs));
        return new TransformedMapping(transformer, inputs, required);
    }

    static TransformedMapping fromProto(InputMappingProto proto, List<ValueInfo> inputs) {
        InputTransformer transformer =
                ProtoUtil.<InputTransformerProto, InputTransformer>deserialize(proto.getInputTransformer());
        return new TransformedMapping(transformer, inputs, new HashSet<>(proto.getRequiredFeaturesList()));
    }

    @Override
    public Examples toExamples(List<? extends Example<?>> examples, int first) {
        DenseMapping.requireSome(examples);
        for (int i = 0; i < examples.size() && !required.isEmpty(); i++) {
            requireAll(examples.get(i), first + i);
        }
        return transformer.transform(examples, inputs);
    }

    private void requireAll(Example<?> example, int number) {
        Set<String> missing = new TreeSet<>(required);
        for (Feature feature : example) {
            missing.remove(feature.getName());
        }
        if (!missing.isEmpty()) {
            throw DenseMapping.lacks(
                    number, missing.iterator().next(), missing.size() - 1, "give the example its value");
        }
    }

    @Override
    public int countUsed(Example<?> example) {
        return transformer.countUsed(example, inputs);
    }

    @Override
    public long bytesPerExample() {
        return ASSUMED_BYTES;
    }

    @Override
    public InputSizes sizes() {
        return transformer.sizes(inputs);
    }

    @Override
    public List<String> features() {
        return List.of();
    }

    @Override
    public String describe() {
        return "by " + transformer.getClass().getName();
    }

    @Override
    public InputMappingProto serialize() {
        return InputMappingProto.newBuilder()
                .setInputTransformer(transformer.serialize())
                .addAllRequiredFeatures(new TreeSet<>(required))
                .build();
    }
}
