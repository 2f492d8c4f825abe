package org.finitentk.internal.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;

/**
 * A graph in a form that ONNX Runtime's CUDA provider computes rightly. Release 1.28 gives wrong numbers without a word
 * (seen on an H200 with cuDNN 9, where every operator's rules were compared with the reference interpreter) for sums of
 * three inputs that broadcast (off by 45 %; Max and Min share the code), which become sums of two; and for what is
 * refused here: AveragePool with dilations (off by 88 %) or with padding that is counted and is not the same at both
 * ends (24 %; a size of LRN that is even is one of those), and MaxPool with dilations and ceil_mode (26 %). A later
 * release mends AveragePool (pull request 29631 of microsoft/onnxruntime).
 */
final class CudaGraph {
    private static final Set<String> VARIADIC = Set.of("Sum", "Max", "Min");
    private static final Set<String> POOLS = Set.of("AveragePool", "MaxPool");

    private final Graph graph;
    private final Set<String> names = new HashSet<>();
    private final List<Node> nodes = new ArrayList<>();

    private CudaGraph(Graph graph) {
        this.graph = graph;
        names.addAll(graph.initializers().keySet());
        graph.inputs().forEach(input -> names.add(input.name()));
        graph.nodes().forEach(node -> names.addAll(node.outputs()));
    }

    /**
     * The same function.
     *
     * @throws InvalidModelException if a node is of those that are refused
     */
    static Graph of(Graph graph) {
        CudaGraph right = new CudaGraph(graph);
        graph.nodes().forEach(right::add);
        return new Graph(
                graph.name(), graph.inputs(), graph.outputs(), graph.initializers(), right.nodes, graph.declared());
    }

    private void add(Node node) {
        boolean standard = node.domain().isEmpty();
        if (standard && VARIADIC.contains(node.op()) && node.inputs().size() > 2) {
            addPairwise(node);
        } else if (standard && POOLS.contains(node.op())) {
            addPool(node);
        } else {
            nodes.add(node);
        }
    }

    private void addPairwise(Node node) {
        String sum = node.input(0);
        int last = node.inputs().size() - 1;
        for (int i = 1; i <= last; i++) {
            String next = i == last ? node.output() : unused(node.output() + "_of_" + (i + 1));
            nodes.add(new Node(
                    i == last ? node.name() : next,
                    "",
                    node.op(),
                    List.of(sum, node.input(i)),
                    List.of(next),
                    node.attributes()));
            sum = next;
        }
    }

    private void addPool(Node node) {
        long[] dilations = node.integers("dilations");
        if (dilations != null && Arrays.stream(dilations).anyMatch(dilation -> dilation != 1)) {
            throw wrong(node, "dilations " + Arrays.toString(dilations));
        }
        boolean counts = node.op().equals("AveragePool") && node.integer("count_include_pad", 0) != 0;
        String auto = node.string("auto_pad", "NOTSET");
        if (counts && auto.equals("SAME_UPPER")) {
            throw wrong(node, "count_include_pad and auto_pad SAME_UPPER");
        }
        long[] pads = counts && auto.equals("NOTSET") ? node.integers("pads") : null;
        // zeros in front would be no way around it: the runtime makes them padding again
        if (pads != null && !Arrays.equals(pads, 0, pads.length / 2, pads, pads.length / 2, pads.length)) {
            throw wrong(node, "count_include_pad and pads " + Arrays.toString(pads));
        }
        nodes.add(node);
    }

    private String unused(String wanted) {
        String name = wanted;
        while (!names.add(name)) {
            name += "_";
        }
        return name;
    }

    private InvalidModelException wrong(Node node, String what) {
        return new InvalidModelException(node.describe() + " of graph '" + graph.name() + "' has " + what
                + ", with which ONNX Runtime's CUDA provider computes wrong values; run this network on the CPU");
    }
}
