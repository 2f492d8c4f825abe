package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** Constants of a model file in every encoding that ONNX has, checked against their shapes before memory is taken. */
public final class TensorReader {
    private final String model;
    private final @Nullable ExternalWeights files;

    TensorReader(String model, @Nullable ExternalWeights files) {
        this.model = model;
        this.files = files;
    }

    /**
     * A node's attribute that is a tensor.
     *
     * @param node an operator call
     * @param key attribute name
     * @return the tensor, or null when absent
     * @throws InvalidModelException if it is malformed
     */
    public static @Nullable Tensor attribute(Node node, String key) {
        AttributeProto attribute = node.attributes().get(key);
        return attribute == null ? null : new TensorReader(node.name(), null).read(attribute.getT());
    }

    /** Whether the elements are numbers of a type that is read. */
    static boolean isReadable(TensorProto proto) {
        return ElementType.isKnown(proto.getDataType()) || new PackedTensors(proto.getDataType()).isPacked();
    }

    Tensor read(TensorProto proto) {
        PackedTensors packed = new PackedTensors(proto.getDataType());
        ElementType type;
        try {
            type = packed.isPacked() ? ElementType.UINT8 : ElementType.of(proto.getDataType());
        } catch (InvalidModelException e) {
            throw refuse(proto, String.valueOf(e.getMessage()), e);
        }
        long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        long bytes;
        try {
            if (Arrays.stream(shape).anyMatch(d -> d < 0)) {
                throw refuse(proto, "has a negative dimension in " + Arrays.toString(shape), null);
            }
            long count = Tensor.count(shape);
            bytes = packed.isPacked() ? packed.bytes(count) : Math.multiplyExact(count, type.bytes());
        } catch (ArithmeticException e) {
            throw refuse(proto, "has the shape " + Arrays.toString(shape) + ", whose size overflows", e);
        }
        if (bytes > Integer.MAX_VALUE) {
            throw refuse(proto, "has " + bytes + " bytes; one tensor can have at most 2 GiB", null);
        }
        ByteBuffer stored = stored(proto, type, bytes);
        return packed.isPacked() ? packed.unpacked(shape, stored) : new Tensor(type, shape, stored);
    }

    private ByteBuffer stored(TensorProto proto, ElementType type, long bytes) {
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            return external(proto, bytes);
        }
        if (proto.hasRawData()) {
            requireCount(proto, proto.getRawData().size(), bytes, "bytes");
            return direct(proto.getRawData().asReadOnlyByteBuffer());
        }
        return typed(proto, type, (int) bytes);
    }

    private InvalidModelException refuse(TensorProto proto, String what, @Nullable Exception cause) {
        String message = "model '" + model + "': initializer '" + proto.getName() + "' " + what;
        return cause == null ? new InvalidModelException(message) : new InvalidModelException(message, cause);
    }

    private void requireCount(TensorProto proto, long found, long expected, String unit) {
        if (found != expected) {
            throw refuse(
                    proto,
                    "of shape " + proto.getDimsList() + " has " + found + " " + unit + "; expected " + expected,
                    null);
        }
    }

    private static ByteBuffer direct(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer typed(TensorProto proto, ElementType type, int bytes) {
        int count = bytes / type.bytes();
        List<? extends Number> values =
                switch (type) {
                    case FLOAT -> proto.getFloatDataList();
                    case DOUBLE -> proto.getDoubleDataList();
                    case INT64 -> proto.getInt64DataList();
                    case UINT32, UINT64 -> proto.getUint64DataList();
                    default -> proto.getInt32DataList();
                };
        requireCount(proto, values.size(), count, "elements");
        ByteBuffer out = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (Number v : values) {
            switch (type) {
                case FLOAT -> out.putFloat(v.floatValue());
                case DOUBLE -> out.putDouble(v.doubleValue());
                case INT64, UINT64 -> out.putLong(v.longValue());
                case INT32, UINT32 -> out.putInt(v.intValue());
                case INT16, UINT16, FLOAT16, BFLOAT16 -> out.putShort(v.shortValue());
                default -> out.put(v.byteValue());
            }
        }
        return out.flip();
    }

    private ByteBuffer external(TensorProto proto, long bytes) {
        String location = "";
        long offset = 0;
        long length = bytes;
        try {
            for (StringStringEntryProto entry : proto.getExternalDataList()) {
                switch (entry.getKey()) {
                    case "location" -> location = entry.getValue();
                    case "offset" -> offset = Long.parseLong(entry.getValue());
                    case "length" -> length = Long.parseLong(entry.getValue());
                    default -> {}
                }
            }
        } catch (NumberFormatException e) {
            throw refuse(proto, "has an external data offset or length that is no number", e);
        }
        requireCount(proto, length, bytes, "bytes of external data");
        if (files == null) {
            throw refuse(proto, "has external data, but the model was not read from a folder", null);
        }
        try {
            return files.read(location, offset, length);
        } catch (InvalidModelException e) {
            String range = "reads bytes " + offset + " to " + (offset + length) + " of";
            throw refuse(proto, range + " external file '" + location + "', which " + e.getMessage(), e);
        }
    }

    /** The value of a Constant node, or null if it is no dense tensor of numbers (strings, sparse). */
    @Nullable
    Tensor constant(Node node) {
        for (AttributeProto a : node.attributes().values()) {
            switch (a.getName()) {
                case "value" -> {
                    if (!isReadable(a.getT())) {
                        return null;
                    }
                    return read(a.getT().toBuilder().setName(node.output()).build());
                }
                case "value_float" -> {
                    return Tensor.ofFloats(new float[] {a.getF()});
                }
                case "value_int" -> {
                    return Tensor.ofLongs(new long[] {a.getI()});
                }
                case "value_ints" -> {
                    return Tensor.vector(
                            a.getIntsList().stream().mapToLong(Long::longValue).toArray());
                }
                case "value_floats" -> {
                    float[] values = new float[a.getFloatsCount()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = a.getFloats(i);
                    }
                    return Tensor.ofFloats(values, values.length);
                }
                default -> {}
            }
        }
        return null;
    }
}
