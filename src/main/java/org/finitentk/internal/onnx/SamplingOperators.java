package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** Operators that read images between their pixels, at places that may be computed, and ones that turn sequences. */
final class SamplingOperators {
    private SamplingOperators() {}

    static void register(CompoundTable t) {
        t.put("", "GridSample", SamplingOperators::gridSample);
        t.put("", "AffineGrid", SamplingOperators::affineGrid);
        t.put("", "ReverseSequence", SamplingOperators::reverseSequence);
        t.put("", "Col2Im", SamplingOperators::columnsToImage);
        t.put("", "MaxUnpool", SamplingOperators::maxUnpool);
    }

    /** One of the pixels of an axis that a place lies between: where it is, and with what weight it counts. */
    private record Tap(String index, @Nullable String weight) {}

    /** An axis of an image: as a number of its places, [1], in integers and in reals. */
    private record Axis(String longSize, String size, String padding, boolean corners) {}

    /** Σ over the pixels around a place of their weights times them. */
    private static void gridSample(Rewritten n) {
        String x = n.in(0);
        String grid = n.in(1);
        int rank = n.value(x).rank();
        if (rank < 3 || n.value(grid).rank() != rank || n.size(grid, rank - 1) != rank - 2) {
            throw n.refused(
                    "an image " + n.value(x).shape() + " and a grid "
                            + n.value(grid).shape(),
                    "as many axes of both, and as many numbers a place as the image has axes after its channels");
        }
        String mode = n.node().string("mode", "linear");
        String padding = n.node().string("padding_mode", "zeros");
        boolean corners = n.node().integer("align_corners", 0) != 0;
        List<List<Tap>> axes = new ArrayList<>();
        for (int axis = 2; axis < rank; axis++) {
            String longSize = n.sizes(x, axis, axis + 1);
            Axis of = new Axis(longSize, n.cast(longSize, n.type(grid)), padding, corners);
            Attributes last = new Attributes().integer("axis", -1);
            // the last number of a place is for the last axis
            String place = n.op("Gather", last, grid, n.position(rank - 1L - axis));
            axes.add(taps(n, n.reshaped(place, 0, 1, -1), mode, of));
        }
        String flat = n.reshaped(x, 0, 0, -1);
        String sum = null;
        for (List<Tap> corner : corners(axes)) {
            String part = corner(n, flat, n.sizes(x, 1, 2), corner, x);
            sum = sum == null ? part : n.op("Add", sum, part);
        }
        String shape = n.concat(0, n.longs(0, 0), n.sizes(grid, 1, rank - 1));
        n.result(0, n.op("Reshape", String.valueOf(sum), shape));
    }

    /** All choices of one of each. */
    private static List<List<Tap>> corners(List<List<Tap>> axes) {
        List<List<Tap>> all = List.of(List.of());
        for (List<Tap> axis : axes) {
            List<List<Tap>> more = new ArrayList<>();
            for (List<Tap> before : all) {
                for (Tap tap : axis) {
                    List<Tap> one = new ArrayList<>(before);
                    one.add(tap);
                    more.add(one);
                }
            }
            all = more;
        }
        return all;
    }

    /** The pixels [N, C, places] at one corner of each place, times their weights. */
    private static String corner(Rewritten n, String flat, String channels, List<Tap> taps, String image) {
        String index = null;
        String weight = null;
        for (int i = 0; i < taps.size(); i++) {
            Tap tap = taps.get(i);
            index = index == null
                    ? tap.index()
                    : n.op("Add", n.op("Mul", index, n.sizes(image, 2 + i, 3 + i)), tap.index());
            weight = weight == null || tap.weight() == null
                    ? weight == null ? tap.weight() : weight
                    : n.op("Mul", weight, tap.weight());
        }
        String all = n.op("Expand", String.valueOf(index), n.concat(0, n.longs(1), channels, n.longs(1)));
        String pixels = n.op("GatherElements", new Attributes().integer("axis", 2), flat, all);
        return weight == null ? pixels : n.formula().op("Mul", pixels, n.cast(weight, n.type(flat)));
    }

