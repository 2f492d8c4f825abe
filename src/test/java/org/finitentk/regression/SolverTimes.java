package org.finitentk.regression;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;

/**
 * What solvers are estimated to take for a problem, and what they take: a window on what is not public, for the cost
 * benchmark.
 */
public final class SolverTimes {
    private static final double NOISE = 0.1;
    /** With which conjugate gradients have an answer, too. */
    private static final double VARIANCE = 0.69;

    private final LinearizedNetwork network;
    private final Examples x;
    private final double[] targets;
    private final HyperparameterLearning learning;

    /**
     * For smooth targets with noise.
     *
     * @param network the network; every output is a dimension
     * @param x the examples
     * @param learning which variances are learned
     */
    public SolverTimes(LinearizedNetwork network, Examples x, HyperparameterLearning learning) {
        this.network = network;
        this.x = x;
        this.learning = learning;
        SplittableRandom random = new SplittableRandom(1);
        this.targets = network.forward(x).clone();
        for (int i = 0; i < targets.length; i++) {
            targets[i] = Math.sin(3 * targets[i]) + NOISE * random.nextGaussian();
        }
    }

    /**
     * One solver.
     *
     * @param name of the class
     * @param estimated seconds, given the iterations that it took
     * @param seconds that it took
     * @param cpu seconds of all cores, divided by the network's threads: the time on a machine that has nothing else to
     *     do, if all of it is spread evenly
     * @param iterations of conjugate gradients; 0 without
     * @param exact whether the answer is
     */
    public record Time(String name, double estimated, double seconds, double cpu, int iterations, boolean exact) {}

    /**
     * What is chosen automatically.
     *
     * @return the name of the class
     */
    public String automatic() {
        return name(SolverChoice.of(problem(Solver.AUTO)).method());
    }

    /**
     * Runs every solver that can be used.
     *
     * @param most estimated seconds; a solver that would take more is left out
     * @return their times
     */
    public List<Time> measure(double most) {
        List<Time> times = new ArrayList<>();
        for (PosteriorSolver solver : List.of(
                new CholeskySolver(),
                new EigenSolver(),
                new WeightSpaceSolver(),
                new FisherSolver(),
                new IterativeSolver())) {
            Problem problem = problem(solver.solver());
            Estimate estimate = solver.isFor(problem) ? solver.estimate(problem) : null;
            if (estimate != null && estimate.fits() && estimate.seconds() <= most) {
                try {
                    times.add(measure(solver, problem, estimate));
                } catch (UnsolvedException e) {
                    System.out.println(e.getMessage());
                }
            }
        }
        return times;
    }

    private Time measure(PosteriorSolver solver, Problem problem, Estimate estimate) {
        OperatingSystemMXBean machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = machine.getProcessCpuTime();
        long start = System.nanoTime();
        Solver.Iterations report = solver.fit(problem).process().report();
        double seconds = (System.nanoTime() - start) / 1e9;
        double busy =
                (machine.getProcessCpuTime() - cpu) / 1e9 / network.settings().effectiveThreads();
        int iterations = report == null ? 0 : report.iterations();
        Estimate known = iterations == 0 ? estimate : solver.estimate(problem, iterations);
        return new Time(name(solver), known.seconds(), seconds, busy, iterations, solver.isExact());
    }

    private static String name(PosteriorSolver solver) {
        return solver.getClass().getSimpleName();
    }

    private Problem problem(Solver solver) {
        int dimensions = network.outputSize();
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withMean(MeanFunction.ZERO)
                .withSolver(solver, RegressionSettings.Iterative.DEFAULT)
                .withFixedVariances(1, VARIANCE)
                .withLearning(learning);
        OutputPlan plan = OutputPlan.of(settings, dimensions, dimensions).get(0);
        TrainingKernel kernel =
                new TrainingKernel(network, x, RowNoise.EQUAL, plan.kernels().get(0), 1);
        return new Problem(
                List.of(kernel),
                RowNoise.EQUAL,
                new Targets(targets, 1, new double[0], 0),
                plan,
                0,
                settings,
                ProgressListener.NONE);
    }
}
