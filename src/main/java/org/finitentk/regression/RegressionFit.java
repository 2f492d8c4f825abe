package org.finitentk.regression;

import java.util.List;
import java.util.Optional;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.finitentk.internal.util.Later;
import org.finitentk.internal.util.RandomSubset;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * One fit: what the task's rows are as problems, which solver, and what it found. Example weights turn into scaled rows
 * ({@link RowNoise}).
 */
final class RegressionFit {
    private static final Logger LOG = Logger.getLogger(RegressionFit.class.getName());
    /** Rows of examples that AUTO compares prior means on where the solver leaves out none. */
    private static final int COMPARED = 1000;

    private final LinearizedNetwork network;
    private final TrainingRows rows;
    private final RegressionSettings settings;
    private final ProgressListener progress;
    private final RowNoise noise;
    /** One, or those that AUTO compares, the simpler first. */
    private final List<MeanCandidate> candidates;

    RegressionFit(
            LinearizedNetwork network,
            TrainingRows rows,
            int dimensions,
            RegressionSettings settings,
            ProgressListener progress) {
        this.network = network;
        this.rows = rows;
        this.settings = settings;
        this.progress = progress;
        List<OutputPlan> plans = OutputPlan.of(settings, dimensions, network.outputSize());
        this.noise = RowNoise.of(rows.weights(), plans.get(0).rowsPerExample());
        double[] outputs = network.requireFinite(network.forward(rows.x()), rows.x());
        this.candidates = plans.stream()
                .map(plan -> MeanCandidate.of(plan, noise, rows.targets(), outputs))
                .toList();
    }

    /** Says what there is to say of what it found, and of that alone. */
    FittedPosterior run() {
        FittedPosterior found = find();
        found.parts().forEach(part -> part.remarks().forEach(LOG::warning));
        return found;
    }

    /** What was chosen automatically gives way to another solver where it finds no answer. */
    private FittedPosterior find() {
        List<MeanCandidate> means = candidates;
        MeanFunction.Comparison comparison = null;
        List<Problem> problems = problems(means.get(0));
        SolverChoice choice = SolverChoice.of(problems.get(0));
        while (true) {
            choice.log(LOG);
            if (means.size() > 1 && !choice.method().isExact()) {
                comparison = compareSome();
                means = List.of(chosen(comparison));
                problems = problems(means.get(0));
            }
            try {
                return fit(choice, problems, means, comparison);
            } catch (UnsolvedException e) {
                choice = choice.instead(e, problems.get(0));
            }
        }
    }

    /** Of one row nothing is left if it is left out; what the network says is then all that is known. */
    private MeanCandidate chosen(MeanFunction.@Nullable Comparison comparison) {
        MeanFunction mean = comparison == null ? MeanFunction.NETWORK : comparison.chosen();
        return candidates.stream()
                .filter(candidate -> candidate.plan().mean() == mean)
                .findFirst()
                .orElse(candidates.get(0));
    }

    private FittedPosterior fit(
            SolverChoice choice,
            List<Problem> problems,
            List<MeanCandidate> means,
            MeanFunction.@Nullable Comparison known) {
        List<List<FittedProcess>> fits = problems.stream()
                .map(problem -> choice.method()
                        .fit(
                                problem,
                                means.stream()
                                        .map(mean -> mean.targets(problem.part()))
                                        .toList()))
                .toList();
        List<List<FittedProcess>> parts = IntStream.range(0, means.size())
                .mapToObj(m -> fits.stream().map(ofMeans -> ofMeans.get(m)).toList())
                .toList();
        List<Later<Optional<LeavingOut>>> leftOut = IntStream.range(0, means.size())
                .mapToObj(m -> LeavingOut.later(means.get(m), rows, problems, parts.get(m)))
                .toList();
        MeanFunction.Comparison comparison =
                means.size() == 1 ? known : MeanFunction.Comparison.of(result(leftOut.get(0)), result(leftOut.get(1)));
        MeanCandidate mean = means.size() == 1 ? means.get(0) : chosen(comparison);
        int at = means.indexOf(mean);
        Later<Optional<LeavingOut>> own = leftOut.get(at);
        Optional<LeavingOut> widening = settings.variances().isScaledByLeavingOut() ? own.get() : Optional.empty();
        return posterior(
                mean,
                widening.map(leaving -> leaving.widened(parts.get(at))).orElse(parts.get(at)),
                choice.reason(),
                new FittedPosterior.Findings(
                        rows.counts(),
                        Later.of(() -> own.get().map(LeavingOut::result)),
                        comparison,
                        widening.map(LeavingOut::factors).orElse(List.of())));
    }

    private static @Nullable LeaveOneOut result(Later<Optional<LeavingOut>> leftOut) {
        return leftOut.get().map(LeavingOut::result).orElse(null);
    }

    private FittedPosterior posterior(
            MeanCandidate mean, List<FittedProcess> parts, String reason, FittedPosterior.Findings findings) {
        IntStream.range(0, parts.size()).forEach(p -> mean.raise(parts.get(p).process(), p));
        boolean known = mean.plan().treatment() == MeanTreatment.PLUG_IN;
        return new FittedPosterior(
                mean.plan(),
                rows.x(),
                noise,
                known ? parts.stream().map(FittedProcess::pluggedIn).toList() : parts,
                reason,
                findings);
    }

    /** The prior means compared on some rows at random, of which there are few enough to leave each out. */
    private MeanFunction.@Nullable Comparison compareSome() {
        int n = rows.x().size();
        int some = Math.max(2, COMPARED / candidates.get(0).plan().rowsPerExample());
        TrainingRows compared = some >= n
                ? rows
                : rows.select(RandomSubset.of(n, some, settings.iterative().seed()));
        RegressionSettings dense = settings.withSolver(Solver.DENSE, settings.iterative());
        return new RegressionFit(network, compared, candidates.get(0).plan().dimensions(), dense, progress)
                .find()
                .findings()
                .comparison();
    }

    /** One for each kernel. */
    private List<Problem> problems(MeanCandidate mean) {
        List<Outputs> kernels = mean.plan().kernels();
        return IntStream.range(0, kernels.size())
                .mapToObj(p -> {
                    TrainingKernel kernel =
                            new TrainingKernel(network, rows.x(), noise, kernels.get(p), kernels.size());
                    return new Problem(List.of(kernel), noise, mean.targets(p), mean.plan(), p, settings, progress);
                })
                .toList();
    }
}
