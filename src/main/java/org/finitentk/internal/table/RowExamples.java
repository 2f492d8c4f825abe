package org.finitentk.internal.table;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;
import org.tribuo.Output;
import org.tribuo.data.columnar.ColumnarIterator;
import org.tribuo.data.columnar.FieldProcessor;
import org.tribuo.data.columnar.ResponseProcessor;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.data.columnar.processors.field.DoubleFieldProcessor;
import org.tribuo.data.columnar.processors.field.TextFieldProcessor;

/**
 * Makes examples of rows by one of Tribuo's processors, and says of every row that makes none why: Tribuo leaves out
 * rows without a target, and cells that are no numbers, without an error.
 *
 * @param <T> the type of the outputs
 */
public final class RowExamples<T extends Output<T>> {
    /** How Java writes a number that there is not. */
    private static final String MISSING = "NaN";

    private final RowProcessor<T> processor;
    private final List<String> numbers;
    private final List<String> texts;
    private final List<String> targets;

    /**
     * Of a processor whose regular expressions, if it has any, are expanded.
     *
     * @param processor what columns become
     */
    public RowExamples(RowProcessor<T> processor) {
        this.processor = processor;
        this.targets = targets(processor);
        this.numbers = columns(processor, DoubleFieldProcessor.class);
        this.texts = columns(processor, TextFieldProcessor.class);
    }

