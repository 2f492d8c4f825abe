package org.finitentk.stored;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.ClassStructure;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.CovarianceSolver;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.FiniteNTKMultiLabelTrainer;
import org.finitentk.classification.Inference;
import org.finitentk.classification.MapOptimizer;
import org.finitentk.classification.MeanFieldOptimizer;
import org.finitentk.classification.PriorLogits;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuningClassificationTrainer;
import org.finitentk.finetune.FineTuningRegressionTrainer;
import org.finitentk.finetune.FineTuningSettings;
import org.finitentk.finetune.LayerFeaturesTrainer;
import org.finitentk.finetune.TrainedParameters;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.MixtureCombiner;
import org.finitentk.regression.RbfGaussianProcessTrainer;
import org.finitentk.regression.RbfLengthScales;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;
import org.finitentk.regression.VarianceKind;
import org.finitentk.regression.VarianceScale;
import org.tribuo.DataSource;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.ensemble.BaggingTrainer;
import org.tribuo.regression.ensemble.AveragingCombiner;

/**
 * Kinds of models that versions after 0.1.0 store, by the names of their files. How those of 0.1.0 were made is in
 * their provenance, and by kinds in the README beside them.
 */
final class StoredTrainings {
    private static final RegressionSettings REGRESSION = RegressionSettings.DEFAULT;
    private static final RegressionSettings FIXED = REGRESSION.withFixedVariances(0.5, 0.05);
    private static final RegressionSettings.Iterative ITERATIVE = RegressionSettings.Iterative.DEFAULT;
    private static final ClassificationSettings CLASSIFICATION = ClassificationSettings.DEFAULT;
    /** Orders that nothing speaks for are refused. */
    private static final List<String> KINDS = List.of("red", "green", "blue");

    /** A trained model and what it was trained on. */
    record Trained<T extends Output<T>>(Model<T> model, Dataset<T> data) {}

    private final StoredNetworks networks;
    private final StoredTables tables;
    private final Map<String, Supplier<Trained<?>>> trainings = new LinkedHashMap<>();

    private StoredTrainings(StoredNetworks networks, StoredTables tables) {
        this.networks = networks;
        this.tables = tables;
    }

    /** Those whose defaults changed until version 0.4.0, and every kind that it stores and 0.1.0 did not. */
    static Map<String, Supplier<Trained<?>>> later(StoredNetworks networks, StoredTables tables) {
        StoredTrainings all = new StoredTrainings(networks, tables);
        all.compositions();
        all.regression("default", "outputs1.onnx", REGRESSION, VarianceKind.OBSERVATION);
        all.regression("scaled", all.backboneBuilder("scaled1.onnx"), "people");
        all.classification("default", CLASSIFICATION);
        all.add(
                "fine-tuned-regression-all",
                () -> new FineTuningRegressionTrainer(all.backbone("outputs1.onnx"), new Adam(1e-2), 2, 8),
                () -> tables.regression("people", "y"));
        all.laterRegressions();
        all.laterClassifications();
        return all.trainings;
    }

    private void laterRegressions() {
        regression("mean-constant", "outputs1.onnx", REGRESSION.withMean(MeanFunction.CONSTANT), VarianceKind.LATENT);
        regression(
                "parameter-space-constant",
                "outputs1.onnx",
                REGRESSION.withMean(MeanFunction.CONSTANT).withSolver(Solver.PARAMETER_SPACE, ITERATIVE),
                VarianceKind.OBSERVATION);
        regression(
                "leave-one-out-scale",
                "outputs1.onnx",
                REGRESSION.withVarianceScale(VarianceScale.LEAVE_ONE_OUT),
                VarianceKind.OBSERVATION);
        add(
                "regression-repeats",
                () -> new FiniteNTKRegressionTrainer(backbone("outputs1.onnx")),
                () -> tables.regression("repeats", "y"));
        add(
                "rbf",
                () -> new RbfGaussianProcessTrainer(RbfLengthScales.SHARED, 0, 3),
                () -> tables.regression("people", "y", "z"));
        add(
                "rbf-on-last-layer",
                () -> new LayerFeaturesTrainer<>(backbone("outputs1.onnx"), new RbfGaussianProcessTrainer()),
                () -> tables.regression("people", "y"));
        add(
                "ensemble-mixture",
                () -> new BaggingTrainer<>(
                        new FiniteNTKRegressionTrainer(backbone("outputs1.onnx")), new MixtureCombiner(), 2, 6),
                () -> tables.regression("people", "y"));
    }

