package org.finitentk.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;

/** Element types of tensors that this project moves in and out of networks; codes are those of ONNX's TensorProto. */
public enum ElementType {
    /** 32-bit float. */
    FLOAT(TensorProto.DataType.FLOAT, 4),
    /** 64-bit float. */
    DOUBLE(TensorProto.DataType.DOUBLE, 8),
    /** 16-bit float. */
    FLOAT16(TensorProto.DataType.FLOAT16, 2),
    /** bfloat16. */
    BFLOAT16(TensorProto.DataType.BFLOAT16, 2),
    /** 8-bit signed integer. */
    INT8(TensorProto.DataType.INT8, 1),
    /** 16-bit signed integer. */
    INT16(TensorProto.DataType.INT16, 2),
    /** 32-bit signed integer. */
    INT32(TensorProto.DataType.INT32, 4),
    /** 64-bit signed integer. */
    INT64(TensorProto.DataType.INT64, 8),
    /** 8-bit unsigned integer. */
    UINT8(TensorProto.DataType.UINT8, 1),
    /** 16-bit unsigned integer. */
    UINT16(TensorProto.DataType.UINT16, 2),
    /** 32-bit unsigned integer. */
    UINT32(TensorProto.DataType.UINT32, 4),
    /** 64-bit unsigned integer. */
    UINT64(TensorProto.DataType.UINT64, 8),
    /** Boolean, one byte an element. */
    BOOL(TensorProto.DataType.BOOL, 1);

    private final TensorProto.DataType code;
    private final int bytes;

    ElementType(TensorProto.DataType code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /**
     * ONNX's code of this type.
     *
     * @return the number used in TensorProto.data_type and in Cast's attribute {@code to}
     */
    public int code() {
        return code.getNumber();
    }

    /**
     * The size of one element.
     *
     * @return bytes, 1 to 8
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Whether tangents can flow through values of this type (FLOAT and DOUBLE).
     *
     * @return true for FLOAT and DOUBLE
     */
    public boolean isDifferentiable() {
        return this == FLOAT || this == DOUBLE;
    }

    /** Whether values of this type are real numbers, of whatever precision. */
    boolean isReal() {
        return isDifferentiable() || this == FLOAT16 || this == BFLOAT16;
    }

    /**
     * The type in which values of this type are computed: 16-bit floats are in float32.
     *
     * @return FLOAT for FLOAT16 and BFLOAT16, else this
     */
    public ElementType computed() {
        return this == FLOAT16 || this == BFLOAT16 ? FLOAT : this;
    }

    /**
     * Whether a tangent that meets a value of this type ends there: integers and booleans, which are piecewise constant
     * in everything.
     *
     * @return false for every floating-point type
     */
    public boolean endsTangents() {
        return switch (this) {
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL -> true;
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> false;
        };
    }

    /**
     * The type for ONNX's code.
     *
     * @param code TensorProto.DataType number
     * @return the type
     * @throws InvalidModelException if the code is a type that this project does not handle (strings, complex, packed)
     */
    public static ElementType of(int code) {
        for (ElementType type : values()) {
            if (type.code() == code) {
                return type;
            }
        }
        TensorProto.DataType known = TensorProto.DataType.forNumber(code);
        throw new InvalidModelException("tensor element type " + (known == null ? "code " + code : known.name())
                + " is not supported; expected a float, integer or boolean type");
    }

    /**
     * Whether a code is one of these types.
     *
     * @param code ONNX {@code TensorProto.DataType}
     * @return whether {@link #of} knows it
     */
    public static boolean isKnown(int code) {
        return Arrays.stream(values()).anyMatch(type -> type.code() == code);
    }
}
