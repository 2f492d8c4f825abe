package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.Config;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.StorableModel;
import org.finitentk.internal.backbone.TrainingData;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.RegressionTargets;
import org.finitentk.internal.util.Settings;
import org.tribuo.Dataset;
import org.tribuo.regression.Regressor;

/**
 * Fine-tuning for regression: squared error between the network's outputs and the dimensions, as many of the one as of
 * the other.
 *
 * <p>If asked for, every prediction carries a variance: the maximum-likelihood estimate of Gaussian noise around the
 * trained network, that is each dimension's mean squared residual on the training data. It is the same for all inputs
 * and, being taken on the data that was fitted, too small where the network overfits. With a {@code heldOutFraction} it
 * is taken on examples that a first training with the same settings did not see; a second training, on all examples,
 * then gives the means. It is then a little too large, as the first training had fewer examples.
 */
public final class FineTuningRegressionTrainer extends FineTuningTrainer<Regressor, FineTunedRegressionModel> {
    @Config(description = "Whether predictions carry the mean squared residual of the training data as their variance.")
    private boolean residualVariance;

    @Config(
            description = "Fraction of the training data that is held out of a first training to take the "
                    + "variance on, at least 0 and below 1; 0 takes it on the data that is fitted.")
    private double heldOutFraction;

    private FineTuningRegressionTrainer() {}

    /**
     * Trains all selected parameters; predictions carry no variance; the default seed.
     *
     * @param backbone the network to start from
     * @param optimizer the rule of one step
     * @param epochs passes over the training data, at least 1
     * @param batchSize examples in one step, at least 1
     */
    public FineTuningRegressionTrainer(OnnxBackbone backbone, Optimizer optimizer, int epochs, int batchSize) {
        this(backbone, new FineTuningSettings(optimizer, epochs, batchSize), false, 0);
    }

    /**
     * All settings.
     *
     * @param backbone the network to start from
     * @param settings what is trained, and how; as outputNames the dimensions, or none for number-aware order of their
     *     names
     * @param residualVariance whether predictions carry a mean squared residual as their variance
     * @param heldOutFraction fraction of the training data to take it on, at least 0 and below 1; 0 for all that was
     *     fitted
     */
    public FineTuningRegressionTrainer(
            OnnxBackbone backbone, FineTuningSettings settings, boolean residualVariance, double heldOutFraction) {
        super(backbone, settings);
        this.residualVariance = residualVariance;
        this.heldOutFraction = heldOutFraction;
        postConfig();
    }

    /** Checks the configuration; called by OLCUT and by the constructors. */
    @Override
    public void postConfig() {
        super.postConfig();
        Configured.check(() -> Settings.requireFractionOrZero("heldOutFraction", heldOutFraction));
    }

    @Override
    FineTuning.Loss loss(TrainingData<Regressor> data) {
        return FineTuning.Loss.SQUARED_ERROR;
    }

    @Override
    double[] targets(Dataset<Regressor> examples, TrainingData<Regressor> data) {
        return RegressionTargets.of(examples, data.outputNames());
    }

    @Override
    Class<FineTunedRegressionModel> modelClass() {
        return FineTunedRegressionModel.class;
    }

    @Override
    FineTunedRegressionModel model(
            StorableModel.Metadata<Regressor> metadata,
            TrainedNetwork network,
            TrainingRun run,
            FineTuning.Result result) {
        return new FineTunedRegressionModel(
                metadata, network, residualVariance ? variances(run, result) : new double[0]);
    }

    /** A network that was not trained is not fitted to any of the data, so nothing need be held out. */
    private double[] variances(TrainingRun run, FineTuning.Result result) {
        return trains() && heldOutFraction > 0 ? run.heldOutMeanSquares(heldOutFraction) : run.meanSquares(result);
    }

    @Override
    public String toString() {
        return "FineTuningRegressionTrainer(" + describe() + ", residualVariance=" + residualVariance
                + ", heldOutFraction=" + heldOutFraction + ")";
    }
}