    private void laterClassifications() {
        ClassificationSettings.Covariance weights =
                ClassificationSettings.Covariance.DEFAULT.with(CovarianceSolver.PARAMETER_SPACE);
        classification("laplace-parameter-space", CLASSIFICATION.withCovariance(weights));
        classification(
                "full-covariance-parameter-space",
                CLASSIFICATION.with(Inference.FULL_COVARIANCE).withCovariance(weights));
        classification(
                "full-covariance-low-rank",
                CLASSIFICATION
                        .with(Inference.FULL_COVARIANCE)
                        .withCovariance(ClassificationSettings.Covariance.DEFAULT.with(CovarianceSolver.LOW_RANK)));
        classification(
                "mean-field-natural",
                CLASSIFICATION
                        .with(Inference.MEAN_FIELD)
                        .withOptimization(
                                MapOptimizer.AUTO,
                                ClassificationSettings.Stochastic.DEFAULT.with(MeanFieldOptimizer.NATURAL)));
        classification("map", CLASSIFICATION.with(Inference.MAP));
        ClassificationSettings shared =
                CLASSIFICATION.withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.AUTO);
        add(
                "classification-auto-shared",
                () -> new FiniteNTKClassificationTrainer(backbone("outputs2.onnx"), shared, List.of()),
                () -> tables.classification("people", "kind"));
        add(
                "classification-many-labels",
                () -> new FiniteNTKClassificationTrainer(
                        backbone("outputs2.onnx"), shared.with(Inference.LAPLACE), List.of()),
                () -> tables.classification("towns", "town"));
        for (Inference inference : Inference.values()) {
            add(
                    "one-logit-" + name(inference),
                    () -> new FiniteNTKClassificationTrainer(
                            backbone("outputs1.onnx"), CLASSIFICATION.with(inference), List.of("yes")),
                    () -> tables.classification("people", "side"));
            add(
                    "multi-label-" + name(inference),
                    () -> new FiniteNTKMultiLabelTrainer(
                            backbone("outputs3.onnx"), CLASSIFICATION.with(inference), KINDS),
                    () -> tables.multiLabel("people", "kind"));
        }
        add(
                "multi-label-shared",
                () -> new FiniteNTKMultiLabelTrainer(
                        backbone("outputs2.onnx"),
                        CLASSIFICATION.withStructure(
                                ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.AUTO),
                        List.of()),
                () -> tables.multiLabel("people", "kind"));
        add(
                "fine-tuned-classification-platt",
                () -> new FineTuningClassificationTrainer(
                        backbone("outputs1.onnx"),
                        new FineTuningSettings(new Adam(1e-2), 2, 8, TrainedParameters.PLATT, List.of("yes"), 5)),
                () -> tables.classification("people", "side"));
    }

    private OnnxBackbone backbone(String name) {
        return backboneBuilder(name).build();
    }

    private OnnxBackbone.Builder backboneBuilder(String name) {
        return OnnxBackbone.builder(networks.file(name)).sortedFeatures();
    }

    /** The second model of a trainer: its provenance says that there was a first. */
    private <T extends Output<T>> void add(
            String name, Supplier<Trainer<T>> trainer, Supplier<? extends DataSource<T>> source) {
        trainings.put(name, () -> {
            Dataset<T> data = new MutableDataset<>(source.get());
            Trainer<T> own = trainer.get();
            own.train(data);
            return new Trained<>(own.train(data), data);
        });
    }

    private void regression(String name, String network, RegressionSettings settings, VarianceKind variances) {
        add(
                "regression-" + name,
                () -> new FiniteNTKRegressionTrainer(backbone(network), settings, variances, List.of()),
                () -> tables.regression("people", "y"));
    }

    private void regression(String name, OnnxBackbone.Builder backbone, String table) {
        add(
                "regression-" + name,
                () -> new FiniteNTKRegressionTrainer(backbone.build(), FIXED),
                () -> tables.regression(table, "y"));
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    private void classification(String name, ClassificationSettings settings) {
        add(
                "classification-" + name,
                () -> new FiniteNTKClassificationTrainer(backbone("outputs3.onnx"), settings, KINDS),
                () -> tables.classification("people", "kind"));
    }

    private void compositions() {
        add(
                "ensemble-regression",
                () -> new BaggingTrainer<>(
                        new FiniteNTKRegressionTrainer(backbone("outputs1.onnx")), new AveragingCombiner(), 2, 6),
                () -> tables.regression("people", "y"));
        add(
                "ensemble-classification",
                () -> new BaggingTrainer<>(
                        new FiniteNTKClassificationTrainer(backbone("outputs3.onnx"), CLASSIFICATION, KINDS),
                        new VotingCombiner(),
                        2,
                        6),
                () -> tables.classification("people", "kind"));
    }
}
