package org.finitentk.network;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.LongPredicate;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Products of the Jacobian, or of its transpose, with several vectors: what does not depend on the vector is computed once a chunk, and stays in the caches for all of
 * them; or once for all products with the same examples, and stays in memory.
 */
final class BlockProducts {
    /**
     * What a chunk may need, which is more than for one vector: each vector's weights are packed anew for each chunk (8 vectors, encoder of 64 × 32 tokens: 5.1 pairs instead
     * of 6.1; larger chunks of jvp, as large as those of vjp, take another 3 percent off it).
     */
    private static final long CHUNK_BYTES = 192L << 20;

    private final LinearizedNetwork network;
    private final SharedSessions.Staged stages;
    private final ChunkPlan plan;
    private final Batching batching;
    /** What the first stage gave; null if it is not kept, which it may only be for one set of examples. */
    private final @Nullable KeptValues kept;

    private BlockProducts(LinearizedNetwork network, SharedSessions.Staged stages, ChunkPlan plan, @Nullable KeptValues kept) {
        this.network = network;
        this.stages = stages;
        this.plan = plan;
        this.batching = network.batching();
        this.kept = kept;
    }

    /**
     * Products with some examples, or null if the product's graph cannot be cut.
     *
     * @param vectors how many at a time
     */
    static @Nullable BlockProducts of(LinearizedNetwork network, Examples x, Product product, int vectors) {
        SharedSessions sessions = network.sessions();
        ChunkPlan single = network.plan(x, product);
        SharedSessions.Staged stages = sessions.staged(product, network.isMoved(), single.workers() > 1);
        if (stages == null) {
            return null;
        }
        ChunkPlan plan = plan(network, x, product, vectors, stages);
        SharedSessions.Staged fitting = plan.workers() == single.workers() ? stages : sessions.staged(product, network.isMoved(), plan.workers() > 1);
        return fitting == null ? null : new BlockProducts(network, fitting, plan, null);
    }

    private static ChunkPlan plan(LinearizedNetwork network, Examples x, Product product, int vectors, SharedSessions.Staged stages) {
        long bytesPerWorker = product == Product.VJP ? 16 * network.parameterCount() * vectors : 0;
        return ChunkPlan.of(x.size(), network.batching(), CHUNK_BYTES, stages.bytesPerExample(), bytesPerWorker, network.sessions().settings());
    }

    /**
     * Both products with the same examples, for one vector after the other: what does not depend on them is computed once for both, and kept. Empty if nothing can be kept:
     * a graph of both cannot be cut, or all would have to go to a GPU again for each product.
     *
     * @param values where it is kept
     * @param mayKeep asked whether so many bytes may be kept
     */
    static Map<Product, BlockProducts> keeping(LinearizedNetwork network, Examples x, KeptValues values, LongPredicate mayKeep) {
        SharedSessions sessions = network.sessions();
        if (x.size() == 0 || sessions.settings().device() != ExecutionSettings.Device.CPU) {
            return Map.of();
        }
        Map<Product, SharedSessions.Staged> stages = sessions.staged(network.isMoved(), network.plan(x, Product.VJP).workers() > 1);
        SharedSessions.Staged vjp = stages.get(Product.VJP);
        if (vjp == null || !mayKeep.test((long) Math.min(Long.MAX_VALUE, (double) vjp.keptBytes() * x.size()))) {
            return Map.of();
        }
        ChunkPlan plan = plan(network, x, Product.VJP, 1, vjp);
        Map<Product, BlockProducts> products = new EnumMap<>(Product.class);
        sessions.staged(network.isMoved(), plan.workers() > 1).forEach((product, staged) -> products.put(product, new BlockProducts(network, staged, plan, values)));
        return products;
    }

