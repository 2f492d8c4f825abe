package org.finitentk.classification;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.network.ProgressListener;

/**
 * The Gaussian that maximizes the evidence lower bound, by natural-gradient steps on its sites (Khan and Lin 2017, "Conjugate-Computation Variational Inference", and for
 * their form Bonnet's and Price's theorems: Opper and Archambeau 2009, "The Variational Gaussian Approximation Revisited"):
 * D ← (1 − ρ) D + ρ E[H], b ← (1 − ρ) b + ρ (E[ω(y − p)] + E[H] J m). A step is halved while the bound would fall by more than expectations at finitely many points err.
 *
 * <p>λ, if learned, follows MacKay's fixed point λ = ‖m‖² / γ, whose rest is where the bound is stationary.
 */
final class ConjugateVariational {
    private static final double SMALLEST_STEP = 1.0 / 64;
    /** What the bound may fall relative to its size: expectations are sums over points, which the fixed point does not quite maximize. */
    private static final double SLACK = 1e-3;
    /** A factor that λ may change by in a step. */
    private static final double LARGEST_CHANGE = 4;
    private static final double LAMBDA_TOLERANCE = 1e-4;

    private final SoftmaxTargets targets;
    private final double[] prior;
    private final SiteFactory factory;
    private final CovarianceSettings settings;
    private final ProgressListener progress;

    ConjugateVariational(SoftmaxTargets targets, double[] prior, SiteFactory factory, CovarianceSettings settings, ProgressListener progress) {
        this.targets = targets;
        this.prior = prior;
        this.factory = factory;
        this.settings = settings;
        this.progress = progress;
    }

    /** The bound and its parts where some sites put the posterior. */
    private record State(BlockDiagonal precision, double[] linear, SiteSystem system, double[] alpha, double[] logits, double[] residuals, BlockDiagonal hessians, double bound) {
    }

    SiteFit fit(double lambda, boolean learn) {
        int n = targets.size();
        State state = state(lambda, BlockDiagonal.zeros(n, targets.classes()), new double[n * targets.classes()]);
        List<Double> history = new ArrayList<>(List.of(state.bound()));
        boolean converged = false;
        int steps = 0;
        while (!converged && steps < settings.maxSteps()) {
            State next = step(state);
            steps++;
            double change = Math.abs(next.bound() - state.bound());
            boolean settled = change <= settings.tolerance() * (1 + Math.abs(next.bound()));
            if (learn) {
                double better = betterLambda(next);
                converged = settled && Math.abs(Math.log(better / next.system().lambda())) < LAMBDA_TOLERANCE;
                next = converged ? next : state(better, next.precision(), next.linear());
            } else {
                converged = settled;
            }
            state = next;
            history.add(state.bound());
            progress.progress("variational steps", steps, settings.maxSteps());
        }
        return new SiteFit(state.system(), state.alpha(), state.logits(), state.bound(), history, steps, converged);
    }

    private State step(State state) {
        double[] linear = new double[state.linear().length];
        double[] curved = state.hessians().multiply(state.logits(), 1);
        for (int i = 0; i < linear.length; i++) {
            linear[i] = state.residuals()[i] + curved[i];
        }
        double slack = SLACK * (1 + Math.abs(state.bound()));
        double rho = 1;
        while (true) {
            State next = state(state.system().lambda(), state.precision().mixed(state.hessians(), rho), mixed(state.linear(), linear, rho));
            if (next.bound() >= state.bound() - slack) {
                return next;
            }
            if (rho <= SMALLEST_STEP) {
                return state;
            }
            rho /= 2;
        }
    }

    private static double[] mixed(double[] a, double[] b, double rho) {
        double[] mixed = new double[a.length];
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = (1 - rho) * a[i] + rho * b[i];
        }
        return mixed;
    }

    private static double betterLambda(State state) {
        double lambda = state.system().lambda();
        double squaredNorm = lambda * SiteSystem.dot(state.alpha(), state.logits());
        double better = squaredNorm / state.system().effectiveParameters();
        return Double.isFinite(better) ? Math.min(Math.max(better, lambda / LARGEST_CHANGE), lambda * LARGEST_CHANGE) : lambda;
    }

    /** ELBO = Σ ω E log p(y | f) − ½ (log|B| − γ + λ αᵀKα), the last being KL(q ‖ prior). */
    private State state(double lambda, BlockDiagonal precision, double[] linear) {
        SiteSystem system = factory.system(lambda, precision.root());
        double[] alpha = system.alpha(linear);
        double[] logits = system.logits(alpha);
        double[] mean = logits.clone();
        for (int i = 0; i < mean.length; i++) {
            mean[i] += prior[i];
        }
        double[][] draws = system.draws(mean);
        double[] residuals = new double[mean.length];
        BlockDiagonal hessians = BlockDiagonal.zeros(targets.size(), targets.classes());
        double likelihood = 0;
        for (double[] draw : draws) {
            likelihood += targets.logLikelihood(draw) / draws.length;
            double[] own = targets.residuals(draw);
            for (int i = 0; i < own.length; i++) {
                residuals[i] += own[i] / draws.length;
            }
            targets.addHessians(draw, 1.0 / draws.length, hessians);
        }
        double divergence = 0.5 * (system.logDeterminant() - system.effectiveParameters() + SiteSystem.dot(alpha, logits));
        return new State(precision, linear, system, alpha, logits, residuals, hessians, likelihood - divergence);
    }
}
