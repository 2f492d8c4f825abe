package org.finitentk.table;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.FileProvenance;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.Complaints;
import org.finitentk.internal.table.RowExamples;
import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.table.TableFormat;
import org.finitentk.internal.table.TableRow;
import org.finitentk.internal.table.TableRows;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.DataFile;
import org.jspecify.annotations.Nullable;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Example;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.classification.Label;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.provenance.ConfiguredDataSourceProvenance;
import org.tribuo.regression.Regressor;

/**
 * The rows of a file with a table, as Tribuo's examples. What columns become is said by one of Tribuo's
 * {@link RowProcessor}s, as for {@code CSVDataSource}; in addition the file may be compressed by gzip, its separator is
 * found, its first line may be a row, and no row or cell is left out in silence: a file with rows that cannot be used
 * is refused, and the error lists the lines. Text is UTF-8.
 *
 * @param <T> the type of the outputs
 */
public final class TableDataSource<T extends Output<T>> implements ConfigurableDataSource<T> {
    @Config(mandatory = true, description = "The file: text, plain or compressed by gzip.")
    private Path path;

    @Config(mandatory = true, description = "What columns become: features, outputs, weights.")
    private RowProcessor<T> rowProcessor;

    @Config(description = "What is between cells: one character, 'tab', or 'auto' for one of , ; tab |")
    private String separator = TableFormat.DEFAULT.separator();

    @Config(description = "What encloses cells with separators in them.")
    private String quote = TableFormat.DEFAULT.quote();

    @Config(description = "What is before the fraction of a number: a point or a comma.")
    private String decimal = TableFormat.DEFAULT.decimal();

    @Config(description = "Names of the columns, if the first line is a row; empty if it has the names.")
    private List<String> columns = new ArrayList<>();

    private TableDataSource() {}

    /**
     * Rows of a file with the columns' names in its first line, points in numbers, and a separator that is found.
     *
     * @param path the file
     * @param rowProcessor what columns become
     */
    public TableDataSource(Path path, RowProcessor<T> rowProcessor) {
        this.path = path.toAbsolutePath().normalize();
        this.rowProcessor = rowProcessor;
        postConfig();
    }

    /**
     * Rows of a file that is written in another way.
     *
     * @param path the file
     * @param rowProcessor what columns become
     * @param separator what is between cells: one character, "tab", or "auto" for the one among comma, semicolon, tab
     *     and bar by which the first lines have the same number of cells
     * @param quote one character, which encloses cells with separators in them
     * @param decimal what is before the fraction of a number: "." or ","
     * @param columns names of the columns of a text whose first line is a row like all others; empty if the first line
     *     has the names
     */
    public TableDataSource(
            Path path,
            RowProcessor<T> rowProcessor,
            String separator,
            String quote,
            String decimal,
            List<String> columns) {
        this.path = path.toAbsolutePath().normalize();
        this.rowProcessor = rowProcessor;
        this.separator = separator;
        this.quote = quote;
        this.decimal = decimal;
        this.columns = new ArrayList<>(columns);
        postConfig();
    }

    /**
     * Columns of numbers to learn columns of numbers from.
     *
     * @param path the file, with the columns' names in its first line
     * @param features the columns that become features, each under its own name
     * @param targets the columns that become dimensions of the regression
     * @return the data source
     */
    public static TableDataSource<Regressor> regression(Path path, List<String> features, List<String> targets) {
        return new TableDataSource<>(path, RowExamples.ofNumbers(features, new NumberTargets(targets)));
    }

    /**
     * Columns of numbers to learn a column of labels from.
     *
     * @param path the file, with the columns' names in its first line
     * @param features the columns that become features, each under its own name
     * @param target the column of labels
     * @return the data source
     */
    public static TableDataSource<Label> classification(Path path, List<String> features, String target) {
        return new TableDataSource<>(path, RowExamples.ofNumbers(features, new LabelTarget(target)));
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(this::format);
    }

    private TableFormat format() {
        return new TableFormat(separator, quote, decimal, columns);
    }

    @Override
    public OutputFactory<T> getOutputFactory() {
        return rowProcessor.getResponseProcessor().getOutputFactory();
    }

    /**
     * Reads the whole file.
     *
     * @return an example for every row
     * @throws IllegalArgumentException if the file is none, lacks a column, or has rows that cannot be used
     */
    @Override
    public Iterator<Example<T>> iterator() {
        try (TableRows rows = new TableFile(path, format()).open()) {
            return read(rows).iterator();
        } catch (IOException e) {
            throw new UncheckedIOException("data file '" + path + "' cannot be read: " + e.getMessage(), e);
        }
    }

    private List<Example<T>> read(TableRows rows) throws IOException {
        List<String> names = rows.columns() == null ? List.of() : rows.columns();
        RowExamples<T> examples = new RowExamples<>(RowExamples.expanded(rowProcessor, names));
        Columns.require(rows.name(), names, examples.columns(), "which is a feature");
        Columns.require(rows.name(), names, examples.targets(), "which is a target");
        List<Example<T>> read = new ArrayList<>();
        Complaints complaints = new Complaints();
        for (@Nullable TableRow row = rows.next(); row != null; row = rows.next()) {
            RowExamples.Outcome<T> outcome = examples.labelled(row);
            if (outcome.example() != null) {
                read.add(outcome.example());
            } else {
                complaints.add(row.line(), String.valueOf(outcome.complaint()));
            }
        }
        if (complaints.count() > 0) {
            throw new IllegalArgumentException(rows.name() + " has " + complaints.count()
                    + (complaints.count() == 1 ? " row" : " rows") + " that cannot be used, of "
                    + (complaints.count() + read.size()) + ": " + complaints.list()
                    + "; correct them, or leave them out of the file");
        }
        if (read.isEmpty()) {
            throw new IllegalArgumentException(rows.name() + " has no rows below its header");
        }
        return read;
    }

    @Override
    public String toString() {
        return "TableDataSource(path=" + path + ", rowProcessor=" + rowProcessor.getDescription() + ")";
    }

    @Override
    public TableDataSourceProvenance getProvenance() {
        return new TableDataSourceProvenance(this);
    }

    /** The configuration of a {@link TableDataSource} and the SHA-256 of its file. */
    public static final class TableDataSourceProvenance extends FileProvenance
            implements ConfiguredDataSourceProvenance {
        private static final long serialVersionUID = 1L;

        TableDataSourceProvenance(TableDataSource<?> host) {
            super(host, "DataSource", Map.of(RESOURCE_HASH, DataFile.sha256(host.path)));
        }

        /**
         * Rebuilds a provenance that was written; OLCUT calls it.
         *
         * @param map configured and instance values
         */
        public TableDataSourceProvenance(Map<String, Provenance> map) {
            super(map);
        }
    }
}
