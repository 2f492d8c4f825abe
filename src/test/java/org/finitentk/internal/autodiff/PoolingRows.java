package org.finitentk.internal.autodiff;

import static org.finitentk.internal.autodiff.PerExample.Kind.FACTORS;
import static org.finitentk.internal.autodiff.PerExample.Kind.GRADIENTS;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;

/** Pooling over windows and over everything. */
final class PoolingRows {
    private PoolingRows() {}

    static void add(Rows rows) {
        pools(rows);
        globalPools(rows);
    }

    private static Attributes attributes() {
        return new Attributes();
    }

    private static void pools(Rows rows) {
        Map<String, Attributes> variants = new LinkedHashMap<>();
        variants.put("kernel 2", attributes().integers("kernel_shape", 2, 2));
        variants.put(
                "kernel 2 strides 2",
                attributes().integers("kernel_shape", 2, 2).integers("strides", 2, 2));
        variants.put(
                "kernel 3 2 strides 2 1 pads",
                attributes()
                        .integers("kernel_shape", 3, 2)
                        .integers("strides", 2, 1)
                        .integers("pads", 1, 0, 1, 1));
        variants.put(
                "unused inputs", attributes().integers("kernel_shape", 2, 2).integers("strides", 4, 3));
        variants.put(
                "ceil_mode",
                attributes()
                        .integers("kernel_shape", 2, 2)
                        .integers("strides", 2, 2)
                        .integer("ceil_mode", 1));
        variants.put(
                "ceil_mode 3",
                attributes()
                        .integers("kernel_shape", 3, 3)
                        .integers("strides", 2, 2)
                        .integers("pads", 1, 1, 1, 1)
                        .integer("ceil_mode", 1));
        variants.put(
                "ceil_mode that drops a window",
                attributes()
                        .integers("kernel_shape", 2, 2)
                        .integers("strides", 3, 3)
                        .integers("pads", 1, 1, 1, 1)
                        .integer("ceil_mode", 1));
        variants.put("dilations", attributes().integers("kernel_shape", 2, 2).integers("dilations", 2, 3));
        variants.put(
                "SAME_UPPER",
                attributes()
                        .integers("kernel_shape", 2, 3)
                        .integers("strides", 2, 2)
                        .string("auto_pad", "SAME_UPPER"));
        variants.put(
                "SAME_LOWER",
                attributes()
                        .integers("kernel_shape", 2, 3)
                        .integers("strides", 1, 2)
                        .string("auto_pad", "SAME_LOWER"));
        variants.put(
                "VALID",
                attributes()
                        .integers("kernel_shape", 2, 3)
                        .integers("strides", 2, 2)
                        .string("auto_pad", "VALID"));
        variants.forEach((name, a) -> {
            rows.add("MaxPool " + name, n -> n.op("MaxPool", a, n.active(2, 5, 6)));
            rows.add("AveragePool " + name, n -> n.op("AveragePool", a, n.active(2, 5, 6)), GRADIENTS);
            Attributes counting = new Attributes(a.build()).integer("count_include_pad", 1);
            rows.add(
                    "AveragePool count_include_pad " + name,
                    n -> n.op("AveragePool", counting, n.active(2, 5, 6)),
                    GRADIENTS);
        });
        for (String op : List.of("MaxPool", "AveragePool")) {
            rows.add(
                    op + " 1-D",
                    n -> n.op(
                            op,
                            attributes()
                                    .integers("kernel_shape", 3)
                                    .integers("strides", 2)
                                    .integers("pads", 1, 1),
                            n.active(2, 7)));
            // a window that is dropped, and an output that would otherwise be as large as the input
            rows.add(
                    op + " ceil_mode of 2 x 2 by windows of 3",
                    n -> n.op(
                            op,
                            attributes()
                                    .integers("kernel_shape", 3, 3)
                                    .integers("strides", 3, 3)
                                    .integers("pads", 1, 1, 1, 1)
                                    .integer("ceil_mode", 1),
                            n.op("Mul", n.x(3, 2, 2), n.p(3, 2, 2))));
            rows.add(
                    op + " ceil_mode that drops a window and has another beyond the padding",
                    n -> n.op(
                            op,
                            attributes()
                                    .integers("kernel_shape", 3, 2)
                                    .integers("strides", 3, 2)
                                    .integers("pads", 1, 0, 1, 0)
                                    .integer("ceil_mode", 1),
                            n.op("Mul", n.x(3, 2, 3), n.p(3, 2, 3))));
            rows.add(op + " 3-D", n -> n.op(op, attributes().integers("kernel_shape", 2, 2, 2), n.active(2, 3, 3, 3)));
            rows.add(
                    op + " of a convolution",
                    n -> n.op(
                            op,
                            attributes().integers("kernel_shape", 2, 2).integers("strides", 2, 2),
                            n.op("Conv", n.x(2, 5, 5), n.p(3, 2, 2, 2), n.p(3))),
                    FACTORS,
                    GRADIENTS);
        }
        rows.add(
                "MaxPool with its indices as an output",
                n -> n.ops("MaxPool", attributes().integers("kernel_shape", 2, 2), 2, n.active(2, 4, 4))
                        .get(0));
    }

    private static void globalPools(Rows rows) {
        for (String op : List.of("GlobalAveragePool", "GlobalMaxPool")) {
            rows.add(op, n -> n.op(op, n.active(2, 3, 4)), GRADIENTS);
            rows.add(op + " 1-D", n -> n.op(op, n.active(3, 4)), GRADIENTS);
        }
    }
}
