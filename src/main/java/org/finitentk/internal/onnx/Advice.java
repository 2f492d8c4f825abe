package org.finitentk.internal.onnx;

import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/** What can be done about a node of which nothing is known, or through which there is no derivative. */
public final class Advice {
    private Advice() {}

    /**
     * What can be done about a node without a derivative.
     *
     * @param node the node
     * @return what is the matter and what to do, to be put after a semicolon
     */
    public static String on(Node node) {
        if (!node.domain().isEmpty()) {
            return "it is no operator of the ONNX standard, so export the network in standard operators, exclude the "
                    + "parameters before it (--exclude), or use a linearization bundle exported elsewhere";
        }
        String settled = onStructure(node.op());
        return settled != null
                ? settled
                : "exclude the parameters before it (--exclude), or use a linearization bundle exported elsewhere; "
                        + "inspect --operators lists the operators that have a rule";
    }

    /**
     * What can be done about a node of whose outputs nothing is known before the network runs.
     *
     * @param node the node
     * @return what is the matter and what to do, to be put after a semicolon
     */
    static String onShape(Node node) {
        if (!node.domain().isEmpty()) {
            return "it is no operator of the ONNX standard, so export the network in standard operators, or write the "
                    + "shapes of its outputs into the file (value_info)";
        }
        String settled = onStructure(node.op());
        return settled != null
                ? settled
                : "export the network with fixed sizes, or write the shapes of its outputs into the file (value_info)";
    }

    /** What can be done about a node that is written in others where its structure is settled; null for others. */
    private static @Nullable String onStructure(String operator) {
        return switch (operator) {
            case "If" ->
                "its condition is computed from data or decided by a size or an input, so give that size (--input-shape) "
                        + "or the input's value (--input-value NAME=V, inputValues of OnnxBackbone), or export it "
                        + "without the branch that is not used";
            case "Loop", "Scan" ->
                "how often its body runs is computed from data or decided by a size or an input, or it makes more than "
                        + Unrolling.MOST_NODES + " nodes, so give that size (--input-shape) or the input's value "
                        + "(--input-value NAME=V, inputValues of OnnxBackbone), or export it unrolled, or as an LSTM, "
                        + "GRU or RNN";
            default ->
                OperatorTraits.SEQUENCES.contains(operator)
                        ? "the structure of its sequence is computed from data or by a size that the file leaves open, "
                                + "so export it with fixed sizes, or with Split and Concat"
                        : null;
        };
    }
}
