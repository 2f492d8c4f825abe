package org.finitentk.internal.backbone;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether training rows speak for an assignment of names to outputs, against it, or not at all. Everything random has
 * one seed, so that the same rows give the same answer.
 */
final class OrderTrial {
    /** The greatest probability at which something is not taken for chance. */
    static final double SIGNIFICANT = 1e-3;

    private static final long SEED = 20_210_302;
    private static final int PERMUTATIONS = 9_999;
    /** Fewer than these cannot show that a probability is below {@link #SIGNIFICANT}. */
    private static final int FEWEST_PERMUTATIONS = 1_000;
    /** Products that all permutations of one test may take. */
    private static final double WORK = 1e9;
    /**
     * names² · outputs up to which the best assignment is looked for in every permutation; beyond, its bound stands for
     * it.
     */
    private static final double EXACT = 1e6;

    private final OutputEvidence evidence;
    private final int[] current;
    private final double[][] agreement;

    /**
     * What rows say.
     *
     * @param chance the probability that the assignment fares as well if rows say nothing; 1 if it was not asked for
     * @param better the best assignment, if it is significantly better than the given one and better than chance
     * @param betterChance the probability that the best assignment of rows that say nothing fares as well as that one
     * @param contradicted whether another assignment is significantly better, be it better than chance or not
     */
    record Verdict(double chance, int @Nullable [] better, double betterChance, boolean contradicted) {
        boolean stands() {
            return chance < SIGNIFICANT && !contradicted;
        }
    }

    OrderTrial(OutputEvidence evidence, int[] current) {
        this.evidence = evidence;
        this.current = current.clone();
        this.agreement = evidence.agreement();
    }

    /** Whether the assignment stands on its own: better than chance, and none better. */
    Verdict alone() {
        double chance = chanceOfCurrent();
        boolean contradicted = isContradicted();
        if (!contradicted && chance < SIGNIFICANT) {
            return new Verdict(chance, null, 1, false);
        }
        int[] best = best(evidence, agreement);
        if (!contradicted) {
            contradicted = evidence.better(best, current) < SIGNIFICANT;
        }
        return contradicted ? against(best, chance) : new Verdict(chance, null, 1, false);
    }

    /** Whether another assignment fares better than one that somebody gave. */
    Verdict given() {
        return isContradicted() ? against(best(evidence, agreement), 1) : new Verdict(1, null, 1, false);
    }

    private Verdict against(int[] best, double chance) {
        double betterChance = chanceOfBest(Assignment.value(agreement, best));
        return new Verdict(chance, betterChance < SIGNIFICANT ? best : null, betterChance, true);
    }

    /**
     * Exchanges of two names, and moves of one to an output that nobody has, tested as so many; or what one half of the
     * rows finds, tested on the other.
     */
    private boolean isContradicted() {
        int names = current.length;
        boolean[] taken = new boolean[evidence.outputs()];
        Arrays.stream(current).forEach(output -> taken[output] = true);
        double tests = 0.5 * names * (names - 1.0) + (double) names * (evidence.outputs() - names);
        for (int a = 0; a < names; a++) {
            for (int b = 0; b < a; b++) {
                if (gains(a, current[b]) + gains(b, current[a]) > 0 && isBetter(exchanged(a, b), tests)) {
                    return true;
                }
            }
            for (int output = 0; names < taken.length && output < taken.length; output++) {
                if (!taken[output] && gains(a, output) > 0 && isBetter(moved(a, output), tests)) {
                    return true;
                }
            }
        }
        int[] order = shuffled(new SplittableRandom(SEED).split());
        int[] first = Arrays.copyOf(order, order.length / 2);
        int[] second = Arrays.copyOfRange(order, order.length / 2, order.length);
        return halfContradicts(first, second) || halfContradicts(second, first);
    }

    private double gains(int name, int output) {
        return agreement[name][output] - agreement[name][current[name]];
    }

    private boolean isBetter(int[] candidate, double tests) {
        return evidence.better(candidate, current) * tests < SIGNIFICANT;
    }

    private int[] exchanged(int a, int b) {
        int[] candidate = current.clone();
        candidate[a] = current[b];
        candidate[b] = current[a];
        return candidate;
    }

    private int[] moved(int name, int output) {
        int[] candidate = current.clone();
        candidate[name] = output;
        return candidate;
    }

    /** Found on one half, tested on the other: no choice among many is in the test. There are two such tests. */
    private boolean halfContradicts(int[] search, int[] test) {
        if (search.length == 0) {
            return false;
        }
        OutputEvidence half = evidence.select(search);
        int[] found = best(half, half.agreement());
        return !Arrays.equals(found, current) && evidence.select(test).better(found, current) * 2 < SIGNIFICANT;
    }

    /** The best assignment; of equally good ones one that leaves as much as it can where it is. */
    private int[] best(OutputEvidence rows, double[][] gain) {
        double[][] inclined = new double[gain.length][];
        double bonus = Math.max(1, rows.rows()) * 1e-9 / gain.length;
        for (int name = 0; name < gain.length; name++) {
            inclined[name] = gain[name].clone();
            inclined[name][current[name]] += bonus;
        }
        return Assignment.best(inclined);
    }

    private interface Exceeds {
        boolean test(int[] order);
    }

    private double chanceOfCurrent() {
        double found = Assignment.value(agreement, current);
        double enough = found - rounding(found);
        return probability(evidence.effort(), order -> evidence.agreement(current, order) >= enough);
    }

    private double chanceOfBest(double found) {
        double size = (double) current.length * current.length * evidence.outputs();
        double enough = found - rounding(found);
        return probability(evidence.boundEffort(), order -> {
            if (size > EXACT || evidence.bound(order) < enough) {
                return evidence.bound(order) >= enough;
            }
            double[][] shuffled = evidence.agreement(order);
            return Assignment.value(shuffled, Assignment.best(shuffled)) >= enough;
        });
    }

    private static double rounding(double value) {
        return 1e-9 * Math.abs(value);
    }

    /** (exceeding + 1) / (permutations + 1); where that is far from significant, of so many permutations as show it. */
    private double probability(double work, Exceeds exceeds) {
        int permutations = (int) Math.max(FEWEST_PERMUTATIONS, Math.min(PERMUTATIONS, WORK / Math.max(1, work)));
        SplittableRandom random = new SplittableRandom(SEED);
        int[] order = IntStream.range(0, evidence.rows()).toArray();
        int exceeding = 0;
        for (int p = 0; p < permutations; p++) {
            shuffle(order, random);
            exceeding += exceeds.test(order) ? 1 : 0;
            if (exceeding + 1 >= 10 * SIGNIFICANT * (permutations + 1)) {
                return (exceeding + 1.0) / (p + 2.0);
            }
        }
        return (exceeding + 1.0) / (permutations + 1.0);
    }

    private int[] shuffled(SplittableRandom random) {
        int[] order = IntStream.range(0, evidence.rows()).toArray();
        shuffle(order, random);
        return order;
    }

    private static void shuffle(int[] order, SplittableRandom random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int own = order[i];
            order[i] = order[j];
            order[j] = own;
        }
    }
}
