package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.SparseTensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Tensor;

/** Constants of which a file has only the elements that are not 0. They are computed with as others are. */
final class SparseTensors {
    /** A few bytes of a file may not ask for more memory than this: 256 MiB of floats. */
    private static final long MOST_ELEMENTS = 1L << 26;

    private SparseTensors() {}

    /** All elements of a sparse constant. */
    static Tensor dense(SparseTensorProto sparse, TensorReader reader) {
        String name = "sparse initializer '" + sparse.getValues().getName() + "'";
        long[] shape = sparse.getDimsList().stream().mapToLong(Long::longValue).toArray();
        if (Arrays.stream(shape).anyMatch(d -> d < 0 || d > MOST_ELEMENTS)
                || shape.length > 8
                || Tensor.count(shape) > MOST_ELEMENTS) {
            throw new InvalidModelException(name + " has the shape " + Arrays.toString(shape)
                    + "; expected sizes of at least 0 and at most " + MOST_ELEMENTS
                    + " elements, so export it as a dense initializer");
        }
        Tensor values = reader.read(sparse.getValues());
        Tensor indices = reader.read(sparse.getIndices());
        long[] at = indices.toLongs();
        boolean flat = indices.shape().length == 1;
        if (at.length != values.size() * (flat ? 1 : shape.length) || indices.shape().length > 2) {
            throw new InvalidModelException(name + " has " + values.size() + " values and indices of shape "
                    + Arrays.toString(indices.shape()) + "; expected one index, or one for each axis, for each value");
        }
        int bytes = values.type().bytes();
        int count = Math.toIntExact(Tensor.count(shape));
        ByteBuffer out =
                ByteBuffer.allocateDirect(Math.multiplyExact(count, bytes)).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer given = values.data();
        for (int i = 0; i < values.size(); i++) {
            long position = flat ? at[i] : position(at, i, shape);
            if (position < 0 || position >= count) {
                throw new InvalidModelException(name + " has a value at position " + position + " of the shape "
                        + Arrays.toString(shape) + "; expected one inside");
            }
            for (int b = 0; b < bytes; b++) {
                out.put((int) position * bytes + b, given.get(i * bytes + b));
            }
        }
        return new Tensor(values.type(), shape, out);
    }

    private static long position(long[] at, int value, long[] shape) {
        long position = 0;
        for (int axis = 0; axis < shape.length; axis++) {
            long index = at[value * shape.length + axis];
            if (index < 0 || index >= shape[axis]) {
                return -1;
            }
            position = position * shape[axis] + index;
        }
        return position;
    }
}
