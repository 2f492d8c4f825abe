package org.finitentk.internal.tabular;

import java.io.Flushable;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.Complaints;
import org.finitentk.internal.table.RowExamples;
import org.finitentk.internal.table.RowWriter;
import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.table.TableRow;
import org.finitentk.internal.table.TableRows;
import org.finitentk.internal.table.TableStream;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;
import org.tribuo.Output;

/**
 * Predictions of a model for the rows of tables: one row for each row, with those of its own columns that are kept
 * first, and cells without anything for a row that cannot be used.
 */
public final class TablePredictions {
    private static final int BATCH = 1000;

    private final RowPredictor<?> predictor;
    private final PredictedColumns predicted;
    private final @Nullable List<String> kept;

    /**
     * Of a model.
     *
     * @param model one that predicts numbers or labels
     * @param level probability of the intervals around numbers, between 0 and 1
     * @param kept columns of the table that are written before the predictions; null for all
     * @throws IllegalArgumentException if the model predicts something else
     */
    public TablePredictions(Model<?> model, double level, @Nullable List<String> kept) {
        this(model, null, level, kept);
    }

    /**
     * Of a model in a file.
     *
     * @param model one that predicts numbers or labels
     * @param file where it lies: what its rows need, such as a tokenizer, is looked for beside it if it is no more
     *     where it was; null if the model is in memory
     * @param level probability of the intervals around numbers, between 0 and 1
     * @param kept columns of the table that are written before the predictions; null for all
     * @throws IllegalArgumentException if the model predicts something else
     */
    public TablePredictions(Model<?> model, @Nullable Path file, double level, @Nullable List<String> kept) {
        this.predictor = RowPredictor.of(model, file, PredictedColumns.Labels.LABEL);
        this.predicted = PredictedColumns.of(model, level, predictor.target());
        this.kept = kept == null ? null : List.copyOf(kept);
    }

    /**
     * How many rows there were.
     *
     * @param rows all of them
     * @param empty those without a prediction
     * @param complaints why, for the first of them; empty if there are none
     */
    public record Counts(long rows, long empty, String complaints) {}

    /**
     * Predicts a file, as comma-separated values.
     *
     * @param table the file
     * @param to where the predictions go
     * @param progress hears of every thousand rows
     * @return how many rows there were
     * @throws IOException if the file cannot be read, or the predictions cannot be written
     * @throws IllegalArgumentException if the file lacks a column that the model needs
     */
    public Counts write(TableFile table, Writer to, ProgressListener progress) throws IOException {
        try (TableRows rows = table.open()) {
            return run(predictor, rows, to, progress);
        }
    }

    /**
     * Predicts rows as they come, in the form in which they come, and hands predictions on as soon as no row waits.
     *
     * @param table what somebody may still be writing
     * @param to where the predictions go
     * @return how many rows there were
     * @throws IOException if the rows cannot be read, or the predictions cannot be written
     * @throws IllegalArgumentException if they lack a column that the model needs
     */
    public Counts write(TableStream table, Writer to) throws IOException {
        try (TableRows rows = table.open()) {
            return run(predictor, rows, to, ProgressListener.NONE);
        }
    }

    private <T extends Output<T>> Counts run(
            RowPredictor<T> rowPredictor, TableRows rows, Writer to, ProgressListener progress) throws IOException {
        List<String> columns = rows.columns();
        RowExamples<T> examples = new RowExamples<>(rowPredictor.processor(columns == null ? List.of() : columns));
        RowWriter writer = columns == null ? RowWriter.JSON_LINES : RowWriter.CSV;
        if (columns != null) {
            Columns.require(rows.name(), columns, examples.columns(), "which the model needs");
            List<String> names = new ArrayList<>(kept(rows.name(), columns));
            names.addAll(predicted.names());
            writer.header(names, to);
            handOn(to, rows);
        }
        Complaints complaints = new Complaints();
        long count = 0;
        List<TableRow> batch = new ArrayList<>();
        for (@Nullable TableRow row = rows.next(); row != null; row = rows.next()) {
            batch.add(row);
            if (batch.size() == BATCH || !rows.isReady()) {
                count += write(batch, rowPredictor.predict(batch, examples), writer, to, complaints);
                batch.clear();
                handOn(to, rows);
                progress.progress("predict", count, -1);
            }
        }
        count += write(batch, rowPredictor.predict(batch, examples), writer, to, complaints);
        to.flush();
        return new Counts(count, complaints.count(), complaints.list());
    }

    private static void handOn(Flushable to, TableRows rows) throws IOException {
        if (!rows.isReady()) {
            to.flush();
        }
    }

    private List<String> kept(String table, List<String> columns) {
        List<String> names = kept == null ? columns : kept;
        Columns.require(table, columns, kept == null ? List.of() : names, "which is to be kept");
        for (String name : names) {
            if (predicted.names().contains(name)) {
                throw new IllegalArgumentException(table + " has a column '" + name
                        + "', which is the name of a column of predictions too; keep other columns, or rename it");
            }
        }
        return names;
    }

    private int write(
            List<TableRow> rows,
            List<RowPredictor.Outcome> outcomes,
            RowWriter writer,
            Writer to,
            Complaints complaints)
            throws IOException {
        for (int i = 0; i < rows.size(); i++) {
            TableRow row = rows.get(i);
            RowPredictor.Outcome outcome = outcomes.get(i);
            List<String> names = new ArrayList<>(kept == null ? row.columns() : kept);
            List<Object> cells = kept == null ? all(row) : chosen(row, kept);
            names.addAll(predicted.names());
            if (outcome.prediction() == null) {
                complaints.add(row.line(), String.valueOf(outcome.complaint()));
                predicted.names().forEach(unused -> cells.add(Double.NaN));
            } else {
                cells.addAll(predicted.cells(outcome.prediction()));
            }
            writer.row(names, cells, to);
        }
        return rows.size();
    }

    /** By position: names that are there twice, or empty, are kept as they are. */
    private static List<Object> all(TableRow row) {
        int width = row.columns().size();
        List<Object> cells =
                new ArrayList<>(row.own().subList(0, Math.min(row.own().size(), width)));
        while (cells.size() < width) {
            cells.add("");
        }
        return cells;
    }

    /** Empty where a row has no such cell, as one that is cut off. */
    private static List<Object> chosen(TableRow row, List<String> names) {
        List<Object> cells = new ArrayList<>();
        for (String name : names) {
            int at = row.columns().indexOf(name);
            cells.add(at < 0 || at >= row.own().size() ? "" : row.own().get(at));
        }
        return cells;
    }
}
