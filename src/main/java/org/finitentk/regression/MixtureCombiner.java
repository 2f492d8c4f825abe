package org.finitentk.regression;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.store.StoredModel;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Prediction;
import org.tribuo.ensemble.EnsembleCombiner;
import org.tribuo.protos.core.EnsembleCombinerProto;
import org.tribuo.regression.Regressor;

/**
 * Combines the predictions of an ensemble's members, say of a {@link org.tribuo.ensemble.BaggingTrainer} with
 * {@link FiniteNTKRegressionTrainer} inside, as the mixture of their Gaussians: the mean of their means, and as
 * variance the mean of their variances plus the variance of their means. Tribuo's own averaging combiner drops the
 * members' variances, so that what is left is only how far the members are apart, much less than how far observations
 * are. Without state; safe for use from several threads.
 */
public final class MixtureCombiner implements EnsembleCombiner<Regressor> {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** There is nothing to choose. */
    public MixtureCombiner() {}

    /**
     * Combines with equal weights.
     *
     * @param outputInfo the ensemble's dimensions
     * @param predictions of the members, at least one
     * @return the mixture's mean and variance; the variance is NaN if a member's is
     */
    @Override
    public Prediction<Regressor> combine(
            ImmutableOutputInfo<Regressor> outputInfo, List<Prediction<Regressor>> predictions) {
        float[] weights = new float[predictions.size()];
        Arrays.fill(weights, 1);
        return combine(outputInfo, predictions, weights);
    }

    /**
     * Combines with weights, which need not sum to 1.
     *
     * @param outputInfo the ensemble's dimensions
     * @param predictions of the members, at least one
     * @param weights one for each member, at least 0 and not all 0
     * @return the mixture's mean and variance; the variance is NaN if a member's is
     * @throws IllegalArgumentException if there are no members, or weights that do not fit them
     */
    @Override
    public Prediction<Regressor> combine(
            ImmutableOutputInfo<Regressor> outputInfo, List<Prediction<Regressor>> predictions, float[] weights) {
        if (predictions.isEmpty() || predictions.size() != weights.length) {
            throw new IllegalArgumentException("there are " + predictions.size() + " predictions and " + weights.length
                    + " weights; expected as many of each, and at least one");
        }
        double total = 0;
        for (float weight : weights) {
            if (!(weight >= 0) || Float.isInfinite(weight)) {
                throw new IllegalArgumentException(
                        "a member of the ensemble has weight " + weight + "; expected a finite number of at least 0");
            }
            total += weight;
        }
        if (!(total > 0)) {
            throw new IllegalArgumentException("all members of the ensemble have weight 0; expected a positive weight");
        }
        String[] names = predictions.get(0).getOutput().getNames();
        double[] means = new double[names.length];
        double[] variances = new double[names.length];
        int used = 0;
        for (int i = 0; i < weights.length; i++) {
            Regressor output = predictions.get(i).getOutput();
            used = Math.max(used, predictions.get(i).getNumActiveFeatures());
            for (int d = 0; d < names.length; d++) {
                means[d] += weights[i] / total * output.getValues()[d];
                variances[d] += weights[i] / total * output.getVariances()[d];
            }
        }
        for (int i = 0; i < weights.length; i++) {
            for (int d = 0; d < names.length; d++) {
                double apart = predictions.get(i).getOutput().getValues()[d] - means[d];
                variances[d] += weights[i] / total * apart * apart;
            }
        }
        return new Prediction<>(
                new Regressor(names, means, variances), used, predictions.get(0).getExample());
    }

    @Override
    public Class<Regressor> getTypeWitness() {
        return Regressor.class;
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "EnsembleCombiner");
    }

    @Override
    public EnsembleCombinerProto serialize() {
        return EnsembleCombinerProto.newBuilder()
                .setVersion(CURRENT_VERSION)
                .setClassName(MixtureCombiner.class.getName())
                .build();
    }

    /**
     * Reads a stored combiner; Tribuo calls it.
     *
     * @param version version of the stored form
     * @param className the stored class name
     * @param message the stored content, which is empty
     * @return a combiner
     * @throws IllegalArgumentException if it is of a newer version or has content
     */
    public static MixtureCombiner deserializeFromProto(int version, String className, Any message) {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        if (!message.getValue().equals(ByteString.EMPTY)) {
            throw new IllegalArgumentException(
                    "the stored " + className + " has content; expected none, so the model is damaged");
        }
        return new MixtureCombiner();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MixtureCombiner;
    }

    @Override
    public int hashCode() {
        return MixtureCombiner.class.hashCode();
    }

    @Override
    public String toString() {
        return "MixtureCombiner()";
    }
}
