package org.finitentk.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.PropertyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.finitentk.experiment.SplitCsvDataSource.Part;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.MutableDataset;
import org.tribuo.regression.Regressor;
import org.tribuo.test.Helpers;

final class SplitCsvDataSourceTest {
    @TempDir
    Path folder = Path.of("");

    private static List<Example<Regressor>> examples(SplitCsvDataSource source) {
        List<Example<Regressor>> examples = new ArrayList<>();
        source.iterator().forEachRemaining(examples::add);
        return examples;
    }

    private static List<Double> targets(List<Example<Regressor>> examples) {
        return examples.stream()
                .map(example -> example.getOutput().getValues()[0])
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"101, 0, 0.1, 10, 45, 46", "101, 40, 0.25, 10, 15, 15", "3, 0, 0.01, 1, 1, 1", "20, 1000, 0.5, 10, 5, 5"
    })
    void theSplitIsAPartition(int rows, int maximum, double fraction, int tests, int sources, int adaptations)
            throws IOException {
        Path file = GeneratedCsv.write(folder.resolve("data.csv.gz"), rows, 1);
        List<Example<Regressor>> all = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        for (Part part : List.of(Part.TEST, Part.SOURCE, Part.ADAPTATION)) {
            List<Example<Regressor>> examples = examples(new SplitCsvDataSource(file, part, fraction, maximum, 7));
            sizes.add(examples.size());
            all.addAll(examples);
        }
        assertEquals(List.of(tests, sources, adaptations), sizes);
        assertEquals(all.size(), new HashSet<>(targets(all)).size(), "a row is in two parts");
    }

    @Test
    void columnsAreStandardizedOnAllTrainingRows() throws IOException {
        Path file = GeneratedCsv.write(folder.resolve("data.csv"), 200, 2);
        List<Example<Regressor>> training = examples(new SplitCsvDataSource(file, Part.SOURCE, 0.2, 0, 3));
        training.addAll(examples(new SplitCsvDataSource(file, Part.ADAPTATION, 0.2, 0, 3)));
        double[][] moments = new double[5][2];
        for (Example<Regressor> example : training) {
            int column = 0;
            for (Feature feature : example) {
                add(moments[column++], feature.getValue());
            }
            assertEquals(4, column);
            add(moments[4], example.getOutput().getValues()[0]);
        }
        for (int column = 0; column < 5; column++) {
            assertEquals(0, moments[column][0] / training.size(), 1e-12);
            // The fourth column, "constant" after a, b and c in the order of names.
            assertEquals(column == 3 ? 0 : 1, moments[column][1] / training.size(), 1e-12);
        }
        assertEquals(10, new SplitCsvDataSource(file, Part.TEST, 0.2, 0, 3).targetDeviation(), 3);
    }

    private static void add(double[] moments, double value) {
        moments[0] += value;
        moments[1] += value * value;
    }

    @Test
    void rowsFollowFromTheSeed() throws IOException {
        Path file = GeneratedCsv.write(folder.resolve("data.csv"), 60, 2);
        SplitCsvDataSource source = new SplitCsvDataSource(file, Part.TEST, 0.2, 0, 3);
        assertEquals(targets(examples(source)), targets(examples(new SplitCsvDataSource(file, Part.TEST, 0.2, 0, 3))));
        assertNotEquals(
                targets(examples(source)), targets(examples(new SplitCsvDataSource(file, Part.TEST, 0.2, 0, 4))));
        assertEquals(60 / 5, new MutableDataset<>(source).size());
        Helpers.testProvenanceMarshalling(source.getProvenance());
        SplitCsvDataSource.SplitCsvDataSourceProvenance before = source.getProvenance();
        GeneratedCsv.write(file, 60, 5);
        assertNotEquals(before, source.getProvenance());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "y                        | different names of at least one feature and the target",
                "''                       | different names of at least one feature and the target",
                "a,a;1,2                  | different names of at least one feature and the target",
                "a,y;1,2;1,2,3;1,2        | line 3: there are 3 values; expected 2",
                "a,y;1,2;x,2;1,2          | line 3: value 1 is 'x'; expected a finite number",
                "a,y;1,2;1,NaN;1,2        | line 3: value 2 is 'NaN'; expected a finite number",
                "a,y;1,2;1,;1,2           | line 3: value 2 is ''; expected a finite number",
                "a,y;1,2;3,4              | of 2 rows, 1 are for testing",
                "a,y                      | of 0 rows, 1 are for testing",
            })
    void damagedFilesAreNamed(String lines, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.csv"), lines.replace(";", "\n"));
        SplitCsvDataSource source = new SplitCsvDataSource(file, Part.TEST, 0.1, 0, 1);
        String found = String.valueOf(
                assertThrows(IllegalArgumentException.class, source::iterator).getMessage());
        assertTrue(found.contains(message) && found.contains("bad.csv"), found);
    }

    @Test
    void impossibleSettingsAreRefused() {
        Path file = folder.resolve("none.csv");
        for (double fraction : new double[] {0, 1, -0.5, Double.NaN}) {
            assertThrows(PropertyException.class, () -> new SplitCsvDataSource(file, Part.TEST, fraction, 0, 1));
        }
        assertThrows(PropertyException.class, () -> new SplitCsvDataSource(file, Part.TEST, 0.1, -1, 1));
        SplitCsvDataSource missing = new SplitCsvDataSource(file, Part.TEST, 0.1, 0, 1);
        assertTrue(String.valueOf(assertThrows(UncheckedIOException.class, missing::iterator)
                        .getMessage())
                .contains("none.csv"));
        assertTrue(String.valueOf(assertThrows(UncheckedIOException.class, missing::getProvenance)
                        .getMessage())
                .contains("none.csv"));
    }
}
