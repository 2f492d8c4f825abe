package org.finitentk.internal.network;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.ShapeInference;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * A piece of the way back through a network: the part of a per-example graph's second stage that comes after some
 * values, as far as others.
 *
 * @param graph from what does not depend on the cotangent, and from the values of the piece before
 * @param carriedIn what the piece before hands over
 * @param carriedOut what the next piece takes
 * @param gradients names of the gradients that are made here
 */
record Segment(Graph graph, List<Handover> carriedIn, List<Handover> carriedOut, Set<String> gradients) {
    /** A cut after this share of the gradients that fit is taken if less is handed over there. */
    private static final double FULL_ENOUGH = 0.5;

    /** What reaches several parameters, and what reaches none. */
    private static final int SEVERAL = -2;

    private static final int NONE = -1;

    /**
     * A value that one piece hands over to the next.
     *
     * @param info its declaration
     * @param sizes of its axes for one example; none known if empty
     */
    record Handover(ValueInfo info, List<Long> sizes) {
        /** Every axis is as long as it is known to be, or so many times the number of examples. */
        static Handover of(Value value, ShapeInference shapes, ValueInfo batch) {
            Shape examples = shapes.get(batch.name()).shape();
            List<Long> sizes = new ArrayList<>();
            for (int i = 0; i < value.rank(); i++) {
                long fixed = value.shape().dim(i);
                sizes.add(fixed >= 0 ? fixed : value.shape().multipleOf(i, examples, 0));
            }
            boolean known = sizes.stream().allMatch(size -> size >= 0);
            return new Handover(Stages.info(value, shapes, batch), known ? List.copyOf(sizes) : List.of());
        }

        String name() {
            return info.name();
        }

        /** Whether it can be handed over. */
        boolean isPossible() {
            return info.type() == ElementType.FLOAT
                    && sizes.size() == info.dims().size();
        }

        /** How many numbers one example has. */
        long elements() {
            return sizes.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
        }
    }

    /**
     * Pieces whose gradients, together with what is handed over before and after, take so much memory for each
     * cotangent.
     *
     * @param stages of the per-example graph
     * @param gradientBytes of the gradients that depend on the cotangent, for each cotangent, and one map a parameter
     * @param budget bytes for each cotangent
     * @return in the order of the way back; null if there are none that small
     */
    static @Nullable List<Segment> of(Stages stages, List<Map<String, Long>> gradientBytes, long budget) {
        return new Cutter(stages, gradientBytes).cut(budget);
    }

    /** Cuts one graph. */
    private static final class Cutter {
        private final Stages stages;
        private final ShapeInference shapes;
        private final Map<String, Long> bytes = new HashMap<>();
        private final Map<String, Integer> owner = new HashMap<>();
        /** Values that depend on the cotangent. */
        private final Set<String> late = new HashSet<>(Set.of(Linearization.COTANGENT));

        private final List<Node> others = new ArrayList<>();
        private final List<Node> nodes;

        Cutter(Stages stages, List<Map<String, Long>> gradientBytes) {
            this.stages = stages;
            this.shapes = ShapeInference.of(stages.whole());
            for (int i = 0; i < gradientBytes.size(); i++) {
                int parameter = i;
                bytes.putAll(gradientBytes.get(i));
                gradientBytes.get(i).keySet().forEach(name -> owner.put(name, parameter));
            }
            List<Node> dependent = new ArrayList<>();
            for (Node node : stages.second().nodes()) {
                boolean depends = node.inputs().stream().anyMatch(late::contains);
                (depends ? dependent : others).add(node);
                if (depends) {
                    late.addAll(node.outputs());
                }
            }
            this.nodes = ordered(dependent);
        }

        /** Which parameter alone a node's outputs lead to. */
        private Map<Node, Integer> destinations(List<Node> dependent) {
            Map<String, Integer> ofValue = new HashMap<>(owner);
            Map<Node, Integer> destinations = new HashMap<>();
            for (int i = dependent.size() - 1; i >= 0; i--) {
                Node node = dependent.get(i);
                int to = NONE;
                for (String output : node.outputs()) {
                    to = joined(to, ofValue.getOrDefault(output, NONE));
                }
                destinations.put(node, to);
                for (String input : node.inputs()) {
                    ofValue.merge(input, to, Cutter::joined);
                }
            }
            return destinations;
        }

        private static int joined(int a, int b) {
            return a == NONE || a == b ? b : b == NONE ? a : SEVERAL;
        }

