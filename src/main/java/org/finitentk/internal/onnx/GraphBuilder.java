package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/** Emits nodes onto a graph; every emitted value's type and shape is inferred at once. */
public final class GraphBuilder {
    private final ShapeInference shapes = new ShapeInference();
    private final List<ValueInfo> inputs = new ArrayList<>();
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Value> constantsByContent = new HashMap<>();
    private final Map<Shape, Value> runtimeShapes = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Set<String> hidden = new HashSet<>();
    private int counter;

    /** Starts empty. */
    public GraphBuilder() {}

    /**
     * What is known of the values so far.
     *
     * @return the live inference
     */
    public ShapeInference shapes() {
        return shapes;
    }

    /**
     * The nodes so far.
     *
     * @return in order of emission
     */
    public List<Node> nodes() {
        return List.copyOf(nodes);
    }

    /** {@return how many nodes there are so far} */
    public int nodeCount() {
        return nodes.size();
    }

    /**
     * Reserves the names of a graph that is about to be copied in, so that no fresh name collides with them: of its
     * values, and of its nodes, since an emitted node has the name of its first output.
     *
     * @param graph the graph
     */
    public void reserve(Graph graph) {
        names.addAll(graph.initializers().keySet());
        for (Node node : graph.nodes()) {
            names.add(node.name());
            names.addAll(node.outputs());
            names.addAll(node.bodyNames());
        }
    }

    /**
     * Adds a graph input.
     *
     * @param info its declaration
     * @return its value
     */
    public Value input(ValueInfo info) {
        names.add(info.name());
        inputs.add(info);
        return shapes.input(info);
    }

    /**
     * Adds a named constant.
     *
     * @param name its name
     * @param tensor its value
     * @return its value
     */
    public Value initializer(String name, Tensor tensor) {
        names.add(name);
        initializers.put(name, tensor);
        return shapes.constant(name, tensor);
    }

    /**
     * Adds a node as it is.
     *
     * @param node a node whose inputs exist
     * @return what could be inferred of its outputs
     */
    public List<Value> add(Node node) {
        names.addAll(node.outputs());
        names.addAll(node.bodyNames());
        nodes.add(node);
        return shapes.infer(node);
    }

    /**
     * A name that no value has.
     *
     * @param hint a readable start
     * @return the name
     */
    public String fresh(String hint) {
        String name;
        do {
            name = hint + "_" + counter++;
        } while (!names.add(name));
        return name;
    }

    /**
     * Emits one operator with one output.
     *
     * @param op standard operator
     * @param attributes its attributes
     * @param in its inputs; null for an omitted optional one
     * @return the output
     */
    public Value emit(String op, Map<String, AttributeProto> attributes, @Nullable Value... in) {
        return emitAll(op, attributes, 1, in).get(0);
    }

    /**
     * Emits one operator with several outputs.
     *
     * @param op standard operator
     * @param attributes its attributes
     * @param outputs number of outputs
     * @param in its inputs; null for an omitted optional one
     * @return the outputs
     */
    public List<Value> emitAll(String op, Map<String, AttributeProto> attributes, int outputs, @Nullable Value... in) {
        List<String> inNames =
                Arrays.stream(in).map(v -> v == null ? "" : v.name()).toList();
        List<String> outNames = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            outNames.add(fresh(op));
        }
        List<Value> out = add(new Node(outNames.get(0), "", op, inNames, outNames, attributes));
        if (out.size() != outputs) {
            throw new IllegalStateException("operator " + op + " has no shape rule for its outputs");
        }
        return out;
    }

    /**
     * Emits one operator without attributes.
     *
     * @param op standard operator
     * @param in its inputs
     * @return the output
     */
    public Value emit(String op, @Nullable Value... in) {
        return emit(op, Attributes.NONE, in);
    }

    /**
     * A constant, stored once per content.
     *
     * @param tensor a small tensor
     * @return its value
     */
    public Value constant(Tensor tensor) {
        String key = tensor + ":" + Arrays.toString(tensor.toDoubles())
                + Arrays.toString(tensor.type().isDifferentiable() ? new long[0] : tensor.toLongs());
        return constantsByContent.computeIfAbsent(key, k -> initializer(fresh("const"), tensor));
    }

    /**
     * An INT64 vector, as axes and shapes are.
     *
     * @param elements its elements
     * @return its value
     */
    public Value vector(long... elements) {
        return constant(Tensor.vector(elements));
    }

    /**
     * A floating-point scalar.
     *
     * @param type FLOAT or DOUBLE
     * @param number its value
     * @return its value
     */
    public Value scalar(ElementType type, double number) {
        return constant(Tensor.ofReals(type, new double[] {number}));
    }

    /**
     * A shape as an INT64 vector known when the graph runs.
     *
     * @param shape a shape of this graph
     * @return a constant if the shape is static; else computed from values that have its dynamic dimensions
     * @throws InvalidModelException if a dynamic dimension is no multiple of a dimension of any value
     */
    public Value runtimeShape(Shape shape) {
        if (shape.isStatic()) {
            return vector(shape.at(0));
        }
        Value known = runtimeShapes.get(shape);
        if (known == null) {
            List<Value> parts = new ArrayList<>();
            for (int axis = 0; axis < shape.rank(); axis++) {
                parts.add(shape.dim(axis) >= 0 ? vector(shape.dim(axis)) : runtimeDim(shape, axis));
            }
            known = emit("Concat", new Attributes().integer("axis", 0).build(), parts.toArray(Value[]::new));
            runtimeShapes.put(shape, known);
        }
        return known;
    }

    private Value runtimeDim(Shape shape, int axis) {
        for (boolean exact : new boolean[] {true, false}) {
            for (Value source : sources(exact)) {
                for (int i = 0; i < source.rank(); i++) {
                    long factor = source.shape().dim(i) >= 0 ? -1 : shape.multipleOf(axis, source.shape(), i);
                    if (factor == 1 || (factor > 1 && exact)) {
                        Value dim = emit(
                                "Shape",
                                new Attributes()
                                        .integer("start", i)
                                        .integer("end", i + 1)
                                        .build(),
                                source);
                        return factor == 1 ? dim : emit("Mul", dim, vector(factor));
                    }
                }
            }
        }
        throw new InvalidModelException(
                "a dynamic dimension of shape " + shape + " cannot be computed from the graph's values");
    }

    /**
     * Keeps values from being asked for their runtime shape: they will not exist in the graph that is built.
     *
     * @param values names of values
     */
    public void hide(Collection<String> values) {
        hidden.addAll(values);
    }

    /** First the graph's inputs; then anything computed. */
    private List<Value> sources(boolean inputsOnly) {
        List<Value> all =
                inputsOnly ? inputs.stream().map(i -> shapes.get(i.name())).toList() : shapes.values();
        return all.stream().filter(v -> !hidden.contains(v.name())).toList();
    }

    /**
     * The finished graph, without nodes and constants that no output needs.
     *
     * @param name graph name
     * @param outputs output declarations; their names must exist
     * @return the graph
     */
    public Graph build(String name, List<ValueInfo> outputs) {
        return new Graph(name, inputs, outputs, initializers, nodes).withoutUnneeded();
    }

    /**
     * A graph with all constants so far, needed or not, and nodes of the caller's.
     *
     * @param from gives name, inputs, outputs and declarations
     * @param kept the nodes, in topological order
     * @return the graph
     */
    public Graph whole(Graph from, List<Node> kept) {
        return new Graph(from.name(), from.inputs(), from.outputs(), initializers, kept, from.declared());
    }
}
