package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
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

/** Rewrites nodes of older opsets into the form of opset {@link Graph#OPSET}, with the same meaning. */
final class OpsetNormalizer {
    /** How the name of the Reshape begins that brings the groups of an older GroupNormalization apart. */
    static final String GROUPS = "groups of GroupNormalization ";

    private static final Set<String> REDUCTIONS = Set.of(
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceSumSquare");

    private final long opset;
    private final Map<String, Tensor> initializers;
    /** What is known of the values so far, for the types of constants. */
    private final ShapeInference shapes = new ShapeInference();

    private final Set<String> names = new HashSet<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> used = new HashSet<>();
    private int counter;

    private OpsetNormalizer(Graph graph, long opset) {
        this.opset = opset;
        this.initializers = new LinkedHashMap<>(graph.initializers());
        names.addAll(initializers.keySet());
        shapes.declare(graph.declared());
        graph.inputs().forEach(i -> names.add(i.name()));
        graph.outputs().forEach(o -> used.add(o.name()));
        graph.nodes().forEach(n -> {
            names.add(n.name());
            names.addAll(n.outputs());
            names.addAll(n.bodyNames());
            used.addAll(n.inputs());
            used.addAll(n.bodyNames());
        });
    }

    static Graph normalize(Graph graph, long opset) {
        OpsetNormalizer normalizer = new OpsetNormalizer(graph, opset);
        graph.initializers().forEach(normalizer.shapes::constant);
        if (opset < 11) {
            graph.inputs().forEach(normalizer.shapes::input);
        }
        graph.nodes().forEach(normalizer::add);
        return graph.with(normalizer.initializers, normalizer.nodes);
    }

    private void add(Node node) {
        int before = nodes.size();
        Node outer = node.attributes().values().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0)
                ? withBodies(node)
                : node;
        if (node.domain().isEmpty()) {
            rewrite(outer);
        } else {
            nodes.add(outer);
        }
        try {
            nodes.subList(before, nodes.size()).forEach(shapes::infer);
        } catch (InvalidModelException e) {
            // whoever needs the shape of this value will say what is wrong with it; here only types matter, and only
            // those that are easily known
            return;
        }
    }

    private Node withBodies(Node node) {
        Map<String, AttributeProto> attributes = new LinkedHashMap<>(node.attributes());
        attributes.replaceAll((key, a) -> {
            AttributeProto.Builder changed = a.toBuilder();
            if (a.hasG()) {
                changed.setG(body(a.getG()));
            }
            for (int i = 0; i < a.getGraphsCount(); i++) {
                changed.setGraphs(i, body(a.getGraphs(i)));
            }
            return changed.build();
        });
        return new Node(node.name(), node.domain(), node.op(), node.inputs(), node.outputs(), attributes);
    }

    /** A body of If, Loop or Scan, its nodes rewritten; new constants become its own. */
    private GraphProto body(GraphProto body) {
        List<Node> inside = new ArrayList<>();
        for (NodeProto proto : body.getNodeList()) {
            if (proto.getOutputCount() == 0) {
                throw new InvalidModelException("node '" + proto.getName() + "' (" + proto.getOpType()
                        + ") in a control-flow body has no output");
            }
            inside.add(Node.of(proto));
        }
        OpsetNormalizer inner = new OpsetNormalizer(
                new Graph(body.getName(), List.of(), List.of(), Map.of(), Node.withOwnNames(inside)), opset);
        inner.names.addAll(names);
        shapes.values().forEach(inner.shapes::put);
        body.getInitializerList().forEach(i -> inner.names.add(i.getName()));
        body.getInputList().forEach(i -> inner.names.add(i.getName()));
        body.getOutputList().forEach(o -> inner.used.add(o.getName()));
        Node.withOwnNames(inside).forEach(inner::add);
        GraphProto.Builder rewritten = body.toBuilder().clearNode();
        inner.nodes.forEach(n -> rewritten.addNode(n.toProto()));
        inner.initializers.forEach((name, tensor) -> rewritten.addInitializer(tensor.toProto(name)));
        names.addAll(inner.names);
        return rewritten.build();
    }

