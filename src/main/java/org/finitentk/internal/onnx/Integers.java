package org.finitentk.internal.onnx;

import java.nio.ByteBuffer;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** Writing integers as the elements of integer and boolean tensors. */
public final class Integers {
    /** Doubles are exact up to here. */
    private static final long EXACT = 1L << 53;

    private Integers() {}

    /**
     * The integers that fit a type.
     *
     * @param min smallest
     * @param max largest
     */
    public record Range(long min, long max) {
        /**
         * Whether a type has an integer.
         *
         * @param value any
         * @return true from the smallest to the largest
         */
        public boolean has(long value) {
            return min <= value && value <= max;
        }
    }

    /**
     * The integers that a type has, as far as doubles are exact.
     *
     * @param type of integers, or BOOL: 0 and 1
     * @return its range
     * @throws IllegalArgumentException if the type is none of integers
     */
    public static Range range(ElementType type) {
        return switch (type) {
            case BOOL -> new Range(0, 1);
            case UINT8 -> new Range(0, 255);
            case INT8 -> new Range(Byte.MIN_VALUE, Byte.MAX_VALUE);
            case UINT16 -> new Range(0, 65535);
            case INT16 -> new Range(Short.MIN_VALUE, Short.MAX_VALUE);
            case UINT32 -> new Range(0, 0xFFFFFFFFL);
            case INT32 -> new Range(Integer.MIN_VALUE, Integer.MAX_VALUE);
            case UINT64 -> new Range(0, EXACT);
            case INT64 -> new Range(-EXACT, EXACT);
            default ->
                throw new IllegalArgumentException("a network input of type " + type
                        + " cannot be filled from features; expected float32, float64, an integer type or bool");
        };
    }

    /**
     * A tensor of integers.
     *
     * @param type of integers, or BOOL
     * @param values elements in C order, in the type's range
     * @param shape dimensions
     * @return the tensor
     */
    public static Tensor tensor(ElementType type, long[] values, long... shape) {
        ByteBuffer data = Tensor.allocate(type, values.length);
        for (int i = 0; i < values.length; i++) {
            put(data, i * type.bytes(), type, values[i]);
        }
        return new Tensor(type, shape, data);
    }

    /**
     * Writes the low bytes of a value that is in range.
     *
     * @param data where to
     * @param offset in bytes
     * @param type of the element
     * @param value what to write
     */
    public static void put(ByteBuffer data, int offset, ElementType type, long value) {
        switch (type.bytes()) {
            case 1 -> data.put(offset, (byte) value);
            case 2 -> data.putShort(offset, (short) value);
            case 4 -> data.putInt(offset, (int) value);
            default -> data.putLong(offset, value);
        }
    }
}
