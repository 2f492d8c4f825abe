package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.finitentk.backbone.StoredModel;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.linalg.ConjugateGradients.Status;
import org.finitentk.linalg.ConjugateGradients;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.finitentk.protos.GaussianProcessProto;
import org.finitentk.protos.IterativeProto;
import org.jspecify.annotations.Nullable;

/**
 * A Gaussian process whose kernel matrix is never made: solves by preconditioned conjugate gradients (Gardner et al. 2018, "GPyTorch: Blackbox Matrix-Matrix Gaussian
 * Process Inference"). Variances take one solve a row of new examples, many at a time; what they need of the training data is computed at the first of them and kept.
 */
final class IterativeProcess extends GaussianProcess {
    private static final Logger LOG = Logger.getLogger(IterativeProcess.class.getName());
    /** Right-hand sides that are solved together. */
    private static final int TOGETHER = 32;

    private final int rows;
    private final IterativeSettings settings;
    private final IterativeReport report;
    private @Nullable KernelSystem kept;

    private IterativeProcess(int rows, IterativeSettings settings, IterativeReport report, List<Column> columns) {
        super(columns);
        this.rows = rows;
        this.settings = settings;
        this.report = report;
    }

    /** A fitted process and the solutions α of its columns. */
    record Fitted(IterativeProcess process, List<double[]> alphas) {
    }

    static Fitted fit(Setting setting, Targets targets, RegressionSettings settings, ProgressListener progress) {
        if (settings.noiseVariance() == 0) {
            throw new IllegalArgumentException("the noise variance is 0, with which the iterative solver has no preconditioner; raise it, or use the dense solver");
        }
        IterativeSettings iterative = settings.iterative();
        KernelSystem system = KernelSystem.of(setting, iterative, progress);
        try {
            if (system.rank() == 0) {
                throw new IllegalArgumentException("the kernel is zero on the training data: no parameter moves the network's output; choose another output");
            }
            List<Column> columns = new ArrayList<>();
            List<double[]> alphas = new ArrayList<>();
            List<IterativeReport> reports = new ArrayList<>();
            for (int c = 0; c < targets.columns(); c++) {
                IterativeFit fit = new StochasticVarianceSearch(system, targets, c, settings).best();
                columns.add(new Column(fit.lambda(), fit.noise(), fit.coefficients(), fit.logMarginalLikelihood()));
                alphas.add(fit.alpha());
                reports.add(new IterativeReport(fit.solve().status(), fit.solve().iterations(), fit.solve().residual(), system.rank(), system.isHeld()));
            }
            IterativeReport worst = reports.stream().reduce(IterativeReport::worse).orElseThrow();
            if (worst.status() != Status.CONVERGED) {
                LOG.warning(worst.advice());
            }
            IterativeProcess process = new IterativeProcess(targets.rows(), iterative, worst, columns);
            process.kept = system;
            return new Fitted(process, alphas);
        } catch (RuntimeException | Error e) {
            system.close();
            throw e;
        }
    }

    static IterativeProcess read(GaussianProcessProto proto, List<Column> columns) {
        IterativeProto stored = proto.getIterative();
        IterativeSettings settings = new IterativeSettings(stored.getTolerance(), stored.getMaxIterations(), stored.getRank(), stored.getProbes(), stored.getSeed());
        Status status = StoredModel.constant(Status.class, stored.getStatus());
        return new IterativeProcess(proto.getRows(), settings, new IterativeReport(status, stored.getIterations(), stored.getResidual(), stored.getPreconditionerRank(), stored.getHeld()), columns);
    }

    IterativeReport report() {
        return report;
    }

    @Override
    Solver solver() {
        return Solver.ITERATIVE;
    }

    @Override
    int rows() {
        return rows;
    }

    @Override
    long numbersPerRow() {
        return 4L * rows;
    }

    @Override
    double jitter() {
        return 0;
    }

    @Override
    synchronized List<Moments> moments(Setting setting, Examples z, List<Solution> solutions) {
        KernelSystem system = system(setting);
        double[] prior = new TangentKernel(setting.network()).diagonal(z, setting.outputs());
        double[] cross = DenseProcess.cross(setting, z, prior.length);
        List<double[]> right = IntStream.range(0, prior.length).mapToObj(r -> column(cross, prior.length, r)).toList();
        List<Moments> moments = new ArrayList<>();
        for (int c = 0; c < columns().size(); c++) {
            double lambda = columns().get(c).priorVariance();
            double[] mean = DenseProcess.products(cross, solutions.get(c).alpha(), prior.length);
            double[] variance = variances(system, columns().get(c), prior, right);
            moments.add(new Moments(Arrays.stream(mean).map(value -> lambda * value).toArray(), variance));
        }
        return moments;
    }

    private KernelSystem system(Setting setting) {
        KernelSystem system = kept;
        if (system == null) {
            system = KernelSystem.of(setting, settings, ProgressListener.NONE);
            kept = system;
        }
        return system;
    }

    @Override
    synchronized double[] solve(Setting setting, double[] right, int column) {
        Column own = columns().get(column);
        return system(setting).solve(own.priorVariance(), own.noiseVariance(), List.of(right), null, "samples").get(0).solution();
    }

    private static double[] variances(KernelSystem system, Column column, double[] prior, List<double[]> right) {
        double lambda = column.priorVariance();
        double[] variance = new double[prior.length];
        for (int from = 0; from < prior.length; from += TOGETHER) {
            List<double[]> some = right.subList(from, Math.min(prior.length, from + TOGETHER));
            List<ConjugateGradients.Column> solves = system.solve(lambda, column.noiseVariance(), some, null, "variances");
            for (int j = 0; j < some.size(); j++) {
                double explained = 0;
                for (int i = 0; i < some.get(j).length; i++) {
                    explained += some.get(j)[i] * solves.get(j).solution()[i];
                }
                variance[from + j] = lambda * (prior[from + j] - lambda * explained);
            }
        }
        return variance;
    }

    private static double[] column(double[] matrix, int columns, int j) {
        double[] column = new double[matrix.length / columns];
        for (int i = 0; i < column.length; i++) {
            column[i] = matrix[i * columns + j];
        }
        return column;
    }

    @Override
    long storedNumbers() {
        return 0;
    }

    @Override
    GaussianProcessProto.Builder toProto() {
        return GaussianProcessProto.newBuilder().setRows(rows).setSolver(Solver.ITERATIVE.name()).setIterative(IterativeProto.newBuilder()
            .setTolerance(settings.tolerance()).setMaxIterations(settings.maxIterations()).setRank(settings.rank()).setProbes(settings.probes()).setSeed(settings.seed())
            .setStatus(report.status().name()).setIterations(report.iterations()).setResidual(report.residual()).setPreconditionerRank(report.rank()).setHeld(report.held()));
    }
}
