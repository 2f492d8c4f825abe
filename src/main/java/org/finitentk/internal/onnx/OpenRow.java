package org.finitentk.internal.onnx;

import java.util.List;
import java.util.stream.LongStream;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/** Inputs of one open size beside the batch's, which the length of an example's row settles. */
public final class OpenRow {
    private OpenRow() {}

    /**
     * The shape of an example that is a row of numbers.
     *
     * @param input such as [n, m], [n, 1, m] or [n, m, 3]
     * @param numbers in a row
     * @return null if not one size alone is open, or the row has no such length
     */
    public static long @Nullable [] shape(ValueInfo input, long numbers) {
        int rank = input.dims().size();
        List<Integer> open = LongStream.range(1, Math.max(1, rank))
                .mapToObj(Math::toIntExact)
                .filter(axis -> !input.isFixed(axis))
                .toList();
        if (open.size() != 1) {
            return null;
        }
        long[] shape = new long[rank - 1];
        long known = 1;
        for (int axis = 1; axis < rank; axis++) {
            if (input.isFixed(axis)) {
                shape[axis - 1] = input.dim(axis);
                known *= shape[axis - 1];
            }
        }
        if (known <= 0 || numbers % known != 0 || numbers == 0) {
            return null;
        }
        shape[open.get(0) - 1] = numbers / known;
        return shape;
    }
}
