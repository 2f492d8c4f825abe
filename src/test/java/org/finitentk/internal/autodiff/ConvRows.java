package org.finitentk.internal.autodiff;

import static org.finitentk.internal.autodiff.PerExample.Kind.FACTORS;
import static org.finitentk.internal.autodiff.PerExample.Kind.GRADIENTS;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;

/** Convolutions. */
final class ConvRows {
    private ConvRows() {}

    static void add(Rows rows) {
        conv1(rows);
        conv2(rows);
        convSites(rows);
        rows.add("a small residual network", ConvRows::residual);
    }

    private static Attributes attributes() {
        return new Attributes();
    }

    private static void conv1(Rows rows) {
        Map<String, Attributes> variants = new LinkedHashMap<>();
        variants.put("plain", attributes());
        variants.put("pads 1 1", attributes().integers("pads", 1, 1));
        variants.put("pads 0 2", attributes().integers("pads", 0, 2));
        variants.put("pads larger than the kernel", attributes().integers("pads", 4, 3));
        variants.put("strides 2", attributes().integers("strides", 2));
        variants.put("strides 3 that leave inputs unused", attributes().integers("strides", 3));
        variants.put(
                "strides 4 larger than the kernel",
                attributes().integers("strides", 4).integers("pads", 1, 0));
        variants.put("dilations 2", attributes().integers("dilations", 2).integers("pads", 2, 2));
        variants.put(
                "dilations 2 strides 2 pads 1 2",
                attributes().integers("dilations", 2).integers("strides", 2).integers("pads", 1, 2));
        variants.put(
                "SAME_UPPER strides 2",
                attributes().string("auto_pad", "SAME_UPPER").integers("strides", 2));
        variants.put("SAME_LOWER", attributes().string("auto_pad", "SAME_LOWER"));
        variants.put("VALID strides 2", attributes().string("auto_pad", "VALID").integers("strides", 2));
        variants.forEach((name, a) -> {
            rows.add(
                    "Conv 1-D " + name,
                    n -> n.op("Conv", a, n.active(2, 8), n.p(3, 2, 3), n.p(3)),
                    GRADIENTS,
                    FACTORS,
                    GRADIENTS);
            rows.add(
                    "Conv 1-D even kernel " + name,
                    n -> n.op("Conv", a, n.active(2, 9), n.p(3, 2, 2)),
                    GRADIENTS,
                    FACTORS);
        });
        rows.add("Conv 1-D kernel 1", n -> n.op("Conv", n.active(2, 5), n.p(3, 2, 1)), GRADIENTS, FACTORS);
        rows.add(
                "Conv 1-D kernel of the input's size",
                n -> n.op("Conv", n.active(2, 5), n.p(3, 2, 5), n.p(3)),
                GRADIENTS,
                FACTORS,
                GRADIENTS);
    }

    private static void conv2(Rows rows) {
        Map<String, Attributes> variants = new LinkedHashMap<>();
        variants.put("plain", attributes());
        variants.put("kernel_shape given", attributes().integers("kernel_shape", 3, 2));
        variants.put("same pads", attributes().integers("pads", 1, 0, 1, 1));
        variants.put("asymmetric pads", attributes().integers("pads", 0, 1, 2, 3));
        variants.put("strides", attributes().integers("strides", 2, 1));
        variants.put("strides and pads", attributes().integers("strides", 2, 3).integers("pads", 1, 1, 1, 1));
        variants.put("strides larger than the kernel", attributes().integers("strides", 4, 3));
        variants.put("dilations", attributes().integers("dilations", 2, 3));
        variants.put(
                "dilations, strides, pads",
                attributes()
                        .integers("dilations", 2, 1)
                        .integers("strides", 2, 2)
                        .integers("pads", 2, 0, 1, 1));
        for (String auto : List.of("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET")) {
            variants.put("auto_pad " + auto, attributes().string("auto_pad", auto));
            variants.put(
                    "auto_pad " + auto + " strides",
                    attributes().string("auto_pad", auto).integers("strides", 2, 2));
        }
        variants.forEach((name, a) -> {
            rows.add(
                    "Conv 2-D " + name,
                    n -> n.op("Conv", a, n.active(2, 6, 5), n.p(3, 2, 3, 2), n.p(3)),
                    GRADIENTS,
                    FACTORS,
                    GRADIENTS);
            Attributes grouped = new Attributes(a.build()).integer("group", 2);
            rows.add(
                    "Conv 2-D 2 groups " + name,
                    n -> n.op("Conv", grouped, n.active(4, 6, 5), n.p(6, 2, 3, 2), n.p(6)),
                    GRADIENTS,
                    GRADIENTS,
                    GRADIENTS);
        });
        Attributes depthwise = attributes().integer("group", 3).integers("pads", 1, 1, 1, 1);
        rows.add(
                "Conv 2-D depthwise",
                n -> n.op("Conv", depthwise, n.active(3, 4, 4), n.p(3, 1, 3, 3)),
                GRADIENTS,
                GRADIENTS);
        rows.add(
                "Conv 2-D depthwise with multiplier and strides",
                n -> n.op(
                        "Conv",
                        new Attributes(depthwise.build()).integers("strides", 2, 2),
                        n.active(3, 4, 4),
                        n.p(6, 1, 3, 3)),
                GRADIENTS,
                GRADIENTS);
        rows.add(
                "Conv 2-D pointwise",
                n -> n.op("Conv", n.active(3, 4, 4), n.p(2, 3, 1, 1), n.p(2)),
                GRADIENTS,
                FACTORS,
                GRADIENTS);
        rows.add(
                "Conv 2-D pointwise with strides",
                n -> n.op("Conv", attributes().integers("strides", 2, 2), n.active(3, 5, 4), n.p(2, 3, 1, 1)),
                GRADIENTS,
                FACTORS);
        rows.add(
                "Conv 3-D",
                n -> n.op(
                        "Conv",
                        attributes().integers("pads", 1, 0, 1, 1, 0, 0).integers("strides", 1, 2, 1),
                        n.active(2, 3, 4, 3),
                        n.p(2, 2, 2, 2, 2),
                        n.p(2)),
                GRADIENTS,
                FACTORS,
                GRADIENTS);
    }

