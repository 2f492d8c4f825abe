package org.finitentk.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.check.Directions.Block;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.network.WideNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * J v is the derivative of f: (f(θ + hv) − f(θ − hv)) / 2h comes near it for some step h.
 *
 * <p>Where ONNX Runtime can run the network's graphs with float64 numbers, the very graphs are compared so: rounding is
 * then no obstacle, however badly the network's constants are scaled. Elsewhere float32 has to do.
 *
 * <p>No single step is right. In float32 a small one drowns in rounding (an error of |f| · 6e-8 / h), a large one in
 * curvature, and along a step ReLU and MaxPool have kinks, which make an error that shrinks with h where many units
 * share it, and a large one for the unlucky example whose output hangs on a single unit. So h runs through several
 * orders of magnitude (relative to the parameters' size), neighbouring steps are extrapolated to none
 * ({@link StepGroup}), the error of a step is that which three quarters of the examples stay below, and the best step
 * counts: a wrong J v disagrees at every one. Two kinds of directions are tried, because an error anywhere must show:
 * all parameters at once, judged output by output, and each parameter alone, judged over all outputs. A parameter whose
 * effect is below what rounding lets through is measured against that floor. A network whose weights lie on a kink to
 * the last bit has no derivative there; that is told by differences to both sides, in float64.
 */
final class FiniteDifferences {
    static final String NAME = "finite differences";

    private static final Logger LOG = Logger.getLogger(FiniteDifferences.class.getName());
    /** From the most to the least likely to be good; what is good enough ends the search. */
    private static final double[] FLOAT_STEPS = {1e-3, 3e-4, 3e-3, 1e-4, 1e-2, 3e-5, 3e-2, 1e-1};

    /**
     * In float64: multiples of the step at which rounding is a thousandth of the tolerance. Networks of millions of
     * ReLU units have kinks within it, and none within smaller ones; curvature and rounding of others are small there.
     */
    private static final double[] DOUBLE_STEPS = {1, 1e-1, 1e-2, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};

    private static final double SMALL_ROUNDING = 1e-3;
    private static final double FIRST_STEP_AT_MOST = 1e-6;
    /** Three times the worst that was met, in a residual network in float32: 1.7e-2. */
    private static final double FLOAT_TOLERANCE = 5e-2;

    private static final double DOUBLE_TOLERANCE = 1e-4;
    private static final double GOOD_ENOUGH = 0.5;
    /** Steps after which what is within the tolerance is good enough: more only cost time. */
    private static final int PATIENCE = 3;
    /** Rounding errors of f, in units of one operation's, at the step at which curvature is still small. */
    private static final double ROUNDINGS = 8;

    private static final double LARGE_STEP = 0.1;
    private static final int DIRECTIONS = 3;
    /** Where a network has more outputs, neighbours are added up with random signs. */
    private static final int MOST_OUTPUTS = 64;

    private final LinearizedNetwork network;
    private final Examples x;
    private final double[] theta;
    private final StepGroup.Scale scale;
    private final ProgressListener progress;

    private FiniteDifferences(LinearizedNetwork network, Examples x, ProgressListener progress) {
        this.network = network;
        this.x = x;
        this.progress = progress;
        this.theta = network.parameterVector();
        double tolerance = Directions.isWide(network) ? DOUBLE_TOLERANCE : FLOAT_TOLERANCE;
        double rounding = ROUNDINGS * Directions.roundoff(network) * Directions.rootMeanSquare(network.forward(x));
        this.scale = new StepGroup.Scale(tolerance, rounding / (LARGE_STEP * tolerance), rounding);
    }

    static Finding find(LinearizedNetwork network, Examples x, Directions directions, ProgressListener progress) {
        try {
            Finding wide = Directions.isWide(network) ? null : inFloat64(network, x, directions, progress);
            return wide != null ? wide : new FiniteDifferences(network, x, progress).find(directions);
        } catch (IllegalStateException e) {
            return Finding.skipped(NAME, "not tried: " + e.getMessage());
        }
    }

    /** Compares the same graphs in float64; null where the runtime has no kernel for one of their operators. */
    private static @Nullable Finding inFloat64(
            LinearizedNetwork network, Examples x, Directions directions, ProgressListener progress) {
        try (LinearizedNetwork wide = WideNetwork.of(network)) {
            return new FiniteDifferences(wide, WideNetwork.of(x), progress).find(directions);
        } catch (IllegalArgumentException e) {
            LOG.log(
                    Level.FINE,
                    "network '" + RunningNetwork.of(network).graphs().name() + "' does not run in float64",
                    e);
            return null;
        }
    }

    private Finding find(Directions directions) {
        List<StepGroup> outputs = outputs(directions);
        List<StepGroup> groups = new ArrayList<>(outputs);
        double[] v = directions.tangent(2);
        List<Block> blocks = directions.blocks();
        for (int b = 0; b < blocks.size(); b++) {
            progress.progress(NAME, b, blocks.size());
            groups.add(block(blocks.get(b), blocks.get(b).restrict(v)));
        }
        progress.progress(NAME, blocks.size(), blocks.size());
        StepGroup worst = groups.get(0);
        for (StepGroup group : groups) {
            worst = Double.compare(group.relative(), worst.relative()) > 0 ? group : worst;
        }
        String where = Directions.isWide(network) ? " in float64" : "";
        StepGroup drowned =
                outputs.stream().filter(StepGroup::isBelowRounding).findFirst().orElse(null);
        if (worst.relative() <= scale.tolerance() && drowned != null) {
            return inconclusive(drowned);
        }
        if (worst.relative() <= scale.tolerance()) {
            return Finding.of(
                    NAME,
                    worst.relative(),
                    scale.tolerance(),
                    String.format(
                            "Jv is the derivative of f along v%s, for every output and every parameter (worst: %s)",
                            where, worst.name()),
                    "");
        }
        return judge(groups, worst, where, directions);
    }

    /** A group that fails at a step at which neither rounding nor curvature can be the reason is a failure. */
    private Finding judge(List<StepGroup> groups, StepGroup worst, String where, Directions directions) {
        StepGroup failed = null;
        StepGroup kinked = null;
        for (int i = 0; i < groups.size(); i++) {
            StepGroup group = groups.get(i);
            if (group.relative() <= scale.tolerance() || !group.isConclusive()) {
                continue;
            }
            if (isKink(group, i - (groups.size() - directions.blocks().size()), directions)) {
                kinked = kinked == null ? group : kinked;
            } else if (failed == null || Double.compare(group.relative(), failed.relative()) > 0) {
                failed = group;
            }
        }
        if (failed == null && kinked != null) {
            return Finding.inconclusive(
                    NAME,
                    kinked.relative(),
                    scale.tolerance(),
                    "f has a kink at these very weights, as where the input of a ReLU is 0 or a maximum has equals, so "
                            + "that it has other slopes on both sides, and differences do not tell whether Jv is right "
                            + "there: " + kinked.sizes());
        }
        return failed == null
                ? inconclusive(worst)
                : Finding.of(
                        NAME,
                        failed.relative(),
                        scale.tolerance(),
                        "",
                        "Jv is not the derivative of f" + where + ": " + failed.sizes());
    }

    /** Looks to both sides: along a block's directions, or, of outputs (below 0), along all parameters'. */
    private boolean isKink(StepGroup group, int block, Directions directions) {
        if (!Directions.isWide(network)) {
            return false;
        }
        double[] here = network.forward(x);
        double step = group.smallestStep();
        if (block >= 0) {
            double[] v = directions.blocks().get(block).restrict(directions.tangent(2));
            return group.isKink(slope(here, v, step), slope(here, v, -step));
        }
        OutputSums sums = sums();
        double[][] right = new double[DIRECTIONS][];
        double[][] left = new double[DIRECTIONS][];
        for (int d = 0; d < DIRECTIONS; d++) {
            right[d] = slope(here, directions.tangent(3 + d), step);
            left[d] = slope(here, directions.tangent(3 + d), -step);
        }
        int sum = block + sums.count();
        return group.isKink(sums.of(right, sum), sums.of(left, sum));
    }

    private double[] slope(double[] here, double[] v, double step) {
        double[] there = outputsAt(v, step);
        for (int i = 0; i < there.length; i++) {
            there[i] = (there[i] - here[i]) / step;
        }
        return there;
    }

    private OutputSums sums() {
        int k = network.outputSize();
        return new OutputSums(k, Math.min(k, MOST_OUTPUTS));
    }

    private Finding inconclusive(StepGroup group) {
        String sentence = String.format(
                Locale.ROOT,
                "rounding hides whether Jv is the derivative of f: %s; rounding alone may differ by %.2g of that",
                group.sizes(),
                group.rounding());
        return Finding.inconclusive(NAME, group.relative(), scale.tolerance(), sentence);
    }

    /** Along all parameters at once, output by output, or some outputs together. */
    private List<StepGroup> outputs(Directions directions) {
        OutputSums sums = sums();
        double[][] products = new double[DIRECTIONS][];
        for (int d = 0; d < DIRECTIONS; d++) {
            products[d] = network.jvp(x, directions.tangent(3 + d));
        }
        List<StepGroup> groups = new ArrayList<>();
        for (int g = 0; g < sums.count(); g++) {
            groups.add(new StepGroup(sums.name(g), sums.of(products, g), scale));
        }
        double[] steps = steps(products);
        for (int s = 0; s < steps.length; s++) {
            progress.progress(NAME + ", sizes of steps", s, steps.length);
            double[][] differences = new double[DIRECTIONS][];
            for (int d = 0; d < DIRECTIONS; d++) {
                differences[d] = difference(directions.tangent(3 + d), steps[s]);
            }
            for (int g = 0; g < sums.count(); g++) {
                groups.get(g).add(steps[s], sums.of(differences, g));
            }
            int tried = s + 1;
            if (groups.stream().allMatch(group -> isGood(group, tried))) {
                break;
            }
        }
        return groups;
    }

    private boolean isGood(StepGroup group, int tried) {
        return group.relative() <= (tried < PATIENCE ? GOOD_ENOUGH : 1) * scale.tolerance();
    }

    /** Along one parameter. */
    private StepGroup block(Block block, double[] v) {
        double[] product = network.jvp(x, v);
        StepGroup group = new StepGroup(block.name(), product, scale);
        double[] steps = steps(product);
        for (int s = 0; s < steps.length; s++) {
            group.add(steps[s], difference(v, steps[s]));
            if (isGood(group, s + 1)) {
                break;
            }
        }
        return group;
    }

    /** Sizes of steps along directions, from the most to the least likely to be good. */
    private double[] steps(double[]... products) {
        if (!Directions.isWide(network)) {
            return FLOAT_STEPS;
        }
        double size = Arrays.stream(products)
                .mapToDouble(Directions::rootMeanSquare)
                .max()
                .orElse(0);
        // what rounding does to a network's inner values grows as what a step does
        double rounding = scale.rounding() + ROUNDINGS * Directions.roundoff(network) * size;
        double small = rounding / (SMALL_ROUNDING * scale.tolerance() * size);
        double first = small < FIRST_STEP_AT_MOST ? small : FIRST_STEP_AT_MOST; // also where it is not a number
        return Arrays.stream(DOUBLE_STEPS)
                .map(multiple -> multiple * first)
                .filter(step -> step <= LARGE_STEP)
                .toArray();
    }

    private double[] difference(double[] v, double step) {
        double[] above = outputsAt(v, step);
        double[] below = outputsAt(v, -step);
        for (int i = 0; i < above.length; i++) {
            above[i] = (above[i] - below[i]) / (2 * step);
        }
        return above;
    }

    private double[] outputsAt(double[] v, double step) {
        double[] moved = new double[theta.length];
        for (int i = 0; i < theta.length; i++) {
            moved[i] = theta[i] + step * v[i];
        }
        try (LinearizedNetwork there = network.at(moved)) {
            return there.forward(x);
        }
    }
}
