package org.finitentk.internal.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.NetworkView;
import org.finitentk.onnx.Pooling;
import org.finitentk.onnx.ValueInfo;

/** What a {@link NetworkView} takes of a network's graph. */
public final class ViewedGraph {
    private ViewedGraph() {}

    /**
     * Applies a view.
     *
     * @param view what is wanted
     * @param graph the file's
     * @return the network that is meant; the same object if nothing is to be done
     * @throws InvalidModelException if the network has no such input, output or mask, the output is not one row an
     *     example, or the graph is a model of trees without any weights
     */
    public static Graph of(NetworkView view, Graph graph) {
        ParameterChoice.requireWeights(graph);
        if (view.pooling() == Pooling.NONE) {
            requireFixedRows(chosen(view, graph));
        }
        Graph sized = PinnedInputs.on(view.inputs().on(graph), view.values(), view.inputs());
        Graph viewed = chosen(view, sized.equals(graph) ? graph : SettledGraph.of(sized));
        if (view.pooling() == Pooling.NONE) {
            return viewed;
        }
        if (view.output().isEmpty()) {
            viewed = Layer.upTo(viewed, FloatOutput.of(viewed).name());
        }
        return PooledOutput.of(viewed, view.pooling(), view.mask());
    }

    private static Graph chosen(NetworkView view, Graph graph) {
        return view.output().isEmpty() ? graph : Layer.upTo(graph, view.output());
    }

    /**
     * Refuses a graph whose first output is [n, T, d] with an open T.
     *
     * @param graph as its file has it
     * @throws InvalidModelException with the lines to write instead
     */
    public static void requireFixedRows(Graph graph) {
        if (!isOfPositions(graph)) {
            return;
        }
        ValueInfo output =
                Layer.upTo(graph, FloatOutput.of(graph).name()).outputs().get(0);
        List<String> others = graph.outputs().stream()
                .filter(other -> !other.name().equals(output.name())
                        && other.type().isDifferentiable()
                        && other.dims().size() == 2)
                .map(other -> "--output " + other.name())
                .toList();
        String poolings = Arrays.stream(Pooling.values())
                .filter(pooling -> pooling != Pooling.NONE)
                .map(pooling -> pooling.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining("|"));
        throw new InvalidModelException("output '" + output.name() + "' is " + output.dims()
                + ", one row for each of an open number of positions; give --pooling " + poolings
                + " (pooling of OnnxBackbone) to make them one row an example"
                + (others.isEmpty() ? "" : ", or choose another output: " + String.join(" or ", others)));
    }

    /**
     * Whether a graph's first output is [n, T, d] with a T that sizes of inputs decide.
     *
     * @param graph as its file has it
     * @return whether it has to be pooled
     */
    public static boolean isOfPositions(Graph graph) {
        if (!InputSizes.areOpen(graph.inputs())
                || graph.outputs().stream().noneMatch(output -> output.type().isDifferentiable())) {
            return false;
        }
        ValueInfo output =
                Layer.upTo(graph, FloatOutput.of(graph).name()).outputs().get(0);
        return output.dims().size() == 3 && !output.isFixed(1) && !isInferredFixed(graph, output);
    }

    private static boolean isInferredFixed(Graph graph, ValueInfo output) {
        try {
            Value value = ShapeInference.of(graph).find(output.name());
            return value != null && value.rank() == 3 && value.shape().dim(1) >= 0;
        } catch (InvalidModelException e) {
            return false;
        }
    }
}
