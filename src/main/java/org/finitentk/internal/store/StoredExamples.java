package org.finitentk.internal.store;

import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.finitentk.protos.ArrayProto;

/** Training inputs as part of a message: by input name, each an array. */
public final class StoredExamples {
    private StoredExamples() {}

    /**
     * Writes examples.
     *
     * @param examples the inputs
     * @return one array an input
     */
    public static Map<String, ArrayProto> write(Examples examples) {
        Map<String, ArrayProto> arrays = new LinkedHashMap<>();
        examples.inputs().forEach((name, tensor) -> {
            ArrayProto.Builder proto = ArrayProto.newBuilder()
                    .setType(tensor.type().name())
                    .setData(UnsafeByteOperations.unsafeWrap(tensor.data()));
            for (long size : tensor.shape()) {
                proto.addShape(size);
            }
            arrays.put(name, proto.build());
        });
        return arrays;
    }

    /**
     * Reads examples.
     *
     * @param arrays what was written
     * @return the inputs
     * @throws IllegalArgumentException if they are damaged
     */
    public static Examples read(Map<String, ArrayProto> arrays) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        // Messages keep no order of maps; an order is needed for results that repeat.
        new TreeMap<>(arrays).forEach((name, array) -> tensors.put(name, tensor(array)));
        return new Examples(tensors);
    }

    /**
     * How many bytes examples take in a message.
     *
     * @param examples the inputs
     * @return the sum of their arrays' bytes
     */
    public static long bytes(Examples examples) {
        return examples.inputs().values().stream()
                .mapToLong(tensor -> tensor.data().limit())
                .sum();
    }

    private static Tensor tensor(ArrayProto proto) {
        ByteBuffer data = ByteBuffer.allocateDirect(proto.getData().size()).order(ByteOrder.LITTLE_ENDIAN);
        proto.getData().copyTo(data);
        long[] shape = proto.getShapeList().stream().mapToLong(Long::longValue).toArray();
        return new Tensor(StoredModel.constant(ElementType.class, proto.getType()), shape, data.flip());
    }
}
