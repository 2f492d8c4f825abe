package org.finitentk.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A dense constant array in C order: element type, shape, little-endian bytes. Immutable by convention: buffers are
 * never written after construction.
 */
public final class Tensor {
    private final ElementType type;
    private final long[] shape;
    private final ByteBuffer data;
    private final boolean fromConstantNode;
    private final boolean fourBits;

    /**
     * Wraps bytes.
     *
     * @param type element type
     * @param shape dimensions, each at least 0; empty for a scalar
     * @param data exactly product(shape) × bytes per element, little endian; direct or heap; not copied
     * @throws IllegalArgumentException if the byte count does not fit the shape
     */
    public Tensor(ElementType type, long[] shape, ByteBuffer data) {
        this(type, shape, data, false, false);
    }

    private Tensor(ElementType type, long[] shape, ByteBuffer data, boolean fromConstantNode, boolean fourBits) {
        this.type = type;
        this.fromConstantNode = fromConstantNode;
        this.fourBits = fourBits;
        this.shape = shape.clone();
        this.data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (Math.multiplyExact(count(shape), type.bytes()) != this.data.limit()) {
            throw new IllegalArgumentException("a " + type + " tensor of shape " + Arrays.toString(shape) + " needs "
                    + count(shape) * type.bytes() + " bytes, found " + this.data.limit());
        }
    }

    /**
     * A FLOAT tensor.
     *
     * @param values elements in C order, copied
     * @param shape dimensions
     * @return the tensor
     */
    public static Tensor ofFloats(float[] values, long... shape) {
        ByteBuffer buffer = allocate(ElementType.FLOAT, values.length);
        buffer.asFloatBuffer().put(values);
        return new Tensor(ElementType.FLOAT, shape, buffer);
    }

    /**
     * A DOUBLE tensor.
     *
     * @param values elements in C order, copied
     * @param shape dimensions
     * @return the tensor
     */
    public static Tensor ofDoubles(double[] values, long... shape) {
        ByteBuffer buffer = allocate(ElementType.DOUBLE, values.length);
        buffer.asDoubleBuffer().put(values);
        return new Tensor(ElementType.DOUBLE, shape, buffer);
    }

    /**
     * An INT64 tensor.
     *
     * @param values elements in C order, copied
     * @param shape dimensions
     * @return the tensor
     */
    public static Tensor ofLongs(long[] values, long... shape) {
        ByteBuffer buffer = allocate(ElementType.INT64, values.length);
        buffer.asLongBuffer().put(values);
        return new Tensor(ElementType.INT64, shape, buffer);
    }

    /**
     * A one-dimensional INT64 tensor, as axes, shapes and pads are.
     *
     * @param values elements
     * @return the tensor, of shape [values.length]
     */
    public static Tensor vector(long... values) {
        return ofLongs(values, values.length);
    }

