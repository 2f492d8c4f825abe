package org.finitentk.stored;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.finitentk.table.LabelListTarget;
import org.finitentk.table.TableDataSource;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.data.columnar.processors.field.DoubleFieldProcessor;
import org.tribuo.data.columnar.processors.response.FieldResponseProcessor;
import org.tribuo.data.csv.CSVDataSource;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/** The tables that stored models were trained on, in the folder 'tables'. */
final class StoredTables {
    private static final int ROWS = 13;
    private static final int TOWNS = 12;

    private final Path folder;

    StoredTables(Path folder) {
        this.folder = folder.resolve("tables");
    }

    /**
     * Columns whose order is not the alphabet's, numbered ones, columns of two inputs of a network, pixels, and rows
     * that occur twice.
     */
    void write() throws IOException {
        Files.createDirectories(folder);
        table("people", List.of("width", "age"));
        table("numbers", List.of("x1", "x2", "x3"));
        table("inputs", List.of("ids:0", "ids:1", "values:0", "values:1"));
        table("pixels", List.of("p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"));
        List<String> people = Files.readAllLines(file("people"));
        StringBuilder twice = new StringBuilder(people.get(0)).append('\n');
        for (String row : people.subList(1, 8)) {
            twice.append(row).append('\n').append(row).append('\n');
        }
        Files.writeString(file("repeats"), twice);
        plain(people);
        towns();
    }

    /** More labels than ten. */
    private void towns() throws IOException {
        SplittableRandom random = new SplittableRandom(12);
        StringBuilder text = new StringBuilder("width,age,town\n");
        for (int i = 0; i < 3 * TOWNS; i++) {
            double x = random.nextDouble(-1, 1);
            text.append(String.format(
                    Locale.ROOT, "%.3f,%.3f,t%d%n", x, (i % TOWNS) / (double) TOWNS - 0.5 + 0.1 * x, i % TOWNS));
        }
        Files.writeString(file("towns"), text);
    }

    /** A table of numbers only, its target last. */
    private void plain(List<String> people) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String row : people) {
            String[] cells = row.split(",", -1);
            text.append(cells[0])
                    .append(',')
                    .append(cells[1])
                    .append(',')
                    .append(cells[2])
                    .append('\n');
        }
        Files.writeString(file("plain"), text);
    }

    private void table(String name, List<String> features) throws IOException {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        StringBuilder csv = new StringBuilder(String.join(",", features)).append(",y,z,kind,side,weight\n");
        for (int i = 0; i < ROWS; i++) {
            double sum = 0;
            for (int j = 0; j < features.size(); j++) {
                double x = features.get(j).startsWith("ids") ? random.nextInt(4) : random.nextDouble(-1, 1);
                sum += (j % 2 == 0 ? 1 : -0.6) * x;
                csv.append(String.format(Locale.ROOT, "%.3f,", x));
            }
            String kind = sum > 0.5 ? "red" : sum > -0.4 ? "green" : "blue";
            csv.append(String.format(
                    Locale.ROOT,
                    "%.3f,%.3f,%s,%s,%.1f%n",
                    Math.sin(2 * sum) + 0.3 * random.nextGaussian(),
                    sum * sum + 0.3 * random.nextGaussian(),
                    kind,
                    sum > 0 ? "yes" : "no",
                    0.5 + i % 3));
        }
        Files.writeString(file(name), csv);
    }

    Path file(String name) {
        return folder.resolve(name + ".csv");
    }

    CSVDataSource<Regressor> regression(String table, String... responses) {
        return new CSVDataSource<>(
                file(table),
                StoredTables.<Regressor>rows(header(table)).build(response(new RegressionFactory(), responses)),
                true);
    }

    CSVDataSource<Label> classification(String table, String response) {
        return new CSVDataSource<>(
                file(table),
                StoredTables.<Label>rows(header(table)).build(response(new LabelFactory(), response)),
                true);
    }

    /** Each row has one label of several. */
    TableDataSource<MultiLabel> multiLabel(String table, String response) {
        return new TableDataSource<>(
                file(table), StoredTables.<MultiLabel>rows(header(table)).build(new LabelListTarget(response, ";")));
    }

    private static <T extends Output<T>> FieldResponseProcessor<T> response(
            OutputFactory<T> outputs, String... responses) {
        return new FieldResponseProcessor<>(
                List.of(responses),
                List.of(responses).stream().map(r -> "").toList(),
                outputs,
                outputs instanceof RegressionFactory,
                false);
    }

    /** A processor for each column that is a feature. */
    private static <T extends Output<T>> RowProcessor.Builder<T> rows(List<String> columns) {
        RowProcessor.Builder<T> rows = new RowProcessor.Builder<>();
        for (String column : columns) {
            if (!List.of("y", "z", "kind", "side", "weight", "town").contains(column)) {
                rows.addFieldProcessor(new DoubleFieldProcessor(column, true));
            }
        }
        return rows;
    }

    private List<String> header(String table) {
        try {
            return List.of(Files.readAllLines(file(table)).get(0).split(",", -1));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