    /** The pixels of an axis around places between −1 and 1. */
    private static List<Tap> taps(Rewritten n, String place, String mode, Axis of) {
        String size = of.size();
        String one = n.number(place, 1);
        String half = n.number(place, 0.5);
        String from = n.op("Mul", n.op("Add", place, one), half);
        String at =
                of.corners() ? n.op("Mul", from, n.op("Sub", size, one)) : n.op("Sub", n.op("Mul", from, size), half);
        switch (mode) {
            case "nearest" -> {
                return List.of(tap(n, n.op("Round", at), null, of));
            }
            case "linear", "bilinear" -> {
                String low = n.op("Floor", at);
                String t = n.op("Sub", at, low);
                return List.of(tap(n, low, n.op("Sub", one, t), of), tap(n, n.op("Add", low, one), t, of));
            }
            case "cubic", "bicubic" -> {
                return cubic(n, at, one, of);
            }
            default -> throw n.refused("attribute mode is '" + mode + "'", "linear, nearest or cubic");
        }
    }

    /** Keys' cubic convolution with a = −0.75. */
    private static List<Tap> cubic(Rewritten n, String at, String one, Axis of) {
        double a = -0.75;
        String low = n.op("Floor", at);
        String t = n.op("Sub", at, low);
        List<Tap> taps = new ArrayList<>();
        for (int offset = -1; offset <= 2; offset++) {
            String shift = n.number(at, offset);
            String distance = offset <= 0 ? n.op("Sub", t, shift) : n.op("Sub", shift, t);
            boolean near = offset == 0 || offset == 1;
            String weight = near
                    ? polynomial(n, distance, a + 2, -(a + 3), 0, 1)
                    : polynomial(n, distance, a, -5 * a, 8 * a, -4 * a);
            taps.add(tap(n, offset == 0 ? low : n.op("Add", low, offset == 1 ? one : shift), weight, of));
        }
        return taps;
    }

    private static String polynomial(Rewritten n, String x, double... coefficients) {
        String sum = n.number(x, coefficients[0]);
        for (int i = 1; i < coefficients.length; i++) {
            sum = n.op("Add", n.op("Mul", sum, x), n.number(x, coefficients[i]));
        }
        return sum;
    }

    private static Tap tap(Rewritten n, String index, @Nullable String weight, Axis of) {
        String zero = n.number(index, 0);
        String last = n.op("Sub", of.size(), n.number(index, 1));
        String inside = n.op("Min", n.op("Max", index, zero), last);
        String used = inside;
        String counted = weight;
        switch (of.padding()) {
            case "border" -> {}
            case "reflection" -> used = n.op("Min", n.op("Max", reflected(n, index, of), zero), last);
            case "zeros" -> {
                String counts = n.cast(n.op("Equal", index, inside), n.type(index));
                counted = weight == null ? counts : n.op("Mul", weight, counts);
            }
            default ->
                throw n.refused("attribute padding_mode is '" + of.padding() + "'", "zeros, border or reflection");
        }
        return new Tap(n.cast(used, ElementType.INT64), counted);
    }

    /** Places beyond the first and the last pixel's centre, or outer edge, folded back as often as it takes. */
    private static String reflected(Rewritten n, String index, Axis of) {
        String one = n.number(index, 1);
        String range = of.corners() ? n.op("Sub", of.size(), one) : of.size();
        String start = n.number(index, of.corners() ? 0 : -0.5);
        String twice = n.op("Max", n.op("Add", range, range), one);
        String from = n.op("Sub", index, start);
        String folded = n.op("Sub", from, n.op("Mul", n.op("Floor", n.op("Div", from, twice)), twice));
        String back = n.op("Sub", range, n.op("Abs", n.op("Sub", folded, range)));
        return n.op("Round", n.op("Add", start, back));
    }

