package org.finitentk.internal.linalg;

/** A dense symmetric matrix as an operator, for tests; counts its products. */
final class DenseOperator implements LinearOperator {
    final double[] a;
    private final int n;
    int products;

    DenseOperator(double[] a, int n) {
        this.a = a;
        this.n = n;
    }

    @Override
    public int size() {
        return n;
    }

    @Override
    public void multiply(double[] x, int columns, double[] y) {
        products++;
        Blas.gemm(ArrayMatrix.of(a, n, n), ArrayMatrix.of(x, n, columns), 0, ArrayMatrix.of(y, n, columns));
    }

    /** scale · K + noise · I. */
    static DenseOperator shifted(double[] k, int n, double scale, double noise) {
        double[] a = k.clone();
        for (int i = 0; i < a.length; i++) {
            a[i] = a[i] * scale + (i % (n + 1) == 0 ? noise : 0);
        }
        return new DenseOperator(a, n);
    }
}
