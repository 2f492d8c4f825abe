package org.finitentk.backbone;

import java.util.Collection;
import java.util.List;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.protos.InputMappingProto;
import org.finitentk.protos.InputTransformerProto;
import org.tribuo.Example;
import org.tribuo.protos.ProtoUtil;

/**
 * A mapping by an object that sees whole examples.
 *
 * @param transformer fills all inputs
 * @param inputs the network's inputs
 */
record TransformedMapping(InputTransformer transformer, List<ValueInfo> inputs) implements InputMapping {
    private static final long ASSUMED_BYTES = 1L << 16;

    TransformedMapping {
        inputs = List.copyOf(inputs);
    }

    static TransformedMapping of(InputTransformer transformer, Collection<String> featureNames, List<ValueInfo> inputs) {
        transformer.check(featureNames, inputs);
        return new TransformedMapping(transformer, inputs);
    }

    static TransformedMapping fromProto(InputMappingProto proto, List<ValueInfo> inputs) {
        InputTransformer transformer = ProtoUtil.<InputTransformerProto, InputTransformer>deserialize(proto.getInputTransformer());
        return new TransformedMapping(transformer, inputs);
    }

    @Override
    public Examples toExamples(List<? extends Example<?>> examples) {
        DenseMapping.requireSome(examples);
        return transformer.transform(examples, inputs);
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
    public InputMappingProto toProto() {
        return InputMappingProto.newBuilder().setInputTransformer(transformer.serialize()).build();
    }
}
