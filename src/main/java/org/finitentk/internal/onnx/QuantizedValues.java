package org.finitentk.internal.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What QuantizeLinear makes of a constant: x / scale in float32, rounded to the nearest integer, to the even one of
 * two, plus the zero point, within the range of the type; and what DequantizeLinear makes of a quantized one.
 */
final class QuantizedValues {
    private QuantizedValues() {}

    /**
     * Which scale an element has.
     *
     * @param inner elements to one index of the axis
     * @param along size of the axis
     * @param block indices to one scale, 0 for one each
     */
    record Spread(long inner, long along, long block) {
        /** The place of an element's scale. */
        int scaleOf(long element) {
            long index = element / inner % along;
            long blocks = block == 0 ? 0 : (along + block - 1) / block;
            return (int)
                    (block > 0 ? (element / inner / along * blocks + index / block) * inner + element % inner : index);
        }
    }

    /**
     * The type that a node quantizes to, if values of it can be made here: integers of 8 and 16 bits.
     *
     * @return null for any other type
     */
    static @Nullable ElementType type(Node node, @Nullable Tensor zeroPoint) {
        long given = node.integer("output_dtype", 0);
        for (ElementType type : List.of(ElementType.INT8, ElementType.UINT8, ElementType.INT16, ElementType.UINT16)) {
            boolean own = zeroPoint != null
                    ? zeroPoint.type() == type && !zeroPoint.isOfFourBits()
                    : type.code() == (given == 0 ? ElementType.UINT8.code() : given);
            if (own) {
                return type;
            }
        }
        return null;
    }

    private static int lowest(ElementType type) {
        return switch (type) {
            case INT8 -> Byte.MIN_VALUE;
            case INT16 -> Short.MIN_VALUE;
            default -> 0;
        };
    }

    /** Quantizes x, whose element i has the scale and zero point that {@code spread} says. */
    static Tensor of(Tensor x, Tensor scale, @Nullable Tensor zeroPoint, ElementType to, Spread spread) {
        int count = Math.toIntExact(x.size());
        int lowest = lowest(to);
        int highest = lowest + (1 << 8 * to.bytes()) - 1;
        ByteBuffer data = ByteBuffer.allocate(count * to.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            int at = spread.scaleOf(i);
            double zero = zeroPoint == null ? 0 : zeroPoint.elementAsDouble(at);
            float quotient = (float) x.elementAsDouble(i) / (float) scale.elementAsDouble(at);
            int value = (int) Math.max(lowest, Math.min(highest, Math.rint(quotient) + zero));
            if (to.bytes() == 1) {
                data.put((byte) value);
            } else {
                data.putShort((short) value);
            }
        }
        return new Tensor(to, x.shape(), data.flip());
    }

    /**
     * (x - zero point) · scale of quantized elements x, rounded to float32 as DequantizeLinear does.
     *
     * @param scale a scale for each index of an axis, or for each (outer index, block of indices along the axis, inner
     *     index), in C order
     * @param zeroPoint as the scales, or null for 0
     * @param spread which scale an element has
     * @return a FLOAT tensor of the same shape, or a DOUBLE one if the scales are
     */
    static Tensor dequantized(Tensor x, Tensor scale, @Nullable Tensor zeroPoint, Spread spread) {
        int count = Math.toIntExact(x.size());
        ElementType real = scale.type() == ElementType.DOUBLE ? ElementType.DOUBLE : ElementType.FLOAT;
        ByteBuffer buffer = Tensor.allocate(real, count);
        for (int i = 0; i < count; i++) {
            int at = spread.scaleOf(i);
            double zero = zeroPoint == null ? 0 : zeroPoint.elementAsDouble(at);
            double factor = scale.elementAsDouble(at);
            if (real == ElementType.DOUBLE) {
                buffer.putDouble((x.elementAsDouble(i) - zero) * factor);
            } else {
                buffer.putFloat((float) (x.elementAsDouble(i) - zero) * (float) factor);
            }
        }
        return new Tensor(real, x.shape(), buffer.flip());
    }
}
