package org.finitentk.experiment;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * A table of numbers: comma-separated values under a header, plain or compressed by gzip if the name ends in
 * {@code .gz}. The last column is the target.
 *
 * @param columns names of the columns
 * @param rows one array a row, with a value for each column
 */
record CsvTable(List<String> columns, List<double[]> rows) {
    static CsvTable read(Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file);
                InputStream content =
                        file.toString().toLowerCase(Locale.ROOT).endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
                BufferedReader lines = new BufferedReader(new InputStreamReader(content, StandardCharsets.UTF_8))) {
            String header = lines.readLine();
            List<String> columns =
                    header == null ? List.of() : List.of(header.strip().split("\\s*,\\s*", -1));
            if (columns.size() < 2 || Set.copyOf(columns).size() != columns.size()) {
                throw new IllegalArgumentException("data file '" + file + "' has the header " + columns
                        + "; expected different names of at least one feature and the target");
            }
            if (columns.stream().allMatch(column -> Double.isFinite(number(column)))) {
                throw new IllegalArgumentException("data file '" + file + "' has the header " + columns
                        + ", which are numbers; expected names in the first line");
            }
            List<double[]> rows = new ArrayList<>();
            int number = 2;
            for (String line = lines.readLine(); line != null; line = lines.readLine(), number++) {
                if (!line.isBlank()) {
                    rows.add(row(line, columns.size(), file, number));
                }
            }
            return new CsvTable(columns, rows);
        }
    }

    private static double[] row(String line, int expected, Path file, int number) {
        String[] cells = line.split(",", -1);
        if (cells.length != expected) {
            throw new IllegalArgumentException("data file '" + file + "', line " + number + ": there are "
                    + cells.length + " values; expected " + expected + " as in the header");
        }
        double[] values = new double[expected];
        for (int i = 0; i < expected; i++) {
            values[i] = number(cells[i].strip());
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException("data file '" + file + "', line " + number + ": value " + (i + 1)
                        + " is '" + cells[i].strip() + "'; expected a finite number");
            }
        }
        return values;
    }

    private static double number(String cell) {
        try {
            return Double.parseDouble(cell);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    int target() {
        return columns.size() - 1;
    }
}
