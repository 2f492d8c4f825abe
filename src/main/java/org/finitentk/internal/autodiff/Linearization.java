package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.onnx.FloatOutput;
import org.finitentk.internal.onnx.ForbiddenOperators;
import org.finitentk.internal.onnx.GraphBuilder;
import org.finitentk.internal.onnx.ParameterChoice;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.ValueInfo;

/**
 * A network linearized at its parameters, as graphs of standard operators: f, the Jacobian-vector product J v and the
 * vector-Jacobian product Jᵀ u. The first floating-point output is differentiated, seen as [n, k].
 */
public final class Linearization {
    /** Name of the input of {@link #jvp()}: v, flat [P]. */
    public static final String TANGENT = "tangent";
    /** Name of the output of {@link #jvp()}: J v, [n, k]. */
    public static final String JV = "jv";
    /** Name of the input of {@link #vjp()}: u, [n, k]. */
    public static final String COTANGENT = "cotangent";
    /** Name of the output of {@link #vjp()}: Jᵀ u, flat [P]. */
    public static final String VJP = "vjp";

    private final Graph source;
    /** The source as it is differentiated. */
    private final Graph lowered;

    private final GuardedNodes guarded;
    private final List<Parameter> parameters;
    private final String outputName;
    private final ElementType elementType;
    private final ValueInfo output;
    private final int outputSize;
    private final long bytesPerExample;

    private Linearization(Graph source, List<Parameter> parameters) {
        this.source = source;
        this.parameters = parameters;
        this.outputName = FloatOutput.of(source).name();
        this.lowered = LoweredGraph.of(source, outputName, parameters);
        this.guarded = GuardedNodes.of(lowered, parameters);
        ForwardMode forward = forward(false);
        forward.run(outputName);
        Value f = forward.builder().shapes().get(outputName);
        this.elementType = f.type();
        this.output = LinearizableGraph.matrix(source, f);
        this.outputSize = (int) output.dim(1);
        this.bytesPerExample =
                LinearizableGraph.bytesPerExample(forward.builder().shapes());
        if (forward.tangent(outputName) == null) {
            throw new InvalidModelException("output '" + outputName + "' of graph '" + source.name()
                    + "' does not depend on any of the selected parameters");
        }
        DoubleForm.require(source);
    }

    /**
     * Linearizes a network.
     *
     * @param graph a normalized graph
     * @param selection which initializers are parameters
     * @return the linearization
     * @throws InvalidModelException if nothing is selected, a tangent meets an operator without a rule, or the output
     *     is not one row an example
     */
    public static Linearization of(Graph graph, ParameterSelection selection) {
        LinearizableGraph.requireFreeNames(graph, TANGENT, JV, COTANGENT, VJP);
        ForbiddenOperators.requireNone(graph, FloatOutput.of(graph).name());
        List<Parameter> parameters = ParameterChoice.of(graph, selection);
        parameters.forEach(p -> LinearizableGraph.requireFinite(p, graph));
        return new Linearization(graph, parameters);
    }

    private ForwardMode forward(boolean parametersAsInputs) {
        return new ForwardMode(lowered, parameters, parametersAsInputs, guarded).withTangents(parameters);
    }

    /**
     * The parameters in the order of θ.
     *
     * @return names, shapes and offsets
     */
    public List<Parameter> parameters() {
        return parameters;
    }

    /**
     * The number P of parameters' elements.
     *
     * @return at least 1
     */
    public long parameterCount() {
        Parameter last = parameters.get(parameters.size() - 1);
        return last.offset() + last.size();
    }

    /**
     * The number k of outputs of one example.
     *
     * @return at least 1
     */
    public int outputSize() {
        return outputSize;
    }

    /**
     * The element type of output, tangents and cotangents.
     *
     * @return FLOAT or DOUBLE
     */
    public ElementType elementType() {
        return elementType;
    }

    /**
     * The graph that was linearized.
     *
     * @return the source
     */
    public Graph source() {
        return source;
    }

    /**
     * The differentiated output.
     *
     * @return its name, type and dimensions [batch, k]
     */
    public ValueInfo output() {
        return output;
    }

    /**
     * An estimate for chunking: bytes of intermediate values that one more example costs in a Jacobian product, nothing
     * reused.
     *
     * @return bytes
     */
    public long bytesPerExample() {
        return bytesPerExample;
    }

    /**
     * The network alone.
     *
     * @return inputs to f [n, k]
     */
    public Graph forward() {
        return forwardGraph(false);
    }

