package org.finitentk.internal.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/**
 * Constants of fewer than 8 bits and 8-bit floats, which occur as quantized weights only: 4-bit integers as 8-bit ones
 * of the same values, 8-bit floats as float32.
 *
 * @param code ONNX's code of the element type
 */
record PackedTensors(int code) {
    private static final int FLOAT8E4M3FN = 17;
    private static final int FLOAT8E5M2FNUZ = 20;
    private static final int UINT4 = 21;
    private static final int INT4 = 22;

    /** Whether constants of this element type are read here. */
    boolean isPacked() {
        return code >= FLOAT8E4M3FN && code <= INT4;
    }

    private boolean isNibbles() {
        return code >= UINT4;
    }

    /** Bytes in the file for so many elements. */
    long bytes(long count) {
        return isNibbles() ? (count + 1) / 2 : count;
    }

    Tensor unpacked(long[] shape, ByteBuffer stored) {
        int count = Math.toIntExact(Tensor.count(shape));
        ElementType type = code == UINT4 ? ElementType.UINT8 : code == INT4 ? ElementType.INT8 : ElementType.FLOAT;
        ByteBuffer out = ByteBuffer.allocateDirect(Math.multiplyExact(count, type.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            if (isNibbles()) {
                // the first of two is in the lower half
                int nibble = stored.get(i / 2) >> 4 * (i % 2) & 15;
                out.put((byte) (code == INT4 && nibble > 7 ? nibble - 16 : nibble));
            } else {
                out.putFloat(float8(stored.get(i) & 255));
            }
        }
        Tensor unpacked = new Tensor(type, shape, out.flip());
        return isNibbles() ? unpacked.asFourBits() : unpacked;
    }

    /**
     * Sign, 4 or 5 bits of exponent, 3 or 2 of mantissa; the odd codes are E4M3FN and E5M2 with -0, the even ones
     * without it, their bias larger by 1 and NaN in its place.
     */
    private float float8(int bits) {
        boolean wide = code >= 19;
        boolean unsignedZero = code == 18 || code == FLOAT8E5M2FNUZ;
        int mantissaBits = wide ? 2 : 3;
        int mantissa = bits & (1 << mantissaBits) - 1;
        int exponent = bits >> mantissaBits & (wide ? 31 : 15);
        int bias = (wide ? 15 : 7) + (unsignedZero ? 1 : 0);
        if (unsignedZero ? bits == 128 : wide ? exponent == 31 && mantissa != 0 : (bits & 127) == 127) {
            return Float.NaN;
        }
        float size = wide && !unsignedZero && exponent == 31
                ? Float.POSITIVE_INFINITY
                : exponent == 0
                        ? Math.scalb((float) mantissa, 1 - bias - mantissaBits)
                        : Math.scalb((float) (mantissa | 1 << mantissaBits), exponent - bias - mantissaBits);
        return bits > 127 ? -size : size;
    }
}
