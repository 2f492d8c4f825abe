package org.finitentk.internal.autodiff;

import java.util.Arrays;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** An array of the reference interpreter: every element type is held as float64, in C order. */
record NdArray(ElementType type, int[] shape, double[] data) {
    NdArray {
        if (data.length != count(shape)) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(shape) + " with " + data.length + " elements");
        }
    }

    static NdArray zeros(ElementType type, int... shape) {
        return new NdArray(type, shape, new double[count(shape)]);
    }

    static NdArray longs(long... elements) {
        return new NdArray(
                ElementType.INT64,
                new int[] {elements.length},
                Arrays.stream(elements).asDoubleStream().toArray());
    }

    static NdArray of(Tensor t) {
        return new NdArray(t.type(), ints(t.shape()), t.toDoubles());
    }

    Tensor toTensor() {
        long[] dims = Arrays.stream(shape).asLongStream().toArray();
        if (type.isDifferentiable()) {
            return Tensor.ofReals(type, data, dims);
        }
        if (type != ElementType.INT64) {
            throw new IllegalArgumentException("no tensor of " + type);
        }
        return Tensor.ofLongs(longs(), dims);
    }

    static int[] ints(long[] dims) {
        return Arrays.stream(dims).mapToInt(Math::toIntExact).toArray();
    }

    static int count(int[] shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    int rank() {
        return shape.length;
    }

    long[] longs() {
        return Arrays.stream(data).mapToLong(d -> (long) d).toArray();
    }

    NdArray reshaped(int... newShape) {
        return new NdArray(type, newShape, data);
    }

    /** The multi-index of a flat position in a shape. */
    static int[] index(int flat, int[] shape) {
        int[] index = new int[shape.length];
        int rest = flat;
        for (int i = shape.length - 1; i >= 0; i--) {
            index[i] = rest % shape[i];
            rest /= shape[i];
        }
        return index;
    }

    /** The flat position of a multi-index. */
    int flat(int... index) {
        int flat = 0;
        for (int i = 0; i < shape.length; i++) {
            flat = flat * shape[i] + index[i];
        }
        return flat;
    }

    double at(int... index) {
        return data[flat(index)];
    }

    /** The element that broadcasting to a larger shape puts at an index of that shape. */
    double broadcast(int[] index) {
        int flat = 0;
        int skipped = index.length - shape.length;
        for (int i = 0; i < shape.length; i++) {
            flat = flat * shape[i] + (shape[i] == 1 ? 0 : index[i + skipped]);
        }
        return data[flat];
    }

    static int[] broadcastShape(int[] a, int[] b) {
        int[] out = new int[Math.max(a.length, b.length)];
        for (int i = 0; i < out.length; i++) {
            int ia = i - out.length + a.length;
            int ib = i - out.length + b.length;
            int da = ia < 0 ? 1 : a[ia];
            int db = ib < 0 ? 1 : b[ib];
            if (da != db && da != 1 && db != 1) {
                throw new IllegalArgumentException(
                        Arrays.toString(a) + " and " + Arrays.toString(b) + " do not broadcast");
            }
            out[i] = da == 1 ? db : da;
        }
        return out;
    }

    /** One index of the first axis, kept as an axis of size 1. */
    NdArray row(int i) {
        int[] one = shape.clone();
        one[0] = 1;
        int size = count(one);
        return new NdArray(type, one, Arrays.copyOfRange(data, i * size, (i + 1) * size));
    }
}
