package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Value;

/** The activation functions that a recurrent node names, with the numbers that it gives for those that take some. */
record RecurrentActivations(List<Function> functions, int perDirection) {
    record Function(String name, float alpha, float beta) {}

    /** Names in lower case, with the operators of the same meaning. */
    private static final Map<String, String> OPERATORS = Map.of(
            "relu",
            "Relu",
            "tanh",
            "Tanh",
            "sigmoid",
            "Sigmoid",
            "softsign",
            "Softsign",
            "softplus",
            "Softplus",
            "leakyrelu",
            "LeakyRelu",
            "thresholdedrelu",
            "ThresholdedRelu",
            "hardsigmoid",
            "HardSigmoid",
            "elu",
            "Elu");

    private static final Map<String, Float> ALPHA = Map.of(
            "leakyrelu", 0.01f, "thresholdedrelu", 1f, "elu", 1f, "hardsigmoid", 0.2f, "affine", 1f, "scaledtanh", 1f);
    private static final Map<String, Float> BETA = Map.of("hardsigmoid", 0.5f, "affine", 0f, "scaledtanh", 1f);

    /** Each function that takes a number takes the next that was given. */
    static RecurrentActivations of(Rewrite n, List<String> defaults, int directions) {
        List<String> names = new ArrayList<>(n.node().strings("activations"));
        for (int d = 0; d < directions && !n.node().has("activations"); d++) {
            names.addAll(defaults);
        }
        float[] alphas = n.node().reals("activation_alpha");
        float[] betas = n.node().reals("activation_beta");
        int alpha = 0;
        int beta = 0;
        List<Function> functions = new ArrayList<>();
        for (String given : names) {
            String name = given.toLowerCase(Locale.ROOT);
            if (!OPERATORS.containsKey(name) && !ALPHA.containsKey(name)) {
                throw n.refused(
                        "has an unknown activation '" + given + "'; expected one of those of ONNX, such as Tanh");
            }
            float a = ALPHA.getOrDefault(name, 0f);
            float b = BETA.getOrDefault(name, 0f);
            if (ALPHA.containsKey(name) && alphas != null && alpha < alphas.length) {
                a = alphas[alpha++];
            }
            if (BETA.containsKey(name) && betas != null && beta < betas.length) {
                b = betas[beta++];
            }
            functions.add(new Function(name, a, b));
        }
        if (functions.size() != directions * defaults.size()) {
            throw n.refused("has " + functions.size() + " activations; expected " + directions * defaults.size());
        }
        return new RecurrentActivations(functions, defaults.size());
    }

    Value apply(Algebra a, int direction, int i, Value v) {
        Function f = functions.get(direction * perDirection + i);
        String operator = OPERATORS.get(f.name());
        if (operator == null) {
            Value scaled = f.name().equals("affine") ? a.mul(v, f.alpha()) : a.op("Tanh", a.mul(v, f.beta()));
            return f.name().equals("affine") ? a.add(scaled, f.beta()) : a.mul(scaled, f.alpha());
        }
        Attributes attributes = new Attributes();
        if (ALPHA.containsKey(f.name())) {
            attributes.real("alpha", f.alpha());
        }
        if (BETA.containsKey(f.name())) {
            attributes.real("beta", f.beta());
        }
        return a.op(operator, attributes, v);
    }
}
