package org.finitentk.internal.onnx;

import org.finitentk.onnx.ElementType;

/** Losses that networks end in which were exported for training; only those of each example by itself have a kernel. */
final class LossOperators {
    private LossOperators() {}

    static void register(CompoundTable t) {
        t.put("", "NegativeLogLikelihoodLoss", n -> n.result(0, loss(n, n.in(0))));
        t.put("", "SoftmaxCrossEntropyLoss", n -> {
            String logarithms = n.op("LogSoftmax", new Attributes().integer("axis", 1), n.in(0));
            n.result(0, loss(n, logarithms));
            n.result(1, logarithms);
        });
    }

    /** −w(label) · the logarithm [N, C, …] at the label [N, …]; their sum or mean, over the sum of weights. */
    private static String loss(Rewritten n, String logarithms) {
        String labels = n.in(1);
        String counted = null;
        if (n.node().has("ignore_index")) {
            String ignored = n.cast(n.position(n.node().integer("ignore_index", 0)), n.type(labels));
            counted = n.op("Not", n.op("Equal", labels, ignored));
            labels = n.op("Where", counted, labels, n.op("Sub", labels, labels));
        }
        String one = n.longs(1);
        String picked =
                n.op("GatherElements", new Attributes().integer("axis", 1), logarithms, n.op("Unsqueeze", labels, one));
        String losses = n.op("Neg", n.op("Squeeze", picked, one));
        ElementType type = n.type(logarithms);
        String weights = n.has(2)
                // the weights of a loss are none of the network's
                ? n.formula().op("Gather", n.in(2), labels)
                : counted == null ? null : n.cast(counted, type);
        if (n.has(2) && counted != null) {
            weights = n.formula().op("Mul", String.valueOf(weights), n.cast(counted, type));
        }
        if (weights != null) {
            losses = n.formula().op("Mul", losses, weights);
        }
        Attributes scalar = new Attributes().integer("keepdims", 0);
        String reduction = n.node().string("reduction", "mean");
        return switch (reduction) {
            case "none" -> losses;
            case "sum" -> n.op("ReduceSum", scalar, losses);
            case "mean" ->
                weights == null
                        ? n.op("ReduceMean", scalar, losses)
                        : n.op("Div", n.op("ReduceSum", scalar, losses), n.op("ReduceSum", scalar, weights));
            default -> throw n.refused("attribute reduction is '" + reduction + "'", "none, sum or mean");
        };
    }
}
