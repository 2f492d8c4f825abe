package org.finitentk.internal.onnx;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.internal.onnx.ShapeRule.Sample;
import org.finitentk.onnx.InvalidModelException;

/** Operators that rearrange, repeat or resample along axes. */
final class SpaceShapes {
    private SpaceShapes() {}

    static void register(ShapeTable t) {
        t.put("Tile", 2, 2, s -> {
                    long[] x = s.shape(0);
                    long[] repeats = s.longs(1);
                    for (int i = 0; i < x.length; i++) {
                        x[i] *= repeats[i];
                    }
                    return Outcome.of(s.type(0), x);
                })
                .demands(d -> {
                    d.rankFrom(0, 1);
                    d.vector(1, d.rank(0), "one for each axis of input 0");
                    d.within(1, 0, Long.MAX_VALUE);
                });
        t.put("DepthToSpace", 1, 1, s -> blocks(s, true)).demands(d -> blocks(d, true));
        t.put("SpaceToDepth", 1, 1, s -> blocks(s, false)).demands(d -> blocks(d, false));
        t.put("Resize", 1, 4, SpaceShapes::resize).demands(SpaceShapes::resize);
    }

    private static Outcome blocks(Sample s, boolean toSpace) {
        long[] x = s.shape(0);
        long size = s.node().integer("blocksize", 1);
        return toSpace
                ? Outcome.of(s.type(0), x[0], x[1] / (size * size), x[2] * size, x[3] * size)
                : Outcome.of(s.type(0), x[0], x[1] * size * size, x[2] / size, x[3] / size);
    }

    private static Outcome resize(Sample s) {
        long[] x = s.shape(0);
        if (!s.node().string("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
            throw new InvalidModelException(
                    "resizing that keeps the aspect ratio is not supported; give the sizes themselves");
        }
        long[] given = s.node().integers("axes");
        long[] axes = given == null ? LongStream.range(0, x.length).toArray() : given;
        double[] scales = s.known(2);
        if (!s.has(3) && scales == null) {
            throw new InvalidModelException("scales are computed from data");
        }
        for (int i = 0; i < axes.length; i++) {
            int axis = ShapeRule.normalize(axes[i], x.length);
            x[axis] = s.has(3) || scales == null ? s.longs(3)[i] : (long) Math.floor(x[axis] * scales[i]);
        }
        return Outcome.of(s.type(0), x);
    }

    private static void blocks(Demands d, boolean toSpace) {
        d.rank(0, 4);
        if (!d.node().has("blocksize")) {
            throw Demands.refused("attribute blocksize is missing", "the size of a block");
        }
        long size = d.number("blocksize", 1, 1);
        if (toSpace) {
            d.oneOf("mode", "DCR", "DCR", "CRD");
            d.multiple(0, 1, size * size);
        } else {
            d.multiple(0, 2, size);
            d.multiple(0, 3, size);
        }
    }

    private static void resize(Demands d) {
        d.oneOf("mode", "nearest", "nearest", "linear", "cubic");
        d.oneOf(
                "coordinate_transformation_mode",
                "half_pixel",
                "half_pixel",
                "half_pixel_symmetric",
                "pytorch_half_pixel",
                "align_corners",
                "asymmetric",
                "tf_crop_and_resize");
        d.axes("axes", d.rank(0));
        long[] axes = d.node().integers("axes");
        long resized = axes == null ? d.rank(0) : axes.length;
        boolean hasScales = d.has(2) && !(d.rank(2) == 1 && d.dim(2, 0) == 0);
        boolean hasSizes = d.has(3) && !(d.rank(3) == 1 && d.dim(3, 0) == 0);
        if (hasScales == hasSizes) {
            throw Demands.refused(
                    "it has " + (hasScales ? "both scales and sizes" : "neither scales nor sizes"), "one of them");
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
}
