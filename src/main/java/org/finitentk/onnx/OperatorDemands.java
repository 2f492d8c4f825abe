package org.finitentk.onnx;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What each operator demands of the number, the ranks and the sizes of its inputs and of its attributes, by the ONNX specification and as ONNX Runtime has it. Checked before
 * shapes are inferred, so that shape rules and derivative rules need not expect anything else.
 */
final class OperatorDemands {
    private static final int ANY = Integer.MAX_VALUE;
    private static final Map<String, Consumer<Demands>> TABLE = table();

    private OperatorDemands() {
    }

    /** Refuses a node that does not meet its operator's demands. */
    static void check(Node node, List<@Nullable Value> inputs) {
        Consumer<Demands> demands = TABLE.get(node.op());
        if (demands != null) {
            demands.accept(new Demands(node, inputs));
        }
    }

    private static Map<String, Consumer<Demands>> table() {
        Map<String, Consumer<Demands>> t = new HashMap<>();
        elementwise(t);
        shapes(t);
        indexing(t);
        reductions(t);
        normalizations(t);
        matrices(t);
        windows(t);
        recurrent(t);
        return Map.copyOf(t);
    }

    /** So many inputs, one output, and what else there is to say. */
    private static void put(Map<String, Consumer<Demands>> t, String op, int least, int most, Consumer<Demands> rest) {
        t.put(op, d -> {
            d.inputs(least, most);
            if (!MANY_OUTPUTS.containsKey(op)) {
                d.outputs(1);
            } else {
                d.outputs(MANY_OUTPUTS.get(op));
            }
            rest.accept(d);
        });
    }

    private static final Map<String, Integer> MANY_OUTPUTS = Map.of("Dropout", 2, "TopK", 2, "MaxPool", 2, "Split", ANY, "LayerNormalization", 3, "BatchNormalization", 5, "RNN", 2,
        "GRU", 2, "LSTM", 3);

    private static void elementwise(Map<String, Consumer<Demands>> t) {
        for (String op : List.of("Tanh", "Sigmoid", "Relu", "LeakyRelu", "Elu", "Selu", "Softplus", "Erf", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh",
            "Atanh", "Exp", "Log", "Sign", "HardSigmoid", "HardSwish", "Mish", "Celu", "ThresholdedRelu", "Softsign", "Shrink", "Not", "Round", "Identity", "Neg", "Abs", "Floor",
            "Ceil", "Sqrt", "Reciprocal", "IsNaN", "IsInf", "Cast", "Shape", "Size", "NonZero")) {
            put(t, op, 1, 1, d -> { });
        }
        for (String op : List.of("Add", "Sub", "Mul", "Div", "Pow", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor", "CastLike")) {
            put(t, op, 2, 2, d -> { });
        }
        for (String op : List.of("Sum", "Mean", "Max", "Min")) {
            put(t, op, 1, ANY, d -> { });
        }
        put(t, "Where", 3, 3, d -> { });
        put(t, "PRelu", 2, 2, d -> { });
        put(t, "Gelu", 1, 1, d -> d.oneOf("approximate", "none", "none", "tanh"));
        put(t, "Mod", 2, 2, d -> d.flag("fmod"));
        put(t, "Clip", 1, 3, d -> {
            for (int i = 1; i < 3; i++) {
                d.oneElement(i);
            }
        });
        put(t, "Dropout", 1, 3, d -> {
            d.rank(1, 0);
            d.rank(2, 0);
        });
        for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            put(t, op, 1, 1, d -> d.axis("axis", -1, d.rank(0)));
        }
    }

