package org.finitentk.internal.autodiff;

import java.util.Arrays;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What Resize does along one axis, which is linear: output o is Σ_i matrix[o][i] · input i. The formulas are those of
 * the operator's specification.
 *
 * @param matrix a row for each output
 */
record ResizeWeights(double[][] matrix) {
    /** The weights along an axis, or null if the axis stays as it is. */
    static @Nullable ResizeWeights of(Node node, Shape input, Shape output, @Nullable Value scales, int axis) {
        long in = input.dim(axis);
        long out = output.dim(axis);
        double scale = scale(node, scales == null ? null : scales.constant(), axis, input, output);
        if (scale == 1 || output.sameDim(axis, input, axis) && in < 0) {
            return null;
        }
        if (in < 0 || out < 0) {
            throw new InvalidModelException(
                    node.describe() + " resizes an axis of dynamic size of " + input + "; fix that size to a number");
        }
        double[][] rows = new double[(int) out][(int) in];
        for (int o = 0; o < out; o++) {
            add(rows[o], node, position(node, o, scale, in, out));
        }
        return new ResizeWeights(rows);
    }

    /** The scale that was given; that of the sizes, if these were. */
    private static double scale(Node node, double @Nullable [] scales, int axis, Shape input, Shape output) {
        long in = input.dim(axis);
        long out = output.dim(axis);
        if (scales == null || scales.length == 0) {
            return in < 0 && out < 0 ? 1 : (double) out / in;
        }
        long[] axes = node.integers("axes");
        for (int i = 0; axes != null && i < axes.length; i++) {
            if ((axes[i] < 0 ? axes[i] + input.rank() : axes[i]) == axis) {
                return scales[i];
            }
        }
        return axes == null ? scales[axis] : 1;
    }

    /** Where an output lies on the input's axis. */
    private static double position(Node node, int o, double scale, long in, long out) {
        return switch (node.string("coordinate_transformation_mode", "half_pixel")) {
            case "half_pixel" -> (o + 0.5) / scale - 0.5;
            case "half_pixel_symmetric" -> in / 2.0 * (1 - out / (scale * in)) + (o + 0.5) / scale - 0.5;
            case "pytorch_half_pixel" -> out > 1 ? (o + 0.5) / scale - 0.5 : 0;
            case "align_corners" -> out > 1 ? o * (double) (in - 1) / (out - 1) : 0;
            case "asymmetric" -> o / scale;
            case "tf_half_pixel_for_nn" -> (o + 0.5) / scale;
            default ->
                throw new InvalidModelException(node.describe() + " has an unknown coordinate_transformation_mode");
        };
    }

    private static void add(double[] row, Node node, double position) {
        switch (node.string("mode", "nearest")) {
            case "nearest" -> row[clamp(nearest(node, position), row.length)] = 1;
            case "linear" -> {
                int left = (int) Math.floor(position);
                row[clamp(left, row.length)] += 1 - (position - left);
                row[clamp(left + 1, row.length)] += position - left;
            }
            case "cubic" -> cubic(row, node, position);
            default ->
                throw new InvalidModelException(node.describe() + " has mode '" + node.string("mode", "nearest")
                        + "'; expected 'nearest', 'linear' or 'cubic'");
        }
    }

    private static int nearest(Node node, double position) {
        return (int)
                switch (node.string("nearest_mode", "round_prefer_floor")) {
                    case "round_prefer_floor" -> Math.ceil(position - 0.5);
                    case "round_prefer_ceil" -> Math.floor(position + 0.5);
                    case "floor" -> Math.floor(position);
                    default -> Math.ceil(position);
                };
    }

    /** Four points beside; those outside repeat the edge, or have no weight. */
    private static void cubic(double[] row, Node node, double position) {
        double a = node.real("cubic_coeff_a", -0.75f);
        boolean exclude = node.integer("exclude_outside", 0) != 0;
        int left = (int) Math.floor(position);
        double sum = 0;
        for (int i = left - 1; i <= left + 2; i++) {
            double d = Math.abs(position - i);
            double weight = d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
            if (!exclude || i >= 0 && i < row.length) {
                row[clamp(i, row.length)] += weight;
                sum += weight;
            }
        }
        for (int i = 0; exclude && i < row.length; i++) {
            row[i] /= sum;
        }
    }

    private static int clamp(int i, int length) {
        return Math.max(0, Math.min(length - 1, i));
    }

    int outputs() {
        return matrix.length;
    }

    int inputs() {
        return matrix[0].length;
    }

    /** How often each input is repeated, one after the other; 0 if that is not all. */
    int repetitions() {
        int times = outputs() / inputs();
        for (int o = 0; o < outputs() && times > 0; o++) {
            times = outputs() == times * inputs() && matrix[o][o / times] == 1 ? times : 0;
        }
        return times;
    }

    /** [outputs, inputs]. */
    Value plain(Algebra a, ElementType type) {
        return a.builder()
                .constant(Tensor.ofReals(
                        type,
                        Arrays.stream(matrix).flatMapToDouble(Arrays::stream).toArray(),
                        outputs(),
                        inputs()));
    }

    /** [inputs, outputs]. */
    Value transposed(Algebra a, ElementType type) {
        double[] flat = new double[inputs() * outputs()];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = matrix[i % outputs()][i / outputs()];
        }
        return a.builder().constant(Tensor.ofReals(type, flat, inputs(), outputs()));
    }
}
