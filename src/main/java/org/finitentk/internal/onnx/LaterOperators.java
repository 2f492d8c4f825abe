package org.finitentk.internal.onnx;

import java.util.stream.LongStream;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** Operators that the standard has had since opset 22, and rarer ones that are others under a name. */
final class LaterOperators {
    private LaterOperators() {}

    static void register(CompoundTable t) {
        t.put("", "Swish", n -> {
            String x = n.in(0);
            float alpha = n.node().real("alpha", 1);
            String inner = alpha == 1 ? x : n.op("Mul", x, n.number(x, alpha));
            n.result(0, n.op("Mul", x, n.op("Sigmoid", inner)));
        });
        t.put("", "RMSNormalization", LaterOperators::rootMeanSquare);
        t.put("", "TensorScatter", LaterOperators::tensorScatter);
        t.put("", "GlobalLpPool", LaterOperators::globalLpPool);
        t.put("", "LpPool", LaterOperators::lpPool);
        t.put("", "CenterCropPad", LaterOperators::centerCropPad);
        t.put("", "Compress", LaterOperators::compress);
    }

    /** x / sqrt(mean(x²) + epsilon) · scale, the mean over the axes from one on. */
    private static void rootMeanSquare(Rewritten n) {
        String x = n.in(0);
        int rank = n.value(x).rank();
        long axis = n.node().integer("axis", -1);
        long first = axis < 0 ? axis + rank : axis;
        if (first < 0 || first >= rank) {
            throw n.refused(
                    "attribute axis is " + axis + " for a shape " + n.value(x).shape(), "one of its axes");
        }
        String axes = n.longs(LongStream.range(first, rank).toArray());
        String mean = n.op("ReduceMean", n.op("Mul", x, x), axes);
        String size = n.op("Sqrt", n.op("Add", mean, n.number(x, n.node().real("epsilon", 1e-5f))));
        n.result(0, n.op("Mul", n.op("Div", x, size), n.in(1)));
    }

    /** A cache in which new positions stand from an index of each example on, beyond the end again at its begin. */
    private static void tensorScatter(Rewritten n) {
        String cache = n.in(0);
        String update = n.in(1);
        int rank = n.value(cache).rank();
        long axis = n.node().integer("axis", -2);
        int at = (int) (axis < 0 ? axis + rank : axis);
        String mode = n.node().string("mode", "linear");
        if (at < 1 || at >= rank || !mode.equals("linear") && !mode.equals("circular")) {
            throw n.refused(
                    "attribute axis is " + axis + " and mode " + mode + " for a cache "
                            + n.value(cache).shape(),
                    "an axis after that of the examples, and linear or circular");
        }
        long length = n.size(cache, at);
        long written = n.size(update, at);
        long[] ones = LongStream.generate(() -> 1).limit(rank).toArray();
        long[] along = ones.clone();
        along[at] = length;
        String place = n.constant(
                "positions", Tensor.ofLongs(LongStream.range(0, length).toArray(), along));
        if (n.has(2)) {
            ones[0] = -1;
            place = n.op("Sub", place, n.reshaped(n.cast(n.in(2), ElementType.INT64), ones));
        }
        if (mode.equals("circular")) {
            place = n.op("Mod", place, n.position(length));
        }
        String isNew =
                n.op("And", n.op("GreaterOrEqual", place, n.position(0)), n.op("Less", place, n.position(written)));
        String index = n.op("Max", n.op("Min", place, n.position(written - 1)), n.position(0));
        String everywhere = n.op("Expand", index, n.op("Shape", cache));
        String moved = n.op("GatherElements", new Attributes().integer("axis", at), update, everywhere);
        n.result(0, n.op("Where", isNew, moved, cache));
    }

    /** (Σ |x|^p)^(1/p) over all positions of a channel. */
    private static void globalLpPool(Rewritten n) {
        String x = n.in(0);
        int rank = n.value(x).rank();
        if (rank < 3) {
            throw n.refused("input 0 has shape " + n.value(x).shape(), "examples, channels and positions");
        }
        String axes = n.longs(LongStream.range(2, rank).toArray());
        long p = n.node().integer("p", 2);
        if (p == 1 || p == 2) {
            n.result(0, n.op("ReduceL" + p, x, axes));
            return;
        }
        String powers = n.op("Pow", n.op("Abs", x), n.number(x, (double) p));
        n.result(0, n.op("Pow", n.op("ReduceSum", powers, axes), n.number(x, 1.0 / p)));
    }

    /** (Σ |x|^p)^(1/p) over a window: the mean over it, times how many there are. */
    private static void lpPool(Rewritten n) {
        String x = n.in(0);
        long p = n.node().integer("p", 2);
        long[] kernel = n.node().integers("kernel_shape");
        if (kernel == null || kernel.length == 0 || p < 1) {
            throw n.refused("attribute kernel_shape is missing or p is " + p, "a window, and p of at least 1");
        }
        double count = LongStream.of(kernel).asDoubleStream().reduce(1, (a, b) -> a * b);
        String powers = p == 1
                ? n.op("Abs", x)
                : p == 2 ? n.op("Mul", x, x) : n.op("Pow", n.op("Abs", x), n.number(x, (double) p));
        Attributes window = new Attributes(n.node().attributes()).without("p").integer("count_include_pad", 1);
        String sum = n.op("Mul", n.op("AveragePool", window, powers), n.number(x, count));
        n.result(0, p == 1 ? sum : p == 2 ? n.op("Sqrt", sum) : n.op("Pow", sum, n.number(x, 1.0 / p)));
    }

    /** The middle of the axes that are too long; zeros around the others. */
    private static void centerCropPad(Rewritten n) {
        String x = n.in(0);
        int rank = n.value(x).rank();
        double[] target = n.value(n.in(1)).constant();
        long[] given = n.node().integers("axes");
        long[] axes = given == null ? LongStream.range(0, rank).toArray() : given;
        if (target == null || target.length != axes.length) {
            throw n.refused("its new sizes are computed from data or not one for each axis", "fixed sizes");
        }
        for (int i = 0; i < axes.length; i++) {
            long axis = axes[i] < 0 ? axes[i] + rank : axes[i];
            long wanted = (long) target[i];
            if (axis < 0 || axis >= rank || wanted < 0) {
                throw n.refused("axis " + axes[i] + " is to have the size " + wanted, "an axis and a size that are");
            }
            long size = n.size(x, (int) axis);
            if (size > wanted) {
                long from = (size - wanted) / 2;
                x = n.sliced(x, from, from + wanted, 1, axis);
            } else if (size < wanted) {
                long before = (wanted - size) / 2;
                x = n.op("Pad", x, n.longs(before, wanted - size - before), n.number(x, 0), n.longs(axis));
            }
        }
        n.result(0, x);
    }

    /** The elements of an axis, or of all in a row, for which a constant condition holds. */
    private static void compress(Rewritten n) {
        double[] condition = n.value(n.in(1)).constant();
        if (condition == null) {
            throw n.refused("its condition is computed from data", "a constant one");
        }
        long[] chosen = LongStream.range(0, condition.length)
                .filter(i -> condition[(int) i] != 0)
                .toArray();
        boolean flat = !n.node().has("axis");
        String x = flat ? n.reshaped(n.in(0), -1) : n.in(0);
        long axis = flat ? 0 : n.node().integer("axis", 0);
        n.result(0, n.formula().op("Gather", new Attributes().integer("axis", axis), x, n.longs(chosen)));
    }
}
