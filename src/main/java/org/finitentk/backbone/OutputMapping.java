package org.finitentk.backbone;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;

/**
 * Which network output each named dimension or label of a task is. Tribuo's own output ids are never used: they follow string or hash order. {@link OutputMatching} decides.
 *
 * @param names one name for each of the network's outputs in their order, among them labels that the data lacks; or, where names are not outputs, the task's names
 */
public record OutputMapping(List<String> names) {
    /**
     * Copies the list.
     *
     * @param names the task's names in the order of the network's outputs
     */
    public OutputMapping {
        names = List.copyOf(names);
    }

    /**
     * Names in number-aware order.
     *
     * @param names in any order
     * @return the mapping
     */
    static OutputMapping sorted(Collection<String> names) {
        return new OutputMapping(names.stream().sorted(NumberAwareOrder.INSTANCE).toList());
    }

    /**
     * Settles the order.
     *
     * @param taskNames names that occur in the training data
     * @param listed names in the order of the network's outputs, or empty for number-aware order
     * @return the mapping
     * @throws IllegalArgumentException unless a list that is given has exactly the task's names
     */
    public static OutputMapping of(Collection<String> taskNames, List<String> listed) {
        if (listed.isEmpty()) {
            return sorted(taskNames);
        }
        if (listed.size() != taskNames.size() || !new HashSet<>(listed).equals(new HashSet<>(taskNames))) {
            throw new IllegalArgumentException("the output order lists " + listed + ", but the data has the outputs " + new ArrayList<>(taskNames) + "; expected the same names, each once");
        }
        return new OutputMapping(listed);
    }

    /**
     * The network output of a name.
     *
     * @param name a dimension or label
     * @return its position
     * @throws IllegalArgumentException if the mapping does not have it
     */
    public int outputOf(String name) {
        int output = names.indexOf(name);
        if (output < 0) {
            throw new IllegalArgumentException("unknown output '" + name + "'; expected one of " + names);
        }
        return output;
    }
}
