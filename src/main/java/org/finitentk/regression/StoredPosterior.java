package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.finitentk.internal.store.StoredExamples;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.internal.util.Later;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.protos.GaussianProcessProto;
import org.finitentk.protos.LeaveOneOutProto;
import org.finitentk.protos.PosteriorProto;
import org.finitentk.protos.ProcessColumnProto;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RegressionPosterior} as a message and back. Every number is stored as it is, factorizations included, so
 * that a loaded posterior predicts the same bit for bit. Where predictions compare with no training example, none is
 * stored, nor anything else that there is of each.
 */
final class StoredPosterior {
    /** Room for what surrounds the arrays in a message of 2 GiB. */
    private static final long MAX_BYTES = Integer.MAX_VALUE - (64L << 20);

    private StoredPosterior() {}

    static PosteriorProto write(FittedPosterior posterior) {
        requireFits(posterior.needsRows() ? StoredExamples.bytes(posterior.training()) : 0, posterior.parts());
        OutputPlan plan = posterior.plan();
        PosteriorProto.Builder proto = PosteriorProto.newBuilder()
                .setStructure(plan.structure().name())
                .setMean(plan.mean().name())
                .setSharedOutput(plan.shared())
                .setDimensions(plan.dimensions())
                .setNetworkOutputs(plan.networkOutputs())
                .setReason(posterior.reason())
                .setMeansByCovariances(posterior.weightsLost());
        double scaling = 0;
        if (posterior.needsRows()) {
            writeRows(posterior, proto);
        } else {
            scaling = Arrays.stream(posterior.noise().scales()).map(Math::log).sum();
        }
        for (FittedProcess part : posterior.parts()) {
            proto.addProcesses(process(part, scaling));
        }
        return proto.build();
    }

    private static void writeRows(FittedPosterior posterior, PosteriorProto.Builder proto) {
        LeaveOneOut leftOut = posterior.leaveOneOut();
        if (leftOut != null) {
            proto.setLeaveOneOut(leaveOneOut(leftOut));
        }
        proto.putAllTraining(StoredExamples.write(posterior.training()))
                .setRowScales(StoredNumbers.write(posterior.noise().scales()));
    }

