package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.backbone.InputMapping;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.protos.RbfProcessProto;
import org.finitentk.protos.RbfProcessesProto;

/** {@link RbfProcesses} as a message and back; a loaded model predicts the same bit for bit. */
final class StoredRbf {
    private StoredRbf() {}

    static RbfProcessesProto write(RbfProcesses processes) {
        RbfPosterior posterior = processes.posterior();
        StoredPosterior.requireFits(
                (long) Double.BYTES * posterior.x().length,
                posterior.parts().stream().map(RbfPosterior.Part::fitted).toList());
        RbfProcessesProto.Builder proto = RbfProcessesProto.newBuilder()
                .setInput(processes.mapping().serialize())
                .addAllDimensions(processes.dimensions())
                .setVariances(processes.variances().name())
                .setMeans(StoredNumbers.write(posterior.features().means()))
                .setDeviations(StoredNumbers.write(posterior.features().deviations()))
                .setTraining(StoredNumbers.write(posterior.x()))
                .setRowScales(StoredNumbers.write(posterior.noise().scales()));
        LeaveOneOut leftOut = posterior.leaveOneOut();
        if (leftOut != null) {
            proto.setLeaveOneOut(StoredPosterior.leaveOneOut(leftOut));
        }
        for (RbfPosterior.Part part : posterior.parts()) {
            proto.addProcesses(RbfProcessProto.newBuilder()
                    .setLengthScales(StoredNumbers.write(part.lengthScales()))
                    .setProcess(StoredPosterior.process(part.fitted())));
        }
        return proto.build();
    }

    static RbfProcesses read(RbfProcessesProto proto) {
        InputMapping mapping = InputMapping.deserializeFromProto(proto.getInput());
        int d = mapping.features().size();
        double[] x = StoredNumbers.read("training rows", proto.getTraining());
        int n = d == 0 ? 0 : x.length / d;
        if (n == 0 || (long) n * d != x.length || proto.getProcessesCount() != proto.getDimensionsCount()) {
            throw StoredPosterior.damaged(x.length + " numbers for rows of " + d + " features, and "
                    + proto.getProcessesCount() + " processes for " + proto.getDimensionsCount() + " dimensions");
        }
        double[] scales = StoredNumbers.read("row scales", proto.getRowScales());
        if (scales.length != 0 && scales.length != n) {
            throw StoredPosterior.damaged(scales.length + " row scales for " + n + " rows");
        }
        List<RbfPosterior.Part> parts = new ArrayList<>();
        for (RbfProcessProto own : proto.getProcessesList()) {
            parts.add(part(own, n, d));
        }
        Standardization features = new Standardization(
                StoredNumbers.read("means of the features", proto.getMeans(), d),
                StoredNumbers.read("deviations of the features", proto.getDeviations(), d));
        RbfPosterior posterior = new RbfPosterior(
                features,
                x,
                new RowNoise(scales),
                parts,
                proto.hasLeaveOneOut()
                        ? StoredPosterior.leaveOneOut(proto.getLeaveOneOut(), n, proto.getDimensionsCount())
                        : null);
        return new RbfProcesses(
                mapping,
                proto.getDimensionsList(),
                StoredModel.constant(VarianceKind.class, proto.getVariances()),
                posterior);
    }

    private static RbfPosterior.Part part(RbfProcessProto proto, int n, int d) {
        double[] lengthScales = StoredNumbers.read("length scales", proto.getLengthScales(), d);
        for (double scale : lengthScales) {
            if (!(scale > 0)) {
                throw StoredPosterior.damaged("the length scale " + scale);
            }
        }
        if (proto.getProcess().getRows() != n || proto.getProcess().getColumnsCount() != 1) {
            throw StoredPosterior.damaged(proto.getProcess().getRows() + " rows and "
                    + proto.getProcess().getColumnsCount() + " columns; expected " + n + " and 1");
        }
        FittedProcess fitted = StoredPosterior.part(proto.getProcess(), 1, 0, false);
        if (!(fitted.process() instanceof DenseProcess)) {
            throw StoredPosterior.damaged("the solver " + fitted.process().solver());
        }
        return new RbfPosterior.Part(lengthScales, fitted);
    }
}
