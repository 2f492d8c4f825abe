package org.finitentk.internal.onnx;

import java.util.function.DoubleUnaryOperator;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** Fourier transforms as products with constant matrices, and the constants that stand beside them. */
final class SignalOperators {
    /** A matrix of more elements takes longer to read and multiply than anyone waits. */
    private static final long MOST_ELEMENTS = 1L << 26;

    private static final String AXIS = "axis";

    private SignalOperators() {}

    static void register(CompoundTable t) {
        t.put("", "DFT", SignalOperators::fourier);
        t.put("", "STFT", SignalOperators::shortTimeFourier);
        t.put("", "HannWindow", n -> window(n, 0.5, 0.5, 0));
        t.put("", "HammingWindow", n -> window(n, 25.0 / 46, 21.0 / 46, 0));
        t.put("", "BlackmanWindow", n -> window(n, 0.42, 0.5, 0.08));
        t.put("", "MelWeightMatrix", SignalOperators::melWeights);
        t.put("", "EyeLike", SignalOperators::eyeLike);
    }

    /** A node with what it means by leaving an attribute out, where a later opset means something else. */
    static Node explicit(Node node, long opset) {
        return opset < 20 && node.domain().isEmpty() && node.op().equals("DFT") && !node.has(AXIS)
                ? new Node(
                        node.name(),
                        "",
                        "DFT",
                        node.inputs(),
                        node.outputs(),
                        new Attributes(node.attributes()).integer(AXIS, 1).build())
                : node;
    }

    private static @Nullable Long integer(Rewritten n, int input) {
        if (!n.has(input)) {
            return null;
        }
        double[] number = n.value(n.in(input)).constant();
        if (number == null || number.length != 1) {
            throw n.refused("input " + input + " is computed from data", "a fixed number");
        }
        return (long) number[0];
    }

    private static void fourier(Rewritten n) {
        String x = n.in(0);
        int rank = n.value(x).rank();
        Long given = integer(n, 2);
        long axis = given != null ? given : n.node().integer(AXIS, -2);
        int at = (int) (axis < 0 ? axis + rank : axis);
        if (rank < 2 || at < 0 || at >= rank - 1) {
            throw n.refused("axis " + axis + " of a signal " + n.value(x).shape(), "one before the last");
        }
        long parts = n.size(x, rank - 1);
        boolean inverse = n.node().integer("inverse", 0) != 0;
        boolean half = n.node().integer("onesided", 0) != 0;
        long found = n.size(x, at);
        Long wanted = integer(n, 1);
        long length = wanted != null ? wanted : inverse && half ? 2 * (found - 1) : found;
        long outputs = half && !inverse ? length / 2 + 1 : length;
        long outputParts = half && inverse ? 1 : 2;
        long used = Math.min(found, half && inverse ? length / 2 + 1 : length);
        if (length < 1 || parts < 1 || parts > 2 || half && (inverse ? parts != 2 : parts != 1)) {
            throw n.refused(
                    "a signal " + n.value(x).shape() + " with onesided " + half + " and inverse " + inverse,
                    "real numbers for onesided, or complex ones for both");
        }
        long rows = used * parts;
        long columns = outputs * outputParts;
        if (rows * columns > MOST_ELEMENTS) {
            throw n.refused(
                    "a transform of " + length + " elements at once", "shorter ones, such as windows of a signal");
        }
        double[] matrix = new double[(int) (rows * columns)];
        for (long t = 0; t < used; t++) {
            // what onesided leaves out is the conjugate of what it has
            double times = !inverse ? 1 : half && t > 0 && 2 * t != length ? 2.0 / length : 1.0 / length;
            for (long k = 0; k < outputs; k++) {
                double angle = 2 * Math.PI * (k * t % length) / length * (inverse ? 1 : -1);
                for (int part = 0; part < parts; part++) {
                    int row = (int) ((t * parts + part) * columns + k * outputParts);
                    matrix[row] = times * (part == 0 ? Math.cos(angle) : -Math.sin(angle));
                    if (outputParts == 2) {
                        matrix[row + 1] = times * (part == 0 ? Math.sin(angle) : Math.cos(angle));
                    }
                }
            }
        }
        long[] swap = swapped(rank, at);
        String last = at == rank - 2 ? x : n.transposed(x, swap);
        String cut = used == found ? last : n.sliced(last, 0, used, 1, rank - 2L);
        String flat = n.reshaped(cut, ends(rank - 1, rows));
        String weights = constant(n, "transform", x, matrix, rows, columns);
        String product = n.formula().op("MatMul", flat, weights);
        String y = n.op("Reshape", product, n.concat(0, n.sizes(product, 0, rank - 2), n.longs(outputs, outputParts)));
        n.result(0, at == rank - 2 ? y : n.transposed(y, swap));
    }

