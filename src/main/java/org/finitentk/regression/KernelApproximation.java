package org.finitentk.regression;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.kernel.GramMatrix;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.linalg.LinearOperator;
import org.finitentk.linalg.LowRank;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;

/** What preconditions the iterative solver: some columns of the training data's kernel matrix S K S, without λ. */
final class KernelApproximation {
    private static final int LEAST_RANK = 100;
    /** A preconditioner's share of the memory budget. */
    private static final int SHARE = 4;
    /** Elements of columns that are computed at a time. */
    private static final int ELEMENTS = 1 << 23;
    /** In how many blocks pivots are chosen: each runs the network over all the data, unless the matrix is kept. */
    private static final int BLOCKS = 8;

    private final GaussianProcess.Setting setting;
    private final LinearOperator operator;
    private final TangentKernel kernel;
    private final int perExample;
    private final int rank;
    private final ProgressListener progress;

    private KernelApproximation(GaussianProcess.Setting setting, LinearOperator operator, IterativeSettings settings, ProgressListener progress) {
        this.setting = setting;
        this.operator = operator;
        this.kernel = new TangentKernel(setting.network());
        this.perExample = operator.size() / setting.training().size();
        this.rank = rank(operator.size(), settings, setting.network().settings().effectiveMemoryBudget());
        this.progress = progress;
    }

    static LowRank of(GaussianProcess.Setting setting, LinearOperator operator, IterativeSettings settings, ProgressListener progress) {
        KernelApproximation approximation = new KernelApproximation(setting, operator, settings, progress);
        return settings.preconditioner() == PreconditionerMethod.NYSTROEM ? approximation.nystroem(settings.seed()) : approximation.pivotedCholesky();
    }

    private static int rank(int rows, IterativeSettings settings, long budget) {
        long most = Math.max(1, budget / SHARE / Double.BYTES / rows);
        long wanted = settings.rank() > 0 ? settings.rank() : Math.max(LEAST_RANK, Math.round(2 * Math.sqrt(rows)));
        return (int) Math.min(rows, Math.min(wanted, most));
    }

    /** All rows of some examples, drawn without replacement, are the landmarks. */
    private LowRank nystroem(long seed) {
        int n = setting.training().size();
        int[] chosen = chosen(n, Math.max(1, Math.min(n, rank / perExample)), seed);
        int[] landmarks = Arrays.stream(chosen).flatMap(i -> IntStream.range(i * perExample, (i + 1) * perExample)).toArray();
        Examples some = setting.training().select(chosen);
        return LowRank.nystroem(operator.size(), landmarks, (from, to) -> {
            double[] cross = elements(from, to, landmarks, some);
            progress.progress("preconditioner", to, operator.size());
            return cross;
        }, rowsAtOnce(landmarks.length));
    }

    private LowRank pivotedCholesky() {
        double[] diagonal = operator.diagonal();
        double[] scaled = diagonal == null ? kernel.diagonal(setting.training(), setting.outputs()) : diagonal.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= setting.scale(i) * setting.scale(i);
        }
        int block = Math.max(1, rank / perExample / BLOCKS);
        int[] done = new int[1];
        return LowRank.pivotedCholesky(scaled, perExample, rank, block, pivots -> {
            double[] columns = transposedColumns(pivots);
            done[0] += pivots.length;
            progress.progress("preconditioner", Math.min(done[0], rank), rank);
            return columns;
        });
    }

    private double[] transposedColumns(int[] pivots) {
        int m = pivots.length;
        int rows = operator.size();
        Examples some = setting.training().select(Arrays.stream(pivots).map(row -> row / perExample).distinct().toArray());
        double[] transposed = new double[Math.multiplyExact(rows, m)];
        int atOnce = rowsAtOnce(m);
        for (int from = 0; from < rows; from += atOnce) {
            int to = Math.min(rows, from + atOnce);
            double[] cross = elements(from, to, pivots, some);
            for (int i = from; i < to; i++) {
                for (int j = 0; j < m; j++) {
                    transposed[j * rows + i] = cross[(i - from) * m + j];
                }
            }
        }
        return transposed;
    }

    private int rowsAtOnce(int columns) {
        return Math.max(1, ELEMENTS / columns / perExample) * perExample;
    }

    /** Rows [from, to) of the columns that are all of some examples' rows. */
    private double[] elements(int from, int to, int[] columns, Examples some) {
        Examples x = setting.training();
        double[] cross = operator instanceof GramMatrix matrix ? matrix.columns(from, to, columns)
            : kernel.gram(x.slice(from / perExample, to / perExample), some, setting.outputs());
        int m = columns.length;
        for (int i = from; i < to && setting.rowScales().length > 0; i++) {
            for (int j = 0; j < m; j++) {
                cross[(i - from) * m + j] *= setting.scale(i) * setting.scale(columns[j]);
            }
        }
        return cross;
    }

    /** Some of n examples, drawn without replacement, in order. */
    static int[] chosen(int n, int count, long seed) {
        int[] all = IntStream.range(0, n).toArray();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i, n);
            int kept = all[i];
            all[i] = all[j];
            all[j] = kept;
        }
        int[] first = Arrays.copyOf(all, count);
        Arrays.sort(first);
        return first;
    }
}
