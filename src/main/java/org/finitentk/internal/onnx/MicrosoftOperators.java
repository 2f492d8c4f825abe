package org.finitentk.internal.onnx;

/** Activations that exporters write as operators of ONNX Runtime's own. */
final class MicrosoftOperators {
    static final String DOMAIN = "com.microsoft";

    private MicrosoftOperators() {}

    static void register(CompoundTable t) {
        t.put(DOMAIN, "Gelu", n -> n.result(0, n.op("Gelu", n.in(0))));
        t.put(DOMAIN, "BiasGelu", n -> n.result(0, n.op("Gelu", n.op("Add", n.in(0), n.in(1)))));
        t.put(DOMAIN, "FastGelu", n -> {
            String x = n.has(1) ? n.op("Add", n.in(0), n.in(1)) : n.in(0);
            n.result(0, n.op("Gelu", new Attributes().string("approximate", "tanh"), x));
        });
        t.put(DOMAIN, "QuickGelu", n -> {
            String x = n.in(0);
            String inner = n.op("Mul", x, n.number(x, n.node().real("alpha", 1.702f)));
            n.result(0, n.op("Mul", x, n.op("Sigmoid", inner)));
        });
    }
}
