package org.finitentk.internal.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.VectorBlock;
import org.finitentk.internal.network.ResidentProduct;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * The tangent kernel's Gram matrix J Jᵀ of some examples as an operator that is never made: products are J (Jᵀ X).
 *
 * <p>Where the per-example gradients fit a part of the memory budget, in the form that takes the least (factors of
 * outer products, or multiplied out), they are computed once and kept for all products, which then cost two matrix
 * products a parameter, in float64, and no run of the network. Otherwise a product runs the network for each vector,
 * its own values being kept where they fit, and rounds to its precision: conjugate gradients then stagnate at a
 * relative residual of some 1e-7 times the condition.
 *
 * <p>For that exactness kept gradients are used also where they are slower (blocks of 8 vectors, measured against the
 * network with its own values kept: 1.5 times as long for 5-200-2000-200-1, 0.7 for a residual network of 10 outputs,
 * 2.7 times for a transformer with 10 outputs). Where single precision does, {@link #rounded} is the quicker way: one
 * vector then takes 0.3 to 0.4 of a pair of products of the network (residual network, 5-200-2000-200-1). Close it:
 * gradients are native memory.
 */
public final class TangentOperator implements LinearOperator {
    /** Examples whose gradients are held together. */
    private static final int PANEL = 2048;

    private static final int FEW_COMBINATIONS = 4;
    /**
     * Weights of all columns of one parameter, which rounded products sum on the Java heap: above half a GiB they are
     * summed in native memory, exactly.
     */
    private static final long MOST_ROUNDED = 1L << 26;
    /**
     * Multiplications and additions of a matrix product, on the way of a number of a factor from memory and back
     * (measured: a transformer, and networks of wide layers).
     */
    private static final double OPERATIONS_A_NUMBER = 35;

    private final LinearizedNetwork network;
    private final Examples x;
    private final LinearizedExamples jacobian;
    private final Outputs outputs;
    private final int combinations;
    private final List<List<HeldGradients>> panels;
    /** On a GPU, examples that have gone there for good. */
    private final @Nullable ResidentProduct resident;

    private TangentOperator(LinearizedNetwork network, Examples x, Outputs outputs, List<List<HeldGradients>> panels) {
        this.network = network;
        this.x = x;
        this.jacobian = network.keeping(x);
        this.outputs = outputs;
        this.combinations = outputs.count(network.outputSize());
        this.panels = panels;
        this.resident = RunningNetwork.of(network).resident(x);
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
    public static TangentOperator of(
            LinearizedNetwork network, Examples x, Outputs outputs, ProgressListener progress) {
        return of(network, x, outputs, network.settings().effectiveMemoryBudget(), progress);
    }

    /** As above, with gradients kept if they take no more than these bytes. */
    public static TangentOperator of(
            LinearizedNetwork network, Examples x, Outputs outputs, long memory, ProgressListener progress) {
        network.requireIndependentExamples(x);
        if (network.elementType() != ElementType.FLOAT) {
            return new TangentOperator(network, x, outputs, List.of());
        }
        try (GradientStructure structure = smallest(network, outputs, x)) {
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
    private static GradientStructure smallest(LinearizedNetwork network, Outputs outputs, @Nullable Examples like) {
        int r = outputs.count(network.outputSize());
        return new GradientStructure(
                network,
                outputs,
                like,
                (positions, in, out) -> (double) positions * (in + (double) r * out) <= (double) r * in * out);
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
        try (GradientStructure structure = smallest(network, outputs, null)) {
            return structure.isComplete()
                    ? Math.multiplyExact(structure.numbersPerExample(), (long) n * Float.BYTES)
                    : -1;
        }
    }

    private void hold(GradientStructure structure, ProgressListener progress) {
        for (int from = 0; from < x.size(); from += PANEL) {
            Examples some = x.slice(from, Math.min(x.size(), from + PANEL));
            List<HeldGradients> panel = structure.structured().stream()
                    .map(part -> new HeldGradients(part, some.size(), combinations))
                    .toList();
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

    /**
     * Products in single precision: with kept gradients, unless running the network is quicker, as it is where factors
     * of many combinations would have to be read for each vector (a transformer with 10 outputs: blocks of 8 vectors
     * take 5 pairs of products of the network, and 9.5 with kept gradients; 5-200-2000-200-1: 2.6).
     */
    @Override
    public LinearOperator rounded() {
        return isHeld()
                ? new LinearOperator() {
                    @Override
                    public int size() {
                        return TangentOperator.this.size();
                    }

                    @Override
                    public void multiply(double[] v, int columns, double[] y) {
                        requireBlocks(v, columns, y);
                        if (resident != null || isQuickerByNetwork()) {
                            multiplyByNetwork(v, columns, y);
                        } else {
                            multiplyRounded(v, columns, y);
                        }
                    }
                }
                : this;
    }

    /**
     * Numbers of factors are gone through once for each combination and vector, which takes as long as some operations
     * of a matrix product for each of them.
     */
    private boolean isQuickerByNetwork() {
        double moved = 0;
        double multiplied = 0;
        for (HeldGradients part : panels.get(0)) {
            moved += (double) combinations * part.positions() * part.width();
            multiplied += (double) part.positions() * part.inputWidth() * part.width();
        }
        return combinations > FEW_COMBINATIONS && moved * OPERATIONS_A_NUMBER > multiplied;
    }

    private void multiplyRounded(double[] v, int columns, double[] y) {
        if (panels.get(0).stream().anyMatch(part -> part.sumElements(columns) > MOST_ROUNDED)) {
            multiplyHeld(v, columns, y);
            return;
        }
        Arrays.fill(y, 0);
        for (int p = 0; p < panels.get(0).size(); p++) {
            int part = p;
            RoundedProducts.add(panels.stream().map(panel -> panel.get(part)).toList(), v, columns, y);
        }
    }

    @Override
    public void multiply(double[] v, int columns, double[] y) {
        requireBlocks(v, columns, y);
        if (isHeld()) {
            multiplyHeld(v, columns, y);
        } else {
            multiplyByNetwork(v, columns, y);
        }
    }

    private void requireBlocks(double[] v, int columns, double[] y) {
        if (v.length != Math.multiplyExact(size(), columns) || y.length != v.length) {
            throw new IllegalArgumentException(
                    "blocks of " + v.length + " and " + y.length + " elements are not " + size() + " x " + columns);
        }
    }

    private void multiplyHeld(double[] v, int columns, double[] y) {
        Arrays.fill(y, 0);
        for (int p = 0; p < panels.get(0).size(); p++) {
            long elements = panels.get(0).get(p).sumElements(columns);
            try (NativeDoubles sums = new NativeDoubles(elements)) {
                sums.clear();
                for (int i = 0; i < panels.size(); i++) {
                    int at = i * PANEL * combinations * columns;
                    ExactProducts products = new ExactProducts(panels.get(i).get(p), columns);
                    products.addTransposed(Arrays.copyOfRange(v, at, at + products.elements()), sums);
                }
                for (int i = 0; i < panels.size(); i++) {
                    new ExactProducts(panels.get(i).get(p), columns)
                            .addProduct(sums, y, i * PANEL * combinations * columns);
                }
            }
        }
    }

    /** All vectors together, so that the network's own values are computed once for them. */
    private void multiplyByNetwork(double[] v, int columns, double[] y) {
        int k = network.outputSize();
        double[][] cotangents = new VectorBlock(v, columns).split();
        for (int j = 0; j < columns; j++) {
            cotangents[j] = outputs.cotangents(cotangents[j], k);
        }
        ResidentProduct onDevice = resident;
        double[][] products = onDevice != null
                ? Arrays.stream(cotangents).map(u -> onProduct(onDevice, u)).toArray(double[][]::new)
                : jacobian.jvp(jacobian.vjp(cotangents));
        VectorBlock block = new VectorBlock(y, columns);
        for (int j = 0; j < columns; j++) {
            block.put(j, outputs.of(products[j], k));
        }
    }

    /** What is not finite is found where it can be looked at. */
    private double[] onProduct(ResidentProduct onDevice, double[] u) {
        double[] product = onDevice.multiply(u);
        return Arrays.stream(product).allMatch(Double::isFinite) ? product : network.jvp(x, network.vjp(x, u));
    }

    @Override
    public void close() {
        panels.forEach(panel -> panel.forEach(HeldGradients::close));
        jacobian.close();
        if (resident != null) {
            resident.close();
        }
    }
}
