package org.finitentk.regression;

import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.finitentk.kernel.Outputs;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.finitentk.protos.ArrayProto;
import org.finitentk.protos.GaussianProcessProto;
import org.finitentk.protos.PosteriorProto;
import org.finitentk.protos.ProcessColumnProto;

/** A {@link RegressionPosterior} as a message and back. Every number is stored as it is, factorizations included, so that a loaded posterior predicts the same bit for bit. */
final class StoredPosterior {
    /** Room for what surrounds the arrays in a message of 2 GiB. */
    private static final long MAX_BYTES = Integer.MAX_VALUE - (64L << 20);

    private StoredPosterior() {
    }

    static PosteriorProto write(RegressionPosterior posterior) {
        requireFits(posterior);
        OutputPlan plan = posterior.plan();
        PosteriorProto.Builder proto = PosteriorProto.newBuilder().setStructure(plan.structure().name()).setMean(plan.mean().name())
            .setSharedOutput(plan.shared()).setDimensions(plan.dimensions()).setNetworkOutputs(plan.networkOutputs())
            .setRowScales(Numbers.write(posterior.rowScales())).setReason(posterior.solverReason());
        posterior.training().inputs().forEach((name, tensor) -> proto.putTraining(name, array(tensor)));
        for (RegressionPosterior.Part part : posterior.parts()) {
            proto.addProcesses(process(part));
        }
        return proto.build();
    }

    private static void requireFits(RegressionPosterior posterior) {
        long bytes = 0;
        for (Tensor tensor : posterior.training().inputs().values()) {
            bytes += tensor.data().limit();
        }
        for (RegressionPosterior.Part part : posterior.parts()) {
            bytes += Double.BYTES * part.process().storedNumbers();
            for (GaussianProcess.Solution solution : part.solutions()) {
                bytes += (long) Double.BYTES * (solution.tangent().length + solution.alpha().length);
            }
        }
        if (bytes > MAX_BYTES) {
            throw new IllegalStateException(String.format(Locale.ROOT,
                "the model has %.2f GiB, of which its kernel matrix's factorization is the most; a stored model can have at most 2 GiB, so train on fewer examples", bytes / (double) (1 << 30)));
        }
    }

    private static ArrayProto array(Tensor tensor) {
        ArrayProto.Builder proto = ArrayProto.newBuilder().setType(tensor.type().name()).setData(UnsafeByteOperations.unsafeWrap(tensor.data()));
        for (long size : tensor.shape()) {
            proto.addShape(size);
        }
        return proto.build();
    }

    private static GaussianProcessProto process(RegressionPosterior.Part part) {
        GaussianProcessProto.Builder proto = part.process().toProto();
        for (int c = 0; c < part.solutions().size(); c++) {
            GaussianProcess.Column column = part.process().columns().get(c);
            proto.addColumns(ProcessColumnProto.newBuilder().setPriorVariance(column.priorVariance()).setNoiseVariance(column.noiseVariance())
                .setCoefficients(Numbers.write(column.coefficients())).setLogMarginalLikelihood(column.logMarginalLikelihood())
                .setTangent(Numbers.write(part.solutions().get(c).tangent())).setAlpha(Numbers.write(part.solutions().get(c).alpha())));
        }
        return proto.build();
    }

    static RegressionPosterior read(PosteriorProto proto, LinearizedNetwork network) {
        OutputPlan plan = plan(proto, network);
        Examples training = training(proto);
        network.requireFit(training);
        int rows = Math.multiplyExact(training.size(), plan.rowsPerExample());
        double[] rowScales = Numbers.read("row scales", proto.getRowScales());
        if (rowScales.length != 0 && rowScales.length != rows) {
            throw damaged(rowScales.length + " row scales for " + rows + " rows");
        }
        List<Outputs> kernels = plan.kernels();
        if (proto.getProcessesCount() != kernels.size()) {
            throw damaged(proto.getProcessesCount() + " processes; expected " + kernels.size());
        }
        List<RegressionPosterior.Part> parts = new ArrayList<>();
        for (int p = 0; p < kernels.size(); p++) {
            parts.add(part(proto.getProcesses(p), kernels.get(p), plan, rows, network.parameterCount()));
        }
        return new RegressionPosterior(network, plan, training, rowScales, parts, proto.getReason());
    }

