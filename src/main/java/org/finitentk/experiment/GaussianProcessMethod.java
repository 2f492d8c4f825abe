package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.HyperparameterLearning;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;
import org.finitentk.regression.VarianceKind;
import org.finitentk.regression.VarianceScale;
import org.tribuo.Trainer;
import org.tribuo.regression.Regressor;

/** The Gaussian process on the network's tangent kernel, its variances being those of observations. */
final class GaussianProcessMethod implements BackboneMethod {
    @Config(mandatory = true, description = "What tables and pictures call it.")
    private String name;

    @Config(description = "A sentence about it for the report.")
    private String description = "";

    @Config(description = "How the posterior is computed.")
    private Solver solver = RegressionSettings.DEFAULT.solver();

    @Config(description = "Prior mean: AUTO, ZERO, CONSTANT or NETWORK (the network's own output).")
    private MeanFunction meanFunction = MeanFunction.NETWORK;

    @Config(description = "Which of the two variances maximize the marginal likelihood: NONE, BOTH, PRIOR or NOISE.")
    private HyperparameterLearning hyperparameterLearning = HyperparameterLearning.BOTH;

    @Config(description = "What both variances are scaled by if both are learned: EVIDENCE or LEAVE_ONE_OUT.")
    private VarianceScale varianceScale = VarianceScale.EVIDENCE;

    @Config(description = "Of the weights only those in whose names this regular expression is found; \"\" for all.")
    private String include = "";

    @Config(description = "Whose tangent kernel: TRAINED or UNTRAINED.")
    private SourceNetwork network = SourceNetwork.TRAINED;

    private GaussianProcessMethod() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() ->
                Settings.require(!name.isBlank(), "name", "'" + name + "'", "a name that heads a row of the table"));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public SourceNetwork network() {
        return network;
    }

    @Override
    public Trainer<Regressor> trainer(OnnxBackbone backbone) {
        OnnxBackbone own = include.isEmpty()
                ? backbone
                : OnnxBackbone.builder(backbone.path())
                        .sortedFeatures()
                        .executionSettings(backbone.executionSettings())
                        .include(include)
                        .build();
        RegressionSettings defaults = RegressionSettings.DEFAULT;
        RegressionSettings settings = defaults.withSolver(solver, defaults.iterative())
                .withMean(meanFunction)
                .withLearning(hyperparameterLearning)
                .withVarianceScale(varianceScale);
        return new FiniteNTKRegressionTrainer(own, settings, VarianceKind.OBSERVATION, List.of());
    }
}