    /** For each tangent J v. */
    double[][] jvp(Examples x, double[][] vs) {
        int k = network.outputSize();
        double[][] products = new double[vs.length][x.size() * k];
        ScaledVector[] scaled = ScaledVector.all(vs, network.elementType());
        try (Scratch tangents = network.scratch()) {
            List<Map<String, Tensor>> feeds = new ArrayList<>();
            for (ScaledVector v : scaled) {
                feeds.add(stages.parts().feeds(Product.JVP.vector(), network.vector(v.values(), 0, v.values().length, new long[] {v.values().length}, tangents)));
            }
            plan.run((from, to) -> {
                try (Scratch primal = network.scratch(); Scratch scratch = network.scratch()) {
                    Map<String, Tensor> known = primal(x, from, to, primal);
                    for (int j = 0; j < vs.length; j++) {
                        Map<String, Tensor> all = new HashMap<>(known);
                        all.putAll(feeds.get(j));
                        Reals.read(second(all, Product.JVP.output(), scratch), products[j], from * k, (to - from) * k);
                        scratch.reset();
                    }
                }
            });
        }
        return restored(scaled, products);
    }

    /** For each cotangent Jᵀ u. */
    double[][] vjp(Examples x, double[][] us) {
        int k = network.outputSize();
        ScaledVector[] scaled = ScaledVector.all(us, network.elementType());
        GradientSum[] sums = Arrays.stream(us).map(u -> network.gradientSum()).toArray(GradientSum[]::new);
        try {
            long round = (long) plan.size() * sums[0].chunksPerRound(plan.workers(), network.settings().effectiveMemoryBudget() / us.length);
            for (long first = 0; first < x.size(); first += round) {
                plan.run((int) first, (int) Math.min(x.size(), first + round), (from, to) -> {
                    try (Scratch primal = network.scratch(); Scratch scratch = network.scratch()) {
                        Map<String, Tensor> known = primal(x, from, to, primal);
                        for (int j = 0; j < us.length; j++) {
                            Map<String, Tensor> all = new HashMap<>(known);
                            long[] shape = {batching.chunk(x, from, to).size(), k};
                            all.put(Product.VJP.vector(), network.vector(scaled[j].values(), from * k, to * k, shape, scratch));
                            Map<String, Tensor> results = stages.second().run(inputs(all), List.of(Product.VJP.output()), sums[j]::memory);
                            sums[j].add(from, Objects.requireNonNull(results.get(Product.VJP.output())));
                            scratch.reset();
                        }
                    }
                });
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

    private static double[][] restored(ScaledVector[] vectors, double[][] products) {
        for (int j = 0; j < products.length; j++) {
            vectors[j].restore(products[j]);
        }
        return products;
    }

    /** Everything that the second stage may take. */
    private Map<String, Tensor> primal(Examples x, int from, int to, Scratch memory) {
        Map<String, Tensor> known = new HashMap<>(batching.chunk(x, from, to).inputs());
        known.putAll(network.movedParameters(stages.first().inputs()));
        known.putAll(kept == null ? first(known, memory) : kept.of(from, own -> first(known, own)));
        known.putAll(network.movedParameters(stages.second().inputs()));
        return known;
    }

    private Map<String, Tensor> first(Map<String, Tensor> known, IntFunction<ByteBuffer> memory) {
        Map<String, Tensor> inputs = new HashMap<>(known);
        inputs.keySet().retainAll(stages.first().inputs().stream().map(ValueInfo::name).toList());
        return stages.first().run(inputs, stages.first().outputs().stream().map(ValueInfo::name).toList(), memory);
    }

    private Map<String, Tensor> inputs(Map<String, Tensor> known) {
        Map<String, Tensor> inputs = new HashMap<>(known);
        inputs.keySet().retainAll(stages.second().inputs().stream().map(ValueInfo::name).toList());
        return inputs;
    }

    private Tensor second(Map<String, Tensor> known, String output, Scratch memory) {
        return Objects.requireNonNull(stages.second().run(inputs(known), List.of(output), memory).get(output));
    }
}
