package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Sequences of tensors whose length and positions are known while a graph is read: who takes one of the tensors takes
 * it by its own name. The operators stay as long as somebody needs the sequence itself.
 */
final class SequenceValues {
    /** A few bytes of a file may not make more parts than this. */
    private static final long MOST_PARTS = 10_000;

    private final Draft draft;
    /** Takes the nodes that are written instead. */
    private final Consumer<Node> add;

    private final Map<String, List<String>> sequences = new HashMap<>();
    private final Set<Node> kept = new HashSet<>();

    SequenceValues(Draft draft, Consumer<Node> add) {
        this.draft = draft;
        this.add = add;
    }

    /** Gives a value another name too. Tells whether it is a sequence that is known. */
    boolean alias(String value, String other) {
        List<String> parts = sequences.get(value);
        if (parts == null) {
            return false;
        }
        keep(new Node(other, "", "Identity", List.of(value), List.of(other), Map.of()));
        sequences.put(other, parts);
        return true;
    }

    /** Writes a node that makes or takes a sequence otherwise; tells whether that was possible. */
    boolean add(Node node) {
        return switch (node.op()) {
            case "SequenceEmpty" -> made(node, new ArrayList<>());
            case "SequenceConstruct" -> made(node, new ArrayList<>(node.inputs()));
            case "SequenceInsert" -> inserted(node);
            case "SequenceErase" -> erased(node);
            case "SplitToSequence" -> split(node);
            case "Identity" -> alias(node.input(0), node.output());
            case "SequenceAt" -> taken(node);
            case "SequenceLength" -> length(node);
            case "ConcatFromSequence" -> joined(node);
            case "Optional" -> node.hasInput(0) && made(node, List.of(node.input(0)));
            case "OptionalGetElement" -> element(node);
            case "OptionalHasElement" -> hasElement(node);
            default -> false;
        };
    }

    private void keep(Node node) {
        kept.add(node);
        draft.add(node);
    }

    private boolean made(Node node, List<String> parts) {
        if (parts.size() > MOST_PARTS) {
            return false;
        }
        keep(node);
        sequences.put(node.output(), parts);
        return true;
    }

    /** A position among so many; null if it is not known or none. */
    private @Nullable Integer position(String name, int size) {
        double[] at = draft.sizes().settled(name);
        if (at == null || at.length != 1) {
            return null;
        }
        int position = (int) (at[0] < 0 ? at[0] + size : at[0]);
        return position >= 0 && position < size ? position : null;
    }

    private boolean inserted(Node node) {
        List<String> before = sequences.get(node.input(0));
        Integer at = before == null
                ? null
                : node.hasInput(2) ? position(node.input(2), before.size() + 1) : Integer.valueOf(before.size());
        if (before == null || at == null) {
            return false;
        }
        List<String> parts = new ArrayList<>(before);
        parts.add(at, node.input(1));
        return made(node, parts);
    }

    private boolean erased(Node node) {
        List<String> before = sequences.get(node.input(0));
        Integer at = before == null || before.isEmpty()
                ? null
                : node.hasInput(1) ? position(node.input(1), before.size()) : Integer.valueOf(before.size() - 1);
        if (before == null || at == null) {
            return false;
        }
        List<String> parts = new ArrayList<>(before);
        parts.remove((int) at);
        return made(node, parts);
    }

    private boolean taken(Node node) {
        List<String> parts = sequences.get(node.input(0));
        Integer at = parts == null ? null : position(node.input(1), parts.size());
        if (parts == null || at == null) {
            return false;
        }
        identity(node, parts.get(at));
        return true;
    }

    private void identity(Node node, String value) {
        add.accept(new Node(node.name(), "", "Identity", List.of(value), List.of(node.output()), Map.of()));
    }

    private boolean length(Node node) {
        List<String> parts = sequences.get(node.input(0));
        if (parts == null) {
            return false;
        }
        draft.initializer(node.output(), Tensor.ofLongs(new long[] {parts.size()}));
        return true;
    }

    private boolean element(Node node) {
        List<String> parts = sequences.get(node.input(0));
        String value = parts == null ? node.input(0) : parts.get(0);
        if (parts == null && draft.find(value) == null) {
            return false;
        }
        identity(node, value);
        return true;
    }

