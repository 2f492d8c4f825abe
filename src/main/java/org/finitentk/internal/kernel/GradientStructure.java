package org.finitentk.internal.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.network.PerExampleGraph;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.network.SegmentedGradients;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** Per-example gradients of a network, in the form that was chosen for each parameter. */
public final class GradientStructure implements AutoCloseable {
    /**
     * Bytes of one example's gradients in double precision: a network's with tens of millions of weights, or hundreds
     * of outputs.
     */
    private static final long LARGE = 32L << 20;

    private final LinearizedNetwork network;
    private final Outputs outputs;
    private final int combinations;
    private final List<PerExample.Part> structured = new ArrayList<>();
    private final List<Parameter> unstructured = new ArrayList<>();
    /** Of an example's factors that all combinations share. */
    private final long sharedNumbers;

    private final long numbersPerCombination;
    /** Of the gradients whose factors are kept. */
    private final long numbersMultipliedOut;

    private final long bytesPerCombination;
    private final GradientPrecision precision;
    private final GradientSizes sizes;
    private final @Nullable PerExampleGraph graph;

    /**
     * In single precision where gradients are multiplied out and large.
     *
     * @param like examples of the sizes that gradients are made for; null for those that the network saw first
     */
    public GradientStructure(
            LinearizedNetwork network, Outputs outputs, @Nullable Examples like, PerExample.Choice choice) {
        this(network, outputs, like, choice, null, parameter -> true);
    }

    /**
     * Gradients in one form, or if they are large in another.
     *
     * @param like examples of the sizes that gradients are made for
     * @param choice of the form
     * @param choiceIfLarge of gradients that are large in it, for {@link FactorProducts} and {@link FormedProducts}
     */
    public static GradientStructure of(
            LinearizedNetwork network,
            Outputs outputs,
            Examples like,
            PerExample.Choice choice,
            PerExample.Choice choiceIfLarge) {
        GradientStructure structure = new GradientStructure(network, outputs, like, choice);
        if (!structure.isLarge()) {
            return structure;
        }
        structure.close();
        return new GradientStructure(
                network, outputs, like, choiceIfLarge, GradientPrecision.SINGLE_COTANGENTS, parameter -> true);
    }

    /**
     * Gradients for examples of two sizes, in forms that can be multiplied with each other: what is the cheapest form
     * depends on the number of positions, so that all are multiplied out.
     *
     * @param x some examples
     * @param z others
     * @return of the one and of the other, to be closed
     */
    static List<GradientStructure> ofTwoSizes(LinearizedNetwork network, Outputs outputs, Examples x, Examples z) {
        PerExample.Choice never = (positions, in, out) -> false;
        GradientStructure left = new GradientStructure(network, outputs, x, never);
        GradientStructure right = new GradientStructure(network, outputs, z, never, left.precision, p -> true);
        if (!left.layout().equals(right.layout())) {
            left.close();
            right.close();
            left = new GradientStructure(network, outputs);
            right = new GradientStructure(network, outputs);
        }
        return List.of(left, right);
    }

    private List<Object> layout() {
        List<Object> layout = new ArrayList<>(unstructured);
        structured.forEach(part -> layout.add(List.of(part.parameter(), part.kind())));
        return layout;
    }

    /** Gradients in the form of large ones, of some parameters only. */
    public static GradientStructure large(
            LinearizedNetwork network,
            Outputs outputs,
            Examples like,
            PerExample.Choice choiceIfLarge,
            Predicate<Parameter> wanted) {
        return new GradientStructure(
                network, outputs, like, choiceIfLarge, GradientPrecision.SINGLE_COTANGENTS, wanted);
    }

    /** Gradients by one product each. */
    private GradientStructure(LinearizedNetwork network, Outputs outputs) {
        this(network, outputs, (PerExampleGraph) null, GradientPrecision.DOUBLE, parameter -> true);
    }

    private GradientStructure(
            LinearizedNetwork network,
            Outputs outputs,
            @Nullable Examples like,
            PerExample.Choice choice,
            @Nullable GradientPrecision precisionOrNull,
            Predicate<Parameter> wanted) {
        this(
                network,
                outputs,
                RunningNetwork.of(network).perExample(like, choice, outputs.count(network.outputSize()) > 1),
                precisionOrNull,
                wanted);
    }

