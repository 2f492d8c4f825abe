package org.finitentk.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Constants of a model file in every encoding that ONNX has, checked against their shapes before memory is taken. */
final class TensorReader {
    private final String model;
    private final @Nullable Path folder;

    TensorReader(String model, @Nullable Path folder) {
        this.model = model;
        this.folder = folder;
    }

    Tensor read(TensorProto proto) {
        ElementType type;
        try {
            type = ElementType.of(proto.getDataType());
        } catch (InvalidModelException e) {
            throw refuse(proto, String.valueOf(e.getMessage()), e);
        }
        long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        long bytes;
        try {
            if (Arrays.stream(shape).anyMatch(d -> d < 0)) {
                throw refuse(proto, "has a negative dimension in " + Arrays.toString(shape), null);
            }
            bytes = Math.multiplyExact(Tensor.count(shape), type.bytes());
        } catch (ArithmeticException e) {
            throw refuse(proto, "has the shape " + Arrays.toString(shape) + ", whose size overflows", e);
        }
        if (bytes > Integer.MAX_VALUE) {
            throw refuse(proto, "has " + bytes + " bytes; one tensor can have at most 2 GiB", null);
        }
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            return new Tensor(type, shape, external(proto, bytes));
        }
        if (proto.hasRawData()) {
            requireCount(proto, proto.getRawData().size(), bytes, "bytes");
            return new Tensor(type, shape, direct(proto.getRawData().asReadOnlyByteBuffer()));
        }
        return new Tensor(type, shape, typed(proto, type, (int) bytes));
    }

    private InvalidModelException refuse(TensorProto proto, String what, @Nullable Exception cause) {
        String message = "model '" + model + "': initializer '" + proto.getName() + "' " + what;
        return cause == null ? new InvalidModelException(message) : new InvalidModelException(message, cause);
    }

    private void requireCount(TensorProto proto, long found, long expected, String unit) {
        if (found != expected) {
            throw refuse(proto, "of shape " + proto.getDimsList() + " has " + found + " " + unit + "; expected " + expected, null);
        }
    }

    private static ByteBuffer direct(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer typed(TensorProto proto, ElementType type, int bytes) {
        int count = bytes / type.bytes();
        List<? extends Number> values = switch (type) {
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
                    default -> { }
                }
            }
        } catch (NumberFormatException e) {
            throw refuse(proto, "has an external data offset or length that is no number", e);
        }
        requireCount(proto, length, bytes, "bytes of external data");
        Path file = insideFolder(proto, location);
        try (FileChannel channel = FileChannel.open(file)) {
            if (offset < 0 || offset > channel.size() - length) {
                throw refuse(proto, String.format(Locale.ROOT, "reads bytes %d to %d of external file '%s', which has %d", offset, offset + length, location, channel.size()), null);
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
        } catch (IOException e) {
            throw refuse(proto, "has external data in '" + location + "', which cannot be read: " + e.getMessage(), e);
        }
    }

    /** A model is data from elsewhere: it may not name files outside of its own folder, by whatever way. */
    private Path insideFolder(TensorProto proto, String location) {
        if (folder == null) {
            throw refuse(proto, "has external data, but the model was not read from a folder", null);
        }
        try {
            Path root = folder.toRealPath();
            Path file = root.resolve(location).normalize();
            if (location.isEmpty() || Path.of(location).isAbsolute() || !file.startsWith(root) || !Files.exists(file)
                || !file.toRealPath().startsWith(root)) {
                throw refuse(proto, "has external data in '" + location + "', which does not exist inside the model's folder", null);
            }
            return file.toRealPath();
        } catch (IOException | java.nio.file.InvalidPathException e) {
            throw refuse(proto, "has external data in '" + location + "', which cannot be resolved: " + e.getMessage(), e);
        }
    }

    /** The value of a Constant node, or null if it is no dense tensor of numbers (strings, sparse). */
    @Nullable Tensor constant(Node node) {
        for (AttributeProto a : node.attributes().values()) {
            switch (a.getName()) {
                case "value" -> {
                    return read(a.getT().toBuilder().setName(node.output()).build());
                }
                case "value_float" -> {
                    return Tensor.ofFloats(new float[] {a.getF()});
                }
                case "value_int" -> {
                    return Tensor.ofLongs(new long[] {a.getI()});
                }
                case "value_ints" -> {
                    return Tensor.vector(a.getIntsList().stream().mapToLong(Long::longValue).toArray());
                }
                case "value_floats" -> {
                    float[] values = new float[a.getFloatsCount()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = a.getFloats(i);
                    }
                    return Tensor.ofFloats(values, values.length);
                }
                default -> { }
            }
        }
        return null;
    }
}
