package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Brings a graph into the form of graphs in memory, node by node: functions of the file become their nodes, an If whose
 * condition is known becomes the branch that is taken, a Loop or Scan whose iterations are counted becomes these,
 * sequences of known structure vanish, and every operator has the form of opset {@link Graph#OPSET}. What cannot be
 * written so stays as it is in the file: most often nothing that matters needs it.
 */
final class Expansion {
    /** A few bytes of a file can call functions that call functions; this is more than networks have. */
    private static final int MOST_NODES = 100_000;

    private static final int DEEPEST_CALL = 64;

    private final Draft draft;
    private final TensorReader tensors;
    private final LocalFunctions functions;
    private final Set<String> bodyNames;
    private final SequenceValues sequences;
    /** Functions' nodes after their constants became the graph's. */
    private final Map<FunctionProto, GraphProto> lifted = new HashMap<>();
    /** Those constants. */
    private final Set<String> liftedConstants = new HashSet<>();

    private final Set<String> notes = new LinkedHashSet<>();
    private long opset;
    private int calls;
    /** How many nodes were looked at, of this graph and of all bodies in it. */
    private final AtomicInteger written;

    private Expansion(Draft draft, long opset, Expansion around) {
        this(draft, opset, around.tensors, around.functions, new HashSet<>(), around.written);
        this.calls = around.calls;
    }

    private Expansion(
            Draft draft,
            long opset,
            TensorReader tensors,
            LocalFunctions functions,
            Set<String> bodyNames,
            AtomicInteger written) {
        this.written = written;
        this.draft = draft;
        this.opset = opset;
        this.tensors = tensors;
        this.functions = functions;
        this.bodyNames = bodyNames;
        this.sequences = new SequenceValues(draft, this::add);
    }

    /**
     * The graph in that form.
     *
     * @param graph sorted, as its file has it
     * @param opset of its standard operators
     * @param tensors reads the constants in bodies and functions
     * @param functions of the file
     */
    static Graph of(Graph graph, long opset, TensorReader tensors, LocalFunctions functions) {
        Expansion expansion = new Expansion(
                new Draft(graph), opset, tensors, functions, Inlining.bodyNames(graph), new AtomicInteger());
        graph.nodes().forEach(expansion::add);
        expansion.sequences.finish();
        Graph expanded = new Graph(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                expansion.draft.initializers(),
                Node.withOwnNames(expansion.draft.nodes()),
                graph.declared(),
                graph.metadata(),
                graph.notes());
        for (String note : expansion.notes) {
            expanded = expanded.noting(note);
        }
        return TopologicalOrder.sort(expanded);
    }

    private void add(Node given) {
        Node node = Unreadable.restored(given);
        if (written.incrementAndGet() > MOST_NODES) {
            throw new InvalidModelException(node.describe() + " makes the network larger than " + MOST_NODES
                    + " nodes when its functions and loops are written out; expected fewer");
        }
        FunctionProto function = functions.find(node);
        if (function != null) {
            call(node, function);
            return;
        }
        if (node.domain().isEmpty() && (isControlFlow(node) || sequences.add(node))) {
            return;
        }
        Consumer<Rewritten> compound = Compounds.find(node);
        if (compound != null) {
            rewrite(AttentionMask.explicit(SignalOperators.explicit(node, opset), opset), compound);
            return;
        }
        Node whole = withExpandedBodies(node);
        if (node.domain().isEmpty()) {
            standard(whole);
        } else {
            draft.add(whole);
        }
    }

    private void rewrite(Node node, Consumer<Rewritten> compound) {
        int first = draft.nodes().size();
        Set<String> constants = new HashSet<>(draft.initializers().keySet());
        try {
            compound.accept(new Rewritten(node, draft));
        } catch (InvalidModelException e) {
            draft.takeBack(first, constants);
            draft.add(Unreadable.refused(node, String.valueOf(e.getMessage())));
        }
    }

    private void standard(Node node) {
        Tensor constant = node.op().equals("Constant") ? tensors.constant(node) : null;
        if (constant != null) {
            draft.initializer(node.output(), constant.asConstantNode());
        } else {
            new OpsetNormalizer(draft, opset).add(node);
        }
    }

    private boolean isControlFlow(Node node) {
        return switch (node.op()) {
            case "If" -> branch(node);
            case "Loop" -> unrolled(node, true);
            case "Scan" -> opset >= 9 && unrolled(node, false);
            default -> false;
        };
    }

    /** The nodes of a function in place of a call. */
    private void call(Node node, FunctionProto function) {
        if (++calls > DEEPEST_CALL) {
            throw new InvalidModelException(node.describe() + " calls a function that calls others, " + DEEPEST_CALL
                    + " deep or without end; expected functions that do not call themselves");
        }
        Inlining inlining = Inlining.ofFunction(draft, tensors, node.name() + "/");
        GraphProto body = lifted.get(function);
        if (body == null) {
            Set<String> before = Set.copyOf(draft.initializers().keySet());
            GraphProto.Builder whole = GraphProto.newBuilder().addAllNode(function.getNodeList());
            function.getInputList().forEach(input -> whole.addInputBuilder().setName(input));
            function.getOutputList().forEach(output -> whole.addOutputBuilder().setName(output));
            body = inlining.lifted(whole.build());
            lifted.put(function, body);
            draft.initializers().keySet().stream()
                    .filter(name -> !before.contains(name))
                    .forEach(liftedConstants::add);
        }
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < function.getInputCount(); i++) {
            given.put(function.getInput(i), node.input(i));
        }
        GraphProto withAttributes = body.toBuilder()
                .clearNode()
                .addAllNode(LocalFunctions.withAttributes(function, body.getNodeList(), node))
                .build();
        long outer = opset;
        opset = functions.opset(function, node);
        write(withAttributes, given, node.outputs(), inlining);
        opset = outer;
        calls--;
    }

    /**
     * Adds a body's nodes under the names of the graph.
     *
     * @param body without constants of its own
     * @param given what its inputs are
     * @param wanted names of its outputs, empty where nobody takes one
     * @param inlining finds names for everything else
     */
    private void write(GraphProto body, Map<String, String> given, List<String> wanted, Inlining inlining) {
        Set<String> produced = new HashSet<>();
        body.getNodeList().forEach(node -> produced.addAll(node.getOutputList()));
        Map<String, String> names = new HashMap<>(given);
        for (int i = 0; i < wanted.size() && i < body.getOutputCount(); i++) {
            String inner = body.getOutput(i).getName();
            if (!wanted.get(i).isEmpty() && produced.contains(inner) && !names.containsKey(inner)) {
                names.put(inner, wanted.get(i));
            }
        }
        inlining.nodes(body.getNodeList(), names).forEach(this::add);
        for (int i = 0; i < wanted.size() && i < body.getOutputCount(); i++) {
            String inner = body.getOutput(i).getName();
            String value = names.getOrDefault(inner, inner);
            if (!wanted.get(i).isEmpty() && !value.equals(wanted.get(i))) {
                alias(value, wanted.get(i));
            }
        }
    }

    private void alias(String value, String other) {
        if (!sequences.alias(value, other)) {
            draft.add(new Node(other, "", "Identity", List.of(value), List.of(other), Map.of()));
        }
    }

    private static @Nullable GraphProto body(Node node, String key) {
        AttributeProto attribute = node.attributes().get(key);
        return attribute != null && attribute.hasG() ? attribute.getG() : null;
    }

    /** The branch that an If takes, if that is settled by constants and sizes. */
    private boolean branch(Node node) {
        double[] condition = draft.sizes().settled(node.input(0));
        if (condition == null || condition.length != 1) {
            return false;
        }
        GraphProto taken = body(node, condition[0] != 0 ? "then_branch" : "else_branch");
        if (taken == null || taken.getOutputCount() < node.outputs().size()) {
            return false;
        }
        noteExamples(node);
        Inlining inlining = Inlining.ofBody(draft, tensors, bodyNames, "");
        write(inlining.lifted(taken), Map.of(), node.outputs(), inlining);
        return true;
    }

    private void noteExamples(Node node) {
        if (node.inputs().stream().limit(2).anyMatch(draft.sizes()::dependsOnExamples)) {
            notes.add(node.describe() + " is decided by the number of examples: what it does with two or more is done "
                    + "with a single one too");
        }
    }

    private boolean unrolled(Node node, boolean loop) {
        GraphProto body = body(node, "body");
        if (body == null) {
            return false;
        }
        Set<String> constants = new HashSet<>(draft.initializers().keySet());
        int first = draft.nodes().size();
        GraphProto plain =
                Inlining.ofBody(draft, tensors, bodyNames, node.name() + "/").lifted(body);
        Unrolling unrolling = new Unrolling(draft, copies(), node, plain);
        if (loop ? unrolling.loop() : unrolling.scan()) {
            noteExamples(node);
            return true;
        }
        constants.addAll(liftedConstants);
        draft.takeBack(first, constants);
        return false;
    }

    private Unrolling.Copies copies() {
        return new Unrolling.Copies() {
            @Override
            public List<String> add(GraphProto body, Map<String, String> given, String prefix) {
                Inlining inlining = Inlining.ofBody(draft, tensors, bodyNames, prefix);
                List<String> outputs = new ArrayList<>();
                Map<String, String> names = new HashMap<>(given);
                inlining.nodes(body.getNodeList(), names).forEach(Expansion.this::add);
                body.getOutputList()
                        .forEach(output -> outputs.add(names.getOrDefault(output.getName(), output.getName())));
                return outputs;
            }

            @Override
            public void alias(String value, String other) {
                Expansion.this.alias(value, other);
            }
        };
    }

    private Node withExpandedBodies(Node node) {
        return node.attributes().values().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0)
                ? new Node(
                        node.name(),
                        node.domain(),
                        node.op(),
                        node.inputs(),
                        node.outputs(),
                        Bodies.changed(node, this::expanded))
                : node;
    }

    /** A body that stays one, in the form of graphs in memory; new constants become its own. */
    private GraphProto expanded(GraphProto body) {
        Draft inner = new Draft(draft);
        inner.names().addAll(Bodies.own(body));
        body.getOutputList().forEach(output -> inner.use(output.getName()));
        List<Node> nodes = new ArrayList<>();
        for (NodeProto proto : body.getNodeList()) {
            if (proto.getOutputCount() == 0) {
                throw new InvalidModelException("node '" + proto.getName() + "' (" + proto.getOpType()
                        + ") in a control-flow body has no output");
            }
            nodes.add(Node.of(proto));
        }
        List<Node> unique = Node.withOwnNames(nodes);
        unique.forEach(inner::reserve);
        Expansion inside = new Expansion(inner, opset, this);
        unique.forEach(inside::add);
        inside.sequences.finish();
        GraphProto.Builder rewritten = body.toBuilder().clearNode();
        inner.nodes().forEach(n -> rewritten.addNode(n.toProto()));
        inner.initializers().forEach((name, tensor) -> rewritten.addInitializer(tensor.toProto(name)));
        draft.names().addAll(inner.names());
        return rewritten.build();
    }
}
