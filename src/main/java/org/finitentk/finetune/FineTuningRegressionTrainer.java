package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OutputMapping;
import org.finitentk.backbone.RegressionTargets;
import org.tribuo.Dataset;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Trainer;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.regression.Regressor;

/**
 * Fine-tuning for regression: squared error between the network's outputs and the dimensions, as many of the one as of the
 * other.
 *
 * <p>If asked for, every prediction carries a variance: the maximum-likelihood estimate of Gaussian noise around the trained
 * network, that is each dimension's mean squared residual on the training data. It is
 * the same for all inputs and, being taken on the data that was fitted, too small where the network overfits.
 */
public final class FineTuningRegressionTrainer extends FineTuningTrainer<Regressor> {
    @Config(description = "Whether predictions carry the mean squared residual of the training data as their variance.")
    private boolean residualVariance;

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
        this(backbone, optimizer, epochs, batchSize, TrainedParameters.ALL, false, List.of(), Trainer.DEFAULT_SEED);
    }

    /**
     * All settings.
     *
     * @param backbone the network to start from
     * @param optimizer the rule of one step
     * @param epochs passes over the training data, at least 1
     * @param batchSize examples in one step, at least 1
     * @param trainedParameters which of the backbone's parameters are trained
     * @param residualVariance whether predictions carry the training data's mean squared residual as their variance
     * @param outputNames dimensions in the order of the network's outputs, or empty for number-aware order of their names
     * @param seed seed of the order of the examples
     */
    public FineTuningRegressionTrainer(OnnxBackbone backbone, Optimizer optimizer, int epochs, int batchSize,
                                       TrainedParameters trainedParameters, boolean residualVariance, List<String> outputNames, long seed) {
        super(backbone, optimizer, epochs, batchSize, trainedParameters, outputNames, seed);
        this.residualVariance = residualVariance;
        postConfig();
    }

    @Override
    Loss loss() {
        return Loss.SQUARED_ERROR;
    }

    @Override
    Collection<String> names(ImmutableOutputInfo<Regressor> domain) {
        return RegressionTargets.names(domain);
    }

    @Override
    double[] targets(Dataset<Regressor> examples, OutputMapping outputs) {
        return RegressionTargets.of(examples, outputs);
    }

    @Override
    Class<? extends Model<Regressor>> modelClass() {
        return FineTunedRegressionModel.class;
    }

    @Override
    Model<Regressor> model(ModelProvenance provenance, ImmutableFeatureMap features, ImmutableOutputInfo<Regressor> domain,
                           TrainedNetwork network, Supplier<double[]> trainingOutputs, double[] targets) {
        int k = network.outputs().names().size();
        double[] variances = residualVariance ? meanSquares(trainingOutputs.get(), targets, k) : new double[0];
        return new FineTunedRegressionModel("fine-tuned-network", provenance, features, domain, network, variances);
    }

    private static double[] meanSquares(double[] outputs, double[] targets, int k) {
        double[] means = new double[k];
        for (int j = 0; j < targets.length; j++) {
            double residual = outputs[j] - targets[j];
            means[j % k] += residual * residual * k / targets.length;
        }
        return means;
    }

    @Override
    public String toString() {
        return "FineTuningRegressionTrainer(" + describe() + ", residualVariance=" + residualVariance + ")";
    }
}