    private GradientStructure(
            LinearizedNetwork network,
            Outputs outputs,
            @Nullable PerExampleGraph graph,
            @Nullable GradientPrecision precisionOrNull,
            Predicate<Parameter> wanted) {
        this.network = network;
        this.outputs = outputs;
        this.combinations = outputs.count(network.outputSize());
        this.graph = graph;
        if (graph == null) {
            network.parameters().stream().filter(wanted).forEach(unstructured::add);
        } else {
            for (PerExample.Part part : graph.structure().parts()) {
                if (!wanted.test(part.parameter())) {
                    continue;
                }
                if (part.kind() == PerExample.Kind.UNSTRUCTURED) {
                    unstructured.add(part.parameter());
                } else if (!part.outputs().isEmpty()) {
                    structured.add(part);
                }
            }
        }
        this.sizes = GradientSizes.of(graph);
        long shared = 0;
        long each = unstructured.stream().mapToLong(Parameter::size).sum();
        for (PerExample.Part part : structured) {
            for (int i = 0; i < part.outputs().size(); i++) {
                long elements = sizes.elements(part, part.outputs().get(i));
                boolean ofAll = part.kind() != PerExample.Kind.GRADIENTS && i == 0;
                shared += ofAll ? elements : 0;
                each += ofAll ? 0 : elements;
            }
        }
        this.sharedNumbers = shared;
        this.numbersPerCombination = each;
        this.numbersMultipliedOut = structured.stream()
                .filter(part -> part.kind() == PerExample.Kind.FACTORS)
                .mapToLong(part -> part.parameter().size())
                .sum();
        this.precision = precisionOrNull != null
                ? precisionOrNull
                : network.elementType() == ElementType.FLOAT
                                && unstructured.isEmpty()
                                && numbersPerExample() * Double.BYTES > LARGE
                        ? GradientPrecision.SINGLE_GRADIENTS
                        : GradientPrecision.DOUBLE;
        this.bytesPerCombination =
                unstructured.stream().mapToLong(Parameter::size).sum() * Double.BYTES
                        + structured.stream()
                                .mapToLong(part -> sizes.bytes(part, precision))
                                .sum();
    }

    /** Operations that make the gradients of one row. */
    public double operationsPerRow() {
        return graph == null ? 0 : graph.operations(combinations);
    }

    /** Operations of the products of two examples' gradients: of one combination, as if all were multiplied out. */
    public double productOperations() {
        return isLarge() && combinations == 1
                ? 2.0 * (numbersPerCombination + numbersMultipliedOut)
                : 2.0 * combinations * combinations * numbersPerCombination;
    }

    /** How many numbers {@link #blocks} holds for each example. */
    public long numbersPerExample() {
        return sharedNumbers + combinations * numbersPerCombination;
    }

    /** What {@link #blocks} holds for an example, whatever the combinations. */
    public long sharedBytes() {
        return sharedNumbers * Double.BYTES;
    }

    /** What {@link #blocks} holds for each combination of an example. */
    public long bytesPerCombination() {
        return Math.max(1, bytesPerCombination);
    }

    /**
     * Whether the gradients of one example take so much memory that half of it counts: they are then kept as the
     * network has them, and become double precision when they are multiplied.
     */
    public boolean isLarge() {
        return precision != GradientPrecision.DOUBLE;
    }

    /** The blocks of all parameters for some rows, always in the same order; the caller closes them. */
    public List<Block> blocks(Examples x, Rows some) {
        return blocks(x, some, rows -> {});
    }

    /**
     * The same, telling of so many rows more each time that their gradients are made; possibly from several threads.
     */
    public List<Block> blocks(Examples x, Rows some, IntConsumer made) {
        Examples chosen = x.slice(some.from(), some.to());
        int count = some.combinations();
        List<GradientRows> rows = structured.stream()
                .map(part -> new GradientRows(part, chosen.size(), count, precision))
                .toList();
        List<Block> blocks = new ArrayList<>();
        try {
            gather(chosen, some, rows, made);
            if (!unstructured.isEmpty()) {
                blocks.add(oneByOne(chosen, some, structured.isEmpty() ? made : done -> {}));
            }
        } catch (RuntimeException | Error e) {
            rows.forEach(GradientRows::discard);
            throw e;
        }
        rows.forEach(r -> blocks.add(r.block()));
        return blocks;
    }

    /**
     * The same gradients of one example, some parameters after others, of which so many bytes are in memory together;
     * null where they cannot be had apart.
     */
    @Nullable
    SegmentedGradients segments(long budget) {
        return graph == null || !isComplete()
                ? null
                : graph.segments(
                        structured.stream()
                                .map(part -> Map.of(GradientSizes.last(part), sizes.bytes(part, precision)))
                                .toList(),
                        (budget - sharedBytes()) / combinations,
                        c -> outputs.cotangent(c, 1, network.outputSize()));
    }

