package org.finitentk.classification;

import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.Preconditioner;
import org.finitentk.internal.linalg.Vectors;

/**
 * M = I + s R F Fᵀ R with the kernel's low-rank factor F, near B = I + λ R K R: by Woodbury's identity M⁻¹ = I − s R F
 * C⁻¹ Fᵀ R, where C = I + s Fᵀ R² F is as small as the rank. s is λ, or the largest number for which C has an inverse.
 */
final class SitePreconditioner implements Preconditioner {
    /** The largest condition number of C: its factorization is then right to three digits, and CG corrects the rest. */
    private static final double LARGEST_CONDITION = 1e13;

    private final LogitFactor factor;
    private final BlockDiagonal root;
    private final double scale;
    private final Cholesky capacitance;

    SitePreconditioner(LogitFactor factor, BlockDiagonal root, double lambda) {
        this.factor = factor;
        this.root = root;
        int rank = factor.rank();
        double[] c = factor.curvature(
                new BlockDiagonal(root.blocks(), root.size(), root.multiply(root.values(), root.size())));
        double trace = 0;
        for (int i = 0; i < rank; i++) {
            trace += c[i * (rank + 1)];
        }
        this.scale = lambda * trace > LARGEST_CONDITION ? LARGEST_CONDITION / trace : lambda;
        Vectors.scale(c, scale);
        for (int i = 0; i < rank; i++) {
            c[i * (rank + 1)] += 1;
        }
        this.capacitance = Cholesky.factor(c, rank);
    }

    private int size() {
        return root.blocks() * root.size();
    }

    @Override
    public void solve(double[] r, int columns, double[] z) {
        double[] inner = factor.project(root.multiply(r, columns), columns);
        capacitance.solveInPlace(inner, columns);
        double[] explained = root.multiply(factor.expand(inner, columns), columns);
        for (int i = 0; i < z.length; i++) {
            z[i] = r[i] - scale * explained[i];
        }
    }

    @Override
    public double logDeterminant() {
        return capacitance.logDeterminant();
    }

    /** n C − r + tr C⁻¹. */
    @Override
    public double inverseTrace() {
        int rank = factor.rank();
        double[] inverse = new double[rank * rank];
        for (int i = 0; i < rank; i++) {
            inverse[i * (rank + 1)] = 1;
        }
        capacitance.forwardInPlace(inverse, rank);
        return size() - rank + Vectors.dot(inverse, inverse);
    }

    /** z ~ N(0, M) of a standard normal vector of n C and one of r. */
    double[] sample(double[] noise, double[] coordinates) {
        return LogPosterior.sum(noise, Math.sqrt(scale), root.multiply(factor.expand(coordinates, 1), 1));
    }
}
