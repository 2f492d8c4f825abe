package org.finitentk.classification;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.ProgressListener;

/**
 * By logits: those of an example have the mean m + J √λ μ and the covariance V = λ J diag(r²) Jᵀ, from which they are
 * drawn; by Bonnet's and Price's theorems the derivatives of the expectation by mean and covariance are E[ω(y − p)] and
 * −½ E[H]. Only expectations over C logits are random, whatever P is.
 */
final class LocallyReparameterized implements BoundEstimator {
    private final LogitMap map;
    private final int draws;

    LocallyReparameterized(LogitMap map, int draws) {
        this.map = map;
        this.draws = draws + draws % 2;
    }

    @Override
    public BoundGradient estimate(MeanFieldState q, Batches.Batch batch, SplittableRandom random) {
        Sums sums = new Sums(q, batch, random.nextLong());
        new JacobianRows(map.network(), ProgressListener.NONE).forEach(batch.x(), map.outputs(), sums::add);
        return new BoundGradient(
                batch.factor() * sums.likelihood, sums.byMean, sums.byRatio, batch.factor() * sums.byLambda);
    }

    /** What adds up over the examples of a batch. */
    private final class Sums {
        private final MeanFieldState q;
        private final Batches.Batch batch;
        private final long seed;
        private final double[] ratios;
        private final double scale;
        private final double[] byMean;
        private final double[] byRatio;
        private double likelihood;
        private double byLambda;

        Sums(MeanFieldState q, Batches.Batch batch, long seed) {
            this.q = q;
            this.batch = batch;
            this.seed = seed;
            this.ratios = q.ratios();
            this.scale = q.scale();
            this.byMean = new double[ratios.length];
            this.byRatio = new double[ratios.length];
        }

        void add(int from, int to, NativeDoubles rows) {
            int height = map.isShared() ? 1 : map.classes();
            int p = Math.toIntExact(map.network().parameterCount());
            double[] jacobian = new double[height * p];
            for (int i = from; i < to; i++) {
                rows.get((long) (i - from) * jacobian.length, jacobian, 0, jacobian.length);
                add(i, jacobian, p);
            }
        }

        private void add(int i, double[] jacobian, int p) {
            int c = map.classes();
            double[] shift = LogitMoments.mean(map, jacobian, q.mean(), scale);
            BlockDiagonal v = new BlockDiagonal(1, c, LogitMoments.covariance(map, jacobian, ratios, scale));
            double[] mean = LogPosterior.sum(Arrays.copyOfRange(batch.prior(), i * c, (i + 1) * c), 1, shift);
            LabelTargets own = batch.targets().select(new int[] {i});
            BlockDiagonal root = v.root();
            BlockDiagonal hessian = BlockDiagonal.zeros(1, c);
            double[] residual = new double[c];
            // points of its own, so that the examples' noise averages out
            LogitDraws points =
                    LogitDraws.random(draws, c, RandomWeights.stream(seed, i).nextLong());
            for (int s = 0; s < points.count(); s++) {
                double[] logits = points.logits(s, mean, root);
                likelihood += own.logLikelihood(logits) / points.count();
                own.addHessians(logits, 1.0 / points.count(), hessian);
                residual = LogPosterior.sum(residual, 1.0 / points.count(), own.residuals(logits));
            }
            byLambda += 0.5 * (Vectors.dot(residual, shift) - hessian.traceOfProduct(v));
            addWeights(jacobian, p, residual, hessian.values());
        }

        /** √λ Jᵀ E[ω(y − p)], and −λ r² diag(Jᵀ E[H] J). */
        private void addWeights(double[] jacobian, int p, double[] residual, double[] hessian) {
            int c = map.classes();
            if (map.isShared()) {
                for (int a = 0; a < c; a++) {
                    for (int j = 0; j < p; j++) {
                        double row = jacobian[j];
                        byMean[a * p + j] += batch.factor() * scale * residual[a] * row;
                        byRatio[a * p + j] -=
                                batch.factor() * square(scale * ratios[a * p + j] * row) * hessian[a * c + a];
                    }
                }
                return;
            }
            double[] curved = new double[c * p];
            Blas.gemm(ArrayMatrix.of(hessian, c, c), ArrayMatrix.of(jacobian, c, p), 0, ArrayMatrix.of(curved, c, p));
            for (int a = 0; a < c; a++) {
                for (int j = 0; j < p; j++) {
                    byMean[j] += batch.factor() * scale * residual[a] * jacobian[a * p + j];
                    byRatio[j] -= batch.factor() * square(scale * ratios[j]) * jacobian[a * p + j] * curved[a * p + j];
                }
            }
        }
    }

    private static double square(double value) {
        return value * value;
    }
}
