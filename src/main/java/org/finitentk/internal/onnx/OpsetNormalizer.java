package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;

/** Rewrites nodes of older opsets into the form of opset {@link Graph#OPSET}, with the same meaning, one by one. */
final class OpsetNormalizer {
    /** The oldest opset that is read. */
    static final int OLDEST_OPSET = 7;
    /** The newest opset that is read. */
    static final int NEWEST_OPSET = 25;

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

    private final Draft draft;
    private final long opset;

    OpsetNormalizer(Draft draft, long opset) {
        this.draft = draft;
        this.opset = opset;
    }

    /** Adds a standard operator, which has the form of the opset. */
    void add(Node node) {
        switch (node.op()) {
            case "Squeeze", "Unsqueeze", "ReduceSum" -> draft.add(node.has("axes") ? axesToInput(node) : node);
            case "Clip" -> draft.add(opset < 11 ? clip(node) : node);
            case "Dropout" -> dropout(node);
            case "Softmax", "LogSoftmax", "Hardmax" -> softmax(node);
            case "Split" -> draft.add(split(node));
            case "Slice" -> draft.add(node.has("starts") ? slice(node) : node);
            case "Pad" -> draft.add(node.has("pads") ? pad(node) : node);
            case "BatchNormalization" -> batchNormalization(node);
            case "Upsample" -> draft.add(upsample(node));
            case "Resize" -> draft.add(opset < 11 ? upsample(node) : node);
            case "TopK" -> draft.add(node.has("k") ? topK(node) : node);
            case "Scatter" ->
                draft.add(
                        new Node(node.name(), "", "ScatterElements", node.inputs(), node.outputs(), node.attributes()));
            case "GroupNormalization" -> groupNormalization(node);
            // how 8-bit floats are made, which no network here has
            case "Cast", "CastLike" -> draft.add(with(node, node.inputs(), without(node, "saturate", "round_mode")));
            default -> draft.add(REDUCTIONS.contains(node.op()) && node.has("axes") ? axesToInput(node) : node);
        }
    }

    private String fresh(String hint) {
        return draft.fresh(hint);
    }

    private String constant(String hint, Tensor value) {
        return draft.constant(hint, value);
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

    /** Adds a node of one output. */
    private void add(String name, String op, List<String> inputs, String output, Attributes attributes) {
        draft.add(new Node(name, "", op, inputs, List.of(output), attributes.build()));
    }

    private String scalarLike(Node node, String key) {
        Value x = draft.find(node.input(0));
        ElementType type = x == null || !x.type().isDifferentiable() ? ElementType.FLOAT : x.type();
        return constant(node.output() + "_" + key, Tensor.ofReals(type, new double[] {node.real(key, 0)}));
    }

    /**
     * The identity, unless it is in training mode or may be: then it stays, for {@link ForbiddenOperators} to refuse
     * where an output needs it.
     */
    private void dropout(Node node) {
        if (opset >= 12 && node.hasInput(2) && !isZero(node.input(2)) && !(node.hasInput(1) && isZero(node.input(1)))) {
            draft.add(node);
            return;
        }
        if (node.outputs().size() > 1 && draft.isUsed(node.outputs().get(1))) {
            throw new InvalidModelException(
                    node.describe() + " has a mask that is used; expected a network exported for inference");
        }
        add(node.name(), "Identity", List.of(node.input(0)), node.output(), new Attributes());
    }

    /** Whether a value is known to be 0 or false. */
    private boolean isZero(String name) {
        Value value = draft.find(name);
        double[] constant = value == null ? null : value.constant();
        return constant != null && constant.length == 1 && constant[0] == 0;
    }

    /** Before opset 13 all axes from the given one on are one: flatten, normalize the last axis, and shape back. */
    private void softmax(Node node) {
        long axis = node.integer("axis", opset < 13 ? 1 : -1);
        if (opset >= 13 || axis == -1) {
            draft.add(node);
            return;
        }
        String shape = fresh(node.output() + "_shape");
        String flat = fresh(node.output() + "_flat");
        String normalized = fresh(node.output() + "_normalized");
        add(shape, "Shape", List.of(node.input(0)), shape, new Attributes());
        add(flat, "Flatten", List.of(node.input(0)), flat, new Attributes().integer("axis", axis));
        add(node.name(), node.op(), List.of(flat), normalized, new Attributes().integer("axis", -1));
        add(fresh(node.name() + "_back"), "Reshape", List.of(normalized, shape), node.output(), new Attributes());
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
            training |= draft.isUsed(node.outputs().get(i));
        }
        if (training) {
            draft.add(with(node, node.inputs(), new Attributes(node.attributes()).integer("training_mode", 1)));
            return;
        }
        if (node.integer("spatial", 1) == 0) {
            throw new InvalidModelException(
                    node.describe() + " is not spatial; expected one mean and variance for each channel");
        }
        Attributes inference = without(node, "spatial", "momentum", "training_mode");
        add(node.name(), node.op(), node.inputs(), node.output(), inference);
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
            draft.add(node);
            return;
        }
        String shape = fresh(node.output() + "_shape");
        String groups = fresh(node.output() + "_groups");
        String normalized = fresh(node.output() + "_normalized");
        String split = constant(node.output() + "_split", Tensor.vector(0, node.integer("num_groups", 1), -1));
        add(shape, "Shape", List.of(node.input(0)), shape, new Attributes());
        add(GROUPS + node.name(), "Reshape", List.of(node.input(0), split), groups, new Attributes());
        List<String> operands = List.of(groups, node.input(1), node.input(2));
        Attributes epsilon = new Attributes().real("epsilon", node.real("epsilon", 1e-5f));
        add(node.name(), "InstanceNormalization", operands, normalized, epsilon);
        add(fresh(node.name() + "_back"), "Reshape", List.of(normalized, shape), node.output(), new Attributes());
    }
}
