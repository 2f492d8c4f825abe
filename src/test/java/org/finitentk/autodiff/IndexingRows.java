package org.finitentk.autodiff;

import java.util.List;
import org.finitentk.autodiff.RulesTest.Rows;
import org.finitentk.onnx.Attributes;
import org.finitentk.onnx.Tensor;

/** Reading and writing by indices; rearranging, repeating and resampling along axes. */
final class IndexingRows {
    private IndexingRows() {
    }

    static void add(Rows rows) {
        gathers(rows);
        scatters(rows);
        order(rows);
        space(rows);
        resize(rows);
    }

    private static Attributes attributes() {
        return new Attributes();
    }

    private static void gathers(Rows rows) {
        for (long axis : new long[] {1, -1}) {
            rows.add("GatherElements axis " + axis, n -> n.op("GatherElements", attributes().integer("axis", axis), n.active(4, 4), n.ids(4, 3, 4)));
        }
        rows.add("GatherElements of a parameter", n -> n.op("Mul", n.x(3), n.op("GatherElements", n.p(4), n.longs(2, -1, 2))));
        rows.add("GatherND of a parameter by data", n -> n.op("GatherND", n.p(4, 3), n.ids(4, 2, 1)));
        rows.add("GatherND of elements of a parameter", n -> n.op("GatherND", n.p(3, 3, 2), n.ids(3, 4, 2)));
        rows.add("GatherND behind a transposition", n -> n.transpose(n.op("GatherND", n.transpose(n.active(4, 2), 1, 2, 0),
            n.tensor(Tensor.ofLongs(new long[] {0, 1, -1, 0, 0, 1}, 3, 2))), 1, 0));
    }

    private static void scatters(Rows rows) {
        for (String reduction : List.of("none", "add")) {
            Attributes how = attributes().string("reduction", reduction);
            // each index once: which of several updates stays is not defined
            String indices = reduction.equals("none") ? "other indices" : "repeated indices";
            long[] at = reduction.equals("none") ? new long[] {2, 0, -1} : new long[] {2, 0, 2};
            rows.add("ScatterElements " + reduction + ", " + indices, n -> n.transpose(n.op("ScatterElements", how, n.op("MatMul", n.p(4, 3), n.transpose(n.x(3), 1, 0)),
                n.op("Expand", n.tensor(Tensor.ofLongs(at, 3, 1)), n.op("Concat", attributes().integer("axis", 0), n.longs(3), n.op("Shape", attributes().integer("end", 1), "x0"))),
                n.transpose(n.active(3), 1, 0)), 1, 0));
            rows.add("ScatterElements " + reduction + " of parameters", n -> n.op("Mul", n.x(4),
                n.op("ScatterElements", new Attributes(how.build()).integer("axis", -1), n.p(4), n.longs(at), n.p(3))));
            rows.add("ScatterElements " + reduction + " of constant data", n -> n.op("Mul", n.x(4), n.op("ScatterElements", how, n.constant(Net.Range.SIGNED, 4), n.longs(at), n.p(3))));
            rows.add("ScatterND " + reduction, n -> n.transpose(n.op("ScatterND", how, n.transpose(n.active(4), 1, 0), n.tensor(Tensor.ofLongs(at, 3, 1)),
                n.transpose(n.active(3), 1, 0)), 1, 0));
            rows.add("ScatterND " + reduction + " of constant updates", n -> n.op("Mul", n.x(4),
                n.op("ScatterND", how, n.p(4), n.tensor(Tensor.ofLongs(at, 3, 1)), n.constant(Net.Range.SIGNED, 3))));
        }
    }

    private static void order(Rows rows) {
        for (long largest : new long[] {0, 1}) {
            Attributes how = attributes().integer("largest", largest);
            rows.add("TopK largest " + largest, n -> n.ops("TopK", how, 2, n.active(6), n.longs(3)).get(0));
            rows.add("TopK of the middle axis, largest " + largest, n -> n.ops("TopK", new Attributes(how.build()).integer("axis", 1), 2, n.active(5, 2), n.longs(2)).get(0));
            rows.addWithoutKernel("TopK values only, largest " + largest, "output size 1 not in range", n -> n.op("TopK", new Attributes(how.build()).integer("axis", 1), n.active(5, 2), n.longs(2)));
        }
        for (long upper : new long[] {0, 1}) {
            Attributes how = attributes().integer("upper", upper);
            rows.add("Trilu upper " + upper, n -> n.op("Trilu", how, n.active(3, 4)));
            for (long k : new long[] {-1, 1}) {
                rows.add("Trilu upper " + upper + " k " + k, n -> n.op("Trilu", how, n.active(2, 4, 3), n.tensor(Tensor.ofLongs(new long[] {k}))));
            }
            for (long exclusive : new long[] {0, 1}) {
                Attributes sum = attributes().integer("reverse", upper).integer("exclusive", exclusive);
                rows.add("CumSum reverse " + upper + " exclusive " + exclusive, n -> n.op("CumSum", sum, n.active(4, 2), n.tensor(Tensor.ofLongs(new long[] {1}))));
            }
        }
        rows.add("CumSum negative axis", n -> n.op("CumSum", n.active(4, 2), n.tensor(Tensor.ofLongs(new long[] {-1}))));
    }

