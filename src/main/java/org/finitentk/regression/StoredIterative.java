package org.finitentk.regression;

import org.finitentk.internal.store.StoredModel;
import org.finitentk.protos.IterativeProto;

/** The choices of conjugate gradients and how they ended, stored. */
final class StoredIterative {
    private StoredIterative() {}

    static IterativeProto.Builder write(RegressionSettings.Iterative settings, Solver.Iterations report) {
        return IterativeProto.newBuilder()
                .setTolerance(settings.tolerance())
                .setMaxIterations(settings.maxIterations())
                .setRank(settings.preconditioner().rank())
                .setProbes(settings.probes())
                .setSeed(settings.seed())
                .setPreconditioner(settings.preconditioner().method().name())
                .setVarianceMethod(settings.variances().method().name())
                .setVarianceRank(settings.variances().rank())
                .setStatus(report.status().name())
                .setIterations(report.iterations())
                .setResidual(report.residual())
                .setPreconditionerRank(report.rank())
                .setProducts(report.products().name());
    }

    static RegressionSettings.Iterative settings(IterativeProto stored) {
        return new RegressionSettings.Iterative(
                stored.getTolerance(),
                stored.getMaxIterations(),
                new RegressionSettings.Iterative.Preconditioner(
                        StoredModel.constant(PreconditionerMethod.class, stored.getPreconditioner()), stored.getRank()),
                stored.getProbes(),
                stored.getSeed(),
                new RegressionSettings.Iterative.PredictedVariances(
                        StoredModel.constant(VarianceMethod.class, stored.getVarianceMethod()),
                        stored.getVarianceRank()));
    }

    static Solver.Iterations report(IterativeProto stored) {
        return new Solver.Iterations(
                StoredModel.constant(Solver.Iterations.Status.class, stored.getStatus()),
                stored.getIterations(),
                stored.getResidual(),
                stored.getPreconditionerRank(),
                StoredModel.constant(Solver.Iterations.Products.class, stored.getProducts()));
    }
}
