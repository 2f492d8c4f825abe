package org.finitentk.table;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Decides whether targets are numbers or labels where nobody says it. */
final class TaskDecision {
    private static final String ADVICE = "say --task regression or --task classification";

    private final ColumnKinds kinds;
    private final List<String> targets;

    TaskDecision(ColumnKinds kinds, List<String> targets) {
        this.kinds = kinds;
        this.targets = targets;
    }

    /** By the targets alone, for a trainer that does not tell: numbers are numbers. */
    Task byTargets() {
        return targets.stream().allMatch(kinds::isNumeric) ? Task.REGRESSION : Task.CLASSIFICATION;
    }

    /**
     * By the targets and a network's outputs.
     *
     * @param outputs how many
     * @param labels names of the outputs, from whoever gave them
     * @throws IllegalArgumentException if both are possible
     */
    Task byNetwork(int outputs, List<String> labels) {
        if (targets.size() > 1) {
            return Task.REGRESSION;
        }
        Set<String> values = kinds.targetValues();
        if (byTargets() == Task.CLASSIFICATION || !values.isEmpty() && labels.containsAll(values)) {
            return Task.CLASSIFICATION;
        }
        if (outputs == 1) {
            if (labels.size() == 1 && values.size() == 2 && values.contains(labels.get(0))) {
                return Task.CLASSIFICATION;
            }
            if (values.equals(Set.of("0", "1")) || values.equals(Set.of("-1", "1"))) {
                throw undecided("it holds only " + values.stream().sorted().collect(Collectors.joining(" and "))
                        + ", which can be two labels or numbers");
            }
            return Task.REGRESSION;
        }
        if (areCounted(values, 0, outputs) || areCounted(values, 1, outputs)) {
            return Task.CLASSIFICATION;
        }
        throw undecided("it holds numbers, and the network has " + outputs + " outputs");
    }

    private static boolean areCounted(Collection<String> values, int first, int count) {
        Set<String> numbers = IntStream.range(first, first + count)
                .mapToObj(Integer::toString)
                .collect(Collectors.toSet());
        return numbers.containsAll(values);
    }

    private IllegalArgumentException undecided(String why) {
        return new IllegalArgumentException("nothing says whether the target '" + targets.get(0)
                + "' is a number or a label: " + why + "; " + ADVICE);
    }
}
