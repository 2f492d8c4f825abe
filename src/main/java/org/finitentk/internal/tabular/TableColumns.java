package org.finitentk.internal.tabular;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.table.TableRows;

/**
 * Which columns of a file a model is trained on.
 *
 * @param file the table
 * @param targets columns that are learned, at least one
 * @param features columns that they are learned from, for a network in the order of its inputs; empty if the network's
 *     file or the columns' names tell
 * @param weights the column of the rows' weights; empty if all count alike
 * @param labelSeparator what is between the labels of a cell, where a row may have several; empty if it is to be found
 */
public record TableColumns(
        TableFile file, List<String> targets, List<String> features, String weights, String labelSeparator) {
    /**
     * Checks the lists.
     *
     * @param file the table
     * @param targets columns that are learned
     * @param features columns that they are learned from
     * @param weights the column of weights
     * @param labelSeparator what is between labels
     * @throws IllegalArgumentException if there is no target, or a column is both
     */
    public TableColumns {
        targets = List.copyOf(targets);
        features = List.copyOf(features);
        if (targets.isEmpty() || new HashSet<>(targets).size() < targets.size()) {
            throw new IllegalArgumentException(
                    "the targets are " + targets + "; expected at least one column, each named once");
        }
        if (labelSeparator.length() > 1) {
            throw new IllegalArgumentException(
                    "what is between labels is '" + labelSeparator + "'; expected one character, such as ; or |");
        }
        if (!weights.isEmpty() && (targets.contains(weights) || features.contains(weights))) {
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

    /**
     * Targets as people name them: each a column, or several columns with commas between them, if no column has that
     * name.
     *
     * @param file the table
     * @param words column names and lists of them
     * @return names of columns, of which the table may lack some
     */
    public static List<String> named(TableFile file, List<String> words) {
        if (words.stream().noneMatch(word -> word.contains(","))) {
            return List.copyOf(words);
        }
        List<String> columns;
        try (TableRows rows = file.open()) {
            columns = rows.columns() == null ? List.of() : rows.columns();
        } catch (IOException e) {
            throw new UncheckedIOException(file.name() + " cannot be read: " + e.getMessage(), e);
        }
        return words.stream()
                .flatMap(word -> columns.contains(word) ? Stream.of(word) : Columns.parse(word).stream())
                .toList();
    }
}