    private static void space(Rows rows) {
        rows.add("Tile", n -> n.op("Tile", n.active(2, 3), n.longs(1, 2, 3)));
        rows.add("Tile of size 1", n -> n.op("Tile", n.active(1, 3), n.longs(1, 4, 1)));
        rows.add("Tile of nothing", n -> n.op("Tile", n.active(2, 3), n.longs(1, 1, 1)));
        rows.add("Tile of a parameter", n -> n.op("Mul", n.x(4), n.op("Tile", n.p(2), n.longs(2))));
        rows.add("Tile of a class token over the batch", n -> {
            String x = n.op("MatMul", n.x(2, 3), n.p(3, 4));
            String repeats = n.op("Concat", attributes().integer("axis", 0), n.op("Shape", attributes().integer("end", 1), x), n.longs(1, 1));
            return n.op("Concat", attributes().integer("axis", 1), n.op("Tile", n.p(1, 1, 4), repeats), x);
        }, PerExample.Kind.FACTORS, PerExample.Kind.GRADIENTS);
        for (String mode : List.of("DCR", "CRD")) {
            rows.add("DepthToSpace " + mode, n -> n.op("DepthToSpace", attributes().integer("blocksize", 2).string("mode", mode), n.active(8, 2, 3)));
        }
        rows.add("DepthToSpace default mode, blocksize 3", n -> n.op("DepthToSpace", attributes().integer("blocksize", 3), n.active(9, 1, 2)));
        rows.add("SpaceToDepth", n -> n.op("SpaceToDepth", attributes().integer("blocksize", 2), n.active(2, 4, 6)));
        rows.add("SpaceToDepth of a convolution and back", n -> n.op("DepthToSpace", attributes().integer("blocksize", 2),
            n.op("Conv", n.op("SpaceToDepth", attributes().integer("blocksize", 2), n.x(1, 4, 4)), n.p(8, 4, 1, 1))), PerExample.Kind.FACTORS);
    }

    private static void resize(Rows rows) {
        for (String coordinates : List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric")) {
            for (String mode : List.of("nearest", "linear", "cubic")) {
                Attributes how = attributes().string("mode", mode).string("coordinate_transformation_mode", coordinates);
                rows.add("Resize " + mode + " " + coordinates + " by 2", n -> n.op("Resize", how, n.active(2, 3, 4), "", n.tensor(Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4))));
                rows.add("Resize " + mode + " " + coordinates + " by fractions", n -> n.op("Resize", how, n.active(2, 4, 5), "",
                    n.tensor(Tensor.ofFloats(new float[] {1, 1, 1.5f, 0.6f}, 4))));
            }
        }
        for (String rounding : List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")) {
            Attributes how = attributes().string("nearest_mode", rounding).string("coordinate_transformation_mode", "asymmetric");
            rows.add("Resize nearest " + rounding, n -> n.op("Resize", how, n.active(2, 3, 4), "", n.tensor(Tensor.ofFloats(new float[] {1, 1, 3, 1.5f}, 4))));
        }
        rows.add("Resize to sizes", n -> {
            String x = n.active(2, 3, 4);
            String sizes = n.op("Concat", attributes().integer("axis", 0), n.op("Shape", attributes().integer("end", 2), x), n.longs(6, 2));
            return n.op("Resize", attributes().string("mode", "linear"), x, "", "", sizes);
        });
        rows.add("Resize cubic, exclude_outside", n -> n.op("Resize", attributes().string("mode", "cubic").integer("exclude_outside", 1).real("cubic_coeff_a", -0.5f), n.active(1, 4, 4), "",
            n.tensor(Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4))));
        rows.add("Resize of channels last", n -> n.op("Resize", attributes().string("coordinate_transformation_mode", "asymmetric").string("nearest_mode", "floor"), n.active(3, 2, 2), "",
            n.tensor(Tensor.ofFloats(new float[] {1, 2, 2, 1}, 4))));
        rows.add("a decoder: Conv, Resize, Conv", n -> n.op("Conv", n.op("Resize", attributes().string("coordinate_transformation_mode", "asymmetric").string("nearest_mode", "floor"),
            n.op("Tanh", n.op("Conv", n.x(1, 4, 4), n.p(2, 1, 3, 3))), "", n.tensor(Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4))), n.p(1, 2, 3, 3)),
            PerExample.Kind.FACTORS, PerExample.Kind.FACTORS);
    }
}
