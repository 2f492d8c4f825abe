package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.internal.onnx.Window;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;

/**
 * Convolutions, averages over windows and resizing, as slices and matrix products, which ONNX Runtime has for float64.
 */
final class DoubleWindows {
    private DoubleWindows() {}

    static void register(Map<String, Lowering> t) {
        t.put("Conv", n -> {
            Value y = conv(
                    n.algebra(),
                    n.in(0),
                    n.in(1),
                    window(n, n.in(1).shape().slice(2, n.in(1).rank()).at(0)),
                    n.node().integer("group", 1));
            n.result(withBias(n, y));
        });
        t.put("ConvTranspose", n -> n.result(withBias(n, convTranspose(n))));
        t.put("AveragePool", DoubleWindows::averagePool);
        t.put("LpPool", DoubleWindows::lpPool);
        t.put("Resize", DoubleWindows::resize);
    }

    private static Window window(Rewrite n, long[] kernel) {
        Shape x = n.in(0).shape();
        return Window.of(
                n.node(),
                kernel,
                n.requireStatic(x.slice(2, x.rank()), "spatial size").at(0));
    }

    private static Value withBias(Rewrite n, Value y) {
        Value bias = n.inOrNull(2);
        return bias == null
                ? y
                : n.algebra().add(y, n.algebra().reshape(bias, bias.shape().concat(Shape.ones(y.rank() - 2))));
    }

    /** All windows side by side, times the filter. */
    private static Value conv(Algebra a, Value x, Value filter, Window w, long group) {
        Shape batch = x.shape().slice(0, 1);
        long channels = x.shape().dim(1) / group;
        long filters = filter.shape().dim(0);
        long elements = Tensor.count(w.kernel());
        long positions = Tensor.count(w.outputs());
        List<Value> met = new ArrayList<>();
        for (Value each : windows(a, x, w)) {
            met.add(a.reshape(each, batch.append(group, channels, 1, positions)));
        }
        Value patches = a.reshape(a.concat(3, met), batch.append(group, channels * elements, positions));
        Value y = a.matmul(a.reshape(filter, Shape.of(group, filters / group, channels * elements)), patches);
        return a.reshape(y, batch.append(filters).append(w.outputs()));
    }

    /** What each element of the kernel meets, [n, C, positions…]. */
    private static List<Value> windows(Algebra a, Value x, Window w) {
        Value padded = ConvPatches.pad(a, x, w);
        List<Value> met = new ArrayList<>();
        for (long k = 0; k < Tensor.count(w.kernel()); k++) {
            met.add(ConvPatches.window(a, padded, ConvPatches.offset(w, k), w));
        }
        return met;
    }

    /** A Conv of the input spread over the stride, with the filter turned; padding that cuts is a negative one. */
    private static Value convTranspose(Rewrite n) {
        Algebra a = n.algebra();
        Node node = ConvTransposeRules.explicit(n.node(), a);
        Shape filter = n.in(1).shape();
        int rank = filter.rank() - 2;
        long[] strides = integers(node, "strides");
        long[] dilations = integers(node, "dilations");
        long[] pads = integers(node, "pads");
        long[] extra = integers(node, "output_padding");
        long[] kernel = filter.slice(2, filter.rank()).at(0);
        Value x = n.in(0);
        n.requireStatic(x.shape().slice(2, x.rank()), "spatial size");
        long[] begin = new long[rank];
        long[] end = new long[rank];
        long[] outputs = new long[rank];
        for (int i = 0; i < rank; i++) {
            x = spread(a, x, i + 2, strides[i]);
            long reach = (kernel[i] - 1) * dilations[i];
            begin[i] = reach - pads[i];
            end[i] = reach - pads[i + rank] + extra[i];
            outputs[i] = x.shape().dim(i + 2) + begin[i] + end[i] - reach;
        }
        long[] ones = new long[rank];
        Arrays.fill(ones, 1);
        long group = node.integer("group", 1);
        return conv(
                a,
                x,
                ConvRules.turn(a, n.in(1), group),
                new Window(kernel, ones, dilations, begin, end, outputs),
                group);
    }

    private static long[] integers(Node node, String key) {
        long[] values = node.integers(key);
        if (values == null) {
            throw new InvalidModelException(node.describe() + " has no " + key);
        }
        return values;
    }

    /** Zeros between the elements of an axis, so that each is a stride from the next. */
    private static Value spread(Algebra a, Value x, int axis, long stride) {
        long size = x.shape().dim(axis);
        if (stride == 1 || size == 1) {
            return x;
        }
        Shape before = x.shape().slice(0, axis);
        Shape after = x.shape().slice(axis + 1, x.rank());
        Value apart = a.reshape(x, before.append(size, 1).concat(after));
        long[] pads = new long[2 * apart.rank()];
        pads[apart.rank() + axis + 1] = stride - 1;
        Value padded = a.op("Pad", apart, a.builder().vector(pads), a.scalar(x, 0));
        return a.slice(a.reshape(padded, before.append(size * stride).concat(after)), axis, 0, (size - 1) * stride + 1);
    }

    /** The sum over each window, over the number of elements that count. */
    private static void averagePool(Rewrite n) {
        Window w = window(n, integers(n.node(), "kernel_shape"));
        Shape spatial = n.in(0).shape().slice(2, n.in(0).rank());
        Value sum = sums(n, n.in(0), w);
        n.result(n.algebra().mul(sum, PoolingRules.inverseDivisor(n.node(), n.algebra(), sum.type(), w, spatial)));
    }

    private static void lpPool(Rewrite n) {
        Algebra a = n.algebra();
        double p = n.node().integer("p", 2);
        Value powers = DoubleActivations.power(a, a.op("Abs", n.in(0)), p);
        n.result(DoubleActivations.power(a, sums(n, powers, window(n, integers(n.node(), "kernel_shape"))), 1 / p));
    }

    /** The sum over each window of a value padded with zeros; ceil_mode reaches beyond the padding. */
    private static Value sums(Rewrite n, Value x, Window w) {
        long[] end = new long[w.kernel().length];
        for (int i = 0; i < end.length; i++) {
            long covered = w.strides()[i] * (w.outputs()[i] - 1) + (w.kernel()[i] - 1) * w.dilations()[i] + 1;
            end[i] = Math.max(0, covered - w.padsBegin()[i] - x.shape().dim(i + 2));
        }
        return windows(
                        n.algebra(),
                        x,
                        new Window(w.kernel(), w.strides(), w.dilations(), w.padsBegin(), end, w.outputs()))
                .stream()
                .reduce(n.algebra()::add)
                .orElseThrow(() -> n.refused("has an empty window"));
    }

    /** Axis by axis a product with the matrix of weights. */
    private static void resize(Rewrite n) {
        SpaceRules.requirePlainResize(n.node());
        Algebra a = n.algebra();
        Shape out = a.builder().shapes().infer(n.node()).get(0).shape();
        Value x = n.in(0);
        for (int axis = 0; axis < out.rank(); axis++) {
            ResizeWeights weights = ResizeWeights.of(n.node(), n.in(0).shape(), out, n.inOrNull(2), axis);
            if (weights == null) {
                continue;
            }
            Shape before = x.shape().slice(0, axis);
            Shape after = x.shape().slice(axis + 1, x.rank());
            Value rows = a.reshape(x, before.append(weights.inputs()).concat(after.product(0, after.rank())));
            x = a.reshape(
                    a.matmul(weights.plain(a, x.type()), rows),
                    before.append(weights.outputs()).concat(after));
        }
        n.result(x);
    }
}
