package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.internal.util.Later;
import org.finitentk.protos.GaussianProcessProto;

/** A Gaussian process whose variances were given: one Cholesky factorization of λK + σ²I serves all columns. */
final class CholeskyProcess extends DenseProcess {
    private final Cholesky factor;
    private final double jitter;

    private CholeskyProcess(Cholesky factor, double jitter, List<Column> columns) {
        super(factor.size(), columns);
        this.factor = factor;
        this.jitter = jitter;
    }

    /** Fits every column of targets by generalized least squares on the basis. */
    static CholeskyProcess fit(DenseFactorization factorization, Targets targets, double lambda, double noise) {
        Cholesky factor = factorization.factor();
        int n = factor.size();
        double[] whiteBasis = targets.basis().clone();
        factor.forwardInPlace(whiteBasis, targets.basisSize());
        List<Column> columns = new ArrayList<>();
        for (int c = 0; c < targets.columns(); c++) {
            double[] white = targets.column(c);
            factor.forwardInPlace(white, 1);
            double[] coefficients = LeastSquares.subtractFit(whiteBasis, targets.basisSize(), white, i -> 1);
            double fit = weightedSquares(white, n, 1, i -> 1)[0];
            double likelihood = -0.5 * (fit + factor.logDeterminant() + n * Math.log(2 * Math.PI));
            columns.add(new Column(lambda, noise, coefficients, Later.known(Evidence.exact(likelihood))));
        }
        return new CholeskyProcess(factor, factorization.jitter(), columns);
    }

    static CholeskyProcess read(GaussianProcessProto proto, List<Column> columns) {
        int n = proto.getRows();
        double[] packed = StoredNumbers.read("Cholesky factor", proto.getCholesky(), n * (n + 1L) / 2);
        double[] factor = new double[Math.multiplyExact(n, n)];
        int next = 0;
        for (int i = 0; i < n; i++) {
            System.arraycopy(packed, next, factor, i * n, i + 1);
            next += i + 1;
        }
        return new CholeskyProcess(Cholesky.of(factor, n), proto.getJitter(), columns);
    }

    @Override
    double[] solve(double[] residuals, int column) {
        double[] alpha = residuals.clone();
        factor.solveInPlace(alpha, 1);
        return alpha;
    }

    @Override
    double[] inverseBlocks(int side, int column) {
        return factor.inverseBlocks(side);
    }

    @Override
    double[] explained(double[] cross, int m, int column) {
        double lambda = columns().get(column).priorVariance();
        double[] white = cross.clone();
        factor.forwardInPlace(white, m);
        return weightedSquares(white, rows(), m, i -> lambda * lambda);
    }

    @Override
    double jitter() {
        return jitter;
    }

    @Override
    long storedNumbers() {
        return rows() * (rows() + 1L) / 2;
    }

    @Override
    GaussianProcessProto.Builder toProto() {
        return GaussianProcessProto.newBuilder()
                .setRows(rows())
                .setJitter(jitter)
                .setCholesky(StoredNumbers.write(rows() * (rows() + 1L) / 2, sink -> {
                    for (int i = 0; i < rows(); i++) {
                        for (int j = 0; j <= i; j++) {
                            sink.accept(factor.element(i, j));
                        }
                    }
                }));
    }
}
