package org.finitentk.internal.onnx;

/** Normalizations, which keep the shape. */
final class NormalizationShapes {
    private NormalizationShapes() {}

    static void register(ShapeTable t) {
        t.put("BatchNormalization", 5, 5, ShapeRule.SAME)
                .demands(d -> {
                    d.rankFrom(0, 2);
                    channels(d, 1, 2, 3, 4);
                })
                .outputs(5);
        t.put("InstanceNormalization", 3, 3, ShapeRule.SAME).demands(d -> {
            d.rankFrom(0, 3);
            channels(d, 1, 2);
        });
        t.put("GroupNormalization", 3, 3, ShapeRule.SAME).demands(d -> {
            d.rankFrom(0, 3);
            long groups = d.number("num_groups", 1, 1);
            d.multiple(0, 1, groups);
            channels(d, 1, 2);
        });
        t.put("LayerNormalization", 2, 3, ShapeRule.SAME)
                .demands(d -> {
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
                })
                .outputs(3);
        t.put("LpNormalization", 1, 1, ShapeRule.SAME).demands(d -> {
            d.rankFrom(0, 1);
            d.axis("axis", -1, d.rank(0));
            long p = d.node().integer("p", 2);
            if (p != 1 && p != 2) {
                throw Demands.refused("attribute p is " + p, "1 or 2");
            }
        });
        t.put("MeanVarianceNormalization", 1, 1, ShapeRule.SAME).demands(d -> {
            if (d.node().integers("axes") == null) {
                d.rankFrom(0, 4);
            }
            d.axes("axes", d.rank(0));
        });
        t.put("LRN", 1, 1, ShapeRule.SAME).demands(d -> {
            d.rank(0, 4);
            long size = d.number("size", 0, 1);
            if (size % 2 == 0) {
                throw Demands.refused(
                        "attribute size is " + size, "an odd number, for which alone ONNX Runtime has it");
            }
        });
    }

    private static void channels(Demands d, int... inputs) {
        for (int i : inputs) {
            d.vector(
                    i, d.dim(0, 1), "one for each channel of input 0 " + d.in(0).shape());
        }
    }
}
