package org.finitentk.internal.kernel;

import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.OperationCount;
import org.finitentk.network.LinearizedNetwork;

/**
 * What computations take, roughly: every rate by which a solver or a form of the kernel is chosen. Costs are float64
 * operations that run at the full rate of a core; what runs more slowly counts as so many more of them.
 * {@code CostBenchmark}, among the tests, compares estimates with measured times.
 */
public final class CostModel {
    /** Side of the largest square matrix on the Java heap: an array holds 2³¹ - 1 elements. */
    public static final int MAX_SIDE = 46_340;

    /** Elements of the largest array on the Java heap. */
    public static final int MAX_ELEMENTS = Integer.MAX_VALUE - 8;

    /** Operations a second of products and factorizations, of an ordinary core. */
    private static final double RATE = 5e10;
    /** A symmetric eigendecomposition takes about this many n³, and runs at a fraction of the rate. */
    private static final double EIGEN = 10;
    /** A Cholesky factorization and what is made of the factor, in n³. */
    private static final double CHOLESKY = 0.5;
    /** Products of tall and thin matrices, conversions and scalings between them run at this fraction of the rate. */
    private static final double THIN = 3;
    /** A low-rank approximation grows column by column: so many operations for each row, column and earlier column. */
    private static final double LOW_RANK = 20;
    /** From so many columns on, the product with a block of vectors is not thin. */
    private static final int FAT = 32;
    /** What an element of a kernel matrix takes beside its products: it is added to, widened and mirrored. */
    private static final double ENTRY = 1500;
    /**
     * Products of layers' inputs and of their gradients make an element of a kernel matrix: layers have some √P of both
     * (measured: 16,000 to 22,000 operations an element with 803,601 parameters).
     */
    private static final double LAYERS = 20;
    /** What a product with the kernel by running the network takes, in forward passes. */
    private static final double NETWORK_PASSES = 3.3;
    /** What a product takes for an example beside its arithmetic, which shows in small networks. */
    private static final double EXAMPLE = 4e4;
    /** The product with kept gradients in single precision, as operations for each example and parameter. */
    private static final double ROUNDED_PRODUCT = 4;
    /** The same in float64: two products of thin matrices. */
    private static final double GRADIENT_PRODUCT = THIN * 4;
    /**
     * An element of the Jacobian that is multiplied out, widened and moved (measured: 5 s for 100,000 examples and
     * 1,141 parameters, next to nothing of which is arithmetic).
     */
    private static final double ROW_ELEMENT = 2000;
    /** Share of the heap that matrices may take which are kept: the rest is for copies of parts of them. */
    private static final double MATRICES = 0.6;

    /** Opening sessions for a fit, deriving their graphs, and first steps of code that is not compiled yet: seconds. */
    private static final double START = 0.2;
    /** Where everything takes less than this, exactness decides: seconds. */
    private static final double SOON = 30;
    /** Seconds that an exact answer is worth, before a part of it is taken instead. */
    private static final double PATIENCE = 600;
    /** A factorization that is made some dozens of times. */
    private static final double MOMENT = 8.75;

    /** Iterations that a good preconditioner leaves. */
    public static final int ITERATIONS = 30;
    /** Iterations that it usually leaves: what pays with these pays with more. */
    public static final int EXPECTED_ITERATIONS = 10;
    /** Points of the search for variances, each of which is a solve for the targets and all random vectors. */
    public static final int POINTS = 8;

    private CostModel() {}

    /**
     * Whether something is over so soon that quicker ways are not looked for.
     *
     * @param seconds that it takes
     * @return whether it is
     */
    public static boolean isSoon(double seconds) {
        return seconds <= SOON;
    }

    /**
     * Whether an exact answer is worth the wait.
     *
     * @param seconds that it takes
     * @return whether it is
     */
    public static boolean isPatient(double seconds) {
        return seconds <= PATIENCE;
    }

    /**
     * Whether something may be done some dozens of times.
     *
     * @param seconds that it takes once
     * @return whether it is over in a moment
     */
    public static boolean isMoment(double seconds) {
        return seconds <= MOMENT;
    }

