package org.finitentk.classification;

import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * The linear part of the logits at the training examples, for many products: what the network keeps of them, or, where
 * many classes share the rows of the Jacobian, these rows. Thread safe. Must not outlive what the network keeps.
 */
final class LogitJacobian {
    private final LogitMap map;
    private final LinearizedExamples x;
    private final @Nullable LogitRows rows;

    LogitJacobian(LogitMap map, LinearizedExamples x, ProgressListener progress) {
        this.map = map;
        this.x = x;
        this.rows =
                LogitRows.serve(map, 1) && LogitRows.isKept(map, x.examples().size())
                        ? new LogitRows(map, x.examples(), progress)
                        : null;
    }

    Examples examples() {
        return x.examples();
    }

    /** Whether products need no run of the network. */
    boolean isByRows() {
        return rows != null;
    }

    /** Length of w. */
    long weightCount() {
        return map.weightCount();
    }

    /** J w, n × C. */
    double[] product(double[] w) {
        return products(new double[][] {w})[0];
    }

    /** J w for several w, each n × C. */
    double[][] products(double[][] ws) {
        LogitRows own = rows;
        return own == null ? map.products(x, ws) : own.products(ws);
    }

    /** Jᵀ u for u of n × C. */
    double[] transposed(double[] u) {
        return transposed(new double[][] {u})[0];
    }

    /** Jᵀ u for several u. */
    double[][] transposed(double[][] us) {
        LogitRows own = rows;
        return own == null ? map.transposed(x, us) : own.transposed(us);
    }
}
