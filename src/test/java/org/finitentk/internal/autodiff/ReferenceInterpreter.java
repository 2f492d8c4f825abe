package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;

/**
 * Runs a graph in float64 with plain loops written from the ONNX operator specification: slow, and independent of shape
 * inference, of the rules and of ONNX Runtime.
 */
final class ReferenceInterpreter {
    /** One operator: a node and its inputs (null where omitted) to its outputs. */
    interface Operator {
        List<NdArray> run(Node node, NdArray[] in);
    }

    static final Map<String, Operator> OPERATORS = operators();

    private ReferenceInterpreter() {}

    private static Map<String, Operator> operators() {
        Map<String, Operator> t = new HashMap<>();
        ReferenceElementwise.register(t);
        ReferenceActivation.register(t);
        ReferenceReduction.register(t);
        ReferenceNormalization.register(t);
        ReferenceMatrix.register(t);
        ReferenceEinsum.register(t);
        ReferenceConv.register(t);
        ReferenceConvTranspose.register(t);
        ReferencePooling.register(t);
        ReferenceMovement.register(t);
        ReferenceIndexing.register(t);
        ReferenceSpace.register(t);
        ReferenceRecurrent.register(t);
        ReferenceSize.register(t);
        return Map.copyOf(t);
    }

    /** The graph's outputs by name; entries of {@code feeds} that name initializers replace them. */
    static Map<String, NdArray> run(Graph graph, Map<String, NdArray> feeds) {
        return run(graph, feeds, value -> value);
    }

    /**
     * The same with every value rounded to its type, which is about as far from the truth as any engine of that type
     * is.
     */
    static Map<String, NdArray> rounded(Graph graph, Map<String, NdArray> feeds) {
        return run(graph, feeds, value -> {
            for (int i = 0; value.type() == ElementType.FLOAT && i < value.data().length; i++) {
                value.data()[i] = (float) value.data()[i];
            }
            return value;
        });
    }

    private static Map<String, NdArray> run(Graph graph, Map<String, NdArray> feeds, UnaryOperator<NdArray> finish) {
        Map<String, NdArray> values = new HashMap<>();
        for (Map.Entry<String, Tensor> constant : graph.initializers().entrySet()) {
            values.put(constant.getKey(), NdArray.of(constant.getValue()));
        }
        values.putAll(feeds);
        for (Node node : graph.nodes()) {
            Operator operator = OPERATORS.get(node.op());
            if (operator == null) {
                throw new IllegalStateException("the reference interpreter lacks " + node.op());
            }
            NdArray[] in = new NdArray[node.inputs().size()];
            for (int i = 0; i < in.length; i++) {
                in[i] = values.get(node.input(i));
                if (in[i] == null && !node.input(i).isEmpty()) {
                    throw new IllegalStateException(
                            node.describe() + ": input " + node.input(i) + " does not exist yet");
                }
            }
            List<NdArray> out = runOne(operator, node, in);
            for (int i = 0; i < node.outputs().size(); i++) {
                values.put(node.outputs().get(i), finish.apply(out.get(i)));
            }
        }
        Map<String, NdArray> outputs = new HashMap<>();
        graph.outputs().forEach(o -> outputs.put(o.name(), values.get(o.name())));
        return outputs;
    }

    private static List<NdArray> runOne(Operator operator, Node node, NdArray[] in) {
        try {
            return operator.run(node, in);
        } catch (RuntimeException e) {
            String shapes = Arrays.toString(Arrays.stream(in)
                    .map(a -> a == null ? "none" : a.type() + Arrays.toString(a.shape()))
                    .toArray());
            throw new IllegalStateException(
                    node.describe() + " of " + shapes + " with " + node.attributes() + ": " + e, e);
        }
    }

    static int axis(long axis, int rank) {
        return (int) (axis < 0 ? axis + rank : axis);
    }
}
