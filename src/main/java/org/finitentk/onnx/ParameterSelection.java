package org.finitentk.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which float constants of a network are tangent parameters: initializers or Constant nodes, or either behind Identity,
 * Transpose, Reshape and their like.
 *
 * <p>Unless {@code include} names them, these are the learned weights. By {@link WeightRule#ROLE} that is: operands of
 * Conv, ConvTranspose, Gemm, MatMul, Einsum and recurrent operators; scales and biases of normalizations; slopes of
 * PRelu; tables of Gather; biases, of one element too, that are added to what one of these makes; scales and gains (a
 * factor of one element if it is an initializer and no Constant node, is used once, and does not follow Softmax, Erf or
 * Pow); token and position embeddings, which Add, Concat or Expand bring to the activations. Not weights are constants
 * that standardize the raw input or the last output, running means and variances, masks, epsilons and other scalars of
 * formulas, and the ones and zeros of an InstanceNormalization that stands for a GroupNormalization. {@link #explain}
 * tells the reason for each.
 *
 * @param include if given, every float initializer that some node uses and in whose name the expression is found (never
 *     a running mean or variance); if null, those that the rule takes for learned weights
 * @param exclude if given, initializers in whose name the expression is found are left out
 * @param rule what a learned weight is; a stored model or a provenance that does not say means
 *     {@link WeightRule#POSITION}, the rule of version 0.1.0
 * @param names if not empty, exactly these initializers in this order, whatever the expressions and the rule say: what
 *     a stored model was trained with
 */
public record ParameterSelection(
        @Nullable Pattern include, @Nullable Pattern exclude, WeightRule rule, List<String> names) {
    /** The weights, nothing narrowed. */
    public static final ParameterSelection DEFAULT = new ParameterSelection(null, null);

    /**
     * A selection.
     *
     * @param include expression of names to take, or null
     * @param exclude expression of names to leave out, or null
     * @param rule what a learned weight is
     * @param names if not empty, exactly these
     */
    public ParameterSelection {
        names = List.copyOf(names);
    }

    /**
     * By expressions and the present rule.
     *
     * @param include expression of names to take, or null
     * @param exclude expression of names to leave out, or null
     */
    public ParameterSelection(@Nullable Pattern include, @Nullable Pattern exclude) {
        this(include, exclude, WeightRule.DEFAULT, List.of());
    }

    /**
     * Exactly some initializers.
     *
     * @param names in the order of the parameters
     * @return the selection
     */
    public static ParameterSelection exactly(List<String> names) {
        return DEFAULT.withNames(names);
    }

    /**
     * The same selection settled: the parameters that it once gave.
     *
     * @param settled their names in their order
     * @return a selection that gives these, and keeps the rest for those who ask how they were chosen
     */
    public ParameterSelection withNames(List<String> settled) {
        return new ParameterSelection(include, exclude, rule, settled);
    }

    /**
     * The parameters of a graph, in the order in which its nodes first use them, or in which they are named.
     *
     * @param graph a normalized graph
     * @return parameters with consecutive offsets from 0
     * @throws InvalidModelException if nothing is selected, or a name is no float initializer
     */
    public List<Parameter> select(Graph graph) {
        List<Parameter> parameters = new ArrayList<>();
        long offset = 0;
        for (FloatConstant constant : explain(graph)) {
            if (constant.weight()) {
                parameters.add(new Parameter(constant.name(), constant.shape(), offset));
                offset = Math.addExact(offset, constant.size());
            }
        }
        if (parameters.isEmpty()) {
            throw new InvalidModelException("graph '" + graph.name() + "' has no tangent parameters" + filterHint()
                    + "; expected at least one float initializer in a weight position");
        }
        return List.copyOf(parameters);
    }

    private String filterHint() {
        return include == null && exclude == null ? "" : " under include=" + include + ", exclude=" + exclude;
    }

    /**
     * What becomes of every float constant of a graph, and why.
     *
     * @param graph a normalized graph
     * @return the constants; those that are parameters are in the order of {@link #select}
     * @throws InvalidModelException if a name is no float initializer
     */
    public List<FloatConstant> explain(Graph graph) {
        if (!names.isEmpty()) {
            List<FloatConstant> named =
                    names.stream().map(name -> settled(graph, name)).toList();
            return withOthers(graph, named, "not among the parameters of the model");
        }
        ConstantValues values = new ConstantValues(graph);
        List<FloatConstant> judged = include == null
                ? rule.judge(graph)
                : values.firstUses().keySet().stream()
                        .map(name -> matched(graph, name, include))
                        .toList();
        List<FloatConstant> used =
                judged.stream().map(constant -> narrowed(constant, values)).toList();
        return withOthers(graph, used, "no node uses it");
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

    private FloatConstant narrowed(FloatConstant constant, ConstantValues values) {
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
