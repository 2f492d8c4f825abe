package org.finitentk.regression;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.kernel.UnsolvedException;

/**
 * The solver, by estimates of time and memory; which one was chosen and why goes into the provenance.
 *
 * @param method fits
 * @param reason a few words with the estimates
 * @param seconds that it is estimated to take
 * @param failed solvers that found no answer
 */
record SolverChoice(PosteriorSolver method, String reason, double seconds, Set<Solver> failed) {
    /** All there are, exact ones first; of two that take as long, the first. */
    private static final List<PosteriorSolver> ALL = List.of(
            new CholeskySolver(),
            new EigenSolver(),
            new WeightSpaceSolver(),
            new FisherSolver(),
            new IterativeSolver());

    SolverChoice {
        failed = Set.copyOf(failed);
    }

    /** A solver and what it would take. */
    private record Candidate(PosteriorSolver method, Estimate estimate) {
        Candidate(PosteriorSolver method, Problem problem) {
            this(method, method.estimate(problem));
        }

        String words() {
            return estimate.words(method.solver());
        }

        SolverChoice chosen(String reason, Set<Solver> failed) {
            return new SolverChoice(method, reason, estimate.seconds(), failed);
        }
    }

    Solver solver() {
        return method.solver();
    }

    /** What is over in a moment is not worth a line in the log. */
    void log(Logger log) {
        log.log(seconds > 1 ? Level.INFO : Level.FINE, () -> "solver " + solver() + ": " + reason);
    }

    /**
     * Chooses.
     *
     * @throws IllegalArgumentException if the solver asked for, or every one, needs more than there is, with the
     *     estimates
     */
    static SolverChoice of(Problem problem) {
        return problem.settings().solver() == Solver.AUTO ? cheapest(problem) : asked(problem);
    }

    private static SolverChoice cheapest(Problem problem) {
        List<Candidate> all = new ArrayList<>();
        Candidate best = null;
        for (PosteriorSolver method : waysFor(problem)) {
            // what an approximate solver takes depends on a graph that is derived for it: only where it can be chosen
            if (method.isExact()
                    || best == null
                    || !CostModel.isSoon(best.estimate().seconds())) {
                Candidate own = new Candidate(method, problem);
                all.add(own);
                boolean better = best == null
                        || own.estimate().seconds() < best.estimate().seconds();
                best = own.estimate().fits() && better ? own : best;
            }
        }
        String words = size(problem)
                + String.join(", ", all.stream().map(Candidate::words).toList());
        if (best == null) {
            throw new IllegalArgumentException("no solver fits: " + words + ", and " + CostModel.heapMebibytes()
                    + " MiB of heap are there; use fewer examples, outputs SHARED, or a larger -Xmx");
        }
        return best.chosen(words, Set.of());
    }

    private static SolverChoice asked(Problem problem) {
        Solver asked = problem.settings().solver();
        if (problem.isNoiseless() && asked != Solver.DENSE) {
            throw new IllegalArgumentException("solver " + asked + " was asked for, but the noise variance is 0, with "
                    + "which it cannot solve; raise it, or use solver DENSE");
        }
        Candidate own = null;
        for (PosteriorSolver method : waysFor(problem)) {
            if (method.solver() == asked && (own == null || !own.estimate().fits())) {
                own = new Candidate(method, problem);
            }
        }
        if (own == null || !own.estimate().fits()) {
            throw new IllegalArgumentException(
                    "solver " + asked + " was asked for, but cannot be used: " + size(problem)
                            + (own == null ? "" : own.words() + ", and ") + CostModel.heapMebibytes()
                            + " MiB of heap are there; use fewer examples, another solver, outputs SHARED, "
                            + "or a larger -Xmx");
        }
        return own.chosen("as asked for; " + size(problem) + own.words(), Set.of());
    }

    /**
     * Where this one found no answer and nobody asked for it: the exact solver, whatever it takes, and then any other
     * that fits.
     *
     * @throws UnsolvedException what this one said, if it was asked for or no other fits
     */
    SolverChoice instead(UnsolvedException unsolved, Problem problem) {
        Set<Solver> without = new HashSet<>(failed);
        without.add(solver());
        Candidate next = waysFor(problem).stream()
                .filter(method -> !without.contains(method.solver()))
                .map(method -> new Candidate(method, problem))
                .filter(candidate -> candidate.estimate().fits())
                .findFirst()
                .orElse(null);
        if (problem.settings().solver() != Solver.AUTO || next == null) {
            throw unsolved;
        }
        String words = reason + "; " + solver() + " found no answer, so "
                + next.method().solver();
        return next.chosen(words, without);
    }

    private static String size(Problem problem) {
        return problem.kernel().rows() + " rows, " + problem.kernel().parameters() + " parameters: ";
    }

    private static List<PosteriorSolver> waysFor(Problem problem) {
        return ALL.stream().filter(method -> method.isFor(problem)).toList();
    }
}
