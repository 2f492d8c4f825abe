package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.SymmetricEigen;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.protos.GaussianProcessProto;

/**
 * A Gaussian process whose variances were learned, column by column, from one eigendecomposition of K, which serves all
 * columns.
 */
final class EigenProcess extends DenseProcess {
    private final SymmetricEigen eigen;
    private final double[] spectrum;

    private EigenProcess(SymmetricEigen eigen, List<Column> columns) {
        super(eigen.values().length, columns);
        this.eigen = eigen;
        this.spectrum = spectrum(eigen);
    }

    /** K is positive semidefinite; what rounding made negative is 0. */
    private static double[] spectrum(SymmetricEigen eigen) {
        return Arrays.stream(eigen.values()).map(value -> Math.max(0, value)).toArray();
    }

    static EigenProcess fit(
            SymmetricEigen eigen,
            Targets targets,
            RegressionSettings settings,
            double precision,
            Consumer<String> remarks) {
        double[] basis = eigen.project(targets.basis(), targets.basisSize());
        List<Column> columns = new ArrayList<>();
        for (int c = 0; c < targets.columns(); c++) {
            MarginalLikelihood likelihood = new MarginalLikelihood(
                    spectrum(eigen), eigen.project(targets.column(c)), basis, targets.basisSize());
            columns.add(new VarianceSearch(likelihood, settings, precision, remarks).best());
        }
        return new EigenProcess(eigen, columns);
    }

    @Override
    EigenProcess with(List<Column> others) {
        return new EigenProcess(eigen, others);
    }

    static EigenProcess read(GaussianProcessProto proto, List<Column> columns) {
        int n = proto.getRows();
        double[] values = StoredNumbers.read("eigenvalues", proto.getEigenvalues(), n);
        return new EigenProcess(
                SymmetricEigen.of(values, StoredNumbers.read("eigenvectors", proto.getEigenvectors(), (long) n * n)),
                columns);
    }

    private double inverse(int i, Column column) {
        return 1 / (column.priorVariance() * spectrum[i] + column.noiseVariance());
    }

    @Override
    double[] solve(double[] residuals, int column) {
        double[] coordinates = eigen.project(residuals);
        for (int i = 0; i < coordinates.length; i++) {
            coordinates[i] *= inverse(i, columns().get(column));
        }
        return eigen.expand(coordinates);
    }

    @Override
    double[] inverseBlocks(int side, int column) {
        Column fitted = columns().get(column);
        double[] inverses = IntStream.range(0, spectrum.length)
                .mapToDouble(i -> inverse(i, fitted))
                .toArray();
        return eigen.blocks(inverses, side);
    }

    @Override
    double[] explained(double[] cross, int m, int column) {
        Column fitted = columns().get(column);
        double lambda = fitted.priorVariance();
        return weightedSquares(eigen.project(cross, m), rows(), m, i -> lambda * (lambda * inverse(i, fitted)));
    }

    @Override
    long storedNumbers() {
        return (long) rows() * rows();
    }

    @Override
    GaussianProcessProto.Builder toProto() {
        return GaussianProcessProto.newBuilder()
                .setRows(rows())
                .setEigenvalues(StoredNumbers.write(eigen.values()))
                .setEigenvectors(eigenvectors(eigen));
    }
}