    /** Places of pixels, turned and moved by matrices. */
    private static void affineGrid(Rewritten n) {
        String theta = n.in(0);
        String size = n.in(1);
        boolean corners = n.node().integer("align_corners", 0) != 0;
        long axes = n.size(theta, 1);
        if (n.value(theta).rank() != 3 || n.size(theta, 2) != axes + 1) {
            throw n.refused(
                    "input 0 has shape " + n.value(theta).shape(), "a matrix an example, one column more than rows");
        }
        long[] whole = new long[(int) axes + 2];
        java.util.Arrays.fill(whole, 1);
        whole[0] = 0;
        whole[whole.length - 1] = axes;
        String sum = column(n, theta, axes, whole);
        for (int axis = 0; axis < axes; axis++) {
            String length = n.op("Gather", size, n.position(2L + axis));
            String count = n.cast(n.op("Range", n.position(0), length, n.position(1)), n.type(theta));
            String one = n.number(theta, 1);
            String two = n.number(theta, 2);
            String real = n.cast(length, n.type(theta));
            String place = corners
                    ? n.op("Sub", n.op("Div", n.op("Mul", count, two), n.op("Max", n.op("Sub", real, one), one)), one)
                    : n.op("Sub", n.op("Div", n.op("Add", n.op("Mul", count, two), one), real), one);
            long[] along = new long[(int) axes + 2];
            java.util.Arrays.fill(along, 1);
            along[axis + 1] = -1;
            // the first column is for the last axis
            String part = n.formula().op("Mul", column(n, theta, axes - 1 - axis, whole), n.reshaped(place, along));
            sum = n.op("Add", part, sum);
        }
        n.result(0, sum);
    }

    private static String column(Rewritten n, String theta, long which, long[] shape) {
        return n.reshaped(n.op("Gather", new Attributes().integer("axis", 2), theta, n.position(which)), shape);
    }

    /** The first elements of each sequence in the opposite order. */
    private static void reverseSequence(Rewritten n) {
        String x = n.in(0);
        int rank = n.value(x).rank();
        long time = n.node().integer("time_axis", 0);
        long batch = n.node().integer("batch_axis", 1);
        if (rank < 2 || time + batch != 1 || time * batch != 0) {
            throw n.refused("its axes are " + time + " and " + batch, "0 and 1");
        }
        String length = n.op("Gather", n.op("Shape", x), n.position(time));
        String count = n.op("Range", n.position(0), length, n.position(1));
        String positions = time == 0 ? n.reshaped(count, -1, 1) : n.reshaped(count, 1, -1);
        String lengths = time == 0 ? n.reshaped(n.in(1), 1, -1) : n.reshaped(n.in(1), -1, 1);
        String turned = n.op("Sub", n.op("Sub", lengths, n.position(1)), positions);
        String index = n.op("Where", n.op("Less", positions, lengths), turned, positions);
        long[] shape = new long[rank];
        java.util.Arrays.fill(shape, 1);
        shape[0] = 0;
        shape[1] = 0;
        String all = n.op("Expand", n.reshaped(index, shape), n.op("Shape", x));
        n.result(0, n.op("GatherElements", new Attributes().integer("axis", time), x, all));
    }

    /** Blocks added into an image at their places: a transposed convolution whose filters have a single 1. */
    private static void columnsToImage(Rewritten n) {
        long[] image = fixed(n, 1);
        long[] block = fixed(n, 2);
        int axes = image.length;
        long[] strides = n.node().has("strides") ? n.integers("strides") : ones(axes);
        long[] dilations = n.node().has("dilations") ? n.integers("dilations") : ones(axes);
        long[] pads = n.node().has("pads") ? n.integers("pads") : new long[2 * axes];
        long cells = Tensor.count(block);
        long channels = n.size(n.in(0), 1) / Math.max(1, cells);
        long[] shape = new long[axes + 2];
        shape[1] = n.size(n.in(0), 1);
        long[] rest = new long[axes];
        for (int i = 0; i < axes; i++) {
            long window = dilations[i] * (block[i] - 1) + 1;
            long room = image[i] + pads[i] + pads[axes + i] - window;
            shape[i + 2] = room / strides[i] + 1;
            rest[i] = room % strides[i];
        }
        long[] filters = LongStream.concat(LongStream.of(channels * cells, 1), LongStream.of(block))
                .toArray();
        if (channels * cells != shape[1] || cells < 1) {
            throw n.refused(shape[1] + " rows for blocks of " + cells, "a multiple");
        }
        float[] single = new float[Math.toIntExact(Tensor.count(filters))];
        for (int i = 0; i < shape[1]; i++) {
            single[(int) (i * cells + i % cells)] = 1;
        }
        Attributes window = new Attributes()
                .integer("group", channels)
                .integers("strides", strides)
                .integers("dilations", dilations)
                .integers("pads", pads)
                .integers("output_padding", rest);
        String filter = n.cast(n.constant("blocks", Tensor.ofFloats(single, filters)), n.type(n.in(0)));
        n.result(0, n.formula().op("ConvTranspose", window, n.reshaped(n.in(0), shape), filter));
    }

