package org.finitentk.kernel;

import java.util.List;
import org.finitentk.linalg.NativeDoubles;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Parameter;

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
        int r = outputs.count(network.outputSize());
        int parameters = Math.toIntExact(network.parameterCount());
        int step = (int) Math.max(1, Math.min(x.size(), ELEMENTS / parameters / r));
        try (GradientStructure structure = new GradientStructure(network, outputs, (positions, in, out) -> false);
             NativeDoubles rows = new NativeDoubles((long) step * r * parameters)) {
            double[] zeros = new double[parameters];
            for (int from = 0; from < x.size(); from += step) {
                int to = Math.min(x.size(), from + step);
                for (int row = 0; row < (to - from) * r; row++) {
                    rows.put((long) row * parameters, zeros, 0, parameters);
                }
                fill(structure, x.slice(from, to), rows, parameters);
                consumer.accept(from, to, rows);
                progress.progress("Jacobian", to, x.size());
            }
        }
    }

    private static void fill(GradientStructure structure, Examples x, NativeDoubles rows, int parameters) {
        List<Block> blocks = structure.blocks(x);
        try {
            for (int b = 0; b < blocks.size(); b++) {
                long at = 0;
                for (Parameter parameter : structure.parameters().get(b)) {
                    copy(blocks.get(b), at, parameter, rows, parameters);
                    at += parameter.size();
                }
            }
        } finally {
            blocks.forEach(Block::close);
        }
    }

    private static void copy(Block block, long at, Parameter parameter, NativeDoubles rows, int parameters) {
        double[] gradient = new double[Math.toIntExact(parameter.size())];
        for (int row = 0; row < block.rows(); row++) {
            block.delta().get((long) row * block.width() + at, gradient, 0, gradient.length);
            rows.put((long) row * parameters + parameter.offset(), gradient, 0, gradient.length);
        }
    }
}