        /**
         * The nodes of the way back in their order, each followed by those that make a parameter's gradient from what
         * is then known: written down they come at the end.
         */
        private List<Node> ordered(List<Node> dependent) {
            Map<Node, Integer> destinations = destinations(dependent);
            Map<String, List<Node>> takers = new HashMap<>();
            Map<Node, Integer> missing = new HashMap<>();
            List<Node> ready = new ArrayList<>();
            for (Node node : dependent) {
                if (destinations.getOrDefault(node, NONE) == SEVERAL) {
                    continue;
                }
                Set<String> awaited = new LinkedHashSet<>(node.inputs());
                awaited.retainAll(late);
                awaited.remove(Linearization.COTANGENT);
                awaited.forEach(name ->
                        takers.computeIfAbsent(name, n -> new ArrayList<>()).add(node));
                missing.put(node, awaited.size());
                if (awaited.isEmpty()) {
                    ready.add(node);
                }
            }
            List<Node> ordered = new ArrayList<>();
            ready.forEach(node -> emit(node, takers, missing, ordered));
            for (Node node : dependent) {
                if (!missing.containsKey(node)) {
                    emit(node, takers, missing, ordered);
                }
            }
            return ordered;
        }

        private static void emit(
                Node first, Map<String, List<Node>> takers, Map<Node, Integer> missing, List<Node> ordered) {
            Deque<Node> open = new ArrayDeque<>(List.of(first));
            while (!open.isEmpty()) {
                Node node = open.remove();
                ordered.add(node);
                for (String output : node.outputs()) {
                    for (Node taker : takers.getOrDefault(output, List.of())) {
                        if (missing.merge(taker, -1, Integer::sum) == 0) {
                            open.add(taker);
                        }
                    }
                }
            }
        }

        private @Nullable List<Segment> cut(long budget) {
            Map<String, Integer> lastUse = new HashMap<>();
            for (int i = 0; i < nodes.size(); i++) {
                for (String name : nodes.get(i).inputs()) {
                    lastUse.put(name, i);
                }
            }
            long[] made = new long[nodes.size() + 1];
            List<Map<String, Handover>> live = new ArrayList<>(List.of(Map.of()));
            for (int i = 0; i < nodes.size(); i++) {
                Map<String, Handover> next = new LinkedHashMap<>(live.get(i));
                int step = i;
                next.keySet().removeIf(name -> lastUse.getOrDefault(name, -1) <= step);
                made[i + 1] = made[i];
                for (String output : nodes.get(i).outputs()) {
                    made[i + 1] += bytes.getOrDefault(output, 0L);
                    Value value = shapes.find(output);
                    if (lastUse.getOrDefault(output, -1) > i && value != null) {
                        next.put(
                                output,
                                Handover.of(
                                        value, shapes, stages.whole().inputs().get(0)));
                    }
                }
                live.add(next);
            }
            long[] carried = live.stream().mapToLong(Cutter::bytes).toArray();
            List<Segment> segments = new ArrayList<>();
            for (int from = 0; from < nodes.size(); ) {
                int to = end(from, made, carried, budget);
                if (to <= from) {
                    return null;
                }
                segments.add(segment(from, to, live.get(from), live.get(to)));
                from = to;
            }
            return segments;
        }

        /** Values of known sizes can be handed over, and of float32 only; negative for others. */
        private static long bytes(Map<String, Handover> values) {
            return values.values().stream().allMatch(Handover::isPossible)
                    ? values.values().stream().mapToLong(Handover::elements).sum() * Float.BYTES
                    : -1;
        }

        /** Where the piece from a node on ends: of the cuts that fit, that after which least is handed over. */
        private static int end(int from, long[] made, long[] carried, long budget) {
            long most = -1;
            for (int to = from + 1; to < made.length; to++) {
                if (fits(from, to, made, carried, budget)) {
                    most = Math.max(most, made[to] - made[from]);
                }
            }
            int best = from;
            for (int to = from + 1; to < made.length; to++) {
                boolean full = made[to] - made[from] >= FULL_ENOUGH * most;
                if (full
                        && fits(from, to, made, carried, budget)
                        && (best == from || carried[to] <= carried[best] || to == made.length - 1)) {
                    best = to;
                }
            }
            return best;
        }

        private static boolean fits(int from, int to, long[] made, long[] carried, long budget) {
            return carried[to] >= 0 && carried[from] + carried[to] + made[to] - made[from] <= budget;
        }

        private Segment segment(int from, int to, Map<String, Handover> in, Map<String, Handover> out) {
            Graph second = stages.second();
            List<Node> own = new ArrayList<>(others);
            own.addAll(nodes.subList(from, to));
            Set<String> made = new HashSet<>();
            nodes.subList(from, to).forEach(node -> made.addAll(node.outputs()));
            List<ValueInfo> outputs = new ArrayList<>(second.outputs().stream()
                    .filter(output -> made.contains(output.name()))
                    .toList());
            Set<String> gradients = new LinkedHashSet<>();
            outputs.forEach(output -> gradients.add(output.name()));
            out.values().stream()
                    .filter(value -> !gradients.contains(value.name()) && made.contains(value.name()))
                    .forEach(value -> outputs.add(value.info()));
            List<ValueInfo> inputs = new ArrayList<>(second.inputs());
            in.values().forEach(value -> inputs.add(value.info()));
            return new Segment(
                    Stages.second(second, second.name() + "_from_" + from, inputs, own, outputs),
                    List.copyOf(in.values()),
                    List.copyOf(out.values()),
                    gradients);
        }
    }
}
