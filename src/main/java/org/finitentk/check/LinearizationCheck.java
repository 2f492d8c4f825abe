package org.finitentk.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;

/**
 * Whether a linearized network computes what it promises: its own outputs, its own Jacobian, one example at a time. Graphs that were made elsewhere are trusted only as
 * far as this goes.
 *
 * @param findings one for every property, in a fixed order
 */
public record LinearizationCheck(List<Finding> findings) {
    /** Examples that the more expensive properties are tried on. */
    public static final int EXAMPLES = 8;

    /** What came of a property. */
    public enum Outcome {
        /** The network has the property, as far as numbers can tell. */
        PASSED,
        /** The network does not have it, and results that build on it would be wrong. */
        FAILED,
        /**
         * Rounding errors are larger than what would have to be seen; the sentence says how large. It is no failure.
         */
        INCONCLUSIVE,
        /** It could not be tried; the sentence says why. */
        SKIPPED
    }

    /**
     * What came of one property.
     *
     * @param name the property
     * @param outcome what came of it
     * @param measured the largest deviation found, relative to the size of what was compared; NaN if there is no such number
     * @param tolerance the largest deviation that passes
     * @param sentence the same in plain words, for a failure with the place where it is worst
     */
    public record Finding(String name, Outcome outcome, double measured, double tolerance, String sentence) {
        /** A number that is not above the tolerance passes; NaN does not. */
        static Finding of(String name, double measured, double tolerance, String passed, String failed) {
            boolean good = measured <= tolerance;
            return new Finding(name, good ? Outcome.PASSED : Outcome.FAILED, measured, tolerance, good ? passed : failed);
        }

        static Finding failed(String name, String sentence) {
            return new Finding(name, Outcome.FAILED, Double.NaN, Double.NaN, sentence);
        }

        static Finding inconclusive(String name, double measured, double tolerance, String sentence) {
            return new Finding(name, Outcome.INCONCLUSIVE, measured, tolerance, sentence);
        }

        static Finding skipped(String name, String sentence) {
            return new Finding(name, Outcome.SKIPPED, Double.NaN, Double.NaN, sentence);
        }
    }

    /**
     * Copies the list.
     *
     * @param findings one for every property
     */
    public LinearizationCheck {
        findings = List.copyOf(findings);
    }

    /**
     * Checks a network on examples made up for it.
     *
     * @param network the network
     * @param seed of the examples and of all directions
     * @return what was found
     * @throws IllegalArgumentException if no examples can be made up, naming the input
     */
    public static LinearizationCheck of(LinearizedNetwork network, long seed) {
        return of(network, RandomExamples.draw(network.inputs(), EXAMPLES, seed), seed);
    }

    /**
     * Checks a network on given examples: values are looked at for all of them, the other properties on {@value #EXAMPLES}, spread evenly.
     *
     * @param network the network
     * @param examples at least one
     * @param seed of all directions
     * @return what was found
     * @throws IllegalArgumentException if there are no examples or they do not fit the network
     */
    public static LinearizationCheck of(LinearizedNetwork network, Examples examples, long seed) {
        network.requireFit(examples);
        if (examples.size() == 0) {
            throw new IllegalArgumentException("a network cannot be checked without examples; expected at least one");
        }
        Examples few = few(examples);
        Directions directions = new Directions(network, few.size(), seed);
        List<Finding> findings = new ArrayList<>();
        findings.add(tried(FiniteValues.NAME, () -> FiniteValues.find(network, examples, directions)));
        findings.add(tried(OutputAgreement.NAME, () -> OutputAgreement.find(network, few, directions)));
        findings.add(tried(AdjointIdentity.NAME, () -> AdjointIdentity.find(network, few, directions)));
        findings.add(tried(FiniteDifferences.NAME, () -> FiniteDifferences.find(network, few, directions)));
        findings.add(tried(BatchIndependence.NAME, () -> BatchIndependence.find(network, few, directions)));
        return new LinearizationCheck(findings);
    }

    private static Examples few(Examples examples) {
        int n = examples.size();
        return n <= EXAMPLES ? examples : examples.select(IntStream.range(0, EXAMPLES).map(i -> (int) ((long) i * n / EXAMPLES)).toArray());
    }

    /** A graph that the runtime refuses fails the property that needs it; the others are still tried. */
    private static Finding tried(String name, Supplier<Finding> check) {
        try {
            return check.get();
        } catch (IllegalArgumentException e) {
            return Finding.failed(name, "it cannot be tried: " + e.getMessage());
        }
    }

    /**
     * Whether no property failed.
     *
     * @return true if all passed, were inconclusive or were skipped
     */
    public boolean passed() {
        return failures().isEmpty();
    }

    /**
     * The properties that the network does not have.
     *
     * @return findings, possibly none
     */
    public List<Finding> failures() {
        return findings.stream().filter(finding -> finding.outcome() == Outcome.FAILED).toList();
    }

    /** Largest difference between two arrays, where it is, and how large it is compared to the largest element. */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
    record Deviation(double[] expected, double[] found, int index, double relative) {
        static Deviation between(double[] expected, double[] found) {
            double scale = Math.max(largest(expected), largest(found));
            int worst = 0;
            double difference = 0;
            for (int i = 0; i < expected.length; i++) {
                double here = Math.abs(expected[i] - found[i]);
                if (here > difference || Double.isNaN(here)) {
                    worst = i;
                    difference = here;
                }
            }
            return new Deviation(expected, found, worst, difference == 0 ? 0 : difference / scale);
        }

        private static double largest(double[] values) {
            return Arrays.stream(values).map(Math::abs).max().orElse(0);
        }

        /** Whether this one is worse; NaN is the worst of all. */
        boolean exceeds(Deviation other) {
            return Double.compare(relative, other.relative) > 0;
        }

        String values() {
            return String.format(Locale.ROOT, "%.6g against %.6g", found[index], expected[index]);
        }
    }
}