    private static long[] ends(int rank, long last) {
        long[] shape = new long[rank];
        shape[rank - 1] = last;
        return shape;
    }

    private static long[] swapped(int rank, int axis) {
        long[] perm = java.util.stream.LongStream.range(0, rank).toArray();
        perm[axis] = rank - 2L;
        perm[rank - 2] = axis;
        return perm;
    }

    /** A convolution by the window's cosines and sines. */
    private static void shortTimeFourier(Rewritten n) {
        String x = n.in(0);
        int rank = n.value(x).rank();
        Long step = integer(n, 1);
        String window = n.has(2) ? n.in(2) : null;
        Long given = integer(n, 3);
        long length = given != null ? given : window == null ? -1 : n.size(window, 0);
        long parts = rank == 3 ? n.size(x, 2) : 1;
        boolean half = n.node().integer("onesided", 1) != 0;
        if (step == null || step < 1 || length < 1 || rank < 2 || rank > 3 || parts > 2 || half && parts == 2) {
            throw n.refused(
                    "a signal " + n.value(x).shape() + ", steps of " + step + " and frames of " + length,
                    "examples of real numbers (of complex ones without onesided), a step, and a window or the length "
                            + "of one");
        }
        long outputs = half ? length / 2 + 1 : length;
        if (2 * outputs * parts * length > MOST_ELEMENTS) {
            throw n.refused("frames of " + length + " elements", "shorter ones");
        }
        double[] filters = new double[(int) (2 * outputs * parts * length)];
        for (int k = 0; k < outputs; k++) {
            for (int part = 0; part < parts; part++) {
                int real = (int) ((2L * k * parts + part) * length);
                int imaginary = (int) (((2L * k + 1) * parts + part) * length);
                for (int t = 0; t < length; t++) {
                    double angle = -2 * Math.PI * ((long) k * t % length) / length;
                    filters[real + t] = part == 0 ? Math.cos(angle) : -Math.sin(angle);
                    filters[imaginary + t] = part == 0 ? Math.sin(angle) : Math.cos(angle);
                }
            }
        }
        Rewritten formula = n.formula();
        String weights = constant(n, "transform", x, filters, 2 * outputs, parts, length);
        if (window != null) {
            weights = formula.op("Mul", weights, window);
        }
        String signal = rank == 2
                ? n.op("Unsqueeze", x, n.longs(1))
                : parts == 1 ? n.op("Reshape", x, n.longs(0, 1, -1)) : n.transposed(x, 0, 2, 1);
        Attributes steps = new Attributes().integers("strides", step);
        String frames = n.transposed(formula.op("Conv", steps, signal, weights), 0, 2, 1);
        n.result(0, n.reshaped(frames, 0, 0, outputs, 2));
    }

    private static String constant(Rewritten n, String what, String like, double[] values, long... shape) {
        ElementType type = n.type(like) == ElementType.DOUBLE ? ElementType.DOUBLE : ElementType.FLOAT;
        return n.constant(what, Tensor.ofReals(type, values, shape));
    }

