package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.internal.onnx.Window;
import org.finitentk.onnx.Tensor;

/**
 * The windows of a convolution laid side by side (im2col), with the output's cotangent on the same positions, from
 * standard slices.
 *
 * <p>With unit strides the positions are those of the padded input's flattened grid, so that what one kernel offset
 * meets is one contiguous slice; positions that are no outputs have a zero cotangent. That moves memory in long runs.
 *
 * @param patches [n, g, C/g · kernel, positions], the third axis in the order of a filter [M, C/g, kernel…]
 * @param cotangent [n, g, M/g, positions]
 */
record ConvPatches(Value patches, Value cotangent) {
    static ConvPatches of(Algebra a, Value x, Value cotangent, Window w, long group) {
        boolean grid = Arrays.stream(w.strides()).allMatch(s -> s == 1);
        Value padded = pad(a, x, w);
        long[] spatial = padded.shape().slice(2, padded.rank()).at(0);
        long[] steps = gridSteps(spatial);
        long positions = grid ? span(w, steps) : Tensor.count(w.outputs());
        Value source = grid ? a.reshape(padded, x.shape().slice(0, 2).append(Tensor.count(spatial))) : padded;
        Shape batch = x.shape().slice(0, 1);
        long channels = x.shape().dim(1);
        List<Value> offsets = new ArrayList<>();
        long count = Tensor.count(w.kernel());
        for (long k = 0; k < count; k++) {
            long[] at = offset(w, k);
            Value met = grid ? run(a, source, at, steps, positions) : window(a, source, at, w);
            offsets.add(a.reshape(met, batch.append(group, channels / group, 1, positions)));
        }
        Value patches = a.reshape(a.concat(3, offsets), batch.append(group, channels / group * count, positions));
        Value aligned = grid ? onGrid(a, cotangent, spatial, positions) : cotangent;
        long filters = cotangent.shape().dim(1);
        return new ConvPatches(patches, a.reshape(aligned, batch.append(group, filters / group, positions)));
    }

    static Value pad(Algebra a, Value x, Window w) {
        int rank = w.kernel().length;
        if (Arrays.stream(w.padsBegin()).allMatch(p -> p == 0)
                && Arrays.stream(w.padsEnd()).allMatch(p -> p == 0)) {
            return x;
        }
        long[] pads = new long[2 * (rank + 2)];
        System.arraycopy(w.padsBegin(), 0, pads, 2, rank);
        System.arraycopy(w.padsEnd(), 0, pads, rank + 4, rank);
        return a.op("Pad", x, a.builder().vector(pads), a.scalar(x, 0));
    }

    /** How far one step along each spatial axis moves in the flattened grid. */
    private static long[] gridSteps(long[] spatial) {
        long[] steps = new long[spatial.length];
        long step = 1;
        for (int i = spatial.length - 1; i >= 0; i--) {
            steps[i] = step;
            step *= spatial[i];
        }
        return steps;
    }

    /** Positions from the first to the last output on the grid. */
    private static long span(Window w, long[] steps) {
        long span = 1;
        for (int i = 0; i < steps.length; i++) {
            span += (w.outputs()[i] - 1) * steps[i];
        }
        return span;
    }

    /** Where kernel element k lies, dilated, along each axis. */
    static long[] offset(Window w, long k) {
        int rank = w.kernel().length;
        long[] at = new long[rank];
        long rest = k;
        for (int i = rank - 1; i >= 0; i--) {
            at[i] = rest % w.kernel()[i] * w.dilations()[i];
            rest /= w.kernel()[i];
        }
        return at;
    }

    private static Value run(Algebra a, Value flat, long[] at, long[] steps, long positions) {
        long from = 0;
        for (int i = 0; i < at.length; i++) {
            from += at[i] * steps[i];
        }
        return flat.shape().dim(2) == positions ? flat : a.slice(flat, 2, from, from + positions);
    }

    /** The inputs that one kernel element meets, at every window position. */
    static Value window(Algebra a, Value padded, long[] at, Window w) {
        int rank = at.length;
        long[] ends = new long[rank];
        long[] axes = new long[rank];
        for (int i = 0; i < rank; i++) {
            ends[i] = at[i] + (w.outputs()[i] - 1) * w.strides()[i] + 1;
            axes[i] = i + 2;
        }
        return a.op(
                "Slice",
                padded,
                a.builder().vector(at),
                a.builder().vector(ends),
                a.builder().vector(axes),
                a.builder().vector(w.strides()));
    }

    /** Spreads [n, M, outputs…] over the grid, zero where there is no output, cut after the last one. */
    private static Value onGrid(Algebra a, Value ct, long[] spatial, long positions) {
        int rank = spatial.length;
        long[] pads = new long[2 * (rank + 2)];
        long size = 1;
        for (int i = 0; i < rank; i++) {
            long extent = i == 0 ? ct.shape().dim(2) : spatial[i];
            pads[rank + 4 + i] = extent - ct.shape().dim(i + 2);
            size *= extent;
        }
        boolean whole = Arrays.stream(pads).allMatch(p -> p == 0);
        Value spread = whole ? ct : a.op("Pad", ct, a.builder().vector(pads), a.scalar(ct, 0));
        Value flat = a.reshape(spread, ct.shape().slice(0, 2).append(size));
        return size == positions ? flat : a.slice(flat, 2, 0, positions);
    }
}
