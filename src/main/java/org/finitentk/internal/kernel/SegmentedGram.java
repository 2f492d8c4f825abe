package org.finitentk.internal.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.kernel.GramProducts.Corner;
import org.finitentk.internal.network.SegmentedGradients;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The Gram matrix of one example with many combinations of outputs whose gradients do not fit the memory: those of some
 * parameters after others are made for all combinations, and their products summed up. Tiles of rows would make the
 * gradients of most rows several times.
 */
final class SegmentedGram implements SegmentedGradients.Sink {
    private final GradientStructure structure;
    private final SegmentedGradients gradients;
    private final ProgressListener progress;
    private final int combinations;
    private final double[] k;
    private final List<GradientRows> rows = new ArrayList<>();
    private long through;

    private SegmentedGram(
            GradientStructure structure,
            SegmentedGradients gradients,
            ProgressListener progress,
            int combinations,
            double[] k) {
        this.structure = structure;
        this.gradients = gradients;
        this.progress = progress;
        this.combinations = combinations;
        this.k = k;
    }

    /** The gradients of n examples in pieces that fit the budget, where not all do; null where that is no way. */
    static @Nullable SegmentedGradients gradients(GradientStructure structure, int n, int combinations, long budget) {
        return n != 1 || !structure.isLarge() || Tiles.isWhole(structure, combinations, budget)
                ? null
                : structure.segments(budget);
    }

    /**
     * Adds the products on and right of the diagonal.
     *
     * @param x one example
     * @param k the matrix of its combinations
     */
    static void add(
            Examples x,
            GradientStructure structure,
            SegmentedGradients gradients,
            int combinations,
            double[] k,
            ProgressListener progress) {
        SegmentedGram gram = new SegmentedGram(structure, gradients, progress, combinations, k);
        try {
            gradients.run(x, combinations, gram);
        } finally {
            gram.rows.forEach(GradientRows::discard);
        }
    }

    @Override
    public void begin(Set<String> made) {
        for (PerExample.Part part : structure.structured()) {
            if (made.contains(GradientSizes.last(part))) {
                rows.add(structure.rows(part));
            }
        }
    }

    @Override
    public void take(Map<String, Tensor> results, int item) {
        rows.forEach(some -> some.take(results, 0, item));
        count();
    }

    private synchronized void count() {
        long before = through / gradients.count();
        through++;
        long now = through / gradients.count();
        if (now > before) {
            progress.progress("gradients for the Gram matrix", now, combinations);
        }
    }

    @Override
    public void end() {
        if (rows.isEmpty()) {
            return;
        }
        List<Block> blocks = rows.stream().map(GradientRows::block).toList();
        try (GramProducts products = new GramProducts(blocks, blocks)) {
            products.accumulate(new Corner(k, 0, 0, combinations));
        }
        rows.forEach(GradientRows::discard);
        rows.clear();
    }
}
