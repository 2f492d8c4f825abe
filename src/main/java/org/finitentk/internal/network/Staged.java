package org.finitentk.internal.network;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.internal.runtime.MemoryEstimate;
import org.finitentk.onnx.Graph;
import org.jspecify.annotations.Nullable;

/**
 * A product's graph, open in one session, or in two where several vectors are multiplied.
 *
 * @param first computes what does not depend on the vector; null in a graph of one stage
 * @param second the rest, from the outputs of the first
 * @param parts how the second takes the tangent
 * @param bytesPerExample of a run of both
 * @param keptBytes of an example in what the first gives the second
 */
record Staged(
        @Nullable GraphRunner first, GraphRunner second, TangentParts parts, long bytesPerExample, long keptBytes) {
    /** Opens the first session and a second one for each of some products, or none. */
    static Map<Product, Staged> open(
            Stages stages, TangentParts parts, List<Product> products, Function<Graph, GraphRunner> opener) {
        long bytes = MemoryEstimate.bytesPerExample(stages.first(), stages.whole());
        long kept = MemoryEstimate.outputBytesPerExample(stages.first(), stages.whole());
        List<GraphRunner> opened = new ArrayList<>();
        try {
            GraphRunner first = opener.apply(stages.first());
            opened.add(first);
            Map<Product, Staged> staged = new EnumMap<>(Product.class);
            for (Product product : products) {
                Graph second = stages.second(product.output());
                opened.add(opener.apply(second));
                staged.put(
                        product,
                        new Staged(
                                first,
                                opened.get(opened.size() - 1),
                                parts,
                                bytes + MemoryEstimate.bytesPerExample(second, stages.whole()),
                                kept));
            }
            return staged;
        } catch (RuntimeException | Error e) {
            opened.forEach(GraphRunner::close);
            throw e;
        }
    }

    /** Closes the sessions; products that share a first stage close it together. */
    void close() {
        if (first != null) {
            first.close();
        }
        second.close();
    }
}