    private static void shapes(Map<String, Consumer<Demands>> t) {
        put(t, "Reshape", 2, 2, d -> {
            d.rank(1, 1);
            d.within(1, -1, Long.MAX_VALUE);
            long[] target = d.known(1);
            boolean zeroCopies = d.node().integer("allowzero", 0) == 0;
            for (int i = 0; target != null && i < target.length; i++) {
                if (target[i] == 0 && zeroCopies && i >= d.rank(0)) {
                    throw Demands.refused("the new shape " + Arrays.toString(target) + " copies axis " + i + " of " + d.in(0).shape(), "an axis that it has");
                }
            }
            if (target != null && Arrays.stream(target).filter(v -> v == -1).count() > 1) {
                throw Demands.refused("the new shape is " + Arrays.toString(target), "at most one -1");
            }
        });
        put(t, "Flatten", 1, 1, d -> {
            long axis = d.node().integer("axis", 1);
            if (axis < -d.rank(0) || axis > d.rank(0)) {
                throw Demands.refused("attribute axis is " + axis + " for a shape " + d.in(0).shape(), "an axis from " + -d.rank(0) + " to " + d.rank(0));
            }
        });
        put(t, "Transpose", 1, 1, d -> {
            d.length("perm", d.rank(0));
            d.axes("perm", d.rank(0));
            d.atLeast("perm", 0);
        });
        put(t, "Squeeze", 1, 2, d -> d.axes(1, d.rank(0)));
        put(t, "Unsqueeze", 2, 2, d -> {
            long[] axes = d.known(1);
            d.axes(1, d.rank(0) + (axes == null ? 0 : axes.length));
        });
        put(t, "Expand", 2, 2, d -> {
            d.rank(1, 1);
            d.within(1, 0, Long.MAX_VALUE);
        });
        put(t, "Tile", 2, 2, d -> {
            d.rankFrom(0, 1);
            d.vector(1, d.rank(0), "one for each axis of input 0");
            d.within(1, 0, Long.MAX_VALUE);
        });
        put(t, "Concat", 1, ANY, OperatorDemands::concat);
        put(t, "Split", 1, 2, OperatorDemands::split);
        put(t, "Slice", 3, 5, OperatorDemands::slice);
        put(t, "Pad", 2, 4, OperatorDemands::pad);
        put(t, "ConstantOfShape", 1, 1, d -> {
            d.rank(0, 1);
            d.within(0, 0, Long.MAX_VALUE);
            Tensor value = d.node().tensor("value");
            if (value != null && value.size() != 1) {
                throw Demands.refused("attribute value has " + value.size() + " elements", "one");
            }
        });
        put(t, "Range", 3, 3, d -> {
            for (int i = 0; i < 3; i++) {
                d.rank(i, 0);
            }
            long[] step = d.known(2);
            if (step != null && d.in(2).type() == ElementType.INT64 && step[0] == 0) {
                throw Demands.refused("its step is 0", "another number");
            }
        });
        put(t, "DepthToSpace", 1, 1, d -> blocks(d, true));
        put(t, "SpaceToDepth", 1, 1, d -> blocks(d, false));
        put(t, "Resize", 1, 4, OperatorDemands::resize);
    }

    private static void concat(Demands d) {
        d.rankFrom(0, 1);
        int axis = d.axis("axis", 0, d.rank(0));
        if (!d.node().has("axis")) {
            throw Demands.refused("attribute axis is missing", "the axis along which to join");
        }
        for (int i = 1; i < d.node().inputs().size(); i++) {
            d.rank(i, d.rank(0));
            for (int other = 0; other < d.rank(0); other++) {
                if (other != axis) {
                    d.sameDim(i, other, 0, other);
                }
            }
        }
    }

    private static void split(Demands d) {
        d.rankFrom(0, 1);
        int axis = d.axis("axis", 0, d.rank(0));
        int parts = d.node().outputs().size();
        if (d.node().has("num_outputs") && d.node().integer("num_outputs", parts) != parts) {
            throw Demands.refused("attribute num_outputs is " + d.node().integer("num_outputs", parts) + " and it has " + parts + " outputs", "the same number");
        }
        long size = d.dim(0, axis);
        long each = (size + parts - 1) / parts;
        if (!d.has(1) && size >= 0 && each * (parts - 1) > size) {
            throw Demands.refused("axis " + axis + " of " + d.in(0).shape() + " has " + size + " elements for " + parts + " parts", "enough for all but the last of equal size");
        }
        d.vector(1, parts, "one for each output");
        d.within(1, 0, Long.MAX_VALUE);
        long[] sizes = d.known(1);
        if (sizes != null && size >= 0 && Arrays.stream(sizes).sum() != size) {
            throw Demands.refused("the parts " + Arrays.toString(sizes) + " have " + Arrays.stream(sizes).sum() + " elements", size + " along axis " + axis + " of " + d.in(0).shape());
        }
    }

