package org.finitentk.regression;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.finitentk.backbone.InputMapping;
import org.finitentk.internal.store.StoredForm;
import org.finitentk.internal.tribuo.Findings;
import org.finitentk.protos.RbfProcessesProto;
import org.tribuo.Example;

/**
 * What a model with RBF kernels consists of besides Tribuo's metadata: how features become rows, and the posterior.
 * Java serialization writes the protobuf message, so both serializations are one. Immutable and thread safe.
 */
final class RbfProcesses implements Serializable {
    private static final long serialVersionUID = 1L;

    private final transient InputMapping mapping;
    private final transient List<String> dimensions;
    private final transient VarianceKind variances;
    private final transient RbfPosterior posterior;

    RbfProcesses(InputMapping mapping, List<String> dimensions, VarianceKind variances, RbfPosterior posterior) {
        this.mapping = mapping;
        this.dimensions = List.copyOf(dimensions);
        this.variances = variances;
        this.posterior = posterior;
    }

    InputMapping mapping() {
        return mapping;
    }

    List<String> dimensions() {
        return dimensions;
    }

    VarianceKind variances() {
        return variances;
    }

    RbfPosterior posterior() {
        return posterior;
    }

    RegressionPosterior.Predictive predict(List<? extends Example<?>> examples) {
        return posterior.predict(RbfFit.numbers(mapping.toExamples(examples)), variances);
    }

    /** What training found, for provenance; arrays in the order of the features, as JSON. */
    void record(Findings findings) {
        int d = mapping.features().size();
        findings.addList("input-features", mapping.describe(), d, "features")
                .addList("feature-means", Arrays.toString(posterior.features().means()), d, "means")
                .addList(
                        "feature-deviations",
                        Arrays.toString(posterior.features().deviations()),
                        d,
                        "deviations")
                .add("log-marginal-likelihood", posterior.evidence().logMarginalLikelihood())
                .add("jitter", posterior.jitter());
        LeaveOneOut leftOut = posterior.leaveOneOut();
        if (leftOut != null) {
            LeftOutRows.record(leftOut, findings::add);
        }
        for (int p = 0; p < dimensions.size(); p++) {
            RbfPosterior.Part part = posterior.parts().get(p);
            String name = dimensions.get(p);
            findings.add("dimension-" + p, name)
                    .addList("length-scales-" + name, Arrays.toString(part.lengthScales()), d, "length scales")
                    .add("signal-variance-" + name, part.column().priorVariance())
                    .add("noise-variance-" + name, part.column().noiseVariance())
                    .add("constant-mean-" + name, part.column().coefficients()[0]);
        }
    }

    RbfProcessesProto toProto() {
        return StoredRbf.write(this);
    }

    private Object writeReplace() {
        return new Stored(toProto().toByteArray());
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("processes are stored as their protobuf message");
    }

    /** The form in which Java serialization writes processes. */
    private static final class Stored extends StoredForm implements Serializable {
        private static final long serialVersionUID = 1L;
        private final byte[] message;

        Stored(byte[] message) {
            this.message = message;
        }

        @Override
        protected Object read() throws InvalidProtocolBufferException {
            return StoredRbf.read(RbfProcessesProto.parseFrom(message));
        }
    }
}