    /**
     * The network with its parameters as inputs, each of its own name and shape.
     *
     * @return inputs and parameters to f [n, k]
     */
    public Graph forwardAt() {
        return forwardGraph(true);
    }

    private Graph forwardGraph(boolean at) {
        ForwardMode forward = new ForwardMode(source, parameters, at, guarded);
        forward.run(outputName);
        Value f = outputMatrix(forward, forward.builder().shapes().get(outputName));
        return built(forward, source.name(), List.of(output(f.name())));
    }

    private static Graph built(ForwardMode forward, String name, List<ValueInfo> outputs) {
        return GuardedProduct.written(forward.builder().build(name, outputs));
    }

    private ValueInfo output(String name) {
        return new ValueInfo(name, output.type(), output.dims());
    }

    /** f as [n, k]. */
    private Value outputMatrix(ForwardMode forward, Value f) {
        Shape matrix = f.shape().slice(0, 1).append(outputSize);
        return forward.algebra().reshape(f, matrix);
    }

    /**
     * Forward mode.
     *
     * @return inputs and {@value #TANGENT} to f and {@value #JV}
     */
    public Graph jvp() {
        return jvpGraph(false);
    }

    /**
     * Forward mode with the parameters as inputs.
     *
     * @return inputs, parameters and {@value #TANGENT} to f and {@value #JV}
     */
    public Graph jvpAt() {
        return jvpGraph(true);
    }

    private Graph jvpGraph(boolean at) {
        ForwardMode forward = new ForwardMode(lowered, parameters, at, guarded);
        forward.flatTangent(TANGENT, elementType, parameters, parameterCount());
        forward.run(outputName);
        Value f = outputMatrix(forward, forward.builder().shapes().get(outputName));
        Value jv = outputMatrix(forward, requireTangent(forward));
        rename(forward.builder(), jv, JV);
        return built(forward, source.name() + "_jvp", List.of(output(f.name()), output(JV)));
    }

    /**
     * Forward mode with every node's tangents as outputs, to find the node where they stop being finite.
     *
     * @param graph inputs and {@value #TANGENT} to tangents, in the order of the network's nodes
     * @param nodes by the name of an output, the node whose tangent it is, as messages name nodes
     */
    record Traced(Graph graph, Map<String, String> nodes) {
        /**
         * Keeps the order.
         *
         * @param graph the graph
         * @param nodes descriptions by the graph's outputs
         */
        Traced {
            nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
        }
    }

    /**
     * Forward mode, every tangent an output.
     *
     * @return a graph that needs as much memory as all intermediate values together
     */
    Traced traced() {
        ForwardMode forward = new ForwardMode(lowered, parameters, false, guarded);
        forward.flatTangent(TANGENT, elementType, parameters, parameterCount());
        forward.run(outputName);
        Map<String, String> nodes = new LinkedHashMap<>();
        List<ValueInfo> outputs = new ArrayList<>();
        for (Node node : lowered.nodes()) {
            for (String output : node.outputs()) {
                Value tangent = forward.tangent(output);
                if (tangent != null) {
                    Value own = forward.algebra().op("Identity", tangent);
                    nodes.put(own.name(), node.describe());
                    outputs.add(PerExampleReverse.info(own, this.output.dims().get(0)));
                }
            }
        }
        return new Traced(built(forward, source.name() + "_traced", outputs), nodes);
    }

    private Value requireTangent(ForwardMode forward) {
        Value tangent = forward.tangent(outputName);
        if (tangent == null) {
            throw new IllegalStateException("output '" + outputName + "' has no tangent");
        }
        return tangent;
    }

    private static void rename(GraphBuilder builder, Value value, String name) {
        builder.add(new Node(name, "", "Identity", List.of(value.name()), List.of(name), Map.of()));
    }

    /**
     * Reverse mode, summed over the examples.
     *
     * @return inputs and {@value #COTANGENT} to f and {@value #VJP}
     */
    public Graph vjp() {
        return vjpGraph(false);
    }

    /**
     * A graph in operators that ONNX Runtime computes in the graph's types: some it has in float32 only.
     *
     * @param graph a network's, or a derived one
     * @return the same graph if it has nothing to change
     */
    public static Graph runnable(Graph graph) {
        return DoubleForm.of(graph);
    }

    /**
     * Reverse mode with the parameters as inputs.
     *
     * @return inputs, parameters and {@value #COTANGENT} to f and {@value #VJP}
     */
    public Graph vjpAt() {
        return vjpGraph(true);
    }

