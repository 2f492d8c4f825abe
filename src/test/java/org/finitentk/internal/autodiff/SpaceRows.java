package org.finitentk.internal.autodiff;

import java.util.List;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.Tensor;

/** Rearranging, repeating and resampling along axes. */
final class SpaceRows {
    private SpaceRows() {}

    static void add(Rows rows) {
        space(rows);
        resize(rows);
    }

    private static Attributes attributes() {
        return new Attributes();
    }

    private static void space(Rows rows) {
        rows.add("Tile", n -> n.op("Tile", n.active(2, 3), n.longs(1, 2, 3)));
        rows.add("Tile of size 1", n -> n.op("Tile", n.active(1, 3), n.longs(1, 4, 1)));
        rows.add("Tile of nothing", n -> n.op("Tile", n.active(2, 3), n.longs(1, 1, 1)));
        rows.add("Tile of a parameter", n -> n.op("Mul", n.x(4), n.op("Tile", n.p(2), n.longs(2))));
        rows.add(
                "Tile of a class token over the batch",
                n -> {
                    String x = n.op("MatMul", n.x(2, 3), n.p(3, 4));
                    String repeats = n.op(
                            "Concat",
                            attributes().integer("axis", 0),
                            n.op("Shape", attributes().integer("end", 1), x),
                            n.longs(1, 1));
                    return n.op("Concat", attributes().integer("axis", 1), n.op("Tile", n.p(1, 1, 4), repeats), x);
                },
                PerExample.Kind.FACTORS,
                PerExample.Kind.GRADIENTS);
        for (String mode : List.of("DCR", "CRD")) {
            rows.add(
                    "DepthToSpace " + mode,
                    n -> n.op(
                            "DepthToSpace",
                            attributes().integer("blocksize", 2).string("mode", mode),
                            n.active(8, 2, 3)));
        }
        rows.add(
                "DepthToSpace default mode, blocksize 3",
                n -> n.op("DepthToSpace", attributes().integer("blocksize", 3), n.active(9, 1, 2)));
        rows.add("SpaceToDepth", n -> n.op("SpaceToDepth", attributes().integer("blocksize", 2), n.active(2, 4, 6)));
        rows.add(
                "SpaceToDepth of a convolution and back",
                n -> n.op(
                        "DepthToSpace",
                        attributes().integer("blocksize", 2),
                        n.op(
                                "Conv",
                                n.op("SpaceToDepth", attributes().integer("blocksize", 2), n.x(1, 4, 4)),
                                n.p(8, 4, 1, 1))),
                PerExample.Kind.FACTORS);
    }

    private static void resize(Rows rows) {
        for (String coordinates :
                List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric")) {
            for (String mode : List.of("nearest", "linear", "cubic")) {
                Attributes how =
                        attributes().string("mode", mode).string("coordinate_transformation_mode", coordinates);
                rows.add(
                        "Resize " + mode + " " + coordinates + " by 2",
                        n -> n.op(
                                "Resize",
                                how,
                                n.active(2, 3, 4),
                                "",
                                n.tensor(Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4))));
                rows.add(
                        "Resize " + mode + " " + coordinates + " by fractions",
                        n -> n.op(
                                "Resize",
                                how,
                                n.active(2, 4, 5),
                                "",
                                n.tensor(Tensor.ofFloats(new float[] {1, 1, 1.5f, 0.6f}, 4))));
            }
        }
        for (String rounding : List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")) {
            Attributes how = attributes()
                    .string("nearest_mode", rounding)
                    .string("coordinate_transformation_mode", "asymmetric");
            rows.add(
                    "Resize nearest " + rounding,
                    n -> n.op(
                            "Resize",
                            how,
                            n.active(2, 3, 4),
                            "",
                            n.tensor(Tensor.ofFloats(new float[] {1, 1, 3, 1.5f}, 4))));
        }
        rows.add("Resize to sizes", n -> {
            String x = n.active(2, 3, 4);
            String sizes = n.op(
                    "Concat",
                    attributes().integer("axis", 0),
                    n.op("Shape", attributes().integer("end", 2), x),
                    n.longs(6, 2));
            return n.op("Resize", attributes().string("mode", "linear"), x, "", "", sizes);
        });
        rows.add(
                "Resize cubic, exclude_outside",
                n -> n.op(
                        "Resize",
                        attributes()
                                .string("mode", "cubic")
                                .integer("exclude_outside", 1)
                                .real("cubic_coeff_a", -0.5f),
                        n.active(1, 4, 4),
                        "",
                        n.tensor(Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4))));
        rows.add(
                "Resize of channels last",
                n -> n.op(
                        "Resize",
                        attributes()
                                .string("coordinate_transformation_mode", "asymmetric")
                                .string("nearest_mode", "floor"),
                        n.active(3, 2, 2),
                        "",
                        n.tensor(Tensor.ofFloats(new float[] {1, 2, 2, 1}, 4))));
        rows.add(
                "a decoder: Conv, Resize, Conv",
                n -> n.op(
                        "Conv",
                        n.op(
                                "Resize",
                                attributes()
                                        .string("coordinate_transformation_mode", "asymmetric")
                                        .string("nearest_mode", "floor"),
                                n.op("Tanh", n.op("Conv", n.x(1, 4, 4), n.p(2, 1, 3, 3))),
                                "",
                                n.tensor(Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4))),
                        n.p(1, 2, 3, 3)),
                PerExample.Kind.FACTORS,
                PerExample.Kind.FACTORS);
    }
}
