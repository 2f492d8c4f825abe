package org.finitentk.internal.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** ONNX Runtime's views of tensors during one run. */
final class TensorHandles implements AutoCloseable {
    private final Map<String, OnnxTensor> handles = new HashMap<>();

    /** Views a tensor; without copying if its memory is direct. */
    void add(String name, Tensor tensor) throws OrtException {
        ByteBuffer data = tensor.data();
        handles.put(
                name,
                OnnxTensor.createTensor(
                        OrtRuntime.environment(),
                        data.isDirect() ? data : directCopy(data),
                        tensor.shape(),
                        javaType(tensor.type())));
    }

    /** ONNX Runtime 1.28 casts a heap ByteBuffer to the typed buffer that it is not. */
    private static ByteBuffer directCopy(ByteBuffer heap) {
        return ByteBuffer.allocateDirect(heap.remaining()).put(heap).flip();
    }

    /** Lets a run write into direct memory, and returns the tensor over it. */
    Tensor addWritable(String name, ElementType type, long[] shape, ByteBuffer memory) throws OrtException {
        handles.put(name, OnnxTensor.createTensor(OrtRuntime.environment(), memory, shape, javaType(type)));
        return new Tensor(type, shape, memory);
    }

    Map<String, OnnxTensor> handles() {
        return handles;
    }

    @Override
    public void close() {
        handles.values().forEach(OnnxTensor::close);
    }

    private static OnnxJavaType javaType(ElementType type) {
        return switch (type) {
            case FLOAT -> OnnxJavaType.FLOAT;
            case DOUBLE -> OnnxJavaType.DOUBLE;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case BFLOAT16 -> OnnxJavaType.BFLOAT16;
            case INT8 -> OnnxJavaType.INT8;
            case INT16 -> OnnxJavaType.INT16;
            case INT32 -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case UINT8 -> OnnxJavaType.UINT8;
            case BOOL -> OnnxJavaType.BOOL;
            case UINT16, UINT32, UINT64 ->
                throw new IllegalArgumentException("ONNX Runtime's Java interface takes no " + type
                        + " tensors as network inputs or outputs; convert the model's input to a signed type");
        };
    }
}