    /** a − b cos(2πt/n) + c cos(4πt/n). */
    private static void window(Rewritten n, double a, double b, double c) {
        Long size = integer(n, 0);
        if (size == null || size < 1 || size > MOST_ELEMENTS) {
            throw n.refused("its length is " + size, "a fixed positive one");
        }
        // a symmetric window ends as it begins
        double period = n.node().integer("periodic", 1) != 0 ? size : Math.max(1, size - 1);
        double[] values = new double[size.intValue()];
        for (int t = 0; t < values.length; t++) {
            double angle = 2 * Math.PI * t / period;
            values[t] = a - b * Math.cos(angle) + c * Math.cos(2 * angle);
        }
        typed(n, "output_datatype", values, size);
    }

    private static void typed(Rewritten n, String attribute, double[] values, long... shape) {
        long code = n.node().integer(attribute, ElementType.FLOAT.code());
        boolean wide = code == ElementType.DOUBLE.code();
        String constant =
                n.constant("values", Tensor.ofReals(wide ? ElementType.DOUBLE : ElementType.FLOAT, values, shape));
        boolean cast = !wide && code != ElementType.FLOAT.code();
        n.result(0, cast ? n.op("Cast", new Attributes().integer("to", code), constant) : constant);
    }

    /** Triangles over the frequencies of a transform, equally wide by ear; as the standard computes them. */
    private static void melWeights(Rewritten n) {
        double[] given = new double[5];
        for (int i = 0; i < given.length; i++) {
            double[] number = n.value(n.in(i)).constant();
            if (number == null || number.length != 1) {
                throw n.refused("input " + i + " is computed from data", "a fixed number");
            }
            given[i] = number[0];
        }
        int bins = (int) given[0];
        long length = (long) given[1];
        int rows = (int) (length / 2 + 1);
        if (bins < 1 || length < 1 || (long) bins * rows > MOST_ELEMENTS) {
            throw n.refused(bins + " bins of a transform of " + length, "positive numbers of them");
        }
        DoubleUnaryOperator mel = hertz -> 2595 * Math.log10(1 + hertz / 700);
        double low = mel.applyAsDouble(given[3]);
        double step = (mel.applyAsDouble(given[4]) - low) / (bins + 2);
        long[] edges = new long[bins + 2];
        for (int i = 0; i < edges.length; i++) {
            double hertz = 700 * (Math.pow(10, (i * step + low) / 2595) - 1);
            edges[i] = (long) Math.floor((length + 1) * hertz / given[2]);
        }
        double[] weights = new double[rows * bins];
        for (int bin = 0; bin < bins; bin++) {
            long from = edges[bin];
            long centre = edges[bin + 1];
            long to = edges[bin + 2];
            if (centre == from && centre < rows) {
                weights[(int) centre * bins + bin] = 1;
            }
            for (long k = from; centre > from && k <= centre && k < rows; k++) {
                weights[(int) k * bins + bin] = (double) (k - from) / (centre - from);
            }
            for (long k = centre; to > centre && k < to && k < rows; k++) {
                weights[(int) k * bins + bin] = (double) (to - k) / (to - centre);
            }
        }
        typed(n, "output_datatype", weights, rows, bins);
    }

    private static void eyeLike(Rewritten n) {
        String x = n.in(0);
        if (n.value(x).rank() != 2) {
            throw n.refused("its input has shape " + n.value(x).shape(), "two axes");
        }
        String[] count = new String[2];
        for (int axis = 0; axis < 2; axis++) {
            String size = n.op("Gather", n.op("Shape", x), n.position(axis));
            count[axis] = n.op("Range", n.position(0), size, n.position(1));
        }
        String row =
                n.op("Add", n.reshaped(count[0], -1, 1), n.position(n.node().integer("k", 0)));
        String equal = n.op("Equal", row, count[1]);
        long code = n.node().integer("dtype", n.type(x).code());
        n.result(0, n.op("Cast", new Attributes().integer("to", code), equal));
    }
}
