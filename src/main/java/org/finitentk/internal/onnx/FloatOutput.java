package org.finitentk.internal.onnx;

import java.util.List;
import java.util.Optional;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ValueInfo;

/**
 * Which output of a file is the network's: the first of floating-point numbers. Classifiers are often exported with the
 * label before the probabilities.
 */
public final class FloatOutput {
    private FloatOutput() {}

    /**
     * The network's output, where no other was chosen.
     *
     * @param graph as its file has it
     * @return one of its outputs
     * @throws InvalidModelException if all are labels, strings, sequences or the like
     */
    public static ValueInfo of(Graph graph) {
        return first(graph)
                .orElseThrow(() -> new InvalidModelException("graph '" + graph.name()
                        + "' has no floating-point output to differentiate: its outputs are "
                        + graph.outputs().stream()
                                .map(output -> "'" + output.name() + "' " + output.type())
                                .toList()
                        + "; expected a floating-point one, so choose a value inside the network (--output NAME,"
                        + " outputLayer of OnnxBackbone)" + compared(graph)));
    }

    /**
     * Whether a value is the network's output, where no other was chosen.
     *
     * @param graph as its file has it
     * @param value a name
     * @return false also where there is none
     */
    static boolean is(Graph graph, String value) {
        return first(graph).map(output -> output.name().equals(value)).orElse(false);
    }

    private static Optional<ValueInfo> first(Graph graph) {
        return graph.outputs().stream()
                .filter(output -> output.type().isDifferentiable())
                .findFirst();
    }

    /** What the label of a classifier is the largest of. */
    private static String compared(Graph graph) {
        return graph.nodes().stream()
                .filter(node -> node.op().equals("ArgMax"))
                .reduce((first, last) -> last)
                .map(node -> ": its ArgMax is of '" + node.input(0) + "'")
                .orElse("");
    }

    /**
     * The other outputs that could be meant.
     *
     * @param graph as its file has it
     * @return those of floating-point numbers behind the first
     */
    public static List<ValueInfo> others(Graph graph) {
        return graph.outputs().stream()
                .filter(output -> output.type().isDifferentiable())
                .skip(1)
                .toList();
    }
}
