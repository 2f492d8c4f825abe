package org.finitentk.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Small tensors inside node attributes (ConstantOfShape's value), which carry one element. */
final class TensorDecoder {
    private TensorDecoder() {
    }

    static Tensor decode(@Nullable AttributeProto attribute) {
        if (attribute == null || !attribute.hasT()) {
            throw new InvalidModelException("attribute 'value' holds no tensor");
        }
        TensorProto t = attribute.getT();
        ElementType type = ElementType.of(t.getDataType());
        if (!t.getRawData().isEmpty()) {
            return new Tensor(type, new long[] {1}, ByteBuffer.wrap(t.getRawData().toByteArray()));
        }
        ByteBuffer one = ByteBuffer.allocate(type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
            case FLOAT -> one.putFloat(0, t.getFloatDataCount() > 0 ? t.getFloatData(0) : 0);
            case DOUBLE -> one.putDouble(0, t.getDoubleDataCount() > 0 ? t.getDoubleData(0) : 0);
            case INT64 -> one.putLong(0, t.getInt64DataCount() > 0 ? t.getInt64Data(0) : 0);
            case INT32 -> one.putInt(0, t.getInt32DataCount() > 0 ? t.getInt32Data(0) : 0);
            default -> one.put(0, t.getInt32DataCount() > 0 ? (byte) t.getInt32Data(0) : 0);
        }
        return new Tensor(type, new long[] {1}, one);
    }
}