    private static void slice(Demands d) {
        d.rankFrom(0, 1);
        d.rank(1, 1);
        long count = d.dim(1, 0);
        d.vector(2, count, "as many as there are starts");
        d.vector(3, count, "as many as there are starts");
        d.vector(4, count, "as many as there are starts");
        d.axes(3, d.rank(0));
        if (!d.has(3) && count > d.rank(0)) {
            throw Demands.refused("it has " + count + " starts for a shape " + d.in(0).shape(), "at most " + d.rank(0));
        }
        long[] steps = d.known(4);
        if (steps != null && Arrays.stream(steps).anyMatch(s -> s == 0)) {
            throw Demands.refused("its steps are " + Arrays.toString(steps), "none of 0");
        }
    }

    private static void pad(Demands d) {
        d.oneOf("mode", "constant", "constant", "reflect", "edge", "wrap");
        d.rank(1, 1);
        d.axes(3, d.rank(0));
        d.oneElement(2);
        long padded = d.has(3) ? d.dim(3, 0) : d.rank(0);
        d.dim(1, 0, padded < 0 ? -1 : 2 * padded, "two for each padded axis");
        long[] pads = d.known(1);
        long[] axes = d.known(3);
        for (int i = 0; pads != null && i < pads.length / 2 && (axes != null || !d.has(3)); i++) {
            int axis = (int) (axes == null ? i : axes[i] < 0 ? axes[i] + d.rank(0) : axes[i]);
            long size = d.dim(0, axis);
            long cut = Math.max(0, -pads[i]) + Math.max(0, -pads[i + pads.length / 2]);
            if (size >= 0 && cut > size) {
                throw Demands.refused("its pads cut " + cut + " elements off axis " + axis + " of " + d.in(0).shape(), "at most " + size);
            }
            // ONNX Runtime then hands out what lies in memory
            if (size >= 0 && Math.max(pads[i], pads[i + pads.length / 2]) > size - cut && d.node().string("mode", "constant").equals("wrap")) {
                throw Demands.refused("it wraps axis " + axis + " of " + d.in(0).shape() + " by " + pads[i] + " and " + pads[i + pads.length / 2], "at most the " + (size - cut)
                    + " elements that there are, on either side");
            }
        }
    }

    private static void blocks(Demands d, boolean toSpace) {
        d.rank(0, 4);
        if (!d.node().has("blocksize")) {
            throw Demands.refused("attribute blocksize is missing", "the size of a block");
        }
        long size = d.number("blocksize", 1, 1);
        if (toSpace) {
            d.oneOf("mode", "DCR", "DCR", "CRD");
            multiple(d, 0, 1, size * size);
        } else {
            multiple(d, 0, 2, size);
            multiple(d, 0, 3, size);
        }
    }

    private static void multiple(Demands d, int i, int axis, long of) {
        if (d.dim(i, axis) >= 0 && d.dim(i, axis) % of != 0) {
            throw Demands.refused("input " + i + " has shape " + d.in(i).shape(), "a multiple of " + of + " along axis " + axis);
        }
    }

    private static void resize(Demands d) {
        d.oneOf("mode", "nearest", "nearest", "linear", "cubic");
        d.oneOf("coordinate_transformation_mode", "half_pixel", "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize");
        d.axes("axes", d.rank(0));
        long[] axes = d.node().integers("axes");
        long resized = axes == null ? d.rank(0) : axes.length;
        boolean hasScales = d.has(2) && !(d.rank(2) == 1 && d.dim(2, 0) == 0);
        boolean hasSizes = d.has(3) && !(d.rank(3) == 1 && d.dim(3, 0) == 0);
        if (hasScales == hasSizes) {
            throw Demands.refused("it has " + (hasScales ? "both scales and sizes" : "neither scales nor sizes"), "one of them");
        }
        d.vector(hasScales ? 2 : 3, resized, "one for each resized axis");
        if (hasSizes) {
            d.within(3, 1, Integer.MAX_VALUE);
        }
        double[] scales = hasScales ? d.in(2).constant() : null;
        if (scales != null && Arrays.stream(scales).anyMatch(s -> !(s > 0) || s > Integer.MAX_VALUE)) {
            throw Demands.refused("its scales are " + Arrays.toString(scales), "positive numbers");
        }
    }

