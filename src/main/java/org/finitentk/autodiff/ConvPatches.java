package org.finitentk.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.onnx.Shape;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.Value;
import org.finitentk.onnx.Window;

/** The windows of a convolution laid side by side (im2col), from standard slices. */
final class ConvPatches {
    private ConvPatches() {
    }

    /** [n, C, spatial…] to [n, g, C/g · kernel, positions], the middle axis in the order of a filter [M, C/g, kernel…]. */
    static Value of(Algebra a, Value x, Window w, long group) {
        long channels = x.shape().dim(1);
        long positions = Tensor.count(w.outputs());
        Shape batch = x.shape().slice(0, 1);
        Shape one = batch.append(group, channels / group, 1, positions);
        Value padded = pad(a, x, w);
        List<Value> offsets = new ArrayList<>();
        long count = Tensor.count(w.kernel());
        for (long k = 0; k < count; k++) {
            offsets.add(a.reshape(window(a, padded, w, k), one));
        }
        return a.reshape(a.concat(3, offsets), batch.append(group, channels / group * count, positions));
    }

    private static Value pad(Algebra a, Value x, Window w) {
        int rank = w.kernel().length;
        if (Arrays.stream(w.padsBegin()).allMatch(p -> p == 0) && Arrays.stream(w.padsEnd()).allMatch(p -> p == 0)) {
            return x;
        }
        long[] pads = new long[2 * (rank + 2)];
        System.arraycopy(w.padsBegin(), 0, pads, 2, rank);
        System.arraycopy(w.padsEnd(), 0, pads, rank + 4, rank);
        return a.op("Pad", x, a.builder().vector(pads), a.scalar(x, 0));
    }

    /** The inputs that kernel position k meets, at every window position. */
    private static Value window(Algebra a, Value padded, Window w, long k) {
        int rank = w.kernel().length;
        long[] starts = new long[rank];
        long[] ends = new long[rank];
        long[] axes = new long[rank];
        boolean whole = true;
        long rest = k;
        for (int i = rank - 1; i >= 0; i--) {
            starts[i] = rest % w.kernel()[i] * w.dilations()[i];
            rest /= w.kernel()[i];
            ends[i] = starts[i] + (w.outputs()[i] - 1) * w.strides()[i] + 1;
            axes[i] = i + 2L;
            whole &= w.strides()[i] == 1 && starts[i] == 0 && ends[i] == padded.shape().dim(i + 2);
        }
        return whole ? padded : a.op("Slice", padded, a.builder().vector(starts), a.builder().vector(ends), a.builder().vector(axes), a.builder().vector(w.strides()));
    }
}
