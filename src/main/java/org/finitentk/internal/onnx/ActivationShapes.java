package org.finitentk.internal.onnx;

import java.util.List;

/** Activation functions: all that the standard has, with a derivative rule or without. */
final class ActivationShapes {
    private ActivationShapes() {}

    static void register(ShapeTable t) {
        for (String op : List.of(
                "Tanh",
                "Sigmoid",
                "Relu",
                "LeakyRelu",
                "Elu",
                "Selu",
                "Softplus",
                "HardSigmoid",
                "HardSwish",
                "Mish",
                "Celu",
                "ThresholdedRelu",
                "Softsign",
                "Shrink")) {
            t.put(op, 1, 1, ShapeRule.SAME);
        }
        t.put("Gelu", 1, 1, ShapeRule.SAME).demands(d -> d.oneOf("approximate", "none", "none", "tanh"));
        t.put("PRelu", 2, 2, s -> ElementwiseShapes.broadcast(s, null, null));
        for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            t.put(op, 1, 1, ShapeRule.SAME).demands(d -> d.axis("axis", -1, d.rank(0)));
        }
    }
}
