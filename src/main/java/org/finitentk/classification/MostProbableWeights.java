package org.finitentk.classification;

/** The search for the most probable weights: by Newton's method, or by mini-batches. */
final class MostProbableWeights {
    /** Relative gradient norm that a float network's products resolve. */
    static final double NEWTON_TOLERANCE = 1e-7;
    /** Examples up to which Newton's method is chosen. */
    private static final int NEWTON_EXAMPLES = 2000;

    private final LogitProblem problem;
    private final MapOptimizer asked;

    MostProbableWeights(LogitProblem problem) {
        this.problem = problem;
        this.asked = problem.settings().method().mapOptimizer();
    }

    MapOptimizer optimizer() {
        boolean newton = asked == MapOptimizer.NEWTON
                || asked == MapOptimizer.AUTO
                        && (problem.targets().size() <= NEWTON_EXAMPLES
                                || problem.jacobian().isByRows());
        return newton ? MapOptimizer.NEWTON : MapOptimizer.ADAM;
    }

    /** Why by this one. */
    String reason() {
        return asked != MapOptimizer.AUTO
                ? "as asked"
                : problem.targets().size() + " examples, Newton up to " + NEWTON_EXAMPLES
                        + (problem.jacobian().isByRows() ? ", and where the Jacobian's rows are kept" : "");
    }

    /** Those of one λ, searched from some weights on. */
    MapFit at(double lambda, double[] start) {
        if (optimizer() == MapOptimizer.NEWTON) {
            return new NewtonMap(problem.posterior(lambda), NEWTON_TOLERANCE, problem.progress()).from(start);
        }
        ClassificationSettings settings = problem.settings();
        return new StochasticMap(
                        problem.batches(), lambda, settings.method().stochastic(), settings.seed(), problem.progress())
                .from(start);
    }

    /**
     * Those that Laplace's method found together with λ, as exactly as they are asked for. Steps of mini-batches that
     * nobody asked for would only lead away.
     */
    InferredWeights from(InferredWeights laplace, CovarianceSolver solver) {
        double lambda = laplace.weights().lambda();
        double[] found = laplace.weights().mean();
        String learned = "; the prior variance by the evidence of LAPLACE, " + solver;
        if (optimizer() == MapOptimizer.NEWTON) {
            return inferred(at(lambda, found), lambda, learned);
        }
        boolean bySteps = solver == CovarianceSolver.LOW_RANK;
        if (asked == MapOptimizer.ADAM && !bySteps) {
            return inferred(at(lambda, new double[found.length]), lambda, learned);
        }
        Inference.Report report = laplace.report();
        MapFit fit = problem.posterior(lambda).at(found, report.history(), report.steps());
        return bySteps
                ? inferred(fit, lambda, learned)
                : inferred(fit, lambda, solver.name(), "found together with the prior variance");
    }

    /**
     * As what was inferred.
     *
     * @param further words after the reason
     */
    InferredWeights inferred(MapFit fit, double lambda, String further) {
        return inferred(fit, lambda, optimizer().name(), reason() + further);
    }

    private static InferredWeights inferred(MapFit fit, double lambda, String solver, String reason) {
        return new InferredWeights(
                new PointWeights(fit.weights(), lambda),
                new Inference.Report(
                        fit.objective(),
                        0,
                        fit.history(),
                        fit.steps(),
                        fit.converged(),
                        solver,
                        reason,
                        fit.gradient()));
    }
}
