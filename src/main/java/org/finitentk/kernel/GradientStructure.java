package org.finitentk.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.autodiff.Linearization;
import org.finitentk.autodiff.PerExample;
import org.finitentk.network.Examples;
import org.finitentk.network.GraphRunner;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** Per-example gradients of a network, in the form that was chosen for each parameter. */
final class GradientStructure implements AutoCloseable {
    private final LinearizedNetwork network;
    private final Outputs outputs;
    private final @Nullable PerExample structure;
    private final @Nullable GraphRunner runner;
    private final List<Parameter> unstructured = new ArrayList<>();

    GradientStructure(LinearizedNetwork network, Outputs outputs, PerExample.Choice choice) {
        this.network = network;
        this.outputs = outputs;
        Linearization linearization = network.linearization();
        this.structure = linearization == null ? null : linearization.perExample(choice);
        boolean any = false;
        if (structure == null) {
            unstructured.addAll(network.parameters());
        } else {
            for (PerExample.Part part : structure.parts()) {
                if (part.kind() == PerExample.Kind.UNSTRUCTURED) {
                    unstructured.add(part.parameter());
                }
                any |= !part.outputs().isEmpty();
            }
        }
        this.runner = structure != null && any ? network.open(structure.graph()) : null;
    }

    /** The blocks of all parameters for a chunk of examples; always in the same order. */
    List<Block> blocks(Examples x) {
        List<Block> blocks = new ArrayList<>();
        if (runner != null && structure != null) {
            structured(x, runner, structure, blocks);
        }
        if (!unstructured.isEmpty()) {
            blocks.add(oneByOne(x));
        }
        return blocks;
    }

    private void structured(Examples x, GraphRunner graph, PerExample parts, List<Block> blocks) {
        int r = outputs.count(network.outputSize());
        int n = x.size();
        List<Map<String, Tensor>> results = new ArrayList<>();
        for (int c = 0; c < r; c++) {
            Map<String, Tensor> in = new LinkedHashMap<>(x.inputs());
            double[] u = outputs.cotangent(c, n, network.outputSize());
            in.put(Linearization.COTANGENT, Tensor.ofReals(network.elementType(), u, n, network.outputSize()));
            results.add(graph.run(in));
        }
        for (PerExample.Part part : parts.parts()) {
            if (!part.outputs().isEmpty()) {
                blocks.add(block(part, results, n, r));
            }
        }
    }

    private static Block block(PerExample.Part part, List<Map<String, Tensor>> results, int n, int r) {
        if (part.kind() == PerExample.Kind.GRADIENTS) {
            int width = (int) part.parameter().size();
            return Block.gradients(n, r, width, interleave(part.outputs().get(0), results, n, width));
        }
        Tensor input = tensor(results.get(0), part.outputs().get(0));
        long[] delta = tensor(results.get(0), part.outputs().get(1)).shape();
        int positions = (int) delta[1];
        return new Block(n, r, positions, (int) input.shape()[2], (int) delta[2], input.toDoubles(),
            interleave(part.outputs().get(1), results, n, Math.toIntExact(delta[1] * delta[2])));
    }

    private static Tensor tensor(Map<String, Tensor> result, String name) {
        Tensor t = result.get(name);
        if (t == null) {
            throw new IllegalStateException("the per-example graph gave no output '" + name + "'");
        }
        return t;
    }

    /** Rows (example, combination) from one result a combination. */
    private static double[] interleave(String name, List<Map<String, Tensor>> results, int n, int width) {
        int r = results.size();
        if (r == 1) {
            return tensor(results.get(0), name).toDoubles();
        }
        double[] out = new double[Math.multiplyExact(Math.multiplyExact(n, r), width)];
        for (int c = 0; c < r; c++) {
            double[] part = tensor(results.get(c), name).toDoubles();
            for (int i = 0; i < n; i++) {
                System.arraycopy(part, i * width, out, (i * r + c) * width, width);
            }
        }
        return out;
    }

    /** Parameters without structure: one vector-Jacobian product an example and combination. */
    private Block oneByOne(Examples x) {
        int r = outputs.count(network.outputSize());
        int width = Math.toIntExact(unstructured.stream().mapToLong(Parameter::size).sum());
        double[] rows = new double[Math.multiplyExact(Math.multiplyExact(x.size(), r), width)];
        for (int i = 0; i < x.size(); i++) {
            Examples one = x.slice(i, i + 1);
            for (int c = 0; c < r; c++) {
                double[] g = network.vjp(one, outputs.cotangent(c, 1, network.outputSize()));
                int at = (i * r + c) * width;
                for (Parameter p : unstructured) {
                    System.arraycopy(g, (int) p.offset(), rows, at, (int) p.size());
                    at += (int) p.size();
                }
            }
        }
        return Block.gradients(x.size(), r, width, rows);
    }

    @Override
    public void close() {
        if (runner != null) {
            runner.close();
        }
    }
}