    private void rewrite(Node node) {
        switch (node.op()) {
            case "Squeeze", "Unsqueeze", "ReduceSum" -> nodes.add(node.has("axes") ? axesToInput(node) : node);
            case "Clip" -> nodes.add(opset < 11 ? clip(node) : node);
            case "Dropout" -> dropout(node);
            case "Softmax", "LogSoftmax", "Hardmax" -> softmax(node);
            case "Split" -> nodes.add(split(node));
            case "Slice" -> nodes.add(node.has("starts") ? slice(node) : node);
            case "Pad" -> nodes.add(node.has("pads") ? pad(node) : node);
            case "BatchNormalization" -> batchNormalization(node);
            case "Upsample" -> nodes.add(upsample(node));
            case "Resize" -> nodes.add(opset < 11 ? upsample(node) : node);
            case "TopK" -> nodes.add(node.has("k") ? topK(node) : node);
            case "Scatter" ->
                nodes.add(
                        new Node(node.name(), "", "ScatterElements", node.inputs(), node.outputs(), node.attributes()));
            case "GroupNormalization" -> groupNormalization(node);
            case "Cast" -> nodes.add(node);
            default -> nodes.add(REDUCTIONS.contains(node.op()) && node.has("axes") ? axesToInput(node) : node);
        }
    }

    private String fresh(String hint) {
        String name;
        do {
            name = hint + "_" + counter++;
        } while (!names.add(name));
        return name;
    }

    private String constant(String hint, Tensor value) {
        String name = fresh(hint);
        initializers.put(name, value);
        shapes.constant(name, value);
        return name;
    }

    private String longs(Node node, String key) {
        long[] values = node.integers(key);
        return constant(node.output() + "_" + key, Tensor.vector(values == null ? new long[0] : values));
    }

    private static Node with(Node node, List<String> inputs, Attributes attributes) {
        return new Node(node.name(), node.domain(), node.op(), inputs, node.outputs(), attributes.build());
    }

    private static Attributes without(Node node, String... keys) {
        Attributes attributes = new Attributes(node.attributes());
        for (String key : keys) {
            attributes.without(key);
        }
        return attributes;
    }

    private Node axesToInput(Node node) {
        return with(node, List.of(node.input(0), longs(node, "axes")), without(node, "axes"));
    }

    /** Before opset 11 the bounds are attributes; they are float scalars of the input's type. */
    private Node clip(Node node) {
        List<String> inputs = new ArrayList<>(List.of(node.input(0)));
        for (String key : List.of("min", "max")) {
            inputs.add(node.has(key) ? scalarLike(node, key) : "");
        }
        return with(node, inputs, without(node, "min", "max", "consumed_inputs"));
    }

    private String scalarLike(Node node, String key) {
        Value x = shapes.find(node.input(0));
        ElementType type = x == null || !x.type().isDifferentiable() ? ElementType.FLOAT : x.type();
        return constant(node.output() + "_" + key, Tensor.ofReals(type, new double[] {node.real(key, 0)}));
    }

    /**
     * The identity, unless it is in training mode or may be: then it stays, for {@link ForbiddenOperators} to refuse
     * where an output needs it.
     */
    private void dropout(Node node) {
        if (opset >= 12 && node.hasInput(2) && !isZero(node.input(2)) && !(node.hasInput(1) && isZero(node.input(1)))) {
            nodes.add(node);
            return;
        }
        if (node.outputs().size() > 1 && used.contains(node.outputs().get(1))) {
            throw new InvalidModelException(
                    node.describe() + " has a mask that is used; expected a network exported for inference");
        }
        nodes.add(new Node(node.name(), "", "Identity", List.of(node.input(0)), List.of(node.output()), Map.of()));
    }

    /** Whether a value is known to be 0 or false. */
    private boolean isZero(String name) {
        Value value = shapes.find(name);
        double[] constant = value == null ? null : value.constant();
        return constant != null && constant.length == 1 && constant[0] == 0;
    }

    /** Before opset 13 all axes from the given one on are one: flatten, normalize the last axis, and shape back. */
    private void softmax(Node node) {
        long axis = node.integer("axis", opset < 13 ? 1 : -1);
        if (opset >= 13 || axis == -1) {
            nodes.add(node);
            return;
        }
        String shape = fresh(node.output() + "_shape");
        String flat = fresh(node.output() + "_flat");
        String normalized = fresh(node.output() + "_normalized");
        nodes.add(new Node(shape, "", "Shape", List.of(node.input(0)), List.of(shape), Map.of()));
        nodes.add(new Node(
                flat,
                "",
                "Flatten",
                List.of(node.input(0)),
                List.of(flat),
                new Attributes().integer("axis", axis).build()));
        nodes.add(new Node(
                node.name(),
                "",
                node.op(),
                List.of(flat),
                List.of(normalized),
                new Attributes().integer("axis", -1).build()));
        nodes.add(new Node(
                fresh(node.name() + "_back"),
                "",
                "Reshape",
                List.of(normalized, shape),
                List.of(node.output()),
                Map.of()));
    }

