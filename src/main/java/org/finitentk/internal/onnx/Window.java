package org.finitentk.internal.onnx;

import java.util.Arrays;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;

/**
 * A sliding window over the spatial axes, with explicit padding (auto_pad resolved).
 *
 * @param kernel window size along each spatial axis
 * @param strides steps
 * @param dilations spacing inside the window
 * @param padsBegin padding before each axis
 * @param padsEnd padding after each axis (for ceil_mode, as given; the outputs may reach beyond it)
 * @param outputs number of window positions along each axis
 */
public record Window(
        long[] kernel, long[] strides, long[] dilations, long[] padsBegin, long[] padsEnd, long[] outputs) {
    /**
     * The window of a Conv or pooling node.
     *
     * @param node the node
     * @param kernel window size along each spatial axis
     * @param spatial input size along each spatial axis
     * @return the window
     * @throws InvalidModelException if it does not fit into the padded input
     */
    public static Window of(Node node, long[] kernel, long[] spatial) {
        int rank = kernel.length;
        long[] strides = orElse(node.integers("strides"), rank, 1);
        long[] dilations = orElse(node.integers("dilations"), rank, 1);
        long[] pads = orElse(node.integers("pads"), 2 * rank, 0);
        long[] begin = Arrays.copyOf(pads, rank);
        long[] end = Arrays.copyOfRange(pads, rank, 2 * rank);
        long[] outputs = new long[rank];
        String auto = node.string("auto_pad", "NOTSET");
        for (int i = 0; i < rank; i++) {
            long extent = (kernel[i] - 1) * dilations[i] + 1;
            if (auto.startsWith("SAME")) {
                outputs[i] = (spatial[i] + strides[i] - 1) / strides[i];
                long total = Math.max(0, (outputs[i] - 1) * strides[i] + extent - spatial[i]);
                begin[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                end[i] = total - begin[i];
                continue;
            }
            if (auto.equals("VALID")) {
                begin[i] = 0;
                end[i] = 0;
            }
            outputs[i] = positions(
                    spatial[i] + begin[i] + end[i] - extent,
                    strides[i],
                    node.integer("ceil_mode", 0) != 0,
                    spatial[i] + begin[i]);
        }
        return new Window(kernel.clone(), strides, dilations, begin, end, outputs);
    }

    /** With ceil_mode, a last window that would start in the right padding is dropped. */
    private static long positions(long slack, long stride, boolean ceil, long realEnd) {
        if (slack < 0) {
            throw new InvalidModelException(
                    "its window is larger than its padded input; expected at most as many elements along each axis");
        }
        long count = (ceil ? (slack + stride - 1) / stride : slack / stride) + 1;
        return ceil && (count - 1) * stride >= realEnd ? count - 1 : count;
    }

    static long[] orElse(long @org.jspecify.annotations.Nullable [] given, int length, long value) {
        if (given != null) {
            return given;
        }
        long[] out = new long[length];
        Arrays.fill(out, value);
        return out;
    }
}