    private static void indexing(Map<String, Consumer<Demands>> t) {
        put(t, "Gather", 2, 2, d -> {
            d.rankFrom(0, 1);
            d.positions(1, d.dim(0, d.axis("axis", 0, d.rank(0))));
        });
        put(t, "GatherElements", 2, 2, d -> {
            d.rankFrom(0, 1);
            d.rank(1, d.rank(0));
            int axis = d.axis("axis", 0, d.rank(0));
            d.positions(1, d.dim(0, axis));
            within(d, axis);
        });
        put(t, "GatherND", 2, 2, d -> {
            d.rankFrom(0, 1);
            d.rankFrom(1, 1);
            long batch = d.number("batch_dims", 0, 0);
            coordinates(d, d.rank(0) - batch);
            for (int i = 0; i < batch && i < d.rank(1) - 1; i++) {
                d.dim(1, i, d.dim(0, i), "that of input 0");
            }
            if (batch >= Math.min(d.rank(0), d.rank(1))) {
                throw Demands.refused("attribute batch_dims is " + batch + " for shapes " + d.in(0).shape() + " and " + d.in(1).shape(), "less than either rank");
            }
        });
        put(t, "ScatterElements", 3, 3, d -> {
            d.rankFrom(0, 1);
            d.rank(1, d.rank(0));
            same(d, 2, 1);
            int axis = d.axis("axis", 0, d.rank(0));
            d.positions(1, d.dim(0, axis));
            within(d, axis);
            d.oneOf("reduction", "none", "none", "add", "mul", "max", "min");
        });
        put(t, "ScatterND", 3, 3, d -> {
            d.rankFrom(0, 1);
            d.rankFrom(1, 1);
            long depth = coordinates(d, d.rank(0));
            if (depth >= 0) {
                d.rank(2, d.rank(1) - 1 + d.rank(0) - (int) depth);
                for (int i = 0; i < d.rank(2); i++) {
                    boolean index = i < d.rank(1) - 1;
                    d.sameDim(2, i, index ? 1 : 0, index ? i : i - d.rank(1) + 1 + (int) depth);
                }
            }
            d.oneOf("reduction", "none", "none", "add", "mul", "max", "min");
        });
        put(t, "OneHot", 3, 3, d -> {
            d.oneElement(1);
            d.within(1, 1, Integer.MAX_VALUE);
            d.vector(2, 2, "the values for off and on");
            d.axis("axis", -1, d.rank(0) + 1);
        });
        put(t, "TopK", 2, 2, d -> {
            d.rankFrom(0, 1);
            d.vector(1, 1, "how many are wanted");
            long size = d.dim(0, d.axis("axis", -1, d.rank(0)));
            d.within(1, 0, size < 0 ? Long.MAX_VALUE : size);
        });
        put(t, "Trilu", 1, 2, d -> {
            d.rankFrom(0, 2);
            d.oneElement(1);
        });
        put(t, "CumSum", 2, 2, d -> {
            d.rankFrom(0, 1);
            d.oneElement(1);
            d.positions(1, d.rank(0));
            d.flag("exclusive");
            d.flag("reverse");
        });
    }

    /** Indices must not be more than the data along the other axes. */
    private static void within(Demands d, int axis) {
        for (int i = 0; i < d.rank(0); i++) {
            if (i != axis && d.dim(0, i) >= 0 && d.dim(1, i) > d.dim(0, i)) {
                throw Demands.refused("input 1 has shape " + d.in(1).shape(), "at most " + d.dim(0, i) + " along axis " + i + ", as input 0 has");
            }
        }
    }

    private static long coordinates(Demands d, long most) {
        long depth = d.dim(1, d.rank(1) - 1);
        if (depth == 0 || depth > most) {
            throw Demands.refused("input 1 has shape " + d.in(1).shape(), "1 to " + most + " coordinates along its last axis for a shape " + d.in(0).shape());
        }
        return depth;
    }

    private static void same(Demands d, int i, int as) {
        d.rank(i, d.rank(as));
        for (int axis = 0; axis < d.rank(i); axis++) {
            d.sameDim(i, axis, as, axis);
        }
    }

