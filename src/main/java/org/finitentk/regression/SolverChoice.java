package org.finitentk.regression;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.internal.kernel.TangentOperator;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;

/**
 * The solver, by a model of cost and memory; which one was chosen and why goes into the provenance.
 *
 * @param solver DENSE, ITERATIVE or PARAMETER_SPACE
 * @param fisherProducts whether PARAMETER_SPACE is by conjugate gradients, no matrix JᵀJ being made
 * @param reason a few words with the estimates
 * @param seconds that it is estimated to take
 * @param failed solvers that found no answer
 */
record SolverChoice(Solver solver, boolean fisherProducts, String reason, double seconds, Set<Solver> failed) {
    SolverChoice {
        failed = Set.copyOf(failed);
    }

    private SolverChoice(Solver solver, boolean fisherProducts, String reason, double seconds) {
        this(solver, fisherProducts, reason, seconds, Set.of());
    }

    /** A Java array holds 2³¹ - 1 elements. */
    private static final long MAX_SIDE = 46_340;
    /** Float64 operations a second of products and factorizations, of an ordinary core. */
    private static final double RATE = 5e10;
    /** A symmetric eigendecomposition takes about this many n³, and runs at a fraction of the rate. */
    private static final double EIGEN = 10;
    /** Iterations that a good preconditioner leaves. */
    private static final double ITERATIONS = 30;
    /** Iterations that it usually leaves: what pays with these pays with more. */
    static final double EXPECTED_ITERATIONS = 10;
    /** Points of the search for the variances, each of which is a solve for the targets and all probes. */
    static final int POINTS = 8;
    /** Products of tall and thin matrices, conversions and scalings between them run at this fraction of the rate. */
    private static final double THIN = 3;
    /** What a product with the kernel by running the network takes, as operations for each example and parameter (measured: 7.5 s for 100,000 examples, P = 803,601). */
    private static final double NETWORK_PRODUCT = 10;
    /** The same with kept gradients in single precision: 0.35 of it. */
    private static final double ROUNDED_PRODUCT = 4;
    /** The same in float64: two products of thin matrices. */
    private static final double GRADIENT_PRODUCT = THIN * 4;
    /** Vectors of conjugate gradients for each right-hand side, products and copies of single precision included. */
    private static final double VECTORS = 14;
    /** Where everything takes less than this, exactness decides: seconds. */
    private static final double SOON = 20;

    /** What is over in a moment is not worth a line in the log. */
    void log(Logger log) {
        log.log(seconds > 1 ? Level.INFO : Level.FINE, () -> "solver " + solver + ": " + reason);
    }

    /**
     * What a solver would take.
     *
     * @param solver which
     * @param seconds of all cores, roughly
     * @param heap bytes of Java heap
     * @param limit why it cannot be used whatever the memory, or empty
     */
    private record Estimate(Solver solver, double seconds, double heap, String limit) {
        boolean fits() {
            return limit.isEmpty() && heap <= Runtime.getRuntime().maxMemory();
        }

        String words() {
            return String.format(Locale.ROOT, "%s about %.1f s and %.1f MiB%s", solver, seconds, heap / (1 << 20), limit.isEmpty() ? fits() ? "" : " (too much)" : " (" + limit + ")");
        }
    }

