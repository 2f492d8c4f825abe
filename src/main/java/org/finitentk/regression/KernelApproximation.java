package org.finitentk.regression;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.KernelColumns;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.LowRank;
import org.finitentk.internal.util.RandomSubset;
import org.finitentk.network.ProgressListener;

/** What preconditions the iterative solver: some columns of the training data's kernel matrix S K S, without λ. */
final class KernelApproximation {
    private static final int LEAST_RANK = 100;
    /** A preconditioner's share of the memory budget. */
    private static final int SHARE = 4;
    /** In how many blocks pivots are chosen: each runs the network over all the data, unless the matrix is kept. */
    private static final int BLOCKS = 8;

    private final TrainingKernel kernel;
    private final KernelColumns columns;
    private final int rank;
    private final ProgressListener progress;

    private KernelApproximation(
            TrainingKernel kernel,
            LinearOperator operator,
            RegressionSettings.Iterative settings,
            ProgressListener progress) {
        this.kernel = kernel;
        this.columns = new KernelColumns(kernel.network(), kernel.training(), kernel.outputs(), operator);
        this.rank = rank(operator.size(), settings, kernel.network().settings().effectiveMemoryBudget());
        this.progress = progress;
    }

    static LowRank of(
            TrainingKernel kernel,
            LinearOperator operator,
            RegressionSettings.Iterative settings,
            ProgressListener progress) {
        KernelApproximation approximation = new KernelApproximation(kernel, operator, settings, progress);
        return settings.preconditioner().method() == PreconditionerMethod.NYSTROEM
                ? approximation.nystroem(settings.seed())
                : approximation.pivotedCholesky();
    }

    static int rank(Problem problem) {
        long budget = problem.network().settings().effectiveMemoryBudget();
        return rank(problem.kernel().rows(), problem.settings().iterative(), budget);
    }

    private static int rank(int rows, RegressionSettings.Iterative settings, long budget) {
        long most = Math.max(1, budget / SHARE / Double.BYTES / rows);
        long wanted = settings.preconditioner().rank() > 0
                ? settings.preconditioner().rank()
                : Math.max(LEAST_RANK, Math.round(2 * Math.sqrt(rows)));
        return (int) Math.min(rows, Math.min(wanted, most));
    }

    /** All rows of some examples, drawn without replacement, are the landmarks. */
    private LowRank nystroem(long seed) {
        int n = kernel.training().size();
        int perExample = columns.perExample();
        int[] chosen = RandomSubset.of(n, Math.max(1, Math.min(n, rank / perExample)), seed);
        int[] landmarks = Arrays.stream(chosen)
                .flatMap(i -> IntStream.range(i * perExample, (i + 1) * perExample))
                .toArray();
        return LowRank.nystroem(
                columns.size(),
                landmarks,
                (from, to) -> {
                    double[] rows = columns.rows(from, to, landmarks);
                    for (int i = from; i < to && isScaled(); i++) {
                        for (int j = 0; j < landmarks.length; j++) {
                            rows[(i - from) * landmarks.length + j] *= kernel.scale(i) * kernel.scale(landmarks[j]);
                        }
                    }
                    progress.progress("preconditioner", to, columns.size());
                    return rows;
                },
                columns.rowsAtOnce(landmarks.length));
    }

    private LowRank pivotedCholesky() {
        double[] diagonal = columns.diagonal();
        for (int i = 0; i < diagonal.length; i++) {
            diagonal[i] *= kernel.scale(i) * kernel.scale(i);
        }
        int block = Math.max(1, rank / columns.perExample() / BLOCKS);
        int[] done = new int[1];
        return LowRank.pivotedCholesky(diagonal, columns.perExample(), rank, block, pivots -> {
            double[] transposed = columns.transposed(pivots);
            for (int j = 0; j < pivots.length && isScaled(); j++) {
                for (int i = 0; i < columns.size(); i++) {
                    transposed[j * columns.size() + i] *= kernel.scale(i) * kernel.scale(pivots[j]);
                }
            }
            done[0] += pivots.length;
            progress.progress("preconditioner", Math.min(done[0], rank), rank);
            return transposed;
        });
    }

    private boolean isScaled() {
        return !kernel.noise().isEqual();
    }
}