    /** Takes in one parameter's gradients of one example and all combinations. */
    GradientRows rows(PerExample.Part part) {
        return new GradientRows(part, 1, combinations, precision);
    }

    /** The parameters whose gradients the graph gives. */
    public List<PerExample.Part> structured() {
        return structured;
    }

    /** Whether the graph gives the gradients of all parameters, none of them as rows of a table. */
    public boolean isComplete() {
        return unstructured.isEmpty() && structured.stream().noneMatch(part -> part.kind() == PerExample.Kind.ROWS);
    }

    /** Takes in one parameter's gradients. */
    public interface Sink {
        /**
         * The results for one combination of outputs of the examples from {@code from} on; may be called from several
         * threads.
         */
        void take(Map<String, Tensor> results, int from, int combination);
    }

    /** Sends the gradients of all structured parameters to all sinks. */
    public void gather(Examples x, List<? extends Sink> sinks) {
        gather(x, new Rows(0, x.size(), 0, combinations), sinks, rows -> {});
    }

    /**
     * Large gradients of few examples are made of several combinations at a time; elsewhere one thread may round
     * differently from all.
     */
    private void gather(Examples x, Rows some, List<? extends Sink> sinks, IntConsumer made) {
        PerExampleGraph of = graph;
        if (of == null || structured.isEmpty()) {
            return;
        }
        if (isLarge()) {
            of.run(
                    x,
                    some.combinations(),
                    (x1, from, runs, first, end) -> gather(
                            new Chunk(of, x1, from, runs),
                            some.first() + first,
                            some.first() + end,
                            some.first(),
                            sinks,
                            made));
        } else {
            of.run(
                    x,
                    (x1, from, runs) ->
                            gather(new Chunk(of, x1, from, runs), some.first(), some.end(), some.first(), sinks, made));
        }
    }

    /** Examples from an index on, and runs of the graph on them. */
    private record Chunk(PerExampleGraph graph, Examples x, int from, List<PerExampleGraph.Run> runs) {}

    private void gather(Chunk chunk, int first, int end, int firstOfAll, List<? extends Sink> sinks, IntConsumer made) {
        List<PerExampleGraph.Run> runs = chunk.runs();
        int n = chunk.x().size();
        Map<String, Tensor> known = new HashMap<>(chunk.x().inputs());
        if (runs.size() > 1) {
            known.putAll(runs.get(0).of(known));
        }
        for (int c = first; c < end; c++) {
            double[] u = outputs.cotangent(c, n, network.outputSize());
            known.put(Linearization.COTANGENT, Tensor.ofReals(network.elementType(), u, n, network.outputSize()));
            Map<String, Tensor> results = runs.get(runs.size() - 1).of(known);
            results.values().forEach(gradients -> chunk.graph().requireFinite(gradients, chunk.x(), u));
            known.putAll(results);
            for (Sink sink : sinks) {
                sink.take(known, chunk.from(), c - firstOfAll);
            }
            made.accept(n);
        }
    }

    /** Puts the gradients of parameters without structure in their places of Jacobian rows. */
    public void oneByOne(Examples x, NativeDoubles rows, int width) {
        if (!unstructured.isEmpty()) {
            forEachGradient(x, new Rows(0, x.size(), 0, combinations), (row, g) -> {
                for (Parameter p : unstructured) {
                    rows.put((long) row * width + p.offset(), g, (int) p.offset(), (int) p.size());
                }
            });
        }
    }

    private interface GradientConsumer {
        void accept(int row, double[] gradient);
    }

    /** One vector-Jacobian product an example and combination. */
    private void forEachGradient(Examples x, Rows some, GradientConsumer consumer) {
        for (int i = 0; i < x.size(); i++) {
            for (int c = some.first(); c < some.end(); c++) {
                consumer.accept(
                        i * some.combinations() + c - some.first(),
                        network.vjp(x.slice(i, i + 1), outputs.cotangent(c, 1, network.outputSize())));
            }
        }
    }

    /** The gradients of parameters without structure. */
    private Block oneByOne(Examples x, Rows some, IntConsumer made) {
        int width =
                Math.toIntExact(unstructured.stream().mapToLong(Parameter::size).sum());
        NativeDoubles rows = new NativeDoubles((long) x.size() * some.combinations() * width);
        forEachGradient(x, some, (row, g) -> {
            long at = (long) row * width;
            for (Parameter p : unstructured) {
                rows.put(at, g, (int) p.offset(), (int) p.size());
                at += p.size();
            }
            made.accept(1);
        });
        return new Block(x.size(), some.combinations(), 0, 0, width, null, rows, null);
    }

    @Override
    public void close() {
        if (graph != null) {
            graph.close();
        }
    }
}
