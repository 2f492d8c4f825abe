package org.finitentk.classification;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * The Gaussian that maximizes the evidence lower bound, by natural-gradient steps on its sites (Khan and Lin 2017,
 * "Conjugate-Computation Variational Inference", and for their form Bonnet's and Price's theorems: Opper and Archambeau
 * 2009, "The Variational Gaussian Approximation Revisited"): D ← (1 − ρ) D + ρ E[H], b ← (1 − ρ) b + ρ (E[ω(y − p)] +
 * E[H] J m). A step is halved until the bound rises. Where it does not, because expectations at finitely many points
 * err, steps are followed down for a while, to a higher bound beyond or to the fixed point: the bound never falls by
 * more than {@link #WORTH} of its size.
 *
 * <p>Far above a moderate λ nearly all points at which expectations are taken say that a class is certain, so that no
 * step is right: sites then come from smaller λ on.
 *
 * <p>λ, if learned, solves λ γ = ‖m‖² (MacKay 1992), which holds where the bound, maximized over the rest, is
 * stationary in λ: secant steps in log λ, each from the sites that the one before found.
 */
final class ConjugateVariational {
    private static final double SMALLEST_STEP = 1.0 / 64;
    /**
     * Steps up are looked for down to this length; where steps swing around the fixed point, they are not made shorter
     * either.
     */
    private static final double SHORTEST_STEP = 1.0 / 4;
    /** Where no step leads up, by how many that lead a little down a higher bound is looked for. */
    private static final int BEYOND = 12;
    /**
     * How little that is, relative to the bound's size: expectations are sums over points, which the fixed point does
     * not quite maximize.
     */
    private static final double SLACK = 1e-3;
    /** By how much of its size the bound at the fixed point may be below that of a state on the way there. */
    private static final double WORTH = 1e-6;
    /** What the bound's rounding is at most, relative to its size: shorter steps change the bound by no more. */
    static final double ROUNDING = 1e-12;
    /** On the way to a large λ, the relative change of the bound that ends steps. */
    private static final double APPROACH_TOLERANCE = 1e-3;
    /** The most that log λ changes by in a step. */
    private static final double LARGEST_CHANGE = Math.log(16);
    /** How well log λ is known: the bound is then within the square of it of its top. */
    private static final double LAMBDA_TOLERANCE = 0.01;

    private static final int LAMBDA_STEPS = 20;
    /** What the bound rises by, relative to the log likelihood without weights, below which nothing was learned. */
    private static final double NOTHING = 0.02;
    /** How far above its first start a search starts again that learned nothing. */
    private static final double RESTART = 64;
    /** While λ is searched, the relative change of the bound that ends steps. */
    private static final double SEARCH_TOLERANCE = 1e-5;

    private final LabelTargets targets;
    private final double[] prior;
    private final SiteFactory factory;
    private final double moderate;
    private final ClassificationSettings.Covariance settings;
    private final ProgressListener progress;
    /** λ is not learned below. */
    private double least;

    /**
     * Up to the moderate λ, with which logits vary by about 1, sites are found from nothing. One logit is the
     * difference of two, of which each varies half as much: its steps are those of the two.
     */
    ConjugateVariational(
            LabelTargets targets,
            double[] prior,
            SiteFactory factory,
            double moderate,
            ClassificationSettings.Covariance settings,
            ProgressListener progress) {
        this.targets = targets;
        this.prior = prior;
        this.factory = factory;
        this.moderate = targets.logits() == 1 ? 2 * moderate : moderate;
        this.settings = settings;
        this.progress = progress;
    }

    /** Where steps at one λ ended, and whether by themselves. */
    private record Settled(VariationalState state, boolean converged) {}

    /** At one λ, or at the best one. */
    SiteFit fit(double lambda, ClassificationSettings.Prior choices) {
        least = choices.learned() ? choices.minimum() : ClassificationSettings.NO_MINIMUM;
        double first = Math.max(least, lambda);
        VariationalState state = start(first);
        List<Double> history = new ArrayList<>(List.of(state.bound()));
        if (choices.learned()) {
            state = search(state, history, 0, Math.max(SEARCH_TOLERANCE, settings.tolerance()));
            if (learnedNothing(state)) {
                state = restarted(state, first, history);
            }
        }
        Settled last = settle(state, settings.tolerance(), history);
        if (settings.tolerance() < ROUNDING) {
            last = new Settled(polished(last.state()), last.converged());
        }
        SiteSystem system = last.state().system();
        return new SiteFit(
                system,
                last.state().alpha(),
                last.state().logits(),
                last.state().bound(),
                0,
                history,
                history.size() - 1,
                last.converged());
    }

    /**
     * The same fit with its bound estimated at other random numbers than those that it was found with, which it fits,
     * too.
     *
     * @param fresh makes systems with these
     */
    SiteFit scored(SiteFit fit, SiteFactory fresh) {
        SiteSystem system = fresh.system(fit.lambda(), fit.system().sites());
        double[] likelihoods = system.expected(targets, LogPosterior.sum(fit.logits(), 1, prior))
                .likelihoods();
        double mean = Arrays.stream(likelihoods).average().orElseThrow();
        double squares = Arrays.stream(likelihoods)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        double divergence =
                0.5 * (system.logDeterminant() - system.effectiveParameters() + Vectors.dot(fit.alpha(), fit.logits()));
        double error = Math.hypot(
                Math.sqrt(squares / (likelihoods.length - 1) / likelihoods.length), 0.5 * system.divergenceError());
        return new SiteFit(
                fit.system(),
                fit.alpha(),
                fit.logits(),
                mean - divergence,
                error,
                fit.history(),
                fit.steps(),
                fit.converged());
    }

    private VariationalState start(double lambda) {
        double own = Math.min(lambda, moderate);
        VariationalState state = state(
                own,
                BlockDiagonal.zeros(targets.size(), targets.logits()),
                new double[targets.size() * targets.logits()]);
        while (own < lambda) {
            VariationalState settled =
                    settle(state, APPROACH_TOLERANCE, new ArrayList<>()).state();
            own = Math.min(lambda, own * Math.exp(LARGEST_CHANGE));
            state = moved(settled, own);
        }
        return state;
    }

    /**
     * Whether the bound is hardly above the log likelihood of the prior logits. It often has two tops: one where
     * weights are next to 0 and all is noise, and one, higher where the network can tell the classes, at a larger λ; a
     * start between them may fall to the lower. (Laplace's approximation is no bound, and its tops at large λ may be
     * wrong: it is not started again.)
     */
    private boolean learnedNothing(VariationalState state) {
        double nothing = targets.logLikelihood(prior);
        return state.bound() - nothing < NOTHING * Math.abs(nothing);
    }

    /**
     * The higher of a bound and the one that a search from far above the first start ends at; the history is the one of
     * the higher. A search of few steps at each λ goes ahead: most come down to where the first began, having learned
     * nothing, which takes few to tell.
     */
    private VariationalState restarted(VariationalState found, double from, List<Double> history) {
        VariationalState start = start(RESTART * from);
        VariationalState scout = search(start, new ArrayList<>(), from, APPROACH_TOLERANCE);
        if (scout.system().lambda() < from && learnedNothing(scout)) {
            return found;
        }
        List<Double> again = new ArrayList<>(List.of(start.bound()));
        VariationalState other = search(start, again, from, Math.max(SEARCH_TOLERANCE, settings.tolerance()));
        if (other.bound() <= found.bound()) {
            return found;
        }
        history.clear();
        history.addAll(again);
        return other;
    }

    /** Steps at one λ until the bound no longer changes or no longer rises. The history has every bound on the way. */
    private Settled settle(VariationalState start, double tolerance, List<Double> history) {
        VariationalState state = start;
        for (int steps = 0; steps < settings.maxSteps(); steps++) {
            Settled next = advanced(state, tolerance);
            if (next.state().equals(state) && !next.converged()) {
                // no step leads anywhere, nor would the same steps again
                return next;
            }
            if (next.state().bound() != state.bound()) {
                history.add(next.state().bound());
                progress.progress("variational steps", history.size() - 1, -1);
            }
            state = next.state();
            if (next.converged()) {
                return next;
            }
        }
        return new Settled(state, false);
    }

    /**
     * One step up. Where none leads up, some that lead a little down are tried, and count as one if the bound is higher
     * after them; they swing around the fixed point, so that they become shorter. Close to it, as many as it takes. If
     * the bound stays lower, the state is the highest that can be told.
     */
    private Settled advanced(VariationalState state, double tolerance) {
        VariationalState at = state;
        double longest = 1;
        double last = Double.POSITIVE_INFINITY;
        for (int steps = 0;
                steps <= BEYOND || steps < settings.maxSteps() && Math.abs(last) <= WORTH * (1 + Math.abs(at.bound()));
                steps++) {
            Step step = step(at, longest, steps == 0 ? SHORTEST_STEP : longest);
            if (step == null) {
                return new Settled(state, steps > 0);
            }
            double change = step.state().bound() - at.bound();
            at = step.state();
            if (Math.abs(change) <= step.rho() * tolerance * (1 + Math.abs(at.bound()))) {
                return new Settled(better(at, state, WORTH), true);
            }
            if (at.bound() > state.bound()) {
                return new Settled(at, false);
            }
            if (change < 0 && -change > 0.5 * Math.abs(last)) {
                longest = Math.max(SHORTEST_STEP, longest / 2);
            }
            last = change;
        }
        return new Settled(state, true);
    }

    /** Closer to the fixed point than the bound, which is flat there, can tell. */
    private VariationalState polished(VariationalState settled) {
        VariationalState state = settled;
        double rho = 1;
        for (int steps = 0; steps < settings.maxSteps() && rho >= SMALLEST_STEP; steps++) {
            VariationalState next = stepped(state, state.target(), rho);
            if (next.distance() < state.distance()) {
                state = next;
            } else {
                rho /= 2;
            }
        }
        return state;
    }

    /** The first, unless the other's bound is higher by more than a share of its size. */
    private static VariationalState better(VariationalState found, VariationalState other, double share) {
        return other.bound() - found.bound() > share * (1 + Math.abs(other.bound())) ? other : found;
    }

    /**
     * The root of log(‖m‖² / (λ γ)) as a function of log λ. A step is halved until the bound rises. Below a floor, what
     * has learned nothing would go on as a search from there did.
     */
    private VariationalState search(VariationalState start, List<Double> history, double floor, double tolerance) {
        VariationalState state = settle(start, tolerance, history).state();
        double excess = excess(state);
        double change = 2 * excess;
        int flat = 0;
        for (int i = 0;
                i < LAMBDA_STEPS
                        && flat < PriorVarianceSearch.PLAIN
                        && Math.abs(excess) > LAMBDA_TOLERANCE
                        && Math.abs(change) > LAMBDA_TOLERANCE;
                i++) {
            change = Math.max(-LARGEST_CHANGE, Math.min(LARGEST_CHANGE, change));
            double own = state.system().lambda();
            if (own * Math.exp(change) < least) {
                change = Math.log(least / own);
                if (change >= 0) {
                    return state;
                }
            }
            VariationalState moved = moved(state, Math.max(least, own * Math.exp(change)));
            List<Double> bounds = new ArrayList<>(List.of(moved.bound()));
            VariationalState next = settle(moved, tolerance, bounds).state();
            if (next.bound() <= state.bound()) {
                change /= 2;
                continue;
            }
            if (next.system().lambda() < floor && learnedNothing(next)) {
                return next;
            }
            double least = state.bound();
            bounds.stream().filter(bound -> bound > least).forEach(history::add);
            // a long step that leads hardly up is no way to a top: the data say only that λ is small, or large
            flat = Math.abs(change) >= 1 && next.bound() - least <= PriorVarianceSearch.LEVEL * (1 + Math.abs(least))
                    ? flat + 1
                    : 0;
            double slope = (excess(next) - excess) / change;
            state = next;
            excess = excess(next);
            change = slope < 0 ? -excess / slope : 2 * excess;
        }
        return state;
    }

    /** What λ would have to grow by for MacKay's fixed point; 0 where nothing was learned. */
    private static double excess(VariationalState state) {
        double squaredNorm = state.system().lambda() * Vectors.dot(state.alpha(), state.logits());
        double excess = Math.log(squaredNorm
                / state.system().effectiveParameters()
                / state.system().lambda());
        return Double.isFinite(excess) ? excess : 0;
    }

    /** What a step led to, and its length. */
    private record Step(VariationalState state, double rho) {}

    /**
     * The longest step up among those not shorter than a length; otherwise the longest that leads down by no more than
     * expectations err; none if all lead further down.
     */
    private @Nullable Step step(VariationalState state, double longest, double shortest) {
        double[] target = state.target();
        double least = state.bound() - SLACK * (1 + Math.abs(state.bound()));
        Step down = null;
        for (double rho = longest; rho >= (down == null ? SMALLEST_STEP : shortest); rho /= 2) {
            VariationalState next = stepped(state, target, rho);
            if (next.bound() > state.bound()) {
                return new Step(next, rho);
            }
            if (down == null && next.bound() >= least) {
                down = new Step(next, rho);
                if (state.bound() - next.bound() <= ROUNDING * (1 + Math.abs(state.bound()))) {
                    return down;
                }
            }
        }
        return down;
    }

    private VariationalState stepped(VariationalState state, double[] target, double rho) {
        return state(
                state.system().lambda(),
                state.precision().mixed(state.hessians(), rho),
                mixed(state.linear(), target, rho));
    }

    private static double[] mixed(double[] a, double[] b, double rho) {
        double[] mixed = new double[a.length];
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = (1 - rho) * a[i] + rho * b[i];
        }
        return mixed;
    }

    /** With the sites of another λ. */
    private VariationalState moved(VariationalState from, double lambda) {
        return state(factory.system(lambda, from.system().sites()), from.precision(), from.linear());
    }

    private VariationalState state(double lambda, BlockDiagonal precision, double[] linear) {
        return state(factory.system(lambda, new SitePrecision(precision)), precision, linear);
    }

    /** ELBO = Σ ω E log p(y | f) − ½ (log|B| − γ + λ αᵀKα), the last being KL(q ‖ prior). */
    private VariationalState state(SiteSystem system, BlockDiagonal precision, double[] linear) {
        double[] alpha = system.alpha(linear);
        double[] logits = system.logits(alpha);
        double[] mean = logits.clone();
        Vectors.add(mean, 1, prior);
        ExpectedLikelihood expected = system.expected(targets, mean);
        double divergence = 0.5 * (system.logDeterminant() - system.effectiveParameters() + Vectors.dot(alpha, logits));
        return new VariationalState(
                precision,
                linear,
                system,
                alpha,
                logits,
                expected.residuals(),
                expected.hessians(),
                expected.value() - divergence);
    }
}