    /**
     * A floating-point tensor of the given type, converted from doubles.
     *
     * @param type FLOAT or DOUBLE
     * @param values elements in C order, copied
     * @param shape dimensions
     * @return the tensor
     */
    public static Tensor ofReals(ElementType type, double[] values, long... shape) {
        if (type == ElementType.DOUBLE) {
            return ofDoubles(values, shape);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return ofFloats(floats, shape);
    }

    /**
     * Memory for a tensor.
     *
     * @param type of the elements
     * @param count of the elements
     * @return a direct buffer, little endian
     */
    public static ByteBuffer allocate(ElementType type, int count) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(count, type.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The number of elements of a shape.
     *
     * @param shape dimensions
     * @return their product, 1 for a scalar
     * @throws ArithmeticException if it does not fit a long
     */
    public static long count(long[] shape) {
        long count = 1;
        for (long dim : shape) {
            count = Math.multiplyExact(count, dim);
        }
        return count;
    }

    /**
     * The element type.
     *
     * @return never null
     */
    public ElementType type() {
        return type;
    }

    /**
     * The dimensions.
     *
     * @return a copy
     */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * The number of elements.
     *
     * @return product of the dimensions
     */
    public long size() {
        return count(shape);
    }

    /**
     * The elements' bytes.
     *
     * @return a read-only view, little endian, position 0
     */
    public ByteBuffer data() {
        return data.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The elements as doubles.
     *
     * @return a new array in C order
     */
    public double[] toDoubles() {
        double[] out = new double[Math.toIntExact(size())];
        if (type == ElementType.DOUBLE) {
            data.asDoubleBuffer().get(out);
        } else if (type == ElementType.FLOAT) {
            FloatBuffer floats = data.asFloatBuffer();
            for (int i = 0; i < out.length; i++) {
                out[i] = floats.get(i);
            }
        } else {
            for (int i = 0; i < out.length; i++) {
                out[i] = elementAsDouble(i);
            }
        }
        return out;
    }

    /**
     * One element.
     *
     * @param i position in C order
     * @return the nearest float64
     */
    public double elementAsDouble(int i) {
        return switch (type) {
            case FLOAT -> data.getFloat(i * 4);
            case DOUBLE -> data.getDouble(i * 8);
            case FLOAT16 -> float16(data.getShort(i * 2));
            case BFLOAT16 -> Float.intBitsToFloat(data.getShort(i * 2) << 16);
            default -> elementAsLong(i);
        };
    }

    /**
     * Sign, 5 bits of exponent, 10 of mantissa; the exponents 0 and 31 are for subnormal numbers and for infinity and
     * NaN.
     */
    private static double float16(short bits) {
        int exponent = bits >> 10 & 31;
        int mantissa = bits & 1023;
        double size = exponent == 31
                ? mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                : exponent == 0 ? mantissa * 0x1p-24 : (1024 + mantissa) * Math.scalb(1.0, exponent - 25);
        return bits < 0 ? -size : size;
    }

    /**
     * The same numbers in another type.
     *
     * @param to FLOAT or DOUBLE
     * @return a new tensor, each element rounded to that type
     */
    public Tensor converted(ElementType to) {
        int count = Math.toIntExact(size());
        ByteBuffer buffer = allocate(to, count);
        for (int i = 0; i < count; i++) {
            if (to == ElementType.DOUBLE) {
                buffer.putDouble(elementAsDouble(i));
            } else {
                buffer.putFloat((float) elementAsDouble(i));
            }
        }
        return new Tensor(to, shape, buffer.flip(), fromConstantNode, false);
    }

    /**
     * Looks for NaN and infinity.
     *
     * @return index in C order of the first element that is not finite, or -1 if there is none
     */
    public long firstNotFinite() {
        int count = type.isDifferentiable() ? Math.toIntExact(size()) : 0;
        for (int i = 0; i < count; i++) {
            if (!Double.isFinite(elementAsDouble(i))) {
                return i;
            }
        }
        return -1;
    }

    /**
     * The elements as longs; floats are truncated.
     *
     * @return a new array in C order
     */
    public long[] toLongs() {
        long[] out = new long[Math.toIntExact(size())];
        for (int i = 0; i < out.length; i++) {
            out[i] = type.isReal() ? (long) elementAsDouble(i) : elementAsLong(i);
        }
        return out;
    }

    private long elementAsLong(int i) {
        return switch (type) {
            case INT64, UINT64 -> data.getLong(i * 8);
            case INT32 -> data.getInt(i * 4);
            case UINT32 -> Integer.toUnsignedLong(data.getInt(i * 4));
            case INT16 -> data.getShort(i * 2);
            case UINT16 -> Short.toUnsignedLong(data.getShort(i * 2));
            case INT8 -> data.get(i);
            case UINT8, BOOL -> Byte.toUnsignedLong(data.get(i));
            default -> throw new InvalidModelException("element type " + type + " is not an integer type");
        };
    }

    /**
     * Whether the network's file writes this constant as a Constant node, as exporters do with the numbers of formulas,
     * and not among its initializers.
     *
     * @return false unless the tensor was read from a Constant node
     */
    public boolean isFromConstantNode() {
        return fromConstantNode;
    }

    /**
     * The same as the value of a Constant node.
     *
     * @return a tensor of the same content
     */
    public Tensor asConstantNode() {
        return new Tensor(type, shape, data, true, fourBits);
    }

    /**
     * Whether the integers have 4 bits in the file, which have 8 here.
     *
     * @return false for all other tensors
     */
    public boolean isOfFourBits() {
        return fourBits;
    }

    /**
     * The same as integers that have 4 bits in the file.
     *
     * @return a tensor of the same content
     */
    public Tensor asFourBits() {
        return new Tensor(type, shape, data, fromConstantNode, true);
    }

    /**
     * The same bytes under another shape of the same size.
     *
     * @param newShape dimensions with the same product
     * @return a tensor that shares this one's bytes
     */
    public Tensor reshaped(long... newShape) {
        return new Tensor(type, newShape, data);
    }

    /**
     * Rows [from, to) along the first axis, sharing this tensor's bytes.
     *
     * @param from first row, at least 0
     * @param to end, exclusive, at most shape[0]
     * @return a view
     */
    public Tensor rows(long from, long to) {
        long[] part = shape.clone();
        part[0] = to - from;
        long row = shape[0] == 0 ? 0 : data.limit() / shape[0];
        ByteBuffer view = data.duplicate();
        view.position(Math.toIntExact(from * row)).limit(Math.toIntExact(to * row));
        return new Tensor(type, part, view);
    }

    /**
     * This tensor as an ONNX initializer with its values inside.
     *
     * @param name initializer name
     * @return the protobuf
     */
    public TensorProto toProto(String name) {
        TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(type.code());
        for (long dim : shape) {
            proto.addDims(dim);
        }
        return proto.setRawData(UnsafeByteOperations.unsafeWrap(data())).build();
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }

    /**
     * Whether another tensor has the same type, shape and bytes.
     *
     * @param other any tensor
     * @return true for copies
     */
    public boolean hasContentOf(Tensor other) {
        return this == other
                || type() == other.type() && Arrays.equals(shape(), other.shape()) && data().equals(other.data());
    }
}
