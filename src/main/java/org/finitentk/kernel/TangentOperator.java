package org.finitentk.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.linalg.LinearOperator;
import org.finitentk.linalg.NativeFloats;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;

/**
 * The tangent kernel's Gram matrix J Jᵀ of some examples as an operator that is never made: products are J (Jᵀ X).
 *
 * <p>Where the per-example gradients fit a part of the memory budget, in the form that takes the least (factors of outer products, or multiplied out), they are computed once
 * and kept for all products, which then cost two matrix products a parameter and no run of the network: a third of a vjp and a jvp, for a block of vectors together.
 * Otherwise a product runs the network for each vector. Products round to the network's precision, sums over examples and parameters are float64 from panel to panel. Close
 * it: gradients are native memory.
 */
public final class TangentOperator implements LinearOperator {
    /** Examples whose gradients are added up in the network's precision. */
    private static final int PANEL = 2048;

    private final LinearizedNetwork network;
    private final Examples x;
    private final Outputs outputs;
    private final int combinations;
    private final List<List<HeldGradients>> panels;

    private TangentOperator(LinearizedNetwork network, Examples x, Outputs outputs, List<List<HeldGradients>> panels) {
        this.network = network;
        this.x = x;
        this.outputs = outputs;
        this.combinations = outputs.count(network.outputSize());
        this.panels = panels;
    }

    /**
     * Makes the operator.
     *
     * @param network the linearized network; stays the caller's to close, after this
     * @param x n examples
     * @param outputs which combinations of outputs, R of them
     * @param progress told while gradients are computed
     * @return the operator, of size n · R
     */
    public static TangentOperator of(LinearizedNetwork network, Examples x, Outputs outputs, ProgressListener progress) {
        return of(network, x, outputs, network.settings().effectiveMemoryBudget(), progress);
    }

    /** As above, with gradients kept if they take no more than these bytes. */
    static TangentOperator of(LinearizedNetwork network, Examples x, Outputs outputs, long memory, ProgressListener progress) {
        if (network.elementType() != ElementType.FLOAT) {
            return new TangentOperator(network, x, outputs, List.of());
        }
        try (GradientStructure structure = smallest(network, outputs)) {
            long bytes = Math.multiplyExact(structure.numbersPerExample(), (long) x.size() * Float.BYTES);
            if (!structure.isComplete() || bytes > memory) {
                return new TangentOperator(network, x, outputs, List.of());
            }
            TangentOperator operator = new TangentOperator(network, x, outputs, new ArrayList<>());
            try {
                operator.hold(structure, progress);
                return operator;
            } catch (RuntimeException | Error e) {
                operator.close();
                throw e;
            }
        }
    }

    /** In the form of each parameter that takes the least memory, which is also the one that takes the least work. */
    private static GradientStructure smallest(LinearizedNetwork network, Outputs outputs) {
        int r = outputs.count(network.outputSize());
        return new GradientStructure(network, outputs, (positions, in, out) -> (double) positions * (in + (double) r * out) <= (double) r * in * out);
    }

    /**
     * What keeping gradients would take.
     *
     * @param network the network
     * @param n examples
     * @param outputs which combinations of outputs
     * @return bytes; -1 if the network's gradients cannot be kept
     */
    public static long bytesToHold(LinearizedNetwork network, int n, Outputs outputs) {
        if (network.elementType() != ElementType.FLOAT) {
            return -1;
        }
        try (GradientStructure structure = smallest(network, outputs)) {
            return structure.isComplete() ? Math.multiplyExact(structure.numbersPerExample(), (long) n * Float.BYTES) : -1;
        }
    }

    private void hold(GradientStructure structure, ProgressListener progress) {
        for (int from = 0; from < x.size(); from += PANEL) {
            Examples some = x.slice(from, Math.min(x.size(), from + PANEL));
            List<HeldGradients> panel = structure.structured().stream().map(part -> new HeldGradients(part, some.size(), combinations)).toList();
            panels.add(panel);
            structure.gather(some, panel);
            progress.progress("gradients", from + some.size(), x.size());
        }
    }

    /**
     * Whether gradients are kept.
     *
     * @return false if each product runs the network
     */
    public boolean isHeld() {
        return !panels.isEmpty();
    }

    @Override
    public int size() {
        return Math.multiplyExact(x.size(), combinations);
    }

    @Override
    public void multiply(double[] v, int columns, double[] y) {
        if (v.length != Math.multiplyExact(size(), columns) || y.length != v.length) {
            throw new IllegalArgumentException("blocks of " + v.length + " and " + y.length + " elements are not " + size() + " x " + columns);
        }
        if (isHeld()) {
            multiplyHeld(v, columns, y);
        } else {
            multiplyByNetwork(v, columns, y);
        }
    }

    private void multiplyHeld(double[] v, int columns, double[] y) {
        Arrays.fill(y, 0);
        for (int p = 0; p < panels.get(0).size(); p++) {
            int elements = Math.toIntExact(panels.get(0).get(p).sumElements(columns));
            try (NativeFloats sums = new NativeFloats(elements)) {
                float[] total = round(transposedProduct(v, columns, p, elements, sums));
                sums.put(0, total, 0, elements);
                for (int i = 0; i < panels.size(); i++) {
                    int rows = panelRows(i);
                    double[] own = new double[rows * columns];
                    panels.get(i).get(p).addProduct(sums, columns, own);
                    int at = i * PANEL * combinations * columns;
                    for (int j = 0; j < own.length; j++) {
                        y[at + j] += own[j];
                    }
                }
            }
        }
    }

    /** One parameter's Jᵀ V. */
    private double[] transposedProduct(double[] v, int columns, int p, int elements, NativeFloats sums) {
        double[] total = new double[elements];
        float[] part = new float[elements];
        for (int i = 0; i < panels.size(); i++) {
            Arrays.fill(part, 0);
            sums.put(0, part, 0, elements);
            int rows = panelRows(i);
            float[] own = new float[rows * columns];
            int at = i * PANEL * combinations * columns;
            for (int j = 0; j < own.length; j++) {
                own[j] = (float) v[at + j];
            }
            panels.get(i).get(p).addTransposed(own, columns, sums);
            sums.get(0, part, 0, elements);
            for (int j = 0; j < elements; j++) {
                total[j] += part[j];
            }
        }
        return total;
    }

    private int panelRows(int panel) {
        return Math.min(PANEL, x.size() - panel * PANEL) * combinations;
    }

    private static float[] round(double[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = (float) values[i];
        }
        return rounded;
    }

    private void multiplyByNetwork(double[] v, int columns, double[] y) {
        int k = network.outputSize();
        for (int j = 0; j < columns; j++) {
            double[] u = new double[x.size() * k];
            for (int i = 0; i < x.size(); i++) {
                for (int r = 0; r < combinations; r++) {
                    outputs.addCotangent(r, v[(i * combinations + r) * columns + j], u, i * k, k);
                }
            }
            double[] product = outputs.of(network.jvp(x, network.vjp(x, u)), k);
            for (int i = 0; i < product.length; i++) {
                y[i * columns + j] = product[i];
            }
        }
    }

    @Override
    public void close() {
        panels.forEach(panel -> panel.forEach(HeldGradients::close));
    }
}
