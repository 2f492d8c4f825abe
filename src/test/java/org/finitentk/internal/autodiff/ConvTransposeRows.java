package org.finitentk.internal.autodiff;

import static org.finitentk.internal.autodiff.PerExample.Kind.FACTORS;
import static org.finitentk.internal.autodiff.PerExample.Kind.GRADIENTS;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;

/** ConvTranspose with all its attributes, with parameters as input, filter and bias. */
final class ConvTransposeRows {
    private ConvTransposeRows() {}

    private static Attributes attributes() {
        return new Attributes();
    }

    static void add(Rows rows) {
        Map<String, Attributes> variants = new LinkedHashMap<>();
        variants.put("plain", attributes());
        variants.put("kernel_shape given", attributes().integers("kernel_shape", 3, 2));
        variants.put("pads", attributes().integers("pads", 1, 0, 1, 1));
        variants.put("strides", attributes().integers("strides", 2, 3));
        variants.put(
                "strides, pads, output_padding",
                attributes()
                        .integers("strides", 2, 2)
                        .integers("pads", 1, 0, 1, 1)
                        .integers("output_padding", 1, 1));
        variants.put(
                "output_padding beyond the windows",
                attributes().integers("strides", 2, 3).integers("output_padding", 1, 2));
        variants.put("dilations", attributes().integers("dilations", 2, 3));
        variants.put(
                "dilations, strides, pads",
                attributes()
                        .integers("dilations", 2, 1)
                        .integers("strides", 3, 2)
                        .integers("pads", 2, 0, 1, 1));
        variants.put("strides larger than the kernel", attributes().integers("strides", 4, 3));
        variants.put("output_shape", attributes().integers("strides", 2, 2).integers("output_shape", 7, 7));
        for (String auto : List.of("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET")) {
            variants.put(
                    "auto_pad " + auto, attributes().string("auto_pad", auto).integers("strides", 2, 1));
        }
        variants.forEach((name, a) -> {
            rows.add(
                    "ConvTranspose " + name,
                    n -> n.op("ConvTranspose", a, n.active(2, 4, 3), n.p(2, 3, 3, 2), n.p(3)),
                    GRADIENTS,
                    FACTORS,
                    GRADIENTS);
            Attributes grouped = new Attributes(a.build()).integer("group", 2);
            rows.add(
                    "ConvTranspose 2 groups " + name,
                    n -> n.op("ConvTranspose", grouped, n.active(4, 4, 3), n.p(4, 3, 3, 2), n.p(6)),
                    GRADIENTS,
                    GRADIENTS,
                    GRADIENTS);
        });
        rows.add(
                "ConvTranspose 1-D",
                n -> n.op("ConvTranspose", attributes().integers("strides", 2), n.active(2, 4), n.p(2, 3, 3), n.p(3)),
                GRADIENTS,
                FACTORS,
                GRADIENTS);
        rows.add(
                "ConvTranspose 3-D",
                n -> n.op(
                        "ConvTranspose",
                        attributes().integers("strides", 1, 2, 1),
                        n.active(2, 2, 2, 3),
                        n.p(2, 2, 2, 2, 2)),
                GRADIENTS,
                FACTORS);
        rows.add(
                "ConvTranspose depthwise",
                n -> n.op(
                        "ConvTranspose",
                        attributes().integer("group", 3).integers("strides", 2, 2),
                        n.active(3, 3, 3),
                        n.p(3, 1, 2, 2)),
                GRADIENTS,
                GRADIENTS);
        rows.add(
                "ConvTranspose of data, with a constant bias",
                n -> n.op("ConvTranspose", n.x(2, 3, 3), n.p(2, 3, 2, 2), n.constant(Net.Range.SIGNED, 3)),
                FACTORS);
        rows.add(
                "ConvTranspose of which only the bias is a parameter",
                n -> n.op("ConvTranspose", n.x(2, 3, 3), n.constant(Net.Range.SIGNED, 2, 3, 2, 2), n.p(3)),
                GRADIENTS);
        rows.add(
                "ConvTranspose filter made of a parameter",
                n -> n.op("ConvTranspose", n.x(2, 3, 3), n.op("Tanh", n.p(2, 3, 2, 2)), n.op("Tanh", n.p(3))));
        rows.add(
                "an autoencoder: Conv and ConvTranspose",
                n -> {
                    Attributes half = attributes().integers("strides", 2, 2).integers("pads", 1, 1, 1, 1);
                    String code = n.op("Relu", n.op("Conv", half, n.x(1, 5, 5), n.p(2, 1, 3, 3), n.p(2)));
                    return n.op("ConvTranspose", half, code, n.p(2, 1, 3, 3), n.p(1));
                },
                FACTORS,
                GRADIENTS,
                FACTORS,
                GRADIENTS);
        rows.add("a filter shared by Conv and ConvTranspose", n -> {
            String w = n.p(3, 2, 2, 2);
            return n.op("ConvTranspose", n.op("Tanh", n.op("Conv", n.x(2, 3, 3), w)), w);
        });
    }
}
