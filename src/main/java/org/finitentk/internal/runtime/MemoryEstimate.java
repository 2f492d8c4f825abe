package org.finitentk.internal.runtime;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.ShapeInference;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * How much memory one more example costs while a graph runs, node after node, each value being freed after its last
 * use.
 */
public final class MemoryEstimate {
    /** When shapes cannot be inferred, which happens with operators of other domains: a middling network. */
    private static final long UNKNOWN = 8L << 20;
    /** For what the runtime keeps longer than it must, and for the workspaces of its kernels. */
    private static final double MARGIN = 1.5;

    /**
     * Values that do not grow with a symbolic size are the same for every chunk; an estimate for chunking does not
     * count them.
     */
    private final Map<String, Long> bytesOf = new HashMap<>();

    private MemoryEstimate(ShapeInference shapes, List<ValueInfo> inputs, boolean withConstantSizes) {
        String batch = inputs.stream()
                .filter(input -> !input.dims().isEmpty())
                .map(input -> input.dims().get(0))
                .findFirst()
                .orElse("");
        double examples = examples(shapes, batch, inputs);
        for (Value value : shapes.values()) {
            bytesOf.put(
                    value.name(),
                    value.shape().isStatic() ? withConstantSizes ? bytes(value, 1) : 0 : bytes(value, examples));
        }
    }

    /**
     * Refuses a graph that not even one example can go through, before the runtime tries.
     *
     * @throws InvalidModelException with both sizes
     */
    public static void requireMemory(Graph graph) {
        ShapeInference shapes;
        try {
            shapes = ShapeInference.of(graph);
        } catch (InvalidModelException e) {
            // a graph from elsewhere whose shapes are beyond our rules: the runtime will tell
            return;
        }
        long needed = new MemoryEstimate(shapes, graph.inputs(), true).peak(graph);
        long present = physicalMemory();
        if (needed > present / 2) {
            throw new InvalidModelException("graph '" + graph.name() + "' needs about " + (needed >> 20)
                    + " MiB for one example, and at most half of this machine's " + (present >> 20)
                    + " MiB is given to one; use a smaller network or smaller inputs");
        }
    }

    /** Bytes of memory that the machine has. */
    public static long physicalMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 4 * Runtime.getRuntime().maxMemory();
    }

    /** Peak bytes of an example; at least 1. */
    public static long bytesPerExample(Graph graph) {
        return bytesPerExample(graph, graph);
    }

    /** The same for a part of a graph's nodes, whose values have the shapes that they have in the whole. */
    public static long bytesPerExample(Graph part, Graph whole) {
        ShapeInference shapes;
        try {
            shapes = ShapeInference.of(whole);
        } catch (InvalidModelException e) {
            return UNKNOWN;
        }
        if (part.nodes().stream()
                .flatMap(node -> node.outputs().stream())
                .anyMatch(name -> !name.isEmpty() && shapes.find(name) == null)) {
            return UNKNOWN;
        }
        return (long) Math.max(1, MARGIN * new MemoryEstimate(shapes, whole.inputs(), false).peak(part));
    }

    /** What an example's share of a part's outputs takes; what no memory holds if their shapes are not known. */
    public static long outputBytesPerExample(Graph part, Graph whole) {
        ShapeInference shapes;
        try {
            shapes = ShapeInference.of(whole);
        } catch (InvalidModelException e) {
            return Long.MAX_VALUE;
        }
        List<String> names = part.outputs().stream().map(ValueInfo::name).toList();
        return names.stream().anyMatch(name -> shapes.find(name) == null)
                ? Long.MAX_VALUE
                : new MemoryEstimate(shapes, whole.inputs(), false).sum(names);
    }

    /** The batch's size in the first of the inference's samples. */
    private static double examples(ShapeInference shapes, String batch, List<ValueInfo> inputs) {
        for (ValueInfo input : inputs) {
            @Nullable Value value = shapes.find(input.name());
            if (value != null && !input.dims().isEmpty() && input.dims().get(0).equals(batch)) {
                return value.shape().at(0)[0];
            }
        }
        return 1;
    }

    private static long bytes(Value value, double examples) {
        double size = 1;
        for (long dim : value.shape().at(0)) {
            size *= dim;
        }
        return (long) Math.min(1e15, size * value.type().bytes() / examples);
    }

    private long peak(Graph graph) {
        Map<String, Integer> lastUse = new HashMap<>();
        List<Node> nodes = graph.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            for (String name : nodes.get(i).inputs()) {
                lastUse.put(name, i);
            }
        }
        Set<String> kept = Stream.concat(graph.inputs().stream(), graph.outputs().stream())
                .map(ValueInfo::name)
                .collect(Collectors.toSet());
        long live = graph.inputs().stream()
                .mapToLong(input -> bytesOf.getOrDefault(input.name(), 0L))
                .sum();
        long peak = live;
        for (int i = 0; i < nodes.size(); i++) {
            int step = i;
            live += sum(nodes.get(i).outputs());
            peak = Math.max(peak, live);
            live -= sum(nodes.get(i).inputs().stream()
                    .distinct()
                    .filter(name -> !kept.contains(name) && lastUse.getOrDefault(name, -1) == step)
                    .toList());
            live -= sum(nodes.get(i).outputs().stream()
                    .filter(name -> !kept.contains(name) && !lastUse.containsKey(name))
                    .toList());
        }
        return peak;
    }

    private long sum(List<String> names) {
        return names.stream().mapToLong(name -> bytesOf.getOrDefault(name, 0L)).sum();
    }
}
