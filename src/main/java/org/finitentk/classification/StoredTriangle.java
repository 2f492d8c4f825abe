package org.finitentk.classification;

import com.google.protobuf.ByteString;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.store.StoredNumbers;

/** Lower triangles of n × n matrices, row by row. */
final class StoredTriangle {
    private StoredTriangle() {}

    /** An element on or below the diagonal. */
    interface Elements {
        double at(int row, int column);
    }

    static ByteString write(Cholesky factor) {
        return write(factor.size(), factor::element);
    }

    static ByteString write(int n, Elements elements) {
        return StoredNumbers.write(n * (n + 1L) / 2, sink -> {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j <= i; j++) {
                    sink.accept(elements.at(i, j));
                }
            }
        });
    }

    /** A factor. */
    static Cholesky cholesky(ByteString bytes, int n) {
        return Cholesky.of(read("Cholesky factor", bytes, n), n);
    }

    /** Zeros above the diagonal. */
    static double[] read(String what, ByteString bytes, int n) {
        double[] packed = StoredNumbers.read(what, bytes, n * (n + 1L) / 2);
        double[] matrix = new double[Math.multiplyExact(n, n)];
        int next = 0;
        for (int i = 0; i < n; i++) {
            System.arraycopy(packed, next, matrix, i * n, i + 1);
            next += i + 1;
        }
        return matrix;
    }
}