    private boolean hasElement(Node node) {
        if (node.hasInput(0) && !sequences.containsKey(node.input(0)) && draft.find(node.input(0)) == null) {
            return false;
        }
        double[] has = {node.hasInput(0) ? 1 : 0};
        String number = draft.constant(node.output() + "_has", Tensor.ofReals(ElementType.FLOAT, has));
        add.accept(new Node(
                node.name(),
                "",
                "Cast",
                List.of(number),
                List.of(node.output()),
                new Attributes().integer("to", ElementType.BOOL.code()).build()));
        return true;
    }

    private boolean joined(Node node) {
        List<String> parts = sequences.get(node.input(0));
        if (parts == null || parts.isEmpty()) {
            return false;
        }
        List<String> joined = parts;
        if (node.integer("new_axis", 0) != 0) {
            String axes = draft.constant(node.output() + "_axes", Tensor.vector(node.integer("axis", 0)));
            joined = new ArrayList<>();
            for (String part : parts) {
                String raised = draft.fresh(node.output() + "_part");
                add.accept(new Node(raised, "", "Unsqueeze", List.of(part, axes), List.of(raised), Map.of()));
                joined.add(raised);
            }
        }
        add.accept(new Node(
                node.name(),
                "",
                "Concat",
                joined,
                List.of(node.output()),
                new Attributes().integer("axis", node.integer("axis", 0)).build()));
        return true;
    }

    /** Split, if the sizes of the parts are known; without the input for them all are of size 1. */
    private boolean split(Node node) {
        Value x = draft.find(node.input(0));
        long axis = node.integer("axis", 0);
        if (x == null || axis < -x.rank() || axis >= x.rank()) {
            return false;
        }
        int at = (int) (axis < 0 ? axis + x.rank() : axis);
        long[] sizes = sizes(node, x.shape().dim(at));
        if (sizes == null || sizes.length == 0) {
            return false;
        }
        boolean squeezes = !node.hasInput(1) && node.integer("keepdims", 1) == 0;
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            parts.add(draft.fresh(node.output() + "_part"));
        }
        add.accept(new Node(
                node.name() + "/parts",
                "",
                "Split",
                List.of(node.input(0), draft.constant(node.output() + "_split", Tensor.vector(sizes))),
                parts,
                new Attributes().integer("axis", at).build()));
        return made(node, squeezes ? squeezed(node, parts, at) : parts);
    }

    private List<String> squeezed(Node node, List<String> parts, long axis) {
        String axes = draft.constant(node.output() + "_axes", Tensor.vector(axis));
        List<String> squeezed = new ArrayList<>();
        for (String part : parts) {
            String name = draft.fresh(node.output() + "_squeezed");
            add.accept(new Node(name, "", "Squeeze", List.of(part, axes), List.of(name), Map.of()));
            squeezed.add(name);
        }
        return squeezed;
    }

    private long @Nullable [] sizes(Node node, long size) {
        Value given = node.hasInput(1) ? draft.find(node.input(1)) : null;
        double[] known = given == null ? null : draft.sizes().settled(node.input(1));
        if (node.hasInput(1) && (known == null || given == null)) {
            return null;
        }
        if (given != null && known != null && given.rank() == 1) {
            return java.util.Arrays.stream(known).mapToLong(d -> (long) d).toArray();
        }
        long each = known == null ? 1 : (long) known[0];
        if (size < 0 || each < 1 || (size + each - 1) / each > MOST_PARTS) {
            return null;
        }
        long[] sizes = new long[(int) ((size + each - 1) / each)];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = Math.min(each, size - i * each);
        }
        return sizes;
    }

    /** Drops the operators whose sequence nobody takes. */
    void finish() {
        Set<String> taken = new HashSet<>();
        for (int i = draft.nodes().size() - 1; i >= 0; i--) {
            Node node = draft.nodes().get(i);
            boolean drop = kept.contains(node) && node.outputs().stream().noneMatch(taken::contains);
            if (drop) {
                draft.nodes().remove(i);
            } else {
                taken.addAll(node.inputs());
                taken.addAll(node.bodyNames());
            }
        }
    }
}
