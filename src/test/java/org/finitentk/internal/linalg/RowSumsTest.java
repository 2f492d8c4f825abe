package org.finitentk.internal.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.SplittableRandom;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums of rows are those of one term after the other, to the last bit. */
@NullUnmarked
final class RowSumsTest {
    @ParameterizedTest
    @CsvSource({"0, 5", "1, 5", "3, 1", "4, 30", "7, 64", "30, 17", "513, 9"})
    void everySumIsTakenInTheOrderOfItsTerms(int count, int length) {
        SplittableRandom random = new SplittableRandom(1);
        double[] factors = random.doubles(count + 2, -1, 1).toArray();
        double[] matrix = random.doubles(3L + (long) count * length, -1, 1).toArray();
        double[] target = random.doubles(length, -1e3, 1e3).toArray();
        double[] expected = target.clone();
        for (int d = 0; d < count; d++) {
            for (int j = 0; j < length; j++) {
                expected[j] += factors[2 + d] * matrix[3 + d * length + j];
            }
        }
        RowSums.add(factors, 2, RowSums.of(matrix, 3, count, length), target);
        assertArrayEquals(expected, target);
    }

    @ParameterizedTest
    @CsvSource({"1, 5, 2", "6, 30, 7", "30, 17, 16", "7, 64, 0"})
    void zerosThatAreLeftOutChangeNoBit(int count, int length, int from) {
        SplittableRandom random = new SplittableRandom(2);
        double[] factors = random.doubles(count, -1, 1).toArray();
        double[][] rows = new double[count][length];
        for (double[] row : rows) {
            for (int j = from; j < length; j++) {
                row[j] = random.nextDouble(-1, 1);
            }
        }
        double[] whole = random.doubles(length, -1, 1).toArray();
        double[] part = whole.clone();
        RowSums.add(factors, 0, rows, whole);
        RowSums.add(factors, 0, rows, part, from);
        assertArrayEquals(whole, part);
        assertArrayEquals(RowSums.products(rows, count - 1, count), RowSums.products(rows, count - 1, count, from));
    }
}
