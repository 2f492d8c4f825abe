package org.finitentk.table;

import java.util.HashSet;
import java.util.List;

/**
 * Which columns of a file a model is trained on.
 *
 * @param file the table
 * @param targets columns that are learned, at least one
 * @param features columns that they are learned from, for a network in the order of its inputs; empty if the network's
 *     file or the columns' names tell
 * @param weights the column of the rows' weights; empty if all count alike
 */
public record TableColumns(TableFile file, List<String> targets, List<String> features, String weights) {
    /**
     * Checks the lists.
     *
     * @param file the table
     * @param targets columns that are learned
     * @param features columns that they are learned from
     * @param weights the column of weights
     * @throws IllegalArgumentException if there is no target, or a column is both
     */
    public TableColumns {
        targets = List.copyOf(targets);
        features = List.copyOf(features);
        if (targets.isEmpty() || new HashSet<>(targets).size() < targets.size()) {
            throw new IllegalArgumentException(
                    "the targets are " + targets + "; expected at least one column, each named once");
        }
        if (targets.contains(weights) || features.contains(weights)) {
            throw new IllegalArgumentException(
                    "the column '" + weights + "' has the weights and is a feature or target; expected one of the two");
        }
        for (String target : targets) {
            if (features.contains(target)) {
                throw new IllegalArgumentException(
                        "the column '" + target + "' is among the features and a target; expected one of the two");
            }
        }
    }
}
