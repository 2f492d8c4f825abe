package org.finitentk.internal.autodiff;

import java.util.Arrays;
import org.finitentk.onnx.Node;

/** Where windows lie: kernel, strides, dilations, begin and end pads, output sizes. */
record WindowGeometry(int[] kernel, int[] strides, int[] dilations, int[] begin, int[] end, int[] outputs) {
    static WindowGeometry of(Node node, int[] kernel, int[] spatial) {
        int rank = kernel.length;
        int[] strides = attribute(node, "strides", rank, 1);
        int[] dilations = attribute(node, "dilations", rank, 1);
        int[] pads = attribute(node, "pads", 2 * rank, 0);
        int[] outputs = new int[rank];
        String auto = node.string("auto_pad", "NOTSET");
        boolean ceil = node.integer("ceil_mode", 0) != 0;
        for (int i = 0; i < rank; i++) {
            int reach = (kernel[i] - 1) * dilations[i] + 1;
            if (auto.startsWith("SAME")) {
                outputs[i] = (int) Math.ceil((double) spatial[i] / strides[i]);
                int total = Math.max(0, (outputs[i] - 1) * strides[i] + reach - spatial[i]);
                int small = total / 2;
                pads[i] = auto.equals("SAME_UPPER") ? small : total - small;
                pads[i + rank] = total - pads[i];
            } else {
                if (auto.equals("VALID")) {
                    pads[i] = 0;
                    pads[i + rank] = 0;
                }
                double steps = (double) (spatial[i] + pads[i] + pads[i + rank] - reach) / strides[i];
                outputs[i] = (int) (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
                if (ceil && (outputs[i] - 1) * strides[i] >= spatial[i] + pads[i]) {
                    outputs[i]--;
                }
            }
        }
        return new WindowGeometry(
                kernel,
                strides,
                dilations,
                Arrays.copyOf(pads, rank),
                Arrays.copyOfRange(pads, rank, 2 * rank),
                outputs);
    }

    /** The input position along each axis that kernel offset k meets at output position o; it may lie outside. */
    int[] input(int[] o, int[] k) {
        int[] at = new int[o.length];
        for (int i = 0; i < at.length; i++) {
            at[i] = o[i] * strides[i] + k[i] * dilations[i] - begin[i];
        }
        return at;
    }

    static int[] attribute(Node node, String key, int length, int value) {
        long[] given = node.integers(key);
        if (given != null) {
            return NdArray.ints(given);
        }
        int[] out = new int[length];
        Arrays.fill(out, value);
        return out;
    }

    static boolean inside(int[] at, int[] spatial) {
        boolean inside = true;
        for (int i = 0; i < at.length; i++) {
            inside &= at[i] >= 0 && at[i] < spatial[i];
        }
        return inside;
    }

    static int[] spatial(NdArray x) {
        return Arrays.copyOfRange(x.shape(), 2, x.rank());
    }

    static int[] join(int first, int second, int[] rest) {
        int[] out = new int[rest.length + 2];
        out[0] = first;
        out[1] = second;
        System.arraycopy(rest, 0, out, 2, rest.length);
        return out;
    }
}
