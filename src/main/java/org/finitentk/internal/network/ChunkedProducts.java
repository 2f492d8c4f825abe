package org.finitentk.internal.network;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.LongPredicate;
import org.finitentk.internal.runtime.ChunkPlan;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.internal.runtime.Reals;
import org.finitentk.internal.runtime.Scratch;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Products of the Jacobian, or of its transpose, with one or several vectors, chunk by chunk. Where the product's graph
 * has two stages, what does not depend on the vector is computed once a chunk and stays in the caches for all vectors;
 * or once for all products with the same examples, and stays in memory.
 */
final class ChunkedProducts {
    /**
     * What a chunk may need for several vectors, which is more than for one: each vector's weights are packed anew for
     * each chunk (8 vectors, encoder of 64 × 32 tokens: 5.1 pairs instead of 6.1; larger chunks of jvp, as large as
     * those of vjp, take another 3 percent off it).
     */
    private static final long BLOCK_BYTES = 192L << 20;

    private final OpenNetwork network;
    private final Staged stages;
    private final ChunkPlan plan;
    /** What the first stage gave; null if it is not kept, which it may only be for one set of examples. */
    private final @Nullable KeptValues kept;

    private ChunkedProducts(OpenNetwork network, Staged stages, ChunkPlan plan, @Nullable KeptValues kept) {
        this.network = network;
        this.stages = stages;
        this.plan = plan;
        this.kept = kept;
    }

    /** Products with one vector at a time, in one stage. */
    static ChunkedProducts plain(OpenNetwork network, Examples x, Product product) {
        ChunkPlan plan = network.plan(x, product);
        return new ChunkedProducts(
                network, network.sessions().plain(product, network.isMoved(), plan.workers() > 1), plan, null);
    }

    /** f of all examples in one run, however much memory they take. */
    static double[] outputsAtOnce(OpenNetwork network, Examples x) {
        ChunkedProducts plain = plain(network, x, Product.FORWARD);
        return new ChunkedProducts(network, plain.stages, new ChunkPlan(x.size(), x.size(), 1), null)
                .outputs(x, Product.FORWARD, null);
    }

    /**
     * Products with several vectors, or null if the product's graph cannot be cut.
     *
     * @param vectors how many at a time
     */
    static @Nullable ChunkedProducts staged(OpenNetwork network, Examples x, Product product, int vectors) {
        SharedSessions sessions = network.sessions();
        boolean oneThread = network.plan(x, product).workers() > 1;
        Staged stages = sessions.staged(product, network.isMoved(), oneThread);
        if (stages == null) {
            return null;
        }
        ChunkPlan plan = plan(network, x, product, vectors, stages);
        Staged fitting = plan.workers() > 1 == oneThread
                ? stages
                : sessions.staged(product, network.isMoved(), plan.workers() > 1);
        return fitting == null ? null : new ChunkedProducts(network, fitting, plan, null);
    }

    private static ChunkPlan plan(OpenNetwork network, Examples x, Product product, int vectors, Staged stages) {
        long bytesPerWorker = product == Product.VJP ? 16 * network.parameterCount() * vectors : 0;
        return network.plan(x, BLOCK_BYTES, stages.bytesPerExample(), bytesPerWorker);
    }

    /**
     * Both products with the same examples, for one vector after the other: what does not depend on them is computed
     * once for both, and kept. Empty if nothing can be kept: a graph of both cannot be cut, or all would have to go to
     * a GPU again for each product.
     *
     * @param values where it is kept
     * @param mayKeep asked whether so many bytes may be kept
     */
    static Map<Product, ChunkedProducts> keeping(
            OpenNetwork network, Examples x, KeptValues values, LongPredicate mayKeep) {
        SharedSessions sessions = network.sessions();
        if (x.size() == 0 || sessions.settings().device() != ExecutionSettings.Device.CPU) {
            return Map.of();
        }
        Map<Product, Staged> stages =
                sessions.staged(network.isMoved(), network.plan(x, Product.VJP).workers() > 1);
        Staged vjp = stages.get(Product.VJP);
        if (vjp == null || !mayKeep.test((long) Math.min(Long.MAX_VALUE, (double) vjp.keptBytes() * x.size()))) {
            return Map.of();
        }
        ChunkPlan plan = plan(network, x, Product.VJP, 1, vjp);
        Map<Product, ChunkedProducts> products = new EnumMap<>(Product.class);
        sessions.staged(network.isMoved(), plan.workers() > 1)
                .forEach(
                        (product, staged) -> products.put(product, new ChunkedProducts(network, staged, plan, values)));
        return products;
    }

    /** f as the graph of a product computes it; the vector is the tangent or cotangent that the product multiplies. */
    double[] outputs(Examples x, Product product, double @Nullable [] vector) {
        double[] f = new double[network.resultLength(x)];
        String output = network.graphs().output().name();
        try (Scratch tangents = network.scratch()) {
            Map<String, Tensor> tangent =
                    product == Product.JVP && vector != null ? tangent(vector, tangents) : Map.of();
            plan.run((from, to) -> {
                try (Scratch scratch = network.scratch()) {
                    Map<String, Tensor> feeds = primal(x, from, to, scratch);
                    feeds.putAll(tangent);
                    if (product == Product.VJP && vector != null) {
                        feeds.put(Product.VJP.vector(), cotangent(vector, from, to, scratch));
                    }
                    read(second(feeds, List.of(output), scratch).get(output), f, from, to);
                }
            });
        }
        return f;
    }

