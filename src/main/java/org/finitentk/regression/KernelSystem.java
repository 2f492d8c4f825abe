package org.finitentk.regression;

import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.GramMatrix;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.kernel.TangentOperator;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.LowRank;
import org.finitentk.internal.linalg.Ritz;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/** The kernel matrix of the training data as an operator, with its preconditioner, for solves at any λ and σ². Close it: both are native memory. */
final class KernelSystem implements AutoCloseable {
    /** Vectors of a subspace that share a product. */
    private static final int BLOCK = 64;
    private static final int MOST_AUTOMATIC = 2000;
    /** What an automatic subspace may leave of the prior variances, on average, beside the noise: more than what it leaves of the posterior ones. */
    private static final double LEFT = 1e-3;
    /** A preconditioner's share of the memory budget. */
    private static final int SHARE = 4;

    private final LinearOperator operator;
    private final KernelProducts products;
    private final double[] rowScales;
    private final LowRank lowRank;
    private final IterativeSettings settings;
    private final ProgressListener progress;
    private final double precision;

    private KernelSystem(LinearOperator operator, KernelProducts products, double[] rowScales, LowRank lowRank, IterativeSettings settings, ProgressListener progress,
                         double precision) {
        this.operator = operator;
        this.products = products;
        this.rowScales = rowScales;
        this.lowRank = lowRank;
        this.settings = settings;
        this.progress = progress;
        this.precision = precision;
    }

    /** The cheapest way for this many products with a vector, of those that fit the memory budget. */
    static KernelProducts cheapest(GaussianProcess.Setting setting, double vectors, IterativeSettings settings) {
        LinearizedNetwork network = setting.network();
        double rows = (double) setting.training().size() * setting.outputs().count(network.outputSize());
        return SolverChoice.keepsMatrix(network, rows, setting.kernels(), vectors, settings) ? KernelProducts.MATRIX : KernelProducts.GRADIENTS;
    }

    /** Where gradients are asked for but do not fit, the network is run. */
    static KernelSystem of(GaussianProcess.Setting setting, KernelProducts wanted, IterativeSettings settings, ProgressListener progress) {
        LinearOperator operator = wanted == KernelProducts.MATRIX ? GramMatrix.of(setting.network(), setting.training(), setting.outputs(), progress)
            : TangentOperator.of(setting.network(), setting.training(), setting.outputs(), progress);
        try {
            KernelProducts products = operator instanceof TangentOperator tangent ? tangent.isHeld() ? KernelProducts.GRADIENTS : KernelProducts.NETWORK : KernelProducts.MATRIX;
            return new KernelSystem(operator, products, setting.rowScales(), KernelApproximation.of(setting, operator, settings, progress), settings, progress,
                VarianceSearch.precision(setting.network().elementType()));
        } catch (RuntimeException | Error e) {
            operator.close();
            throw e;
        }
    }

    int rows() {
        return operator.size();
    }

    int rank() {
        return lowRank.rank();
    }

    /** Of the kernel, relative to its largest eigenvalue. */
    double precision() {
        return precision;
    }

    KernelProducts products() {
        return products;
    }

    /** Of S K S without λ and σ². */
    LowRank lowRank() {
        return lowRank;
    }

    LowRank.Sampled preconditioner(double lambda, double noise) {
        return lowRank.preconditioner(lambda, noise);
    }

    /** λ S K S + σ² I, with this K. */
    private LinearOperator shifted(LinearOperator kernel, double lambda, double noise) {
        return new LinearOperator() {
            @Override
            public int size() {
                return kernel.size();
            }

            @Override
            public void multiply(double[] x, int columns, double[] y) {
                double[] scaled = scaled(x, columns);
                kernel.multiply(scaled, columns, y);
                double[] back = scaled(y, columns);
                for (int i = 0; i < y.length; i++) {
                    y[i] = lambda * back[i] + noise * x[i];
                }
            }

            @Override
            public LinearOperator rounded() {
                return shifted(kernel.rounded(), lambda, noise);
            }
        };
    }

    private double[] scaled(double[] x, int columns) {
        if (rowScales.length == 0) {
            return x;
        }
        double[] scaled = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            scaled[i] = rowScales[i / columns] * x[i];
        }
        return scaled;
    }

    /** (λ S K S + σ² I)⁻¹ of some vectors. */
    List<ConjugateGradients.Column> solve(double lambda, double noise, List<double[]> right, @Nullable List<double[]> start, String what) {
        ConjugateGradients.Listener listener = (iteration, residual) -> progress.progress(what, iteration, settings.maxIterations());
        return new ConjugateGradients(settings.tolerance(), settings.maxIterations(), listener).solve(shifted(operator, lambda, noise), preconditioner(lambda, noise), right, start);
    }

    /**
     * A subspace for variances.
     *
     * @param ratio the largest λ/σ²
     */
    Ritz subspace(GaussianProcess.Setting setting, double ratio) {
        int rows = operator.size();
        double[] diagonal = operator.diagonal();
        double[] prior = diagonal == null ? new KernelTiles(setting.network()).diagonal(setting.training(), setting.outputs()) : diagonal;
        double total = IntStream.range(0, rows).mapToDouble(i -> setting.scale(i) * setting.scale(i) * prior[i]).sum();
        long most = Math.max(1, setting.network().settings().effectiveMemoryBudget() / SHARE / 2 / Double.BYTES / rows);
        if (settings.varianceRank() > SHARE * most) {
            throw new IllegalArgumentException("the variance rank is " + settings.varianceRank() + ", for which a subspace of " + rows + " rows takes "
                + 2L * Double.BYTES * settings.varianceRank() * rows / (1 << 20) + " MiB; the memory budget allows " + SHARE * most);
        }
        int limit = settings.varianceRank() > 0 ? settings.varianceRank() : (int) Math.min(MOST_AUTOMATIC, most);
        LinearOperator kernel = shifted(operator, 1, 0);
        return Ritz.of(kernel, lowRank, limit, BLOCK, (rank, trace) -> {
            progress.progress("variance cache", rank, limit);
            return settings.varianceRank() == 0 && ratio * (total - trace) <= LEFT * rows;
        });
    }

    @Override
    public void close() {
        operator.close();
        lowRank.close();
    }
}