    private static IllegalArgumentException damaged(String found) {
        return new IllegalArgumentException("the stored posterior is damaged or of another network: it has " + found);
    }

    private static OutputPlan plan(PosteriorProto proto, LinearizedNetwork network) {
        OutputStructure structure = constant(OutputStructure.class, proto.getStructure());
        MeanFunction mean = constant(MeanFunction.class, proto.getMean());
        if (structure == OutputStructure.AUTO || mean == MeanFunction.AUTO || proto.getDimensions() < 1 || proto.getNetworkOutputs() != network.outputSize()) {
            throw damaged("outputs " + structure + ", mean " + mean + ", " + proto.getDimensions() + " dimensions and " + proto.getNetworkOutputs() + " network outputs");
        }
        // Checked by the same rules as at training.
        RegressionSettings settings = RegressionSettings.DEFAULT.withMean(mean).withOutputs(structure, proto.getSharedOutput());
        return OutputPlan.of(settings, proto.getDimensions(), proto.getNetworkOutputs());
    }

    static <E extends Enum<E>> E constant(Class<E> type, String name) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw damaged("the " + type.getSimpleName() + " '" + name + "'");
    }

    private static Examples training(PosteriorProto proto) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        // Messages keep no order of maps; an order is needed for results that repeat.
        new TreeMap<>(proto.getTrainingMap()).forEach((name, array) -> tensors.put(name, tensor(array)));
        return new Examples(tensors);
    }

    private static Tensor tensor(ArrayProto proto) {
        ByteBuffer data = ByteBuffer.allocateDirect(proto.getData().size()).order(ByteOrder.LITTLE_ENDIAN);
        proto.getData().copyTo(data);
        long[] shape = proto.getShapeList().stream().mapToLong(Long::longValue).toArray();
        return new Tensor(constant(ElementType.class, proto.getType()), shape, data.flip());
    }

    private static RegressionPosterior.Part part(GaussianProcessProto proto, Outputs outputs, OutputPlan plan, int rows, long parameters) {
        if (proto.getRows() != rows || proto.getColumnsCount() != plan.columns()) {
            throw damaged(proto.getRows() + " rows and " + proto.getColumnsCount() + " columns; expected " + rows + " and " + plan.columns());
        }
        int coefficients = plan.mean() == MeanFunction.CONSTANT ? plan.rowsPerExample() : 0;
        List<GaussianProcess.Column> columns = new ArrayList<>();
        List<GaussianProcess.Solution> solutions = new ArrayList<>();
        for (ProcessColumnProto column : proto.getColumnsList()) {
            columns.add(new GaussianProcess.Column(column.getPriorVariance(), column.getNoiseVariance(), Numbers.read("constant mean", column.getCoefficients(), coefficients),
                column.getLogMarginalLikelihood()));
        }
        GaussianProcess process = process(proto, columns, parameters);
        for (ProcessColumnProto column : proto.getColumnsList()) {
            solutions.add(new GaussianProcess.Solution(Numbers.read("weights", column.getTangent(), parameters),
                Numbers.read("solution", column.getAlpha(), process.solutionLength())));
        }
        return new RegressionPosterior.Part(outputs, process, solutions);
    }

    private static GaussianProcess process(GaussianProcessProto proto, List<GaussianProcess.Column> columns, long parameters) {
        Solver solver = proto.getSolver().isEmpty() ? Solver.DENSE : constant(Solver.class, proto.getSolver());
        return switch (solver) {
            case ITERATIVE -> IterativeProcess.read(proto, columns);
            case PARAMETER_SPACE -> ParameterProcess.read(proto, columns, parameters);
            case DENSE -> proto.getCholesky().isEmpty() ? EigenProcess.read(proto, columns) : CholeskyProcess.read(proto, columns);
            case AUTO -> throw damaged("the solver AUTO");
        };
    }
}