    private static long[] ones(int count) {
        return IntStream.range(0, count).mapToLong(i -> 1).toArray();
    }

    private static long[] fixed(Rewritten n, int input) {
        double[] numbers = n.value(n.in(input)).constant();
        if (numbers == null) {
            throw n.refused("input " + input + " is computed from data", "fixed sizes");
        }
        return java.util.Arrays.stream(numbers).mapToLong(d -> (long) d).toArray();
    }

    /** Values back at the places that MaxPool took them from, zeros between; places count all examples and channels. */
    private static void maxUnpool(Rewritten n) {
        String x = n.in(0);
        int rank = n.value(x).rank();
        long[] kernel = n.integers("kernel_shape");
        if (rank < 3 || kernel.length != rank - 2) {
            throw n.refused(
                    "input 0 has shape " + n.value(x).shape() + " and the window " + kernel.length + " axes",
                    "examples, channels, and as many axes as the window");
        }
        String sizes = n.has(2) ? n.sliced(n.in(2), 2, rank, 1, 0) : n.longs(unpooled(n, kernel));
        String places = n.op("ReduceProd", new Attributes().integer("keepdims", 1), sizes);
        String shape = n.concat(0, n.sizes(x, 0, 2), places);
        String zeros = n.op("Expand", n.constant("zero", Tensor.ofReals(n.type(x), new double[1], 1)), shape);
        String index = n.op("Mod", n.reshaped(n.in(1), 0, 0, -1), places);
        String flat = n.reshaped(x, 0, 0, -1);
        long[] strides = n.node().integers("strides");
        boolean overlap =
                IntStream.range(0, kernel.length).anyMatch(i -> kernel[i] > (strides == null ? 1 : strides[i]));
        String kept = overlap ? n.op("Where", last(n, index, shape), flat, n.op("Sub", flat, flat)) : flat;
        Attributes add = new Attributes().integer("axis", 2).string("reduction", "add");
        String filled = n.op("ScatterElements", add, zeros, index, kept);
        n.result(0, n.op("Reshape", filled, n.concat(0, n.longs(0, 0), sizes)));
    }

    /** Of values that go to one place, the last one stays there. */
    private static String last(Rewritten n, String index, String shape) {
        long positions = 1;
        for (int axis = 2; axis < n.value(n.in(0)).rank(); axis++) {
            positions *= n.size(n.in(0), axis);
        }
        String numbers = n.constant(
                "numbers", Tensor.ofLongs(LongStream.range(0, positions).toArray(), 1, 1, positions));
        String all = n.op("Expand", numbers, n.op("Shape", index));
        String none = n.op("Expand", n.position(0), shape);
        Attributes axis = new Attributes().integer("axis", 2);
        String winners = n.op("ScatterElements", axis, none, index, all);
        return n.op("Equal", n.op("GatherElements", axis, winners, index), all);
    }

    /** Sizes of which a window with these strides and pads leaves the input's. */
    private static long[] unpooled(Rewritten n, long[] kernel) {
        long[] strides = n.node().integers("strides");
        long[] pads = n.node().integers("pads");
        int axes = kernel.length;
        if (strides != null && strides.length != axes || pads != null && pads.length != 2 * axes) {
            throw n.refused("attributes strides and pads do not fit kernel_shape", "a stride and two pads an axis");
        }
        long[] sizes = new long[axes];
        for (int i = 0; i < axes; i++) {
            long before = (n.size(n.in(0), 2 + i) - 1) * (strides == null ? 1 : strides[i]);
            sizes[i] = before + kernel[i] - (pads == null ? 0 : pads[i] + pads[axes + i]);
        }
        return sizes;
    }
}
