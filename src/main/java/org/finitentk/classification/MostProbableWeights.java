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
                || asked == MapOptimizer.AUTO && problem.targets().size() <= NEWTON_EXAMPLES;
        return newton ? MapOptimizer.NEWTON : MapOptimizer.ADAM;
    }

    /** Why by this one. */
    String reason() {
        return asked != MapOptimizer.AUTO
                ? "as asked"
                : problem.targets().size() + " examples, Newton up to " + NEWTON_EXAMPLES;
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
}
