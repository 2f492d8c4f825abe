package org.finitentk.internal.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SmallEigenTest {
    /** A = V diag(values) Vᵀ with orthonormal V, of full and of low rank, and of zeros. */
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 1", "26, 26", "30, 7", "64, 64", "40, 0", "128, 128"})
    void decomposes(int n, int rank) {
        SplittableRandom random = new SplittableRandom(n);
        double[] matrix = new double[n * n];
        for (int r = 0; r < rank; r++) {
            double[] v = random.doubles(n, -1, 1).toArray();
            for (int i = 0; i < n * n; i++) {
                matrix[i] += (r % 3 == 2 ? -1 : 1) * v[i / n] * v[i % n];
            }
        }
        SmallEigen eigen = SmallEigen.of(matrix, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double product = 0;
                double inner = 0;
                for (int e = 0; e < n; e++) {
                    product += eigen.value(e) * eigen.vector(e, i) * eigen.vector(e, j);
                    inner += eigen.vector(i, e) * eigen.vector(j, e);
                }
                assertEquals(matrix[i * n + j], product, 1e-12 * n);
                assertEquals(i == j ? 1 : 0, inner, 1e-12);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "2"})
    void refusesWhatIsNoMatrix(int n) {
        assertThrows(IllegalArgumentException.class, () -> SmallEigen.of(new double[] {1, 2, 2}, n));
        assertThrows(IllegalArgumentException.class, () -> SmallEigen.of(new double[] {Double.NaN}, 1));
    }
}
