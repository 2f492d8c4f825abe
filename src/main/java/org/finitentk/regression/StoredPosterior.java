package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.finitentk.internal.store.StoredExamples;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.protos.GaussianProcessProto;
import org.finitentk.protos.PosteriorProto;
import org.finitentk.protos.ProcessColumnProto;

/**
 * A {@link RegressionPosterior} as a message and back. Every number is stored as it is, factorizations included, so
 * that a loaded posterior predicts the same bit for bit.
 */
final class StoredPosterior {
    /** Room for what surrounds the arrays in a message of 2 GiB. */
    private static final long MAX_BYTES = Integer.MAX_VALUE - (64L << 20);

    private StoredPosterior() {}

    static PosteriorProto write(FittedPosterior posterior) {
        requireFits(posterior);
        OutputPlan plan = posterior.plan();
        PosteriorProto.Builder proto = PosteriorProto.newBuilder()
                .setStructure(plan.structure().name())
                .setMean(plan.mean().name())
                .setSharedOutput(plan.shared())
                .setDimensions(plan.dimensions())
                .setNetworkOutputs(plan.networkOutputs())
                .setRowScales(StoredNumbers.write(posterior.noise().scales()))
                .setReason(posterior.reason())
                .setMeansByCovariances(posterior.weightsLost());
        proto.putAllTraining(StoredExamples.write(posterior.training()));
        for (FittedProcess part : posterior.parts()) {
            proto.addProcesses(process(part));
        }
        return proto.build();
    }

    private static void requireFits(FittedPosterior posterior) {
        long bytes = StoredExamples.bytes(posterior.training());
        for (FittedProcess part : posterior.parts()) {
            bytes += Double.BYTES * part.process().storedNumbers();
            for (GaussianProcess.Solution solution : part.solutions()) {
                bytes += (long) Double.BYTES * (solution.tangent().length + solution.alpha().length);
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

    private static GaussianProcessProto process(FittedProcess part) {
        GaussianProcessProto.Builder proto = part.process().toProto();
        for (int c = 0; c < part.solutions().size(); c++) {
            GaussianProcess.Column column = part.process().columns().get(c);
            proto.addColumns(ProcessColumnProto.newBuilder()
                    .setPriorVariance(column.priorVariance())
                    .setNoiseVariance(column.noiseVariance())
                    .setCoefficients(StoredNumbers.write(column.coefficients()))
                    .setLogMarginalLikelihood(column.logMarginalLikelihood())
                    .setTangent(StoredNumbers.write(part.solutions().get(c).tangent()))
                    .setAlpha(StoredNumbers.write(part.solutions().get(c).alpha())));
        }
        return proto.build();
    }

    static FittedPosterior read(PosteriorProto proto, LinearizedNetwork network) {
        OutputPlan plan = plan(proto, network);
        Examples training = StoredExamples.read(proto.getTrainingMap());
        network.requireFit(training);
        int rows = Math.multiplyExact(training.size(), plan.rowsPerExample());
        double[] rowScales = StoredNumbers.read("row scales", proto.getRowScales());
        if (rowScales.length != 0 && rowScales.length != rows) {
            throw damaged(rowScales.length + " row scales for " + rows + " rows");
        }
        List<Outputs> kernels = plan.kernels();
        if (proto.getProcessesCount() != kernels.size()) {
            throw damaged(proto.getProcessesCount() + " processes; expected " + kernels.size());
        }
        List<FittedProcess> parts = new ArrayList<>();
        for (int p = 0; p < kernels.size(); p++) {
            parts.add(part(proto.getProcesses(p), plan, rows, network.parameterCount(), proto.getMeansByCovariances()));
        }
        return new FittedPosterior(
                plan,
                training,
                new RowNoise(rowScales),
                parts,
                proto.getReason(),
                new TrainingRows.Counts(training.size(), 0, 0, 0, 0));
    }

    private static IllegalArgumentException damaged(String found) {
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
        return OutputPlan.of(settings, proto.getDimensions(), proto.getNetworkOutputs());
    }

    private static FittedProcess part(
            GaussianProcessProto proto, OutputPlan plan, int rows, long parameters, boolean weightsLost) {
        if (proto.getRows() != rows || proto.getColumnsCount() != plan.columns()) {
            throw damaged(proto.getRows() + " rows and " + proto.getColumnsCount() + " columns; expected " + rows
                    + " and " + plan.columns());
        }
        int coefficients = plan.mean() == MeanFunction.CONSTANT ? plan.rowsPerExample() : 0;
        List<GaussianProcess.Column> columns = new ArrayList<>();
        List<GaussianProcess.Solution> solutions = new ArrayList<>();
        for (ProcessColumnProto column : proto.getColumnsList()) {
            columns.add(new GaussianProcess.Column(
                    column.getPriorVariance(),
                    column.getNoiseVariance(),
                    StoredNumbers.read("constant mean", column.getCoefficients(), coefficients),
                    column.getLogMarginalLikelihood()));
        }
        GaussianProcess process = process(proto, columns, parameters);
        for (ProcessColumnProto column : proto.getColumnsList()) {
            solutions.add(new GaussianProcess.Solution(
                    StoredNumbers.read("weights", column.getTangent(), parameters),
                    StoredNumbers.read("solution", column.getAlpha(), process.solutionLength())));
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