    private Node split(Node node) {
        if (node.has("split")) {
            return with(node, List.of(node.input(0), longs(node, "split")), without(node, "split"));
        }
        boolean even = !node.hasInput(1) && !node.has("num_outputs");
        return even
                ? with(
                        node,
                        node.inputs(),
                        new Attributes(node.attributes())
                                .integer("num_outputs", node.outputs().size()))
                : node;
    }

    private Node slice(Node node) {
        List<String> inputs = new ArrayList<>(List.of(node.input(0), longs(node, "starts"), longs(node, "ends")));
        if (node.has("axes")) {
            inputs.add(longs(node, "axes"));
        }
        return with(node, inputs, without(node, "starts", "ends", "axes"));
    }

    private Node pad(Node node) {
        return with(
                node,
                List.of(node.input(0), longs(node, "pads"), scalarLike(node, "value")),
                without(node, "pads", "value"));
    }

    /** In training mode it stays as it is, for {@link ForbiddenOperators} to refuse where an output needs it. */
    private void batchNormalization(Node node) {
        boolean training = node.integer("training_mode", 0) != 0;
        for (int i = 1; i < node.outputs().size(); i++) {
            training |= used.contains(node.outputs().get(i));
        }
        if (training) {
            nodes.add(with(node, node.inputs(), new Attributes(node.attributes()).integer("training_mode", 1)));
            return;
        }
        if (node.integer("spatial", 1) == 0) {
            throw new InvalidModelException(
                    node.describe() + " is not spatial; expected one mean and variance for each channel");
        }
        nodes.add(new Node(
                node.name(),
                "",
                node.op(),
                node.inputs(),
                List.of(node.output()),
                without(node, "spatial", "momentum", "training_mode").build()));
    }

    /** Upsample and Resize of opset 10 take the pixel at floor(x / scale). */
    private Node upsample(Node node) {
        String scales = node.input(1);
        float[] given = node.reals("scales");
        if (given != null) {
            scales = constant(node.output() + "_scales", Tensor.ofFloats(given, given.length));
        }
        Attributes attributes = new Attributes()
                .string("mode", node.string("mode", "nearest"))
                .string("coordinate_transformation_mode", "asymmetric")
                .string("nearest_mode", "floor");
        return new Node(
                node.name(), "", "Resize", List.of(node.input(0), "", scales), node.outputs(), attributes.build());
    }

    private Node topK(Node node) {
        String k = constant(node.output() + "_k", Tensor.vector(node.integer("k", 1)));
        return with(node, List.of(node.input(0), k), without(node, "k"));
    }

    /** Until opset 20 scale and bias are per group: an InstanceNormalization of which the groups are the channels. */
    private void groupNormalization(Node node) {
        if (opset >= 21) {
            nodes.add(node);
            return;
        }
        String shape = fresh(node.output() + "_shape");
        String groups = fresh(node.output() + "_groups");
        String normalized = fresh(node.output() + "_normalized");
        String split = constant(node.output() + "_split", Tensor.vector(0, node.integer("num_groups", 1), -1));
        nodes.add(new Node(shape, "", "Shape", List.of(node.input(0)), List.of(shape), Map.of()));
        nodes.add(new Node(
                GROUPS + node.name(), "", "Reshape", List.of(node.input(0), split), List.of(groups), Map.of()));
        nodes.add(new Node(
                node.name(),
                "",
                "InstanceNormalization",
                List.of(groups, node.input(1), node.input(2)),
                List.of(normalized),
                new Attributes().real("epsilon", node.real("epsilon", 1e-5f)).build()));
        nodes.add(new Node(
                fresh(node.name() + "_back"),
                "",
                "Reshape",
                List.of(normalized, shape),
                List.of(node.output()),
                Map.of()));
    }
}