    /**
     * For each tangent J v.
     *
     * @param f gets the network's outputs, if it is not null
     */
    double[][] jvp(Examples x, double[][] vs, double @Nullable [] f) {
        double[][] products = new double[vs.length][network.resultLength(x)];
        ScaledVector[] scaled = ScaledVector.all(vs, network.elementType());
        String output = network.graphs().output().name();
        List<String> wanted = f == null ? List.of(Product.JVP.output()) : List.of(output, Product.JVP.output());
        try (Scratch memory = network.scratch()) {
            List<Map<String, Tensor>> tangents =
                    Arrays.stream(scaled).map(v -> tangent(v.values(), memory)).toList();
            plan.run((from, to) -> {
                try (Scratch primal = network.scratch();
                        Scratch scratch = network.scratch()) {
                    Map<String, Tensor> known = primal(x, from, to, primal);
                    for (int j = 0; j < vs.length; j++) {
                        known.putAll(tangents.get(j));
                        Map<String, Tensor> results = second(known, wanted, scratch);
                        read(results.get(Product.JVP.output()), products[j], from, to);
                        if (f != null) {
                            read(results.get(output), f, from, to);
                        }
                        scratch.reset();
                    }
                }
            });
        }
        return restored(scaled, products);
    }

    /** For each cotangent Jᵀ u. */
    double[][] vjp(Examples x, double[][] us) {
        ScaledVector[] scaled = ScaledVector.all(us, network.elementType());
        GradientSum[] sums = Arrays.stream(us).map(u -> network.gradientSum()).toArray(GradientSum[]::new);
        try {
            long round = (long) plan.size()
                    * sums[0].chunksPerRound(
                            plan.workers(), network.sessions().settings().effectiveMemoryBudget() / us.length);
            for (long first = 0; first < x.size(); first += round) {
                plan.run(
                        (int) first,
                        (int) Math.min(x.size(), first + round),
                        (from, to) -> addGradients(x, from, to, scaled, sums));
                for (GradientSum sum : sums) {
                    sum.endRound(plan.workers());
                }
            }
            return restored(scaled, Arrays.stream(sums).map(GradientSum::total).toArray(double[][]::new));
        } finally {
            for (GradientSum sum : sums) {
                sum.close();
            }
        }
    }

    private void addGradients(Examples x, int from, int to, ScaledVector[] us, GradientSum[] sums) {
        try (Scratch primal = network.scratch();
                Scratch scratch = network.scratch()) {
            Map<String, Tensor> known = primal(x, from, to, primal);
            for (int j = 0; j < us.length; j++) {
                known.put(Product.VJP.vector(), cotangent(us[j].values(), from, to, scratch));
                Map<String, Tensor> results = second(known, List.of(Product.VJP.output()), sums[j]::memory);
                sums[j].add(from, Objects.requireNonNull(results.get(Product.VJP.output())));
                scratch.reset();
            }
        }
    }

    private static double[][] restored(ScaledVector[] vectors, double[][] products) {
        for (int j = 0; j < products.length; j++) {
            vectors[j].restore(products[j]);
        }
        return products;
    }

    private Map<String, Tensor> tangent(double[] v, Scratch memory) {
        return stages.parts()
                .feeds(Product.JVP.vector(), network.vector(v, 0, v.length, new long[] {v.length}, memory));
    }

    /** A fixed batch has cotangents for the examples that fill it up. */
    private Tensor cotangent(double[] u, int from, int to, Scratch memory) {
        int k = network.outputSize();
        long rows = network.batching().isFull(from, to)
                ? to - from
                : network.batching().filledUp(from, to).length;
        return network.vector(u, from * k, to * k, new long[] {rows, k}, memory);
    }

    private void read(@Nullable Tensor values, double[] target, int from, int to) {
        int k = network.outputSize();
        Reals.read(Objects.requireNonNull(values), target, from * k, (to - from) * k);
    }

    /** Everything that does not depend on the vector and that the second stage may take. */
    private Map<String, Tensor> primal(Examples x, int from, int to, Scratch memory) {
        Map<String, Tensor> known = new HashMap<>(network.chunk(x, from, to).inputs());
        GraphRunner first = stages.first();
        if (first != null) {
            known.putAll(network.movedParameters(first.inputs()));
            known.putAll(kept == null ? first(first, known, memory) : kept.of(from, own -> first(first, known, own)));
        }
        known.putAll(network.movedParameters(stages.second().inputs()));
        return known;
    }

    private static Map<String, Tensor> first(
            GraphRunner first, Map<String, Tensor> known, IntFunction<ByteBuffer> memory) {
        return first.run(
                taken(first, known),
                first.outputs().stream().map(ValueInfo::name).toList(),
                memory);
    }

    private Map<String, Tensor> second(
            Map<String, Tensor> known, Collection<String> wanted, IntFunction<ByteBuffer> memory) {
        return stages.second().run(taken(stages.second(), known), wanted, memory);
    }

    private static Map<String, Tensor> taken(GraphRunner runner, Map<String, Tensor> known) {
        Map<String, Tensor> inputs = new HashMap<>(known);
        inputs.keySet().retainAll(runner.inputs().stream().map(ValueInfo::name).toList());
        return inputs;
    }
}
