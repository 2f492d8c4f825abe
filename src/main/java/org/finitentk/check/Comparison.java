package org.finitentk.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.finitentk.internal.linalg.RoundingNoise;
import org.finitentk.internal.network.WideNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.jspecify.annotations.Nullable;

/**
 * Numbers that a network must compute alike in two ways, and the judgement of them. Where they differ in float32, the
 * same graphs compute them in float64: a fault differs as much there, rounding does not. Where ONNX Runtime cannot do
 * that, and for networks of float64, the weights are moved a little: what is drawn anew by that is rounding.
 */
interface Comparison {
    /** The part of the tolerance that differences of rounding have to be below in float64. */
    double LEFT_BY_ROUNDING = 0.1;

    /**
     * Compares.
     *
     * @param network the network at some parameters, or its twin of float64
     * @param x examples as it takes them
     * @return pairs, as many and in the same order for all of these
     */
    List<Pair> of(LinearizedNetwork network, Examples x);

    /**
     * What must be alike.
     *
     * @param deviation between the two
     * @param sentence what it means that they differ
     */
    record Pair(Deviation deviation, Supplier<String> sentence) {}

    /**
     * Judges a property that is nothing but a comparison.
     *
     * @param name the property
     * @param roundings errors of that many operations pass
     * @param passed says that it holds
     */
    static Finding judge(
            String name, LinearizedNetwork network, Examples x, double roundings, String passed, Comparison numbers) {
        double tolerance = roundings * Directions.roundoff(network);
        List<Pair> pairs = numbers.of(network, x);
        Pair worst = worst(pairs);
        double measured = worst.deviation().relative();
        if (measured <= tolerance) {
            return Finding.of(name, measured, tolerance, passed, "");
        }
        List<Pair> wrong = wrong(pairs, tolerance, network, x, numbers);
        if (!wrong.isEmpty()) {
            Pair first = worst(wrong);
            return Finding.of(
                    name,
                    first.deviation().relative(),
                    tolerance,
                    "",
                    first.sentence().get());
        }
        String sentence = String.format(
                Locale.ROOT,
                "rounding hides the answer: numbers that ought to be equal differ by %.2g of their size, but the network"
                        + " makes rounding errors as large as that at these examples",
                measured);
        return Finding.inconclusive(name, measured, tolerance, sentence);
    }

    private static Pair worst(List<Pair> pairs) {
        Pair worst = pairs.get(0);
        for (Pair pair : pairs) {
            // NaN is the worst of all
            boolean worse = Double.compare(
                            pair.deviation().relative(), worst.deviation().relative())
                    > 0;
            worst = worse ? pair : worst;
        }
        return worst;
    }

    /** Pairs whose difference is more than rounding. */
    private static List<Pair> wrong(
            List<Pair> pairs, double tolerance, LinearizedNetwork network, Examples x, Comparison numbers) {
        List<Pair> wide = inFloat64(network, x, numbers);
        List<List<Pair>> moved = wide == null ? moved(network, x, numbers) : List.of();
        List<Pair> wrong = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            int number = i;
            Deviation deviation = pairs.get(i).deviation();
            if (deviation.relative() <= tolerance) {
                continue;
            }
            List<double[]> again = moved.stream()
                    .map(there -> there.get(number).deviation().differences())
                    .toList();
            boolean isRounding = wide != null
                    ? isSmall(deviation.differences(wide.get(i).deviation()), LEFT_BY_ROUNDING * tolerance)
                    : !again.isEmpty() && RoundingNoise.explains(deviation.differences(), tolerance, again);
            if (!isRounding) {
                wrong.add(pairs.get(i));
            }
        }
        return wrong;
    }

    private static boolean isSmall(double[] differences, double tolerance) {
        return Arrays.stream(differences).allMatch(difference -> Math.abs(difference) <= tolerance);
    }

    /** The same in float64; null where that is not more or cannot be. */
    private static @Nullable List<Pair> inFloat64(LinearizedNetwork network, Examples x, Comparison numbers) {
        if (Directions.isWide(network)) {
            return null;
        }
        try (LinearizedNetwork wide = WideNetwork.of(network)) {
            return numbers.of(wide, WideNetwork.of(x));
        } catch (IllegalArgumentException | IllegalStateException e) {
            return null;
        }
    }

    /** The same at weights nearby; empty where graphs made elsewhere do not take others. */
    private static List<List<Pair>> moved(LinearizedNetwork network, Examples x, Comparison numbers) {
        List<List<Pair>> moved = new ArrayList<>();
        try {
            double[] theta = network.parameterVector();
            for (int move = 0; move <= RoundingNoise.MOVES; move++) {
                try (LinearizedNetwork there =
                        network.at(RoundingNoise.moved(theta, Directions.roundoff(network), move))) {
                    moved.add(numbers.of(there, x));
                }
            }
            return moved;
        } catch (IllegalStateException e) {
            return List.of();
        }
    }
}