    private static List<String> columns(RowProcessor<?> processor, Class<? extends FieldProcessor> kind) {
        return processor.getFieldProcessors().entrySet().stream()
                .filter(field -> kind.isInstance(field.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /**
     * Expands a processor's regular expressions by the columns of a table.
     *
     * @param processor what columns become
     * @param columns the table's columns
     * @param <T> the type of the outputs
     * @return a copy, or the processor itself if it has no regular expressions
     * @throws IllegalArgumentException if one of them matches no column
     */
    @SuppressWarnings("deprecation") // Tribuo's own way to a processor with clean state.
    public static <T extends Output<T>> RowProcessor<T> expanded(RowProcessor<T> processor, List<String> columns) {
        if (processor.isConfigured()) {
            return processor;
        }
        RowProcessor<T> copy = processor.copy();
        copy.expandRegexMapping(columns);
        return copy;
    }

    /**
     * The columns that a processor makes outputs of.
     *
     * @param processor what columns become
     * @return their names
     */
    public static List<String> targets(RowProcessor<?> processor) {
        return List.copyOf(processor.getResponseProcessor().getFieldNames());
    }

    /**
     * The columns that features are made of, in alphabetical order.
     *
     * @return their names
     */
    public List<String> columns() {
        return processor.getColumnNames().stream().sorted().toList();
    }

    /**
     * The columns that outputs are made of.
     *
     * @return their names
     */
    public List<String> targets() {
        return targets;
    }

    /**
     * What became of a row.
     *
     * @param example the example, or null
     * @param complaint why there is none, or null
     * @param <T> the type of the output
     */
    public record Outcome<T extends Output<T>>(
            @Nullable Example<T> example, @Nullable String complaint) {}

    /**
     * An example with its output.
     *
     * @param row a row
     * @return the example or a complaint
     */
    public Outcome<T> labelled(TableRow row) {
        Map<String, String> cells = row.byName();
        String complaint = complaint(row, cells);
        if (complaint == null) {
            complaint = targetComplaint(cells);
        }
        // Tribuo logs a line for each row without features
        if (complaint == null && isWithoutText(cells)) {
            complaint = nothing(cells, "");
        }
        if (complaint != null) {
            return new Outcome<>(null, complaint);
        }
        Optional<Example<T>> example;
        try {
            example = processor.generateExample(new ColumnarIterator.Row(row.line(), row.columns(), cells), true);
        } catch (BadCellException e) {
            return new Outcome<>(null, String.valueOf(e.getMessage()));
        }
        return example.isPresent()
                ? new Outcome<>(example.get(), null)
                : new Outcome<>(null, nothing(cells, "no feature or no target can be made of it"));
    }

    /**
     * An example without its output, whether the table has one or not.
     *
     * @param row a row
     * @return the example or a complaint
     */
    public Outcome<T> unlabelled(TableRow row) {
        Map<String, String> cells = row.byName();
        String complaint = complaint(row, cells);
        if (complaint != null) {
            return new Outcome<>(null, complaint);
        }
        Example<T> example = example(cells);
        return example == null
                ? new Outcome<>(null, nothing(cells, "no feature can be made of it"))
                : new Outcome<>(example, null);
    }

    private boolean isWithoutText(Map<String, String> cells) {
        return !texts.isEmpty()
                && texts.size() == processor.getFieldProcessors().size()
                && texts.stream().allMatch(text -> cells.getOrDefault(text, "").isBlank());
    }

    /** Why a row has no features, which every number and every word is. */
    private String nothing(Map<String, String> cells, String otherwise) {
        return texts.isEmpty()
                ? otherwise
                : texts.stream()
                        .map(text -> {
                            String cell = cells.getOrDefault(text, "");
                            return "'" + text + "' is "
                                    + (cell.isBlank() ? "empty" : "'" + Cell.cut(cell) + "', which has no words");
                        })
                        .collect(Collectors.joining(" and "));
    }

    /**
     * An example without its output, for networks that put other numbers in the place of missing ones: of a row in
     * which nothing is wrong but that cells of numbers are empty, which are NaN.
     *
     * @param row a row
     * @return null for any other row
     */
    public @Nullable Example<T> withMissing(TableRow row) {
        if (row.complaint() != null) {
            return null;
        }
        Map<String, String> cells = row.byName();
        for (String column : numbers) {
            cells.computeIfPresent(column, (name, cell) -> cell.isBlank() ? MISSING : cell);
        }
        boolean sound = numbers.stream()
                .map(cells::get)
                .allMatch(cell -> cell != null && (cell.equals(MISSING) || !Double.isNaN(Cell.number(cell))));
        return sound && cells.keySet().containsAll(processor.getColumnNames()) ? example(cells) : null;
    }

    private @Nullable Example<T> example(Map<String, String> cells) {
        targets.forEach(cells::remove);
        List<org.tribuo.data.columnar.ColumnarFeature> features = processor.generateFeatures(cells);
        if (features.isEmpty()) {
            return null;
        }
        Example<T> example = new org.tribuo.impl.ArrayExample<>(
                processor.getResponseProcessor().getOutputFactory().getUnknownOutput());
        example.addAll(features);
        return example;
    }

    private @Nullable String complaint(TableRow row, Map<String, String> cells) {
        if (row.complaint() != null) {
            return row.complaint();
        }
        for (String column : numbers) {
            String cell = cells.get(column);
            if (cell == null) {
                return "'" + column + "' is not there";
            }
            if (Double.isNaN(Cell.number(cell))) {
                return Cell.noNumber(column, cell);
            }
        }
        for (String column : processor.getColumnNames()) {
            if (!cells.containsKey(column)) {
                return "'" + column + "' is not there";
            }
        }
        return null;
    }

    private @Nullable String targetComplaint(Map<String, String> cells) {
        ResponseProcessor<T> response = processor.getResponseProcessor();
        List<String> values = new ArrayList<>();
        for (String target : targets) {
            String cell = cells.get(target);
            if (cell == null) {
                return "'" + target + "' is not there";
            }
            values.add(cell);
        }
        return response instanceof TargetCells target ? target.complaint(values) : null;
    }

    /**
     * The processor of columns of numbers, each of which is a feature of the same name.
     *
     * @param features the columns' names
     * @param response what makes outputs
     * @param <T> the type of the outputs
     * @return the processor
     */
    public static <T extends Output<T>> RowProcessor<T> ofNumbers(
            List<String> features, ResponseProcessor<T> response) {
        return new RowProcessor<>(response, fields(features));
    }

    /**
     * What makes a feature of each of some columns of numbers, under the column's name.
     *
     * @param features the columns' names
     * @return by the columns' names
     */
    public static Map<String, FieldProcessor> fields(List<String> features) {
        Map<String, FieldProcessor> fields = new LinkedHashMap<>();
        features.forEach(name -> fields.put(name, new DoubleFieldProcessor(name, true, true)));
        return fields;
    }
}