    /** Refuses what is larger than a message can be: training inputs of so many bytes, and processes. */
    static void requireFits(long inputs, List<FittedProcess> parts) {
        long bytes = inputs;
        for (FittedProcess part : parts) {
            bytes += Double.BYTES * part.process().storedNumbers();
            for (GaussianProcess.Solution solution : part.solutions()) {
                bytes += (long) Double.BYTES * (solution.tangent().length + solution.alpha().length);
                ConstantFit constant = solution.constant();
                bytes += constant == null ? 0 : (long) Double.BYTES * constant.size() * constant.solved()[0].length;
            }
        }
        if (bytes > MAX_BYTES) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "the model has %.2f GiB, of which its kernel matrix's factorization is the most; a "
                            + "stored model can have at most 2 GiB, so train on fewer examples",
                    bytes / (double) (1 << 30)));
        }
    }

    static GaussianProcessProto process(FittedProcess part) {
        return process(part, 0);
    }

    /** The densities of scaled targets become those of the targets by the logarithm of all scales. */
    private static GaussianProcessProto process(FittedProcess part, double scaling) {
        GaussianProcessProto.Builder proto = part.process().toProto();
        for (int c = 0; c < part.solutions().size(); c++) {
            GaussianProcess.Column column = part.process().columns().get(c);
            GaussianProcess.Solution solution = part.solutions().get(c);
            Evidence evidence = column.evidence().get();
            ProcessColumnProto.Builder own = ProcessColumnProto.newBuilder()
                    .setPriorVariance(column.priorVariance())
                    .setNoiseVariance(column.noiseVariance())
                    .setCoefficients(StoredNumbers.write(column.coefficients()))
                    .setLogMarginalLikelihood(evidence.logMarginalLikelihood() + scaling)
                    .setTangent(StoredNumbers.write(solution.tangent()))
                    .setAlpha(StoredNumbers.write(solution.alpha()));
            if (evidence.standardError() > 0) {
                own.setEvidenceErrors(StoredNumbers.write(new double[] {evidence.standardError(), evidence.bias()}));
            }
            ConstantFit constant = solution.constant();
            if (constant != null) {
                Arrays.stream(constant.solved()).map(StoredNumbers::write).forEach(own::addBasis);
                own.setCoefficientCovariance(StoredNumbers.write(constant.covariance()));
            }
            proto.addColumns(own);
        }
        return proto.build();
    }

    static LeaveOneOutProto leaveOneOut(LeaveOneOut leftOut) {
        return LeaveOneOutProto.newBuilder()
                .addAllRows(Arrays.stream(leftOut.rows()).boxed().toList())
                .setTargets(StoredNumbers.write(leftOut.targets()))
                .setMean(StoredNumbers.write(leftOut.mean()))
                .setVariance(StoredNumbers.write(leftOut.variance()))
                .setLogDensity(StoredNumbers.write(leftOut.logDensity()))
                .build();
    }

    static LeaveOneOut leaveOneOut(LeaveOneOutProto stored, int n, int dimensions) {
        if (stored.getRowsCount() != n) {
            throw damaged(stored.getRowsCount() + " rows left out; expected " + n);
        }
        long numbers = (long) n * dimensions;
        return new LeaveOneOut(
                stored.getRowsList().stream().mapToInt(Integer::intValue).toArray(),
                StoredNumbers.read("targets", stored.getTargets(), numbers),
                StoredNumbers.read("means without a row", stored.getMean(), numbers),
                StoredNumbers.read("variances without a row", stored.getVariance(), numbers),
                StoredNumbers.read("log densities without a row", stored.getLogDensity(), n));
    }

    private static Evidence evidence(ProcessColumnProto column) {
        double[] errors = column.getEvidenceErrors().isEmpty()
                ? new double[2]
                : StoredNumbers.read("errors of the marginal likelihood", column.getEvidenceErrors(), 2);
        return new Evidence(column.getLogMarginalLikelihood(), errors[0], errors[1]);
    }

    private static @Nullable ConstantFit constant(ProcessColumnProto column, long length) {
        int size = column.getBasisCount();
        if (size == 0) {
            return null;
        }
        return new ConstantFit(
                column.getBasisList().stream()
                        .map(bytes -> StoredNumbers.read("solution for a constant", bytes, length))
                        .toArray(double[][]::new),
                StoredNumbers.read(
                        "covariance of the constants", column.getCoefficientCovariance(), (long) size * size));
    }

    static FittedPosterior read(PosteriorProto proto, LinearizedNetwork network) {
        OutputPlan plan = plan(proto, network);
        if (proto.getProcessesCount() != plan.kernels().size()) {
            throw damaged(proto.getProcessesCount() + " processes; expected "
                    + plan.kernels().size());
        }
        Examples training = training(proto, network);
        int rows =
                training.size() == 0 ? rows(proto, plan) : Math.multiplyExact(training.size(), plan.rowsPerExample());
        double[] rowScales = StoredNumbers.read("row scales", proto.getRowScales());
        if (rowScales.length != 0 && rowScales.length != rows) {
            throw damaged(rowScales.length + " row scales for " + rows + " rows");
        }
        List<FittedProcess> parts = new ArrayList<>();
        for (int p = 0; p < proto.getProcessesCount(); p++) {
            GaussianProcessProto own = proto.getProcesses(p);
            if (own.getRows() != rows || own.getColumnsCount() != plan.columns()) {
                throw damaged(own.getRows() + " rows and " + own.getColumnsCount() + " columns; expected " + rows
                        + " and " + plan.columns());
            }
            int coefficients = plan.mean() == MeanFunction.CONSTANT ? plan.rowsPerExample() : 0;
            parts.add(part(own, coefficients, network.parameterCount(), proto.getMeansByCovariances()));
        }
        int n = rows / plan.rowsPerExample();
        return new FittedPosterior(
                plan,
                training,
                new RowNoise(rowScales),
                parts,
                proto.getReason(),
                new FittedPosterior.Findings(
                        new TrainingRows.Counts(n, 0, 0, 0, 0),
                        Later.known(
                                proto.hasLeaveOneOut()
                                        ? Optional.of(leaveOneOut(proto.getLeaveOneOut(), n, proto.getDimensions()))
                                        : Optional.empty()),
                        null,
                        List.of()));
    }

    private static Examples training(PosteriorProto proto, LinearizedNetwork network) {
        boolean needless = proto.getProcessesList().stream()
                .allMatch(process ->
                        Solver.PARAMETER_SPACE.name().equals(process.getSolver()) && !process.hasIterative());
        if (needless && proto.getTrainingCount() == 0) {
            return FittedPosterior.NO_ROWS;
        }
        Examples training = StoredExamples.read(proto.getTrainingMap());
        network.requireFit(training);
        return training;
    }

    /** What the processes say, of which the examples are not stored. */
    private static int rows(PosteriorProto proto, OutputPlan plan) {
        int rows = proto.getProcesses(0).getRows();
        if (rows < 1
                || rows % plan.rowsPerExample() != 0
                || !proto.getRowScales().isEmpty()) {
            throw damaged(rows + " rows of " + plan.rowsPerExample() + " outputs, "
                    + proto.getRowScales().size() + " bytes of row scales and no training examples");
        }
        return rows;
    }

    static IllegalArgumentException damaged(String found) {
        return new IllegalArgumentException("the stored posterior is damaged or of another network: it has " + found);
    }

    private static OutputPlan plan(PosteriorProto proto, LinearizedNetwork network) {
        OutputStructure structure = StoredModel.constant(OutputStructure.class, proto.getStructure());
        MeanFunction mean = StoredModel.constant(MeanFunction.class, proto.getMean());
        if (structure == OutputStructure.AUTO
                || mean == MeanFunction.AUTO
                || proto.getDimensions() < 1
                || proto.getNetworkOutputs() != network.outputSize()) {
            throw damaged("outputs " + structure + ", mean " + mean + ", " + proto.getDimensions() + " dimensions and "
                    + proto.getNetworkOutputs() + " network outputs");
        }
        // Checked by the same rules as at training.
        RegressionSettings settings =
                RegressionSettings.DEFAULT.withMean(mean).withOutputs(structure, proto.getSharedOutput());
        return OutputPlan.of(settings, proto.getDimensions(), proto.getNetworkOutputs())
                .get(0);
    }

    /**
     * One process, whose rows and columns the caller has counted.
     *
     * @param coefficients of each column's mean
     * @param parameters of the network; 0 without one
     */
    static FittedProcess part(GaussianProcessProto proto, int coefficients, long parameters, boolean weightsLost) {
        List<GaussianProcess.Column> columns = new ArrayList<>();
        List<GaussianProcess.Solution> solutions = new ArrayList<>();
        for (ProcessColumnProto column : proto.getColumnsList()) {
            columns.add(new GaussianProcess.Column(
                    column.getPriorVariance(),
                    column.getNoiseVariance(),
                    StoredNumbers.read("constant mean", column.getCoefficients(), coefficients),
                    Later.known(evidence(column))));
        }
        GaussianProcess process = process(proto, columns, parameters);
        int length = process.solutionLength();
        for (ProcessColumnProto column : proto.getColumnsList()) {
            if (column.getBasisCount() != 0 && column.getBasisCount() != coefficients) {
                throw damaged(column.getBasisCount() + " solutions for constants; expected " + coefficients);
            }
            solutions.add(new GaussianProcess.Solution(
                    StoredNumbers.read("weights", column.getTangent(), parameters),
                    StoredNumbers.read("solution", column.getAlpha(), length),
                    constant(column, length == 0 ? parameters : length)));
        }
        return new FittedProcess(process, solutions, weightsLost);
    }

    private static GaussianProcess process(
            GaussianProcessProto proto, List<GaussianProcess.Column> columns, long parameters) {
        Solver solver =
                proto.getSolver().isEmpty() ? Solver.DENSE : StoredModel.constant(Solver.class, proto.getSolver());
        return switch (solver) {
            case ITERATIVE -> IterativeProcess.read(proto, columns);
            case PARAMETER_SPACE ->
                proto.hasIterative()
                        ? FisherProcess.read(proto, columns)
                        : ParameterProcess.read(proto, columns, parameters);
            case DENSE ->
                proto.getCholesky().isEmpty()
                        ? EigenProcess.read(proto, columns)
                        : CholeskyProcess.read(proto, columns);
            case AUTO -> throw damaged("the solver AUTO");
        };
    }
}