    /**
     * Chooses.
     *
     * @throws IllegalArgumentException if the solver asked for, or every one, needs more than there is, with the estimates
     */
    static SolverChoice of(LinearizedNetwork network, int n, OutputPlan plan, RegressionSettings settings) {
        List<Estimate> all = exact(network, n, plan, settings);
        // what the iterative solver takes depends on a graph that is derived for it: only where it can be chosen
        boolean soon = settings.solver() == Solver.AUTO && all.stream().anyMatch(estimate -> estimate.fits() && estimate.seconds() <= SOON);
        if (settings.solver() == Solver.ITERATIVE || settings.solver() == Solver.AUTO && !soon) {
            all.add(iterative(network, n, plan, settings));
        }
        long rows = (long) n * plan.rowsPerExample();
        String size = rows + " rows, " + network.parameterCount() + " parameters: ";
        if (settings.solver() != Solver.AUTO) {
            boolean fisher = settings.solver() == Solver.PARAMETER_SPACE && all.stream().noneMatch(estimate -> estimate.solver() == Solver.PARAMETER_SPACE && estimate.fits());
            Estimate forced = fisher ? fisher(network, n, plan, settings) : all.stream().filter(estimate -> estimate.solver() == settings.solver()).findFirst().orElseThrow();
            if (settings.noiseVariance() == 0 && settings.solver() != Solver.DENSE) {
                throw new IllegalArgumentException("solver " + forced.solver() + " was asked for, but the noise variance is 0, with which it cannot solve; raise it, or use solver DENSE");
            }
            if (!forced.fits()) {
                throw new IllegalArgumentException("solver " + forced.solver() + " was asked for, but cannot be used: " + size + forced.words() + ", and "
                    + (Runtime.getRuntime().maxMemory() >> 20) + " MiB of heap are there; use fewer examples, another solver, outputs SHARED, or a larger -Xmx");
            }
            return new SolverChoice(forced.solver(), fisher, "as asked for; " + size + (fisher ? "by Fisher products, if " + (int) ITERATIONS + " iterations are enough, " : "") + forced.words(), forced.seconds());
        }
        Estimate best = null;
        for (Estimate estimate : all) {
            boolean better = best == null || estimate.seconds() < best.seconds() && (best.seconds() > SOON || estimate.solver() != Solver.ITERATIVE);
            best = estimate.fits() && better ? estimate : best;
        }
        String words = String.join(", ", all.stream().map(Estimate::words).toList());
        if (best == null) {
            throw new IllegalArgumentException("no solver fits: " + size + words + ", and " + (Runtime.getRuntime().maxMemory() >> 20)
                + " MiB of heap are there; use fewer examples, outputs SHARED, or a larger -Xmx");
        }
        return new SolverChoice(best.solver(), false, size + words, best.seconds());
    }

    /**
     * Where this one found no answer and nobody asked for it: the exact solver, whatever it takes, and then any other that fits.
     *
     * @throws UnsolvedException what this one said, if it was asked for or no other fits
     */
    SolverChoice instead(UnsolvedException unsolved, LinearizedNetwork network, int n, OutputPlan plan, RegressionSettings settings) {
        Set<Solver> without = new HashSet<>(failed);
        without.add(solver);
        List<Estimate> all = exact(network, n, plan, settings);
        all.add(iterative(network, n, plan, settings));
        Estimate next = all.stream().filter(estimate -> estimate.fits() && !without.contains(estimate.solver())).findFirst().orElse(null);
        if (settings.solver() != Solver.AUTO || next == null) {
            throw unsolved;
        }
        return new SolverChoice(next.solver(), false, reason + "; " + solver + " found no answer, so " + next.solver(), next.seconds(), without);
    }

    private static List<Estimate> exact(LinearizedNetwork network, int n, OutputPlan plan, RegressionSettings settings) {
        double rows = (double) n * plan.rowsPerExample();
        double p = network.parameterCount();
        int kernels = plan.kernels().size();
        double cores = network.settings().effectiveThreads();
        boolean learns = settings.hyperparameterLearning() != HyperparameterLearning.NONE;
        List<Estimate> estimates = new ArrayList<>();
        double matrix = 8 * rows * rows;
        estimates.add(new Estimate(Solver.DENSE, kernels * (gram(rows, p) + (learns ? EIGEN : 0.4) * rows * rows * rows) / RATE / cores, matrix * (kernels - 1) + matrix * (learns ? 4 : 2),
            rows > MAX_SIDE ? "at most " + MAX_SIDE + " rows" : ""));
        estimates.add(new Estimate(Solver.PARAMETER_SPACE, kernels * (rows * p * p + EIGEN * p * p * p) / RATE / cores, 8 * p * p * (kernels + 3) + 8 * rows * 8,
            p > rows ? "more parameters than rows" : p > MAX_SIDE ? "at most " + MAX_SIDE + " parameters" : settings.noiseVariance() == 0 ? "needs noise" : ""));
        return estimates;
    }