    /**
     * What messages say of the heap.
     *
     * @return MiB
     */
    public static long heapMebibytes() {
        return Runtime.getRuntime().maxMemory() >> 20;
    }

    /**
     * Seconds of some operations on the cores that a network may use, without what begins a fit.
     *
     * @param operations how many
     * @param network whose settings say how many cores
     * @return seconds, roughly
     */
    public static double seconds(double operations, LinearizedNetwork network) {
        return operations / RATE / network.settings().effectiveThreads();
    }

    /**
     * Seconds of a fit.
     *
     * @param operations how many
     * @param network whose settings say how many cores
     * @return seconds, roughly
     */
    public static double fit(double operations, LinearizedNetwork network) {
        return START + seconds(operations, network);
    }

    /**
     * Making a kernel matrix.
     *
     * @param rows of the matrix
     * @param parameters P
     * @return operations
     */
    public static double gram(double rows, double parameters) {
        return rows * rows * (ENTRY + Math.min(parameters, LAYERS * Math.sqrt(parameters)));
    }

    /**
     * Columns of a kernel matrix, and a low-rank approximation from them.
     *
     * @param rows of the matrix
     * @param rank columns
     * @param parameters P
     * @return operations
     */
    public static double lowRank(double rows, double rank, double parameters) {
        return gram(rows, parameters) * rank / rows + LOW_RANK * rows * rank * rank;
    }

    /**
     * Making the rows of J.
     *
     * @param elements of J
     * @return operations
     */
    public static double jacobianRows(double elements) {
        return elements * ROW_ELEMENT;
    }

    /**
     * Making the rows of J and summing up JᵀJ.
     *
     * @param rows of J
     * @param parameters P
     * @return operations
     */
    public static double squares(double rows, double parameters) {
        return rows * parameters * (parameters + ROW_ELEMENT);
    }

    /**
     * All eigenvalues and eigenvectors of a symmetric matrix.
     *
     * @param side of the matrix
     * @return operations
     */
    public static double eigendecomposition(double side) {
        return EIGEN * side * side * side;
    }

    /**
     * The Cholesky factorization of a matrix.
     *
     * @param side of the matrix
     * @return operations
     */
    public static double cholesky(double side) {
        return CHOLESKY * side * side * side;
    }

    /**
     * The product of a kernel matrix and a vector.
     *
     * @param rows of the matrix
     * @param together vectors that are multiplied at once
     * @return operations for each vector
     */
    static double matrixProduct(double rows, double together) {
        return (together >= FAT ? 1 : THIN) * 2 * rows * rows;
    }

    /**
     * The product of the kernel and a vector from gradients that are kept.
     *
     * @param examples or rows
     * @param parameters P
     * @param rounded whether single precision is enough
     * @return operations for each vector
     */
    static double gradientProduct(double examples, double parameters, boolean rounded) {
        return ((rounded ? ROUNDED_PRODUCT : GRADIENT_PRODUCT) * parameters + EXAMPLE) * examples;
    }

    /**
     * The product of the kernel and a vector by running the network.
     *
     * @param examples n
     * @param network the network
     * @return operations for each vector
     */
    public static double networkProduct(double examples, LinearizedNetwork network) {
        Linearization linearization = RunningNetwork.of(network).graphs().linearization();
        double forward = linearization == null
                ? 2.0 * network.parameterCount()
                : OperationCount.of(linearization.forward()).perExample();
        return NETWORK_PASSES * (forward + EXAMPLE) * examples;
    }

    /**
     * Whether something fits the Java heap.
     *
     * @param bytes that it takes at its peak
     * @return whether it may be tried
     */
    public static boolean fitsHeap(double bytes) {
        return bytes <= Runtime.getRuntime().maxMemory();
    }

    /**
     * What matrices take at the peak of the computation that keeps them.
     *
     * @param bytes of the matrices
     * @return bytes, for {@link #fitsHeap}
     */
    public static double peak(double bytes) {
        return bytes / MATRICES;
    }
}
