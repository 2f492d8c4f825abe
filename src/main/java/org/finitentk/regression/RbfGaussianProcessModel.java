package org.finitentk.regression;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.finitentk.backbone.StorableModel;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.protos.RbfGaussianProcessModelProto;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.Prediction;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.regression.Regressor;

/**
 * An exact Gaussian process with an RBF kernel on features, as a Tribuo model. A prediction is the posterior mean; its
 * variances are of what the trainer's {@link VarianceKind} says, NaN for NONE. A feature that every training example
 * had may be missing in none; others are 0 where they are missing. A stored model predicts the same bit for bit when it
 * is loaded. Safe for use from several threads.
 */
public final class RbfGaussianProcessModel extends StorableModel<Regressor> {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** Features, dimensions and the posterior. */
    private final RbfProcesses processes;

    RbfGaussianProcessModel(Metadata<Regressor> metadata, RbfProcesses processes) {
        super(metadata);
        this.processes = processes;
    }

    /**
     * The names of the dimensions, in alphabetical order.
     *
     * @return an unmodifiable list
     */
    @Override
    public List<String> outputNames() {
        return processes.dimensions();
    }

    /**
     * The names of the features, in alphabetical order, which is that of the length scales.
     *
     * @return an unmodifiable list
     */
    public List<String> features() {
        return processes.mapping().features();
    }

    /**
     * The length scales of a dimension's kernel, in the features' own units.
     *
     * @param dimension its name
     * @return one for each of {@link #features()}, infinite for a feature that did not vary
     * @throws IllegalArgumentException if there is no such dimension
     */
    public double[] lengthScales(String dimension) {
        double[] scales = part(dimension).lengthScales();
        double[] deviations = processes.posterior().features().deviations();
        return IntStream.range(0, scales.length)
                .mapToDouble(k -> deviations[k] > 0 ? scales[k] * deviations[k] : Double.POSITIVE_INFINITY)
                .toArray();
    }

    /**
     * The prior variance of a dimension's function.
     *
     * @param dimension its name
     * @return positive
     * @throws IllegalArgumentException if there is no such dimension
     */
    public double signalVariance(String dimension) {
        return part(dimension).column().priorVariance();
    }

    /**
     * The variance of a dimension's noise.
     *
     * @param dimension its name
     * @return positive
     * @throws IllegalArgumentException if there is no such dimension
     */
    public double noiseVariance(String dimension) {
        return part(dimension).column().noiseVariance();
    }

    /**
     * The constant mean of a dimension.
     *
     * @param dimension its name
     * @return its estimate by generalized least squares, whose uncertainty variances include
     * @throws IllegalArgumentException if there is no such dimension
     */
    public double constantMean(String dimension) {
        return part(dimension).column().coefficients()[0];
    }

    /**
     * The logarithm of the training targets' marginal likelihood at these hyperparameters, without their priors.
     *
     * @return the sum over the dimensions
     */
    public double logMarginalLikelihood() {
        return processes.posterior().evidence().logMarginalLikelihood();
    }

    /**
     * What the model would say of each training example without it, at the hyperparameters found with it.
     *
     * @return means, variances and log densities, dimensions as in {@link #outputNames()}
     * @throws IllegalStateException if there is only one training example
     */
    public LeaveOneOut leaveOneOut() {
        LeaveOneOut leftOut = processes.posterior().leaveOneOut();
        if (leftOut == null) {
            throw new IllegalStateException("there is one training example; expected at least 2 to leave one out");
        }
        return leftOut;
    }

    /**
     * What the predictions' variances are of.
     *
     * @return the trainer's choice
     */
    public VarianceKind varianceKind() {
        return processes.variances();
    }

    private RbfPosterior.Part part(String dimension) {
        return processes.posterior().parts().get(OutputNames.indexOf(dimension, outputNames()));
    }

    @Override
    protected Class<Regressor> outputType() {
        return Regressor.class;
    }

    @Override
    protected int countUsed(Example<Regressor> example) {
        return processes.mapping().requireUsed(example);
    }

    @Override
    protected List<Prediction<Regressor>> predictions(List<Example<Regressor>> batch, int[] used) {
        return Regressors.of(outputNames(), processes.predict(batch), used, batch);
    }

    /**
     * The features by relevance: the inverse of the length scale in standard deviations of the feature, 0 for one that
     * did not vary.
     *
     * @param n how many of each dimension; all if it is negative
     * @return for each dimension the most relevant features, the most relevant first
     */
    @Override
    public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        double[] deviations = processes.posterior().features().deviations();
        Map<String, List<Pair<String, Double>>> top = new LinkedHashMap<>();
        for (String dimension : outputNames()) {
            double[] scales = part(dimension).lengthScales();
            top.put(
                    dimension,
                    IntStream.range(0, scales.length)
                            .mapToObj(k -> new Pair<>(features().get(k), deviations[k] > 0 ? 1 / scales[k] : 0))
                            .sorted(Comparator.comparingDouble((Pair<String, Double> pair) -> -pair.getB()))
                            .limit(n < 0 ? scales.length : n)
                            .toList());
        }
        return top;
    }

    /**
     * A Gaussian process does not explain its predictions by features.
     *
     * @param example ignored
     * @return empty
     */
    @Override
    public Optional<Excuse<Regressor>> getExcuse(Example<Regressor> example) {
        return Optional.empty();
    }

    @Override
    protected RbfGaussianProcessModel of(Metadata<Regressor> metadata) {
        return new RbfGaussianProcessModel(metadata, processes);
    }

    @Override
    public ModelProto serialize() {
        return stored(
                CURRENT_VERSION,
                RbfGaussianProcessModelProto.newBuilder()
                        .setMetadata(metadata())
                        .setProcesses(processes.toProto())
                        .build());
    }

    /**
     * Reads a stored model; Tribuo calls it.
     *
     * @param version version of the stored form
     * @param className the stored class name
     * @param message the stored content
     * @return the model
     * @throws InvalidProtocolBufferException if the message is of another type or damaged
     * @throws IllegalArgumentException if it is of a newer version or its content is inconsistent
     */
    public static RbfGaussianProcessModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        RbfGaussianProcessModelProto proto = message.unpack(RbfGaussianProcessModelProto.class);
        Metadata<Regressor> metadata = Metadata.read(proto.getMetadata(), Regressor.class)
                .requireOutputs(proto.getProcesses().getDimensionsList());
        return new RbfGaussianProcessModel(metadata, StoredRbf.read(proto.getProcesses()));
    }
}
