package org.finitentk.internal.autodiff;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.internal.onnx.GraphBuilder;
import org.finitentk.internal.onnx.OperatorTraits;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * Where the examples lie in each value. A shape alone does not tell: rows [6n, d] may count the examples outermost, or
 * innermost, as after a network that keeps its sequence axis first. Operators that only arrange elements are followed
 * exactly; any other operator leaves the examples on the axis of the same size, since networks treat examples
 * independently.
 */
final class ExampleAxes {
    /**
     * The examples' axis and what is merged with them: its size is before · n · after, in this order.
     *
     * @param axis the axis
     * @param before positions that count slower than the examples
     * @param after positions that count faster
     */
    record Place(int axis, long before, long after) {
        boolean isLeading() {
            return axis == 0 && before == 1;
        }
    }

    private final GraphBuilder builder;
    private final Shape batch;
    private final Map<String, Place> places = new HashMap<>();
    private final Set<String> unknown = new HashSet<>();
    private final Set<String> produced = new HashSet<>();
    private int done;

    ExampleAxes(GraphBuilder builder, Shape batch) {
        this.builder = builder;
        this.batch = batch;
    }

    /** Tells where the examples lie in a value that is made from no example: ones for each of them. */
    void declare(Value value, Place place) {
        catchUp();
        places.put(value.name(), place);
    }

    /** Where a value's examples lie; null if that is not known or the value has none. */
    @Nullable
    Place find(Value value) {
        catchUp();
        return unknown.contains(value.name()) ? null : placeOf(value);
    }

    /** Places the nodes that came since. */
    private void catchUp() {
        List<Node> nodes = builder.nodes();
        for (; done < nodes.size(); done++) {
            Node node = nodes.get(done);
            node.outputs().stream().filter(o -> !o.isEmpty()).forEach(o -> place(node, o));
        }
    }

    /** The recorded place; values without a producer are the graph's inputs, with the examples first. */
    private @Nullable Place placeOf(Value value) {
        if (produced.contains(value.name())
                || value.rank() == 0
                || !value.shape().sameDim(0, batch, 0)) {
            return places.get(value.name());
        }
        return new Place(0, 1, 1);
    }

    private void place(Node node, String output) {
        produced.add(output);
        Value out = builder.shapes().find(output);
        if (out == null) {
            unknown.add(output);
            return;
        }
        if (!mayHoldExamples(out)) {
            return;
        }
        boolean placed = false;
        for (String name : node.inputs()) {
            Value in = builder.shapes().find(name);
            if (!name.isEmpty() && (in == null || unknown.contains(name))) {
                unknown.add(output);
                return;
            }
            placed |= in != null && placeOf(in) != null;
        }
        // what depends on no example (zeros of the batch's size) fits any order of examples
        if (placed) {
            Place place = follow(node, out);
            if (place == null) {
                unknown.add(output);
            } else {
                places.put(output, place);
            }
        }
    }

    private boolean mayHoldExamples(Value v) {
        for (int i = 0; i < v.rank(); i++) {
            if (v.shape().multipleOf(i, batch, 0) > 0) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Place follow(Node node, Value out) {
        Value first = builder.shapes().get(node.input(0));
        Place from = placeOf(first);
        OperatorTraits traits = OperatorTraits.of(node);
        boolean keepsOrder = traits.has(Trait.KEEPS_ORDER);
        if (!keepsOrder && !traits.has(Trait.PERMUTES)) {
            return bySize(node, out);
        }
        return from == null
                ? null
                : keepsOrder ? reshaped(first.shape(), from, out.shape()) : transposed(node, from, out.rank());
    }

    /** Elements keep their flat order: as many positions count slower than the examples as before. */
    private @Nullable Place reshaped(Shape in, Place from, Shape out) {
        Shape slower = in.product(0, from.axis());
        if (!slower.isStatic()) {
            return null;
        }
        long outer = slower.dim(0) * from.before();
        long passed = 1;
        for (int axis = 0; axis < out.rank(); axis++) {
            long multiple = out.multipleOf(axis, batch, 0);
            if (multiple > 0) {
                long before = outer / passed;
                return outer % passed == 0 && multiple % before == 0
                        ? new Place(axis, before, multiple / before)
                        : null;
            }
            passed *= out.dim(axis);
            if (passed <= 0) {
                return null;
            }
        }
        return null;
    }

    private static Place transposed(Node node, Place from, int rank) {
        long[] perm = node.integers("perm");
        int axis = rank - 1 - from.axis();
        for (int i = 0; perm != null && i < rank; i++) {
            axis = perm[i] == from.axis() ? i : axis;
        }
        return new Place(axis, from.before(), from.after());
    }

    /**
     * The one axis of the size that the inputs' examples' axes have; where sizes change, examples that came first stay
     * first.
     */
    private @Nullable Place bySize(Node node, Value out) {
        Set<Place> candidates = new HashSet<>();
        boolean leading = true;
        boolean lost = false;
        for (String name : node.inputs()) {
            Value in = name.isEmpty() ? null : builder.shapes().get(name);
            Place from = in == null ? null : placeOf(in);
            if (in == null || from == null) {
                continue;
            }
            leading &= from.isLeading();
            Place found = sameSize(in.shape(), from, out.shape());
            if (found == null) {
                lost = true;
            } else {
                candidates.add(found);
            }
        }
        if (candidates.size() == 1 && !lost) {
            return candidates.iterator().next();
        }
        long multiple = leading ? out.shape().multipleOf(0, batch, 0) : -1;
        return multiple > 0 ? new Place(0, 1, multiple) : null;
    }

    private static @Nullable Place sameSize(Shape in, Place from, Shape out) {
        Place found = null;
        for (int axis = 0; axis < out.rank(); axis++) {
            if (out.sameDim(axis, in, from.axis())) {
                if (found != null) {
                    return null;
                }
                found = new Place(axis, from.before(), from.after());
            }
        }
        return found;
    }
}
