package org.finitentk.internal.backbone;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import org.finitentk.internal.tribuo.OutputNames;

/**
 * Which network output each named dimension or label of a task is. Tribuo's own output ids are never used: they follow
 * string or hash order. {@link OutputMatching} decides.
 *
 * @param names one name for each of the network's outputs in their order, among them labels that the data lacks; or,
 *     where names are not outputs, the task's names
 */
record OutputMapping(List<String> names) {
    OutputMapping {
        names = List.copyOf(names);
    }

    /**
     * Settles the order.
     *
     * @param taskNames names that occur in the training data
     * @param listed names in the order of the network's outputs, or empty for number-aware order
     * @throws IllegalArgumentException unless a list that is given has exactly the task's names
     */
    static OutputMapping of(Collection<String> taskNames, List<String> listed) {
        if (listed.isEmpty()) {
            return new OutputMapping(OutputNames.sorted(taskNames));
        }
        if (listed.size() != taskNames.size() || !new HashSet<>(listed).equals(new HashSet<>(taskNames))) {
            throw new IllegalArgumentException("the output order lists " + listed + ", but the data has the outputs "
                    + new ArrayList<>(taskNames) + "; expected the same names, each once");
        }
        return new OutputMapping(listed);
    }
}