    private static void convSites(Rows rows) {
        rows.add("Conv of data alone", n -> n.op("Conv", n.x(2, 4, 4), n.p(3, 2, 3, 3), n.p(3)), FACTORS, GRADIENTS);
        rows.add(
                "Conv with constant bias",
                n -> n.op("Conv", n.active(2, 4, 4), n.p(3, 2, 3, 3), n.constant(Net.Range.SIGNED, 3)),
                GRADIENTS,
                FACTORS);
        rows.add(
                "Conv of which only the bias is a parameter",
                n -> n.op("Conv", n.x(2, 4, 4), n.constant(Net.Range.SIGNED, 3, 2, 3, 3), n.p(3)),
                GRADIENTS);
        rows.add(
                "Conv with a constant filter",
                n -> n.op("Conv", n.active(2, 4, 4), n.constant(Net.Range.SIGNED, 3, 2, 3, 3)),
                GRADIENTS);
        rows.add(
                "Conv filter shared by two sites",
                n -> {
                    String w = n.p(2, 2, 3, 3);
                    Attributes same = attributes().integers("pads", 1, 1, 1, 1);
                    return n.op("Conv", n.op("Tanh", n.op("Conv", same, n.x(2, 4, 4), w)), w);
                },
                FACTORS);
        rows.add(
                "Conv filter scaled per output channel",
                n -> n.op("Conv", n.x(2, 4, 4), n.op("Mul", n.p(3, 2, 2, 2), n.p(3, 1, 1, 1))));
        rows.add("Conv filter through Reshape", n -> n.op("Conv", n.x(2, 4), n.reshape(n.p(12), 3, 2, 2)), FACTORS);
        rows.add(
                "Conv of a filter larger than what it is made from",
                n -> n.op("Conv", n.x(6, 2, 2), n.p(8, 6, 2, 2)),
                FACTORS);
    }

    private static String residual(Net n) {
        Attributes same = attributes().integers("pads", 1, 1, 1, 1);
        String stem = n.op("Relu", n.op("Conv", same, n.x(2, 6, 6), n.p(3, 2, 3, 3), n.p(3)));
        String mean = n.constant(Net.Range.SIGNED, 3);
        String variance = n.constant(Net.Range.POSITIVE, 3);
        String normalized =
                n.op("BatchNormalization", n.op("Conv", same, stem, n.p(3, 3, 3, 3)), n.p(3), n.p(3), mean, variance);
        String block = n.op("Relu", n.op("Add", normalized, stem));
        String down = n.op("Conv", attributes().integers("strides", 2, 2), block, n.p(4, 3, 1, 1));
        String pooled = n.op(
                "Flatten",
                n.op("GlobalAveragePool", n.op("MaxPool", attributes().integers("kernel_shape", 2, 2), down)));
        return n.op("Gemm", new Attributes().integer("transB", 1), pooled, n.p(5, 4), n.p(5));
    }
}
