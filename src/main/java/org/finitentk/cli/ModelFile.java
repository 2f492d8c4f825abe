package org.finitentk.cli;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.autodiff.OperatorSupport;
import org.finitentk.internal.onnx.FloatConstant;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.onnx.OperationCount;
import org.finitentk.internal.onnx.ParameterChoice;
import org.finitentk.internal.onnx.ViewedGraph;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.NetworkView;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * What {@code inspect} tells of a model or bundle, without running it.
 *
 * @param path the file or folder
 * @param producer who derived the graphs, for a bundle
 * @param graph the forward graph
 * @param operators how often each operator is used
 * @param constants its float constants, and why each is a parameter or not
 * @param products what a network that can be linearized has
 * @param refusal why the network cannot be linearized, if so
 */
record ModelFile(
        Path path,
        @Nullable String producer,
        Graph graph,
        Map<String, Integer> operators,
        List<FloatConstant> constants,
        @Nullable Products products,
        @Nullable String refusal) {
    /**
     * Parameters and costs.
     *
     * @param outputSize k
     * @param parameters the tangent parameters
     * @param forward cost of f
     * @param jvp cost of f and Jv together
     * @param vjp cost of f and Jᵀu together
     * @param bytesPerExample memory for one more example in a product, or 0 if unknown
     */
    record Products(
            int outputSize,
            List<Parameter> parameters,
            OperationCount forward,
            OperationCount jvp,
            OperationCount vjp,
            long bytesPerExample) {
        Products {
            parameters = List.copyOf(parameters);
        }

        long parameterCount() {
            Parameter last = parameters.get(parameters.size() - 1);
            return last.offset() + last.size();
        }
    }

    ModelFile {
        constants = List.copyOf(constants);
        operators = Collections.unmodifiableMap(new TreeMap<>(operators));
    }

    static ModelFile read(Path path, NetworkView view, ParameterSelection selection) {
        if (NetworkFile.isBundle(path)) {
            LinearizationBundle bundle = LinearizationBundle.read(path);
            bundle.requireOwn(view, path.toString());
            return bundle(path, bundle);
        }
        Graph whole = ModelReader.read(path);
        Graph graph = view.inputs().on(whole);
        InvalidModelException refusal;
        boolean viewed = false;
        try {
            graph = ViewedGraph.of(view, whole);
            viewed = true;
            return linearized(path, graph, selection);
        } catch (InvalidModelException e) {
            if (graph.outputs().equals(whole.outputs()) && view.isOfOutput()) {
                throw e;
            }
            refusal = e;
        }
        if (viewed && InputSizes.areOpen(graph.inputs()) && !ViewedGraph.isOfPositions(graph)) {
            refusal = InputSizes.withSizes(graph.inputs(), refusal);
        }
        return new ModelFile(
                path,
                null,
                graph,
                count(graph),
                ParameterChoice.explain(graph, selection),
                null,
                String.valueOf(refusal.getMessage()));
    }

    private static ModelFile linearized(Path path, Graph graph, ParameterSelection selection) {
        Linearization l = Linearization.of(graph, selection);
        Products products = new Products(
                l.outputSize(),
                l.parameters(),
                OperationCount.of(l.forward()),
                OperationCount.of(l.jvp()),
                OperationCount.of(l.vjp()),
                l.bytesPerExample());
        return new ModelFile(
                path, null, graph, count(graph), ParameterChoice.explain(graph, selection), products, null);
    }

    private static ModelFile bundle(Path path, LinearizationBundle bundle) {
        Graph graph = bundle.forward();
        Products products = new Products(
                bundle.outputSize(),
                bundle.parameters(),
                OperationCount.of(graph),
                OperationCount.of(bundle.jvp()),
                OperationCount.of(bundle.vjp()),
                0);
        return new ModelFile(path, bundle.producer(), graph, count(graph), constants(bundle), products, null);
    }

    /** A bundle made its selection when it was written. */
    private static List<FloatConstant> constants(LinearizationBundle bundle) {
        Set<String> own = bundle.parameters().stream().map(Parameter::name).collect(Collectors.toSet());
        return ParameterChoice.explain(bundle.forward(), ParameterSelection.DEFAULT).stream()
                .map(constant -> {
                    boolean parameter = own.contains(constant.name());
                    String reason = parameter ? "a parameter of the bundle" : "no parameter of the bundle";
                    return new FloatConstant(constant.name(), constant.shape(), parameter, reason);
                })
                .toList();
    }

    private static Map<String, Integer> count(Graph graph) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Node node : graph.nodes()) {
            counts.merge(node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op(), 1, Integer::sum);
        }
        return counts;
    }

    /** Float constants of more than one element that are no parameters and could be. */
    List<FloatConstant> others() {
        return constants.stream()
                .filter(constant -> constant.size() > 1 && !constant.weight())
                .toList();
    }

    /** Whether tangents can flow through an operator, or leave it as zero. */
    static boolean hasRule(String operator) {
        return OperatorSupport.hasRule(operator);
    }

    List<ValueInfo> inputs() {
        return graph.inputs();
    }
}
