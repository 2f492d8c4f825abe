package org.finitentk.classification;

import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;

/** N(ŵ, diag s²). */
final class IndependentWeights extends WeightPosterior {
    /** Elements of one example's Jacobian that fit. */
    static final long LARGEST_JACOBIAN = 1L << 27;

    private final double[] deviations;

    IndependentWeights(double[] mean, double lambda, double[] deviations) {
        super(mean, lambda);
        this.deviations = deviations;
    }

    /** s; not to be changed. */
    double[] deviations() {
        return deviations;
    }

    @Override
    double[][] drawn(LogitMap map, double[][] standard, int first, long seed) {
        for (double[] draw : standard) {
            for (int i = 0; i < draw.length; i++) {
                draw[i] *= deviations[i];
            }
        }
        return standard;
    }

    @Override
    BlockDiagonal covariance(LogitMap map, Examples z) {
        int c = map.classes();
        BlockDiagonal blocks = BlockDiagonal.zeros(z.size(), c);
        int height = map.isShared() ? 1 : c;
        double[] jacobian = new double[Math.toIntExact(map.network().parameterCount() * height)];
        new JacobianRows(map.network(), ProgressListener.NONE).forEach(z, map.outputs(), (from, to, rows) -> {
            for (int i = from; i < to; i++) {
                rows.get((long) (i - from) * jacobian.length, jacobian, 0, jacobian.length);
                System.arraycopy(
                        LogitMoments.covariance(map, jacobian, deviations, 1), 0, blocks.values(), i * c * c, c * c);
            }
        });
        return blocks;
    }

    /** An example's Jacobian is made. */
    @Override
    boolean hasQuickCovariance(LogitMap map) {
        return LogitRows.perExample(map) <= LARGEST_JACOBIAN;
    }

    @Override
    long numbersPerExample(LogitMap map) {
        return (long) map.classes() * map.classes();
    }
}