    private static void reductions(Map<String, Consumer<Demands>> t) {
        for (String op : List.of("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare", "ReduceProd")) {
            put(t, op, 1, 2, d -> d.axes(1, d.rank(0)));
        }
        for (String op : List.of("ArgMax", "ArgMin")) {
            put(t, op, 1, 1, d -> d.axis("axis", 0, d.rank(0)));
        }
    }

    private static void normalizations(Map<String, Consumer<Demands>> t) {
        put(t, "BatchNormalization", 5, 5, d -> {
            d.rankFrom(0, 2);
            channels(d, 1, 2, 3, 4);
        });
        put(t, "InstanceNormalization", 3, 3, d -> {
            d.rankFrom(0, 3);
            channels(d, 1, 2);
        });
        put(t, "GroupNormalization", 3, 3, d -> {
            d.rankFrom(0, 3);
            long groups = d.number("num_groups", 1, 1);
            multiple(d, 0, 1, groups);
            channels(d, 1, 2);
        });
        put(t, "LayerNormalization", 2, 3, d -> {
            d.rankFrom(0, 1);
            int axis = d.axis("axis", -1, d.rank(0));
            Shape normalized = d.in(0).shape().slice(axis, d.rank(0));
            d.broadcastsTo(1, d.in(0).shape());
            if (d.has(2)) {
                d.broadcastsTo(2, d.in(0).shape());
            }
            if (normalized.rank() == 0) {
                throw Demands.refused("input 0 has shape " + d.in(0).shape(), "axes to normalize");
            }
        });
        put(t, "LpNormalization", 1, 1, d -> {
            d.rankFrom(0, 1);
            d.axis("axis", -1, d.rank(0));
            long p = d.node().integer("p", 2);
            if (p != 1 && p != 2) {
                throw Demands.refused("attribute p is " + p, "1 or 2");
            }
        });
        put(t, "MeanVarianceNormalization", 1, 1, d -> {
            if (d.node().integers("axes") == null) {
                d.rankFrom(0, 4);
            }
            d.axes("axes", d.rank(0));
        });
        put(t, "LRN", 1, 1, d -> {
            d.rank(0, 4);
            long size = d.number("size", 0, 1);
            if (size % 2 == 0) {
                throw Demands.refused("attribute size is " + size, "an odd number, for which alone ONNX Runtime has it");
            }
        });
    }

    private static void channels(Demands d, int... inputs) {
        for (int i : inputs) {
            d.vector(i, d.dim(0, 1), "one for each channel of input 0 " + d.in(0).shape());
        }
    }

    private static void matrices(Map<String, Consumer<Demands>> t) {
        put(t, "MatMul", 2, 2, d -> {
            d.rankFrom(0, 1);
            d.rankFrom(1, 1);
        });
        put(t, "Gemm", 2, 3, d -> {
            d.rank(0, 2);
            d.rank(1, 2);
            if (d.has(2)) {
                Shape rows = d.in(0).shape();
                Shape columns = d.in(1).shape();
                int row = d.node().integer("transA", 0) != 0 ? 1 : 0;
                int column = d.node().integer("transB", 0) != 0 ? 0 : 1;
                d.broadcastsTo(2, rows.slice(row, row + 1).concat(columns.slice(column, column + 1)));
            }
        });
        put(t, "Einsum", 1, ANY, d -> { });
    }

