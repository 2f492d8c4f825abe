package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Value;
import org.finitentk.internal.onnx.Window;
import org.finitentk.onnx.Node;

/**
 * Poolings with ceil_mode whose last window would start in the padding behind the data. ONNX Runtime's kernels drop
 * that window and its shape inference counts it, so that it can give the output the memory of a value of another size,
 * and fails.
 */
final class DroppedWindows {
    private DroppedWindows() {}

    /** The same pooling, with padding that ends where the last window does: nobody counts another one then. */
    static Node without(Node node, Value x) {
        long[] kernel = node.integers("kernel_shape");
        if (node.integer("ceil_mode", 0) == 0
                || kernel == null
                || node.string("auto_pad", "NOTSET").startsWith("SAME")) {
            return node;
        }
        long[] spatial =
                LongStream.range(2, x.rank()).map(i -> x.shape().dim((int) i)).toArray();
        if (LongStream.of(spatial).anyMatch(size -> size < 0)) {
            return node;
        }
        Window window = Window.of(node, kernel, spatial);
        long[] end = window.padsEnd().clone();
        boolean reachesBeyond = false;
        for (int i = 0; i < kernel.length; i++) {
            long extent = (kernel[i] - 1) * window.dilations()[i] + 1;
            long last = (window.outputs()[i] - 1) * window.strides()[i] + extent;
            long unused = spatial[i] + window.padsBegin()[i] + end[i] - last;
            reachesBeyond |= unused < 0;
            end[i] -= Math.max(0, unused);
        }
        if (Arrays.equals(end, window.padsEnd())) {
            return node;
        }
        boolean fits = LongStream.of(end).allMatch(pad -> pad >= 0);
        if (!fits && reachesBeyond) {
            return node;
        }
        Attributes attributes = new Attributes(node.attributes()).integer("ceil_mode", reachesBeyond ? 1 : 0);
        if (fits) {
            long[] pads = LongStream.concat(LongStream.of(window.padsBegin()), LongStream.of(end))
                    .toArray();
            attributes.string("auto_pad", "NOTSET").integers("pads", pads);
        }
        return new Node(node.name(), "", node.op(), node.inputs(), node.outputs(), attributes.build());
    }
}
