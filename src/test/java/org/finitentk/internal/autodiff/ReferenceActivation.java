package org.finitentk.internal.autodiff;

import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.Node;

/** Reference semantics of activation functions. */
final class ReferenceActivation {
    private ReferenceActivation() {}

    static void register(Map<String, Operator> t) {
        ReferenceElementwise.unary(t, "Tanh", Math::tanh);
        ReferenceElementwise.unary(t, "Sigmoid", x -> 1 / (1 + Math.exp(-x)));
        ReferenceElementwise.unary(t, "Relu", x -> Math.max(x, 0));
        ReferenceElementwise.unary(t, "Softplus", x -> x > 30 ? x : Math.log1p(Math.exp(x)));
        ReferenceElementwise.unary(t, "HardSwish", x -> x * Math.max(0, Math.min(1, x / 6 + 0.5)));
        t.put(
                "Gelu",
                (n, in) -> List.of(ReferenceElementwise.map(
                        in[0],
                        x -> n.string("approximate", "none").equals("tanh")
                                ? x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))
                                : x / 2 * (1 + ReferenceElementwise.erf(x / Math.sqrt(2))))));
        t.put(
                "LeakyRelu",
                (n, in) -> List.of(ReferenceElementwise.map(in[0], x -> x < 0 ? n.real("alpha", 0.01f) * x : x)));
        t.put(
                "HardSigmoid",
                (n, in) -> List.of(ReferenceElementwise.map(
                        in[0],
                        x -> Math.max(0, Math.min(1, (double) n.real("alpha", 0.2f) * x + n.real("beta", 0.5f))))));
        t.put(
                "Elu",
                (n, in) ->
                        List.of(ReferenceElementwise.map(in[0], x -> x < 0 ? n.real("alpha", 1) * Math.expm1(x) : x)));
        t.put(
                "Selu",
                (n, in) -> List.of(ReferenceElementwise.map(
                        in[0],
                        x -> (double) n.real("gamma", 1.050701f)
                                * (x <= 0 ? n.real("alpha", 1.6732632f) * Math.expm1(x) : x))));
        ReferenceElementwise.binary(t, "PRelu", (x, slope) -> x < 0 ? slope * x : x);
        ReferenceElementwise.unary(t, "Softsign", x -> x / (1 + Math.abs(x)));
        ReferenceElementwise.unary(t, "Mish", x -> x * Math.tanh(Math.log1p(Math.exp(x))));
        t.put(
                "Celu",
                (n, in) -> List.of(ReferenceElementwise.map(
                        in[0],
                        x -> Math.max(0, x) + Math.min(0, n.real("alpha", 1) * Math.expm1(x / n.real("alpha", 1))))));
        t.put(
                "ThresholdedRelu",
                (n, in) -> List.of(ReferenceElementwise.map(in[0], x -> x > n.real("alpha", 1) ? x : 0)));
        t.put(
                "Shrink",
                (n, in) -> List.of(ReferenceElementwise.map(
                        in[0],
                        x -> x < -n.real("lambd", 0.5f)
                                ? x + n.real("bias", 0)
                                : x > n.real("lambd", 0.5f) ? x - n.real("bias", 0) : 0)));
        t.put("Softmax", (n, in) -> List.of(softmax(in[0], n, false)));
        t.put("LogSoftmax", (n, in) -> List.of(softmax(in[0], n, true)));
    }

    private static NdArray softmax(NdArray x, Node node, boolean log) {
        int axis = ReferenceInterpreter.axis(node.integer("axis", -1), x.rank());
        NdArray out = NdArray.zeros(x.type(), x.shape());
        for (int i = 0; i < out.data().length; i++) {
            int[] index = NdArray.index(i, x.shape());
            double max = Double.NEGATIVE_INFINITY;
            double sum = 0;
            int[] other = index.clone();
            for (other[axis] = 0; other[axis] < x.shape()[axis]; other[axis]++) {
                max = Math.max(max, x.at(other));
            }
            for (other[axis] = 0; other[axis] < x.shape()[axis]; other[axis]++) {
                sum += Math.exp(x.at(other) - max);
            }
            double logProbability = x.data()[i] - max - Math.log(sum);
            out.data()[i] = log ? logProbability : Math.exp(logProbability);
        }
        return out;
    }
}
