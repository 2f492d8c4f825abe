package org.finitentk.classification;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.StochasticTraces;
import org.finitentk.internal.linalg.VectorBlock;
import org.finitentk.kernel.UnsolvedException;
import org.jspecify.annotations.Nullable;

/**
 * Sites whose B is met through products only: solves by conjugate gradients, traces and expectations from random
 * vectors.
 */
final class IterativeSites extends KernelSites {
    private static final Logger LOG = Logger.getLogger(IterativeSites.class.getName());
    private static final int BUDGET = 2000;

    private final RandomWeights random;
    private final double tolerance;
    private @Nullable SitePreconditioner preconditioner;
    private @Nullable StochasticTraces traces;

    IterativeSites(LogitKernel kernel, double lambda, SitePrecision sites, RandomWeights random, double tolerance) {
        super(kernel, lambda, sites);
        this.random = random;
        this.tolerance = tolerance;
    }

    private LinearOperator operator() {
        return new LinearOperator() {
            @Override
            public int size() {
                return kernel().size();
            }

            @Override
            public void multiply(double[] x, int columns, double[] y) {
                double[] product = root().multiply(kernel().multiply(root().multiply(x, columns), columns), columns);
                for (int i = 0; i < y.length; i++) {
                    y[i] = x[i] + lambda() * product[i];
                }
            }
        };
    }

    private SitePreconditioner preconditioner() {
        SitePreconditioner known = preconditioner;
        if (known == null) {
            known = new SitePreconditioner(kernel().factor(), root(), lambda());
            preconditioner = known;
        }
        return known;
    }

    List<ConjugateGradients.Column> columns(List<double[]> rights) {
        List<ConjugateGradients.Column> columns = new ConjugateGradients(tolerance, BUDGET, (iteration, residual) -> {})
                .solve(operator(), preconditioner(), rights, null);
        for (ConjugateGradients.Column column : columns) {
            UnsolvedException.require(
                    column.ending("a classifier's sites"),
                    column.residual(),
                    "lower the prior variance " + lambda() + ", or use the solver DENSE");
            if (column.status() != ConjugateGradients.Status.CONVERGED) {
                LOG.warning("conjugate gradients ended " + column.status() + " at a relative residual of "
                        + column.residual() + " after " + column.iterations() + " iterations; expected " + tolerance
                        + ", so lower the prior variance or raise solveTolerance");
                break;
            }
        }
        return columns;
    }

    @Override
    List<double[]> solve(List<double[]> rights) {
        return columns(rights).stream().map(ConjugateGradients.Column::solution).toList();
    }

    private StochasticTraces traces() {
        StochasticTraces known = traces;
        if (known == null) {
            List<double[]> coordinates = random.coordinates(kernel().factor().rank());
            List<double[]> probes = IntStream.range(0, coordinates.size())
                    .mapToObj(s -> preconditioner().sample(random.noises().get(s), coordinates.get(s)))
                    .toList();
            known = StochasticTraces.of(preconditioner(), probes, columns(probes));
            traces = known;
        }
        return known;
    }

    @Override
    double logDeterminant() {
        return traces().logDeterminant();
    }

    @Override
    double effectiveParameters() {
        return kernel().size() - traces().inverseTrace();
    }

    @Override
    double divergenceError() {
        return traces().logDeterminantError() + traces().inverseTraceError();
    }

    @Override
    @Nullable
    Cholesky factor() {
        return null;
    }

    @Override
    ExpectedLikelihood expected(LabelTargets targets, double[] mean) {
        return ExpectedLikelihood.of(targets, draws(mean));
    }

    /** Draws of the training logits around a mean, pathwise: √λ Jε − λ K R B⁻¹ (R √λ Jε + ξ). */
    private ExampleDraws draws(double[] mean) {
        double scale = Math.sqrt(lambda());
        List<double[]> rights = new ArrayList<>();
        for (int s = 0; s < random.priors().size(); s++) {
            double[] right = root().multiply(random.priors().get(s), 1);
            for (int i = 0; i < right.length; i++) {
                right[i] = scale * right[i] + random.noises().get(s)[i];
            }
            rights.add(right);
        }
        List<double[]> solved = solve(rights);
        int columns = solved.size();
        double[] corrections =
                kernel().multiply(root().multiply(VectorBlock.of(solved).elements(), columns), columns);
        int classes = kernel().classes();
        return new ExampleDraws() {
            @Override
            public int count() {
                return columns;
            }

            @Override
            public double[][] logits(int example) {
                double[][] logits = new double[classes][columns];
                for (int c = 0; c < classes; c++) {
                    int row = example * classes + c;
                    for (int s = 0; s < columns; s++) {
                        logits[c][s] = mean[row]
                                + scale * random.priors().get(s)[row]
                                - lambda() * corrections[row * columns + s];
                    }
                }
                return logits;
            }
        };
    }
}
