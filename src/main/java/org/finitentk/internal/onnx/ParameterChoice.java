package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.WeightRule;
import org.jspecify.annotations.Nullable;

/** What a {@link ParameterSelection} takes of a graph, and why. */
public final class ParameterChoice {
    private ParameterChoice() {}

    /**
     * The parameters of a graph, in the order in which its nodes first use them, or in which they are named.
     *
     * @param graph a normalized graph
     * @param selection which constants to take
     * @return parameters with consecutive offsets from 0
     * @throws InvalidModelException if nothing is selected, or a name is no float initializer
     */
    public static List<Parameter> of(Graph graph, ParameterSelection selection) {
        List<Parameter> parameters = new ArrayList<>();
        long offset = 0;
        for (FloatConstant constant : explain(graph, selection)) {
            if (constant.weight()) {
                parameters.add(new Parameter(constant.name(), constant.shape(), offset));
                offset = Math.addExact(offset, constant.size());
            }
        }
        if (parameters.isEmpty()) {
            throw new InvalidModelException("graph '" + graph.name() + "' has no tangent parameters"
                    + filterHint(selection) + without(graph)
                    + "; expected at least one float initializer in a weight position");
        }
        return List.copyOf(parameters);
    }

    /**
     * Refuses a model of decision trees or support vectors, of which no sizes of inputs make a network.
     *
     * @param graph as its file has it
     * @throws InvalidModelException if it has such nodes and no weights beside them
     */
    static void requireWeights(Graph graph) {
        if (!without(graph).isEmpty()
                && explain(graph, ParameterSelection.DEFAULT).stream().noneMatch(FloatConstant::weight)) {
            of(graph, ParameterSelection.DEFAULT);
        }
    }

    /** Models of scikit-learn and its like that are no networks. */
    private static String without(Graph graph) {
        return graph.nodes().stream()
                .filter(node -> node.domain().equals("ai.onnx.ml") && node.op().matches("TreeEnsemble.*|SVM.*"))
                .findFirst()
                .map(node -> ": " + node.describe() + " is made of "
                        + (node.op().startsWith("T") ? "decision trees" : "support vectors")
                        + ", which have no weights that a derivative could be taken by")
                .orElse("");
    }

    private static String filterHint(ParameterSelection selection) {
        String given = Stream.of(said("include", selection.include()), said("exclude", selection.exclude()))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining(", "));
        return given.isEmpty() ? "" : " under " + given;
    }

    private static String said(String setting, @Nullable Pattern expression) {
        return expression == null ? "" : setting + "=" + expression;
    }

    /**
     * What becomes of every float constant of a graph, and why.
     *
     * @param graph a normalized graph
     * @param selection which constants to take
     * @return the constants; those that are parameters are in the order of {@link #of}
     * @throws InvalidModelException if a name is no float initializer
     */
    public static List<FloatConstant> explain(Graph graph, ParameterSelection selection) {
        if (!selection.names().isEmpty()) {
            List<FloatConstant> named =
                    selection.names().stream().map(name -> settled(graph, name)).toList();
            return withOthers(graph, named, "not among the parameters of the model");
        }
        ConstantValues values = new ConstantValues(graph);
        Pattern include = selection.include();
        List<FloatConstant> judged = include == null
                ? judged(graph, selection.rule())
                : values.firstUses().keySet().stream()
                        .map(name -> matched(graph, name, include))
                        .toList();
        List<FloatConstant> used = judged.stream()
                .map(constant -> narrowed(constant, values, selection.exclude()))
                .toList();
        return withOthers(graph, used, "no node uses it");
    }

    /** All float constants that the graph's nodes use; those that are weights are in the order of their first use. */
    private static List<FloatConstant> judged(Graph graph, WeightRule rule) {
        return switch (rule) {
            case POSITION -> new PositionRule(graph).judge();
            case ROLE -> new WeightRoles(graph).judge();
        };
    }

    private static FloatConstant settled(Graph graph, String name) {
        Tensor value = graph.initializers().get(name);
        if (value == null || !value.type().isDifferentiable()) {
            throw new InvalidModelException("graph '" + graph.name() + "' has no float initializer '" + name
                    + "', which is named as a tangent parameter");
        }
        return FloatConstant.of(graph, name, true, "a parameter of the model");
    }

    private static FloatConstant matched(Graph graph, String name, Pattern include) {
        boolean found = include.matcher(name).find();
        String reason = "its name " + (found ? "matches" : "does not match") + " include '" + include + "'";
        return FloatConstant.of(graph, name, found, reason);
    }

    private static FloatConstant narrowed(FloatConstant constant, ConstantValues values, @Nullable Pattern exclude) {
        if (values.running().contains(constant.name())) {
            return constant.left("running mean or variance of a BatchNormalization");
        }
        if (constant.weight()
                && exclude != null
                && exclude.matcher(constant.name()).find()) {
            return constant.left("its name matches exclude '" + exclude + "'");
        }
        return constant;
    }

    /** Adds the float constants that are not there yet. */
    private static List<FloatConstant> withOthers(Graph graph, List<FloatConstant> used, String reason) {
        Set<String> known = used.stream().map(FloatConstant::name).collect(Collectors.toSet());
        Stream<String> others = graph.initializers().keySet().stream()
                .filter(name -> !known.contains(name))
                .filter(name -> isFloat(graph, name));
        return Stream.concat(
                        used.stream(),
                        others.map(name -> FloatConstant.of(graph, name, false, bodyUse(graph, name, reason))))
                .toList();
    }

    private static boolean isFloat(Graph graph, String name) {
        Tensor value = graph.initializers().get(name);
        return value != null && value.type().isDifferentiable();
    }

    private static String bodyUse(Graph graph, String name, String otherwise) {
        return graph.nodes().stream()
                .filter(node -> node.bodyNames().contains(name))
                .findFirst()
                .map(node -> "used in the body of " + node.describe())
                .orElse(otherwise);
    }
}