    private static void windows(Map<String, Consumer<Demands>> t) {
        put(t, "Conv", 2, 3, d -> {
            d.rankFrom(0, 3);
            d.rank(1, d.rank(0));
            d.windows(d.rank(0) - 2);
            long group = d.number("group", 1, 1);
            d.dim(1, 1, d.dim(0, 1) < 0 ? -1 : quotient(d, 0, 1, group), "the channels of input 0 " + d.in(0).shape() + " in one of " + group + " groups");
            multiple(d, 1, 0, group);
            d.vector(2, d.dim(1, 0), "one for each filter");
            kernel(d);
        });
        put(t, "ConvTranspose", 2, 3, d -> {
            d.rankFrom(0, 3);
            d.rank(1, d.rank(0));
            int spatial = d.rank(0) - 2;
            d.windows(spatial);
            d.length("output_padding", spatial);
            d.atLeast("output_padding", 0);
            d.atLeast("output_shape", 1);
            long[] fixed = d.node().integers("output_shape");
            if (fixed != null && fixed.length != spatial && fixed.length != spatial + 2) {
                throw Demands.refused("attribute output_shape is " + Arrays.toString(fixed), spatial + " numbers");
            }
            long group = d.number("group", 1, 1);
            d.dim(1, 0, d.dim(0, 1), "the channels of input 0 " + d.in(0).shape());
            multiple(d, 0, 1, group);
            d.vector(2, d.dim(1, 1) < 0 ? -1 : Math.multiplyExact(d.dim(1, 1), group), "one for each channel of the output");
            kernel(d);
        });
        for (String op : List.of("MaxPool", "AveragePool")) {
            put(t, op, 1, 1, d -> {
                d.rankFrom(0, 3);
                d.windows(d.rank(0) - 2);
                long[] kernel = d.node().integers("kernel_shape");
                long[] pads = d.node().integers("pads");
                for (int i = 0; kernel != null && pads != null && i < pads.length; i++) {
                    if (pads[i] >= kernel[i % kernel.length]) {
                        throw Demands.refused("attribute pads is " + Arrays.toString(pads), "less than the window " + Arrays.toString(kernel) + " on every side");
                    }
                }
            });
        }
        for (String op : List.of("GlobalMaxPool", "GlobalAveragePool")) {
            put(t, op, 1, 1, d -> d.rankFrom(0, 3));
        }
    }

    private static long quotient(Demands d, int i, int axis, long by) {
        multiple(d, i, axis, by);
        return d.dim(i, axis) / by;
    }

    /** The attribute says what the filter's shape is. */
    private static void kernel(Demands d) {
        long[] given = d.node().integers("kernel_shape");
        long[] own = d.sizes(1, 2);
        if (given != null && own != null && !Arrays.equals(given, own)) {
            throw Demands.refused("attribute kernel_shape is " + Arrays.toString(given), Arrays.toString(own) + ", as the filter " + d.in(1).shape() + " has it");
        }
        if (own != null && Arrays.stream(own).anyMatch(s -> s < 1)) {
            throw Demands.refused("input 1 has shape " + d.in(1).shape(), "a filter with elements");
        }
    }

    private static void recurrent(Map<String, Consumer<Demands>> t) {
        Map.of("RNN", 1, "GRU", 3, "LSTM", 4).forEach((op, gates) -> put(t, op, 3, op.equals("LSTM") ? 8 : 6, d -> {
            d.oneOf("direction", "forward", "forward", "reverse", "bidirectional");
            if (d.node().integer("layout", 0) != 0) {
                throw Demands.refused("attribute layout is " + d.node().integer("layout", 0), "0, for which alone ONNX Runtime has it: sequences on axis 0, examples on axis 1");
            }
            d.rank(0, 3);
            d.rank(1, 3);
            d.rank(2, 3);
            long directions = d.node().string("direction", "forward").equals("bidirectional") ? 2 : 1;
            long hidden = d.dim(2, 2);
            if (d.node().has("hidden_size") && hidden >= 0 && d.node().integer("hidden_size", hidden) != hidden) {
                throw Demands.refused("attribute hidden_size is " + d.node().integer("hidden_size", hidden), hidden + ", as input 2 " + d.in(2).shape() + " has it");
            }
            tensor(d, 1, directions, gates * hidden, d.dim(0, 2));
            tensor(d, 2, directions, gates * hidden, hidden);
            tensor(d, 3, directions, 2L * gates * hidden);
            tensor(d, 4, d.dim(0, 1));
            tensor(d, 5, directions, d.dim(0, 1), hidden);
            tensor(d, 6, directions, d.dim(0, 1), hidden);
            tensor(d, 7, directions, 3 * hidden);
        }));
    }

    private static void tensor(Demands d, int i, long... shape) {
        d.rank(i, shape.length);
        for (int axis = 0; axis < shape.length; axis++) {
            d.dim(i, axis, shape[axis], "what directions, gates, examples and sizes make of it");
        }
    }
}
