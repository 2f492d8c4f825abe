package org.finitentk.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.finitentk.autodiff.Linearization;
import org.finitentk.autodiff.Rules;
import org.finitentk.network.LinearizationBundle;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelReader;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.OperationCount;
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
 * @param products what a network that can be linearized has
 * @param refusal why the network cannot be linearized, if so
 */
record ModelFile(Path path, @Nullable String producer, Graph graph, Map<String, Integer> operators, @Nullable Products products, @Nullable String refusal) {
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
    record Products(int outputSize, List<Parameter> parameters, OperationCount forward, OperationCount jvp, OperationCount vjp, long bytesPerExample) {
        Products {
            parameters = List.copyOf(parameters);
        }

        long parameterCount() {
            Parameter last = parameters.get(parameters.size() - 1);
            return last.offset() + last.size();
        }
    }

    ModelFile {
        operators = java.util.Collections.unmodifiableMap(new TreeMap<>(operators));
    }

    static ModelFile read(Path path, ParameterSelection selection) {
        if (Files.isDirectory(path) || path.toString().endsWith(".zip")) {
            return bundle(path, LinearizationBundle.read(path));
        }
        Graph graph = ModelReader.read(path);
        try {
            Linearization l = Linearization.of(graph, selection);
            Products products = new Products(l.outputSize(), l.parameters(), OperationCount.of(l.forward()), OperationCount.of(l.jvp()), OperationCount.of(l.vjp()),
                l.bytesPerExample());
            return new ModelFile(path, null, graph, count(graph), products, null);
        } catch (InvalidModelException e) {
            return new ModelFile(path, null, graph, count(graph), null, e.getMessage());
        }
    }

    private static ModelFile bundle(Path path, LinearizationBundle bundle) {
        Graph graph = bundle.forward();
        Products products = new Products(bundle.outputSize(), bundle.parameters(), OperationCount.of(graph), OperationCount.of(bundle.jvp()), OperationCount.of(bundle.vjp()), 0);
        return new ModelFile(path, bundle.producer(), graph, count(graph), products, null);
    }

    private static Map<String, Integer> count(Graph graph) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Node node : graph.nodes()) {
            counts.merge(node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op(), 1, Integer::sum);
        }
        return counts;
    }

    /** Float initializers of more than one element that are no parameters and could be: constants, or weights that reach their layers in parts. */
    List<Parameter> others() {
        Set<String> own = new HashSet<>();
        if (products != null) {
            products.parameters().forEach(p -> own.add(p.name()));
        }
        try {
            return new ParameterSelection(Pattern.compile(""), null).select(graph).stream().filter(p -> p.size() > 1 && !own.contains(p.name())).toList();
        } catch (InvalidModelException e) {
            // there is no float initializer at all
            return List.of();
        }
    }

    /** Whether tangents can flow through an operator, or leave it as zero. */
    static boolean hasRule(String operator) {
        return Rules.supported().contains(operator);
    }

    List<ValueInfo> inputs() {
        return graph.inputs();
    }
}
