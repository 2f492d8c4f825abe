package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.backbone.FileProvenance;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.DataFile;
import org.finitentk.internal.util.Settings;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Example;
import org.tribuo.OutputFactory;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.ConfiguredDataSourceProvenance;

/**
 * One part of a table of numbers (comma-separated values with a header, plain or {@code .gz}) as a classification task:
 * the last column is a label by the thresholds between which it lies. A network is trained on the rows where another
 * column is at most its median, and meets those above it: each half is another population. Of the upper half the first
 * rows of a fixed random order are for testing, and those for adapting are drawn from the others. All columns are
 * standardized to mean 0 and variance 1 in the lower half, which is all that is known when a network is trained; a
 * column that does not vary there is only centred.
 */
final class ThresholdCsvDataSource implements ConfigurableDataSource<Label> {
    /** Which rows are tested on is the same whatever is drawn for adapting. */
    private static final long TEST_SEED = 1;

    /** The parts of the rows. */
    enum Part {
        /** Those up to the median, which the network is trained on. */
        SOURCE,
        /** Those above it that are tested on. */
        TEST,
        /** Some of the others above it. */
        ADAPTATION
    }

    @Config(mandatory = true, description = "The file: .csv or .csv.gz.")
    private Path path;

    @Config(mandatory = true, description = "Which rows: SOURCE, TEST or ADAPTATION.")
    private Part part;

    @Config(mandatory = true, description = "The column by whose median the rows are parted.")
    private String parting;

    @Config(mandatory = true, description = "Rising values of the last column at which the next label begins.")
    private List<Double> thresholds = new ArrayList<>();

    @Config(mandatory = true, description = "The labels' names, one more than there are thresholds.")
    private List<String> labels = new ArrayList<>();

    @Config(description = "How many rows are tested on, at least 1.")
    private int tests = 500;

    @Config(description = "At most so many rows of SOURCE or ADAPTATION are drawn, by the seed; 0 for all.")
    private int maximumRows;

    @Config(description = "Seed of which rows are drawn.")
    private long seed = 1;

    private final LabelFactory factory = new LabelFactory();

    private ThresholdCsvDataSource() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireDifferent("labels", labels);
            Settings.require(
                    labels.size() == thresholds.size() + 1 && labels.size() > 1,
                    "labels",
                    labels,
                    "one name more than there are thresholds, which are " + thresholds.size());
            Settings.require(
                    IntStream.range(1, thresholds.size()).allMatch(i -> thresholds.get(i - 1) < thresholds.get(i)),
                    "thresholds",
                    thresholds,
                    "rising numbers");
            Settings.requireAtLeast("tests", tests, 1);
            Settings.requireAtLeast("maximumRows", maximumRows, 0);
        });
    }

    @Override
    public OutputFactory<Label> getOutputFactory() {
        return factory;
    }

    /** Reads the file. */
    @Override
    public Iterator<Example<Label>> iterator() {
        CsvTable table;
        try {
            table = CsvTable.read(path);
        } catch (NoSuchFileException e) {
            throw DataFile.missing(e);
        } catch (IOException e) {
            throw new UncheckedIOException("data file '" + path + "' cannot be read: " + e.getMessage(), e);
        }
        int[][] halves = halves(table);
        double[][] scales = scales(table, halves[0]);
        String[] names = table.columns().subList(0, table.target()).toArray(String[]::new);
        return Arrays.stream(chosen(halves))
                .mapToObj(i -> example(table.rows().get(i), names, scales))
                .iterator();
    }

    /** The numbers of the rows up to the median of the parting column, and of those above it. */
    private int[][] halves(CsvTable table) {
        int column = table.columns().indexOf(parting);
        if (column < 0 || column == table.target()) {
            throw new IllegalArgumentException(
                    "data file '" + path + "' has no feature '" + parting + "' to part its rows by; expected one of "
                            + table.columns().subList(0, table.target()));
        }
        double[] sorted =
                table.rows().stream().mapToDouble(row -> row[column]).sorted().toArray();
        double median = sorted.length == 0 ? 0 : sorted[(sorted.length - 1) / 2];
        int[] lower = rows(table, column, Double.NEGATIVE_INFINITY, median);
        int[] upper = rows(table, column, median, Double.POSITIVE_INFINITY);
        if (lower.length == 0 || upper.length <= tests) {
            throw new IllegalArgumentException(
                    "data file '" + path + "' has " + lower.length + " rows up to the median "
                            + median + " of '" + parting + "' and " + upper.length
                            + " above it; expected more than the " + tests
                            + " to test on above it");
        }
        return new int[][] {lower, upper};
    }

    private static int[] rows(CsvTable table, int column, double above, double most) {
        return IntStream.range(0, table.rows().size())
                .filter(i -> table.rows().get(i)[column] > above && table.rows().get(i)[column] <= most)
                .toArray();
    }

    private int[] chosen(int[][] halves) {
        if (part == Part.SOURCE) {
            return drawn(halves[0]);
        }
        int[] order = ImageDataSource.shuffled(halves[1], new SplittableRandom(TEST_SEED));
        return part == Part.TEST ? Arrays.copyOf(order, tests) : drawn(Arrays.copyOfRange(order, tests, order.length));
    }

    private int[] drawn(int[] rows) {
        int[] order = ImageDataSource.shuffled(rows, new SplittableRandom(seed));
        return maximumRows == 0 ? order : Arrays.copyOf(order, Math.min(maximumRows, order.length));
    }

    /** Each column's mean and deviation in some rows. */
    private static double[][] scales(CsvTable table, int[] rows) {
        double[][] scales = new double[table.target()][];
        for (int j = 0; j < scales.length; j++) {
            int column = j;
            double mean = Arrays.stream(rows)
                    .mapToDouble(i -> table.rows().get(i)[column])
                    .average()
                    .orElseThrow();
            double variance = Arrays.stream(rows)
                    .mapToDouble(i -> table.rows().get(i)[column] - mean)
                    .map(d -> d * d)
                    .average()
                    .orElseThrow();
            // What is left of a constant column is the rounding of its mean.
            scales[j] = new double[] {mean, variance > 1e-24 * mean * mean ? Math.sqrt(variance) : 1};
        }
        return scales;
    }

    private Example<Label> example(double[] row, String[] names, double[][] scales) {
        double target = row[names.length];
        int label = (int) thresholds.stream().filter(from -> target >= from).count();
        double[] values = new double[names.length];
        for (int j = 0; j < values.length; j++) {
            values[j] = (row[j] - scales[j][0]) / scales[j][1];
        }
        return new ArrayExample<>(new Label(labels.get(label)), names, values);
    }

    @Override
    public ThresholdCsvDataSourceProvenance getProvenance() {
        return new ThresholdCsvDataSourceProvenance(this);
    }

    @Override
    public String toString() {
        return part + " of data file '" + path + "'";
    }

    /** The configuration of a {@link ThresholdCsvDataSource} and the SHA-256 of its file. */
    public static final class ThresholdCsvDataSourceProvenance extends FileProvenance
            implements ConfiguredDataSourceProvenance {
        private static final long serialVersionUID = 1L;

        ThresholdCsvDataSourceProvenance(ThresholdCsvDataSource host) {
            super(host, "DataSource", Map.of(RESOURCE_HASH, DataFile.sha256(host.path)));
        }

        /**
         * Rebuilds a provenance that was written; OLCUT calls it.
         *
         * @param map configured and instance values
         */
        public ThresholdCsvDataSourceProvenance(Map<String, Provenance> map) {
            super(map);
        }
    }
}