    private Graph vjpGraph(boolean at) {
        ForwardMode forward = forward(at);
        forward.run(outputName);
        Value f = outputMatrix(forward, forward.builder().shapes().get(outputName));
        Value jv = requireTangent(forward);
        Value seed = forward.builder().input(new ValueInfo(COTANGENT, elementType, output.dims()));
        Cotangents cotangents = new Cotangents(forward.algebra());
        new ReverseMode(forward).run(jv, seed, cotangents);
        rename(forward.builder(), gradient(forward, cotangents), VJP);
        return built(forward, source.name() + "_vjp", List.of(output(f.name()), gradientInfo()));
    }

    /**
     * Both products in one graph, written for many vectors: what depends on neither vector is there once for both, and
     * is as much as possible. Where the network has one output, that includes the cotangents of each example's row of
     * J.
     *
     * @param parametersAsInputs whether the graph has the parameters as inputs of their own names
     * @return inputs, {@value #TANGENT} and {@value #COTANGENT} to {@value #JV} and {@value #VJP}
     */
    public Graph products(boolean parametersAsInputs) {
        ForwardMode forward = new ForwardMode(lowered, parameters, parametersAsInputs, guarded);
        forward.flatTangent(TANGENT, elementType, parameters, parameterCount());
        forward.run(outputName);
        Value tangent = requireTangent(forward);
        Value seed = forward.builder().input(new ValueInfo(COTANGENT, elementType, output.dims()));
        ReverseMode reverse = new ReverseMode(forward);
        RowProducts rows = outputSize == 1 ? RowProducts.of(forward, reverse, tangent, seed) : null;
        Cotangents cotangents = rows == null ? new Cotangents(forward.algebra()) : rows.vjp();
        if (rows == null) {
            reverse.run(tangent, seed, cotangents);
        }
        rename(forward.builder(), rows == null ? outputMatrix(forward, tangent) : rows.jv(), JV);
        rename(forward.builder(), gradient(forward, cotangents), VJP);
        return built(forward, source.name() + "_products", List.of(output(JV), gradientInfo()));
    }

    /** Jᵀ u, [P]; zero where no cotangent arrived. */
    private Value gradient(ForwardMode forward, Cotangents cotangents) {
        Algebra a = forward.algebra();
        List<Value> parts = new ArrayList<>();
        for (Parameter p : parameters) {
            Value ct = cotangents.find(forward.root(p).name());
            Shape flat = Shape.of(p.size());
            parts.add(ct == null ? a.zeros(elementType, flat) : a.cast(a.reshape(ct, flat), elementType));
        }
        return a.concat(0, parts);
    }

    private ValueInfo gradientInfo() {
        return new ValueInfo(VJP, elementType, List.of(Long.toString(parameterCount())));
    }

    /**
     * Reverse mode that keeps the examples apart, with the parameters as constants.
     *
     * @param choice whether a weight's gradient stays factored
     * @return the graph and how it gives each parameter's gradient
     */
    public PerExample perExample(PerExample.Choice choice) {
        return perExample(choice, false);
    }

    /**
     * Reverse mode that keeps the examples apart.
     *
     * @param choice whether a weight's gradient stays factored
     * @param parametersAsInputs whether the graph has the parameters as inputs of their own names
     * @return the graph and how it gives each parameter's gradient
     */
    public PerExample perExample(PerExample.Choice choice, boolean parametersAsInputs) {
        ForwardMode forward = forward(parametersAsInputs);
        forward.run(outputName);
        Value jv = requireTangent(forward);
        Value seed = forward.builder().input(new ValueInfo(COTANGENT, elementType, output.dims()));
        if (seed.shape().isStatic() && !takesOneExample()) {
            return new PerExample(
                    DoubleForm.of(vjpGraph(parametersAsInputs)),
                    parameters.stream().map(PerExample.Part::unstructured).toList());
        }
        PerExampleReverse reverse = new PerExampleReverse(forward, seed, parameters, choice);
        reverse.run(jv);
        List<ValueInfo> outputs = reverse.outputs(output.dims().get(0));
        return new PerExample(DoubleForm.of(built(forward, source.name() + "_per_example", outputs)), reverse.parts());
    }

    /**
     * Whether every run has one example: a batch of several that is fixed is one that might mix them.
     *
     * @return whether the batch is fixed at 1
     */
    public boolean takesOneExample() {
        return output.dims().indexOf("1") == 0
                && source.inputs().stream().allMatch(input -> input.dims().indexOf("1") == 0);
    }
}