    private static Estimate iterative(LinearizedNetwork network, int n, OutputPlan plan, RegressionSettings settings) {
        double rows = (double) n * plan.rowsPerExample();
        double p = network.parameterCount();
        int kernels = plan.kernels().size();
        double cores = network.settings().effectiveThreads();
        boolean learns = settings.hyperparameterLearning() != HyperparameterLearning.NONE;
        int columns = plan.columns() * (learns ? (2 + settings.iterative().probes()) * POINTS : 1);
        double vectors = columns * ITERATIONS;
        double operations = keepsMatrix(network, rows, kernels, columns * EXPECTED_ITERATIONS, settings.iterative()) ? gram(rows, p) + vectors * matrixProduct(rows)
            : vectors * productCost(network, n, plan, settings.iterative());
        return new Estimate(Solver.ITERATIVE, kernels * operations / RATE / cores, 8 * rows * (20.0 + plan.columns() * 3)
            + 8 * kernels * p, settings.noiseVariance() == 0 ? "needs noise" : "");
    }

    /** Vectors of weights are what takes memory: some for each column, and the largest output structure's weights. */
    private static Estimate fisher(LinearizedNetwork network, int n, OutputPlan plan, RegressionSettings settings) {
        double p = network.parameterCount();
        int columns = 1 + (plan.mean() == MeanFunction.CONSTANT ? plan.rowsPerExample() : 0);
        double vectors = ITERATIONS * columns * plan.columns() * plan.kernels().size();
        return new Estimate(Solver.PARAMETER_SPACE, vectors * NETWORK_PRODUCT * n * p / RATE / network.settings().effectiveThreads(),
            8 * p * (VECTORS * columns + plan.columns() * plan.kernels().size()), settings.noiseVariance() == 0 ? "needs noise" : network.parameterCount() * columns > Integer.MAX_VALUE ? "too many parameters" : "");
    }

    /** Operations that make a kernel matrix. */
    static double gram(double rows, double parameters) {
        return rows * rows * Math.min(parameters, 4 * Math.sqrt(parameters) + 1000);
    }

    /** Operations of a product of such a matrix and a vector. */
    static double matrixProduct(double rows) {
        return THIN * 2 * rows * rows;
    }

    /** Operations of a product of the kernel and a vector from gradients that are kept. */
    private static double gradientProduct(double examples, double parameters, IterativeSettings settings) {
        return (ConjugateGradients.takesRounded(settings.tolerance()) ? ROUNDED_PRODUCT : GRADIENT_PRODUCT) * examples * parameters;
    }

    /** Whether making the matrix fits the memory budget and pays for this many products with a vector. */
    static boolean keepsMatrix(LinearizedNetwork network, double rows, int kernels, double vectors, IterativeSettings settings) {
        double parameters = (double) network.parameterCount();
        boolean fits = Double.BYTES * rows * rows <= (double) network.settings().effectiveMemoryBudget() / kernels;
        return fits && gram(rows, parameters) + matrixProduct(rows) * vectors < gradientProduct(rows, parameters, settings) * vectors;
    }

    /** Operations of one product with the kernel matrix. */
    private static double productCost(LinearizedNetwork network, int n, OutputPlan plan, IterativeSettings settings) {
        Outputs outputs = plan.kernels().get(0);
        long bytes = TangentOperator.bytesToHold(network, n, outputs);
        boolean held = bytes >= 0 && bytes <= network.settings().effectiveMemoryBudget();
        double parameters = network.parameterCount();
        return held ? gradientProduct(n, parameters, settings) : NETWORK_PRODUCT * n * parameters;
    }
}
