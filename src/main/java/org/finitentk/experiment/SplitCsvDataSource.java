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
import org.finitentk.backbone.FileProvenance;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.DataFile;
import org.finitentk.internal.util.Settings;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Example;
import org.tribuo.OutputFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.ConfiguredDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/**
 * One part of a table of numbers (comma-separated values with a header, plain or {@code .gz}, the last column being the
 * target): the rows are shuffled by a seed, a fraction is for testing, and the training rows are halved into those that
 * a network is trained on and those that it is adapted to. All columns are standardized to mean 0 and variance 1 on the
 * training rows of both halves; a column that does not vary there is only centred.
 */
public final class SplitCsvDataSource implements ConfigurableDataSource<Regressor> {
    /** The parts of the rows. */
    public enum Part {
        /** The half of the training rows that the network is trained on. */
        SOURCE,
        /** The other half of the training rows. */
        ADAPTATION,
        /** The rows that nothing is trained on. */
        TEST,
        /** Both halves of the training rows. */
        TRAINING
    }

    @Config(mandatory = true, description = "The file: .csv or .csv.gz.")
    private Path path;

    @Config(mandatory = true, description = "Which rows: SOURCE, ADAPTATION, TEST or TRAINING.")
    private Part part;

    @Config(description = "Fraction of the rows that are for testing, above 0 and below 1.")
    private double testFraction = 0.1;

    @Config(description = "At most so many rows are used, drawn by the seed; 0 for all.")
    private int maximumRows;

    @Config(description = "Seed of the order of the rows.")
    private long seed = 1;

    private final RegressionFactory factory = new RegressionFactory();

    private SplitCsvDataSource() {}

    /**
     * A part of a file.
     *
     * @param path the file
     * @param part which rows
     * @param testFraction fraction of the rows that are for testing, above 0 and below 1
     * @param maximumRows at most so many rows are used; 0 for all
     * @param seed seed of the order of the rows
     */
    public SplitCsvDataSource(Path path, Part part, double testFraction, int maximumRows, long seed) {
        this.path = path.toAbsolutePath().normalize();
        this.part = part;
        this.testFraction = testFraction;
        this.maximumRows = maximumRows;
        this.seed = seed;
        postConfig();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireFraction("testFraction", testFraction);
            Settings.requireAtLeast("maximumRows", maximumRows, 0);
        });
    }

    @Override
    public OutputFactory<Regressor> getOutputFactory() {
        return factory;
    }

    /** Reads the file. */
    @Override
    public Iterator<Example<Regressor>> iterator() {
        Rows rows = rows();
        String[] names =
                rows.table().columns().subList(0, rows.table().target()).toArray(String[]::new);
        String target = rows.table().columns().get(rows.table().target());
        List<Example<Regressor>> examples = new ArrayList<>();
        for (double[] row : rows.standardized(part)) {
            examples.add(new ArrayExample<>(
                    new Regressor(target, row[names.length]), names, Arrays.copyOf(row, names.length)));
        }
        return examples.iterator();
    }

    /**
     * The standard deviation of the targets of the training rows, by which standardized errors are to be multiplied.
     *
     * @return in the file's unit; 1 if the targets do not vary
     */
    public double targetDeviation() {
        Rows rows = rows();
        return rows.deviation(rows.table().target());
    }

    private Rows rows() {
        try {
            return Rows.of(CsvTable.read(path), path, testFraction, maximumRows, seed);
        } catch (NoSuchFileException e) {
            throw DataFile.missing(e);
        } catch (IOException e) {
            throw new UncheckedIOException("data file '" + path + "' cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * A table in its order.
     *
     * @param table the table
     * @param order the rows used: those for testing, then those for training
     * @param tests how many are for testing
     */
    private record Rows(CsvTable table, int[] order, int tests) {
        static Rows of(CsvTable table, Path path, double testFraction, int maximumRows, long seed) {
            int[] shuffled = shuffled(table.rows().size(), seed);
            int used = maximumRows == 0 ? shuffled.length : Math.min(maximumRows, shuffled.length);
            int tests = Math.max(1, (int) Math.round(testFraction * used));
            if (used - tests < 2) {
                throw new IllegalArgumentException("data file '" + path + "': of " + used + " rows, " + tests
                        + " are for testing; expected at least 2 more for training");
            }
            return new Rows(table, Arrays.copyOf(shuffled, used), tests);
        }

        private static int[] shuffled(int n, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            int[] order = new int[n];
            for (int i = 0; i < n; i++) {
                int j = random.nextInt(i + 1);
                order[i] = order[j];
                order[j] = i;
            }
            return order;
        }

        /** The rows of a part, every column standardized. */
        List<double[]> standardized(Part part) {
            int middle = tests + (order.length - tests) / 2;
            int from =
                    switch (part) {
                        case TEST -> 0;
                        case SOURCE, TRAINING -> tests;
                        case ADAPTATION -> middle;
                    };
            int to =
                    switch (part) {
                        case TEST -> tests;
                        case SOURCE -> middle;
                        case ADAPTATION, TRAINING -> order.length;
                    };
            List<double[]> rows = new ArrayList<>();
            Arrays.stream(order, from, to)
                    .forEach(i -> rows.add(table.rows().get(i).clone()));
            for (int column = 0; column < table.columns().size(); column++) {
                standardize(rows, column);
            }
            return rows;
        }

        private void standardize(List<double[]> rows, int column) {
            double mean = mean(column);
            double deviation = deviation(column);
            for (double[] row : rows) {
                row[column] = (row[column] - mean) / deviation;
            }
        }

        private double mean(int column) {
            return Arrays.stream(order, tests, order.length)
                    .mapToDouble(i -> table.rows().get(i)[column])
                    .average()
                    .orElseThrow();
        }

        double deviation(int column) {
            double mean = mean(column);
            double variance = Arrays.stream(order, tests, order.length)
                    .mapToDouble(i -> table.rows().get(i)[column] - mean)
                    .map(d -> d * d)
                    .average()
                    .orElseThrow();
            // What is left of a constant column is the rounding of its mean.
            return variance > 1e-24 * mean * mean ? Math.sqrt(variance) : 1;
        }
    }

    @Override
    public SplitCsvDataSourceProvenance getProvenance() {
        return new SplitCsvDataSourceProvenance(this);
    }

    /** The configuration of a {@link SplitCsvDataSource} and the SHA-256 of its file. */
    public static final class SplitCsvDataSourceProvenance extends FileProvenance
            implements ConfiguredDataSourceProvenance {
        private static final long serialVersionUID = 1L;

        SplitCsvDataSourceProvenance(SplitCsvDataSource host) {
            super(host, "DataSource", Map.of(RESOURCE_HASH, DataFile.sha256(host.path)));
        }

        /**
         * Rebuilds a provenance that was written; OLCUT calls it.
         *
         * @param map configured and instance values
         */
        public SplitCsvDataSourceProvenance(Map<String, Provenance> map) {
            super(map);
        }
    }
}
