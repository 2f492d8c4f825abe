package org.finitentk.internal.kernel;

import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.runtime.Reals;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Tensor;

/** The rows of a network's Jacobian, multiplied out, some examples at a time: for networks of few parameters. */
public final class JacobianRows {
    /** Elements that are in memory at once: 64 MiB. */
    private static final long ELEMENTS = 1L << 23;

    private final LinearizedNetwork network;
    private final ProgressListener progress;

    /**
     * The rows of a network.
     *
     * @param network the linearized network; stays the caller's to close
     * @param progress told after each part of the examples
     */
    public JacobianRows(LinearizedNetwork network, ProgressListener progress) {
        this.network = network;
        this.progress = progress;
    }

    /** Takes rows in. */
    @FunctionalInterface
    public interface Consumer {
        /**
         * Takes the rows of some examples.
         *
         * @param from first example
         * @param to end of the examples
         * @param rows (to - from) · R × P, row-major, row = example · R + combination; valid during the call
         */
        void accept(int from, int to, NativeDoubles rows);
    }

    /**
     * Goes through all examples in their order.
     *
     * @param x n examples
     * @param outputs which combinations of outputs, R of them
     * @param consumer takes the rows
     */
    public void forEach(Examples x, Outputs outputs, Consumer consumer) {
        network.requireIndependentExamples(x);
        int r = outputs.count(network.outputSize());
        int parameters = Math.toIntExact(network.parameterCount());
        int step = (int) Math.max(1, Math.min(x.size(), ELEMENTS / parameters / r));
        try (GradientStructure structure = new GradientStructure(network, outputs, x, (positions, in, out) -> false);
                NativeDoubles rows = new NativeDoubles((long) step * r * parameters)) {
            // what moves no output has no gradient in the graph, and stays zero
            rows.clear();
            List<Columns> columns = structure.structured().stream()
                    .map(part -> new Columns(part, r, rows, parameters))
                    .toList();
            for (int from = 0; from < x.size(); from += step) {
                Examples some = x.slice(from, Math.min(x.size(), from + step));
                structure.gather(some, columns);
                structure.oneByOne(some, rows, parameters);
                consumer.accept(from, from + some.size(), rows);
                progress.progress("Jacobian", from + some.size(), x.size());
            }
        }
    }

    /**
     * One parameter's columns of the rows.
     *
     * @param part how the graph gives its gradients
     * @param combinations R
     * @param rows all rows of the examples that go through
     * @param width P
     */
    private record Columns(PerExample.Part part, int combinations, NativeDoubles rows, int width)
            implements GradientStructure.Sink {
        @Override
        public void take(Map<String, Tensor> results, int from, int combination) {
            Tensor gradients = results.get(part.outputs().get(0));
            if (gradients == null || part.kind() != PerExample.Kind.GRADIENTS) {
                throw new IllegalStateException("the per-example graph gave no gradients of parameter '"
                        + part.parameter().name() + "'");
            }
            int size = Math.toIntExact(part.parameter().size());
            double[] gradient = new double[size];
            for (int i = 0; i < gradients.shape()[0]; i++) {
                Reals.read(gradients, i * size, gradient, 0, size);
                rows.put(
                        ((long) (from + i) * combinations + combination) * width
                                + part.parameter().offset(),
                        gradient,
                        0,
                        size);
            }
        }
    }
}
