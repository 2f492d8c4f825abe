package org.finitentk.internal.autodiff;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.Node;

/** Reference semantics of operators that rearrange, repeat or resample along axes. */
final class ReferenceSpace {
    private ReferenceSpace() {}

    static void register(Map<String, Operator> t) {
        t.put("Tile", (n, in) -> List.of(tile(in)));
        t.put("DepthToSpace", (n, in) -> List.of(depthToSpace(n, in[0])));
        t.put("SpaceToDepth", (n, in) -> List.of(spaceToDepth(n, in[0])));
        t.put("Resize", (n, in) -> List.of(resize(n, in)));
    }

    private static NdArray tile(NdArray[] in) {
        NdArray x = in[0];
        NdArray out = NdArray.zeros(
                x.type(),
                IntStream.range(0, x.rank())
                        .map(d -> x.shape()[d] * (int) in[1].longs()[d])
                        .toArray());
        for (int i = 0; i < out.data().length; i++) {
            int[] at = NdArray.index(i, out.shape());
            for (int d = 0; d < at.length; d++) {
                at[d] %= x.shape()[d];
            }
            out.data()[i] = x.at(at);
        }
        return out;
    }

    private static NdArray depthToSpace(Node node, NdArray x) {
        int b = (int) node.integer("blocksize", 0);
        int depth = x.shape()[1] / (b * b);
        boolean depthFirst = node.string("mode", "DCR").equals("DCR");
        NdArray out = NdArray.zeros(x.type(), x.shape()[0], depth, x.shape()[2] * b, x.shape()[3] * b);
        for (int i = 0; i < out.data().length; i++) {
            int[] at = NdArray.index(i, out.shape());
            int inside = at[2] % b * b + at[3] % b;
            out.data()[i] =
                    x.at(at[0], depthFirst ? inside * depth + at[1] : at[1] * b * b + inside, at[2] / b, at[3] / b);
        }
        return out;
    }

    private static NdArray spaceToDepth(Node node, NdArray x) {
        int b = (int) node.integer("blocksize", 0);
        int channels = x.shape()[1];
        NdArray out = NdArray.zeros(x.type(), x.shape()[0], channels * b * b, x.shape()[2] / b, x.shape()[3] / b);
        for (int i = 0; i < out.data().length; i++) {
            int[] at = NdArray.index(i, out.shape());
            int block = at[1] / channels;
            out.data()[i] = x.at(at[0], at[1] % channels, at[2] * b + block / b, at[3] * b + block % b);
        }
        return out;
    }

    /** One axis after the other; scales or sizes of all axes. */
    private static NdArray resize(Node node, NdArray[] in) {
        NdArray x = in[0];
        for (int axis = 0; axis < x.rank(); axis++) {
            boolean sized = in.length > 3 && in[3] != null;
            double scale = sized ? in[3].data()[axis] / x.shape()[axis] : in[2].data()[axis];
            int size = sized ? (int) in[3].data()[axis] : (int) Math.floor(scale * x.shape()[axis]);
            x = scale == 1 ? x : resizeAxis(node, x, axis, size, scale);
        }
        return x;
    }

    private static NdArray resizeAxis(Node node, NdArray x, int axis, int size, double scale) {
        int[] shape = x.shape().clone();
        shape[axis] = size;
        NdArray out = NdArray.zeros(x.type(), shape);
        for (int i = 0; i < out.data().length; i++) {
            int[] at = NdArray.index(i, shape);
            double position = position(node, at[axis], scale, x.shape()[axis], size);
            out.data()[i] = sample(node, x, at, axis, position);
        }
        return out;
    }

    private static double position(Node node, double o, double scale, double in, double out) {
        return switch (node.string("coordinate_transformation_mode", "half_pixel")) {
            case "half_pixel" -> (o + 0.5) / scale - 0.5;
            case "pytorch_half_pixel" -> out == 1 ? 0 : (o + 0.5) / scale - 0.5;
            case "align_corners" -> out == 1 ? 0 : o * (in - 1) / (out - 1);
            case "asymmetric" -> o / scale;
            case "half_pixel_symmetric" -> in / 2 * (1 - out / (scale * in)) + (o + 0.5) / scale - 0.5;
            default -> throw new IllegalStateException("coordinates");
        };
    }

    private static double sample(Node node, NdArray x, int[] at, int axis, double position) {
        double floor = Math.floor(position);
        double ratio = position - floor;
        return switch (node.string("mode", "nearest")) {
            case "nearest" ->
                pixel(
                        x,
                        at,
                        axis,
                        switch (node.string("nearest_mode", "round_prefer_floor")) {
                            case "round_prefer_floor" -> ratio <= 0.5 ? floor : floor + 1;
                            case "round_prefer_ceil" -> ratio < 0.5 ? floor : floor + 1;
                            case "floor" -> floor;
                            default -> ratio == 0 ? floor : floor + 1;
                        });
            case "linear" -> (1 - ratio) * pixel(x, at, axis, floor) + ratio * pixel(x, at, axis, floor + 1);
            default -> {
                double a = node.real("cubic_coeff_a", -0.75f);
                double[] weights = {
                    ((a * (ratio + 1) - 5 * a) * (ratio + 1) + 8 * a) * (ratio + 1) - 4 * a,
                    ((a + 2) * ratio - (a + 3)) * ratio * ratio + 1,
                    ((a + 2) * (1 - ratio) - (a + 3)) * (1 - ratio) * (1 - ratio) + 1,
                    ((a * (2 - ratio) - 5 * a) * (2 - ratio) + 8 * a) * (2 - ratio) - 4 * a
                };
                double sum = 0;
                double total = 0;
                for (int i = 0; i < 4; i++) {
                    double p = floor - 1 + i;
                    boolean counted = node.integer("exclude_outside", 0) == 0 || p >= 0 && p < x.shape()[axis];
                    sum += counted ? weights[i] * pixel(x, at, axis, p) : 0;
                    total += counted ? weights[i] : 0;
                }
                yield sum / total;
            }
        };
    }

    /** Beyond the edges these are repeated. */
    private static double pixel(NdArray x, int[] at, int axis, double position) {
        int[] index = at.clone();
        index[axis] = (int) Math.max(0, Math.min(x.shape()[axis] - 1, position));
        return x.at(index);
    }
}
