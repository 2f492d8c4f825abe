package org.finitentk.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.finitentk.check.Finding.Outcome;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;

/**
 * Whether a linearized network computes what it promises: its own outputs, its own Jacobian, one example at a time, and
 * the kernel of that Jacobian. Graphs that were made elsewhere are trusted only as far as this goes.
 *
 * @param findings one for every property, in a fixed order; the kernel's only if no other failed
 */
public record LinearizationCheck(List<Finding> findings) {
    /** Examples that the more expensive properties are tried on at most; fewer on large networks. */
    public static final int EXAMPLES = 8;

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
        return of(network, RandomExamples.draw(network, EXAMPLES, seed), seed);
    }

    /**
     * Checks a network on given examples: values are looked at for all of them, the other properties on
     * {@value #EXAMPLES} at most, spread evenly.
     *
     * @param network the network
     * @param examples at least one
     * @param seed of all directions
     * @return what was found
     * @throws IllegalArgumentException if there are no examples or they do not fit the network
     */
    public static LinearizationCheck of(LinearizedNetwork network, Examples examples, long seed) {
        return of(network, examples, seed, ProgressListener.NONE);
    }

    /**
     * The same, telling how far it is: networks of billions of operations take minutes.
     *
     * @param network the network
     * @param examples at least one
     * @param seed of all directions
     * @param progress hears of each property, and of the parameters that were looked at
     * @return what was found
     * @throws IllegalArgumentException if there are no examples or they do not fit the network
     */
    public static LinearizationCheck of(
            LinearizedNetwork network, Examples examples, long seed, ProgressListener progress) {
        network.requireFit(examples);
        if (examples.size() == 0) {
            throw new IllegalArgumentException("a network cannot be checked without examples; expected at least one");
        }
        Effort effort = Effort.of(network);
        Examples few = few(examples, effort.examples());
        Directions directions = new Directions(network, few.size(), effort.blocks(), seed);
        List<Finding> findings = new ArrayList<>();
        progress.progress(FiniteValues.NAME, 0, 1);
        findings.add(tried(FiniteValues.NAME, () -> FiniteValues.find(network, examples, directions)));
        findings.add(tried(OutputAgreement.NAME, () -> OutputAgreement.find(network, few, directions)));
        findings.add(tried(AdjointIdentity.NAME, () -> AdjointIdentity.find(network, few, directions, progress)));
        findings.add(tried(FiniteDifferences.NAME, () -> FiniteDifferences.find(network, few, directions, progress)));
        progress.progress(BatchIndependence.NAME, 0, 1);
        findings.add(tried(BatchIndependence.NAME, () -> BatchIndependence.find(network, few, directions)));
        if (findings.stream().noneMatch(finding -> finding.outcome() == Outcome.FAILED)) {
            // a kernel needs what was looked at so far
            progress.progress(GramAgreement.NAME, 0, 1);
            findings.add(tried(GramAgreement.NAME, () -> GramAgreement.find(network, few, seed)));
        }
        return new LinearizationCheck(findings);
    }

    /**
     * What a check will take, roughly.
     *
     * @param network the network
     * @return floating-point operations; up to four times as many where differences have to be taken over steps of many
     *     sizes
     */
    public static double operations(LinearizedNetwork network) {
        return Effort.operations(network);
    }

    private static Examples few(Examples examples, int most) {
        int n = examples.size();
        return n <= most
                ? examples
                : examples.select(IntStream.range(0, most)
                        .map(i -> (int) ((long) i * n / most))
                        .toArray());
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
        return findings.stream()
                .filter(finding -> finding.outcome() == Outcome.FAILED)
                .toList();
    }
}
