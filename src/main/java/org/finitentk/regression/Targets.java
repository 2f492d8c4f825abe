package org.finitentk.regression;

/**
 * The targets of one process and the basis functions of its mean, both as rows of the kernel matrix.
 *
 * @param values rows × columns
 * @param columns number of columns
 * @param basis rows × basisSize, empty without a basis
 * @param basisSize number of basis functions
 */
record Targets(double[] values, int columns, double[] basis, int basisSize) {
    int rows() {
        return values.length / columns;
    }

    /** A copy of one column. */
    double[] column(int c) {
        double[] column = new double[rows()];
        for (int i = 0; i < column.length; i++) {
            column[i] = values[i * columns + c];
        }
        return column;
    }

    /** A copy of one basis function. */
    double[] basisFunction(int b) {
        double[] function = new double[rows()];
        for (int i = 0; i < function.length; i++) {
            function[i] = basis[i * basisSize + b];
        }
        return function;
    }

    /** A column and the basis functions, rows × (1 + basisSize). */
    double[] withBasis(int c) {
        int vectors = 1 + basisSize;
        double[] together = new double[Math.multiplyExact(rows(), vectors)];
        for (int i = 0; i < rows(); i++) {
            together[i * vectors] = values[i * columns + c];
            System.arraycopy(basis, i * basisSize, together, i * vectors + 1, basisSize);
        }
        return together;
    }

    /** A column less its mean. */
    double[] residuals(int c, double[] coefficients) {
        double[] residuals = column(c);
        for (int i = 0; i < residuals.length; i++) {
            for (int b = 0; b < basisSize; b++) {
                residuals[i] -= basis[i * basisSize + b] * coefficients[b];
            }
        }
        return residuals;
    }
}
