package org.finitentk.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.finitentk.network.Directions.Block;
import org.finitentk.network.LinearizationCheck.Finding;
import org.finitentk.onnx.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * J v is the derivative of f: (f(θ + hv) − f(θ − hv)) / 2h comes near it for some step h.
 *
 * <p>No single step is right. In float32 a small one drowns in rounding (an error of |f| · 6e-8 / h), a large one in curvature, and along a step ReLU and MaxPool have
 * kinks, which make an error that shrinks with h where many units share it, and a large one for the unlucky example whose output hangs on a single unit. So h runs through
 * several orders of magnitude (relative to the parameters' size), the error of a step is that which three quarters of the examples stay below, and the best step counts: a
 * wrong J v disagrees at every one. Two kinds of directions are tried, because an error anywhere must show: all parameters at once, judged output by output, and each
 * parameter alone, judged over all outputs. A parameter whose effect is below what rounding lets through is measured against that floor.
 */
final class FiniteDifferences {
    static final String NAME = "finite differences";
    /** From the most to the least likely to be good; what is good enough ends the search. */
    private static final double[] FLOAT_STEPS = {1e-3, 3e-4, 3e-3, 1e-4, 1e-2, 3e-5, 3e-2, 1e-1};
    private static final double[] DOUBLE_STEPS = {1e-5, 1e-4, 1e-6, 1e-3, 1e-7, 1e-2};
    /** Three times the worst that was met, in a residual network in float32: 1.7e-2. */
    private static final double FLOAT_TOLERANCE = 5e-2;
    private static final double DOUBLE_TOLERANCE = 1e-4;
    private static final double GOOD_ENOUGH = 0.5;
    private static final double QUANTILE = 0.75;
    /** Rounding errors of f, in units of one operation's, at the step at which curvature is still small. */
    private static final double ROUNDINGS = 8;
    private static final double LARGE_STEP = 0.1;
    private static final int DIRECTIONS = 3;

    private final LinearizedNetwork network;
    private final Examples x;
    private final double[] theta;
    private final double[] steps;
    private final double tolerance;
    private final double floor;

    private FiniteDifferences(LinearizedNetwork network, Examples x) {
        boolean wide = network.elementType() == ElementType.DOUBLE;
        this.network = network;
        this.x = x;
        this.theta = network.parameterVector();
        this.steps = wide ? DOUBLE_STEPS : FLOAT_STEPS;
        this.tolerance = wide ? DOUBLE_TOLERANCE : FLOAT_TOLERANCE;
        this.floor = ROUNDINGS * Directions.roundoff(network) / (LARGE_STEP * tolerance) * Directions.rootMeanSquare(network.forward(x));
    }

    static Finding find(LinearizedNetwork network, Examples x, Directions directions) {
        FiniteDifferences differences;
        try {
            differences = new FiniteDifferences(network, x);
        } catch (IllegalStateException e) {
            return Finding.skipped(NAME, "not tried: " + e.getMessage());
        }
        return differences.find(directions);
    }

    /** The disagreement of one group of numbers at its best step. */
    record Disagreement(String group, double relative, double step, double product, double difference) {
    }

    private Finding find(Directions directions) {
        List<Disagreement> errors = new ArrayList<>(outputs(directions));
        double[] v = directions.tangent(2);
        for (Block block : directions.blocks()) {
            errors.add(block(block, block.restrict(v)));
        }
        Disagreement worst = errors.get(0);
        for (Disagreement error : errors) {
            worst = Double.compare(error.relative(), worst.relative()) > 0 ? error : worst;
        }
        String passed = String.format(Locale.ROOT, "Jv is the derivative of f along v, for every output and every parameter (worst: %s)", worst.group());
        String failed = String.format(Locale.ROOT, "Jv is not the derivative of f: for %s, Jv has the size %.4g and (f(theta + hv) - f(theta - hv)) / 2h the size %.4g, at the best h = %.0e",
            worst.group(), worst.product(), worst.difference(), worst.step());
        return Finding.of(NAME, worst.relative(), tolerance, passed, failed);
    }

    /** Along all parameters at once, output by output. */
    private List<Disagreement> outputs(Directions directions) {
        int n = x.size();
        int k = network.outputSize();
        double[][] products = new double[DIRECTIONS][];
        for (int d = 0; d < DIRECTIONS; d++) {
            products[d] = network.jvp(x, directions.tangent(3 + d));
        }
        Disagreement[] best = new Disagreement[k];
        for (double step : steps) {
            double[][] differences = new double[DIRECTIONS][];
            for (int d = 0; d < DIRECTIONS; d++) {
                differences[d] = difference(directions.tangent(3 + d), step);
            }
            for (int c = 0; c < k; c++) {
                double[] product = new double[n * DIRECTIONS];
                double[] difference = new double[n * DIRECTIONS];
                for (int i = 0; i < product.length; i++) {
                    product[i] = products[i / n][i % n * k + c];
                    difference[i] = differences[i / n][i % n * k + c];
                }
                best[c] = better(best[c], error("output " + c, step, product, difference));
            }
            if (Arrays.stream(best).allMatch(error -> error.relative() <= GOOD_ENOUGH * tolerance)) {
                break;
            }
        }
        return List.of(best);
    }

    /** Along one parameter. */
    private Disagreement block(Block block, double[] v) {
        double[] product = network.jvp(x, v);
        Disagreement best = null;
        for (double step : steps) {
            best = better(best, error(block.name(), step, product, difference(v, step)));
            if (best.relative() <= GOOD_ENOUGH * tolerance) {
                break;
            }
        }
        return Objects.requireNonNull(best);
    }

    private static Disagreement better(@Nullable Disagreement known, Disagreement candidate) {
        return known == null || Double.compare(candidate.relative(), known.relative()) < 0 ? candidate : known;
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

    private Disagreement error(String group, double step, double[] product, double[] difference) {
        double[] errors = new double[product.length];
        Arrays.setAll(errors, i -> Math.abs(product[i] - difference[i]));
        Arrays.sort(errors);
        double most = errors[(int) Math.ceil(QUANTILE * errors.length) - 1];
        double productSize = Directions.rootMeanSquare(product);
        double differenceSize = Directions.rootMeanSquare(difference);
        double scale = Math.max(Math.max(productSize, differenceSize), floor);
        double relative = Double.isFinite(productSize) && Double.isFinite(differenceSize) ? (most == 0 ? 0 : most / scale) : Double.NaN;
        return new Disagreement(group, relative, step, productSize, differenceSize);
    }
}
