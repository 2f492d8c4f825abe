package org.finitentk.stored;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.finitentk.backbone.NamedInputTransformer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.ClassProbabilities;
import org.finitentk.classification.ClassStructure;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.CovarianceSolver;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.FiniteNTKMultiLabelTrainer;
import org.finitentk.classification.GradientEstimator;
import org.finitentk.classification.Inference;
import org.finitentk.classification.MapOptimizer;
import org.finitentk.classification.MeanFieldOptimizer;
import org.finitentk.classification.PriorLogits;
import org.finitentk.experiment.SinusoidDataSource;
import org.finitentk.experiment.SplitCsvDataSource;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuningClassificationTrainer;
import org.finitentk.finetune.FineTuningRegressionTrainer;
import org.finitentk.finetune.FineTuningSettings;
import org.finitentk.finetune.LayerFeaturesTrainer;
import org.finitentk.finetune.StochasticGradientDescent;
import org.finitentk.finetune.TrainedParameters;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.HyperparameterLearning;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.MixtureCombiner;
import org.finitentk.regression.OutputStructure;
import org.finitentk.regression.PreconditionerMethod;
import org.finitentk.regression.RbfGaussianProcessTrainer;
import org.finitentk.regression.RbfLengthScales;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;
import org.finitentk.regression.VarianceKind;
import org.finitentk.regression.VarianceMethod;
import org.finitentk.regression.VarianceScale;
import org.tribuo.DataSource;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.ensemble.BaggingTrainer;
import org.tribuo.evaluation.TrainTestSplitter;
import org.tribuo.interop.onnx.DenseTransformer;
import org.tribuo.interop.onnx.ImageTransformer;
import org.tribuo.regression.ensemble.AveragingCombiner;
import org.tribuo.transform.TransformTrainer;
import org.tribuo.transform.TransformationMap;
import org.tribuo.transform.transformations.MeanStdDevTransformation;

/** Kinds of models that versions store, by the names of their files: those of 0.1.0, and what came later. */
final class StoredTrainings {
    private static final RegressionSettings REGRESSION = RegressionSettings.DEFAULT;
    private static final RegressionSettings FIXED = REGRESSION.withFixedVariances(0.5, 0.05);
    private static final RegressionSettings.Iterative ITERATIVE = RegressionSettings.Iterative.DEFAULT;
    private static final ClassificationSettings CLASSIFICATION = ClassificationSettings.DEFAULT;
    private static final ClassificationSettings.Stochastic STOCHASTIC = new ClassificationSettings.Stochastic(
            4, 8, 0.1, 2, GradientEstimator.REPARAMETERIZED, MeanFieldOptimizer.ADAM);

    /** A trained model and what it was trained on. */
    record Trained<T extends Output<T>>(Model<T> model, Dataset<T> data) {}

    /** Whether orders of features and labels are said; version 0.1.0 took the alphabet's. */
    private final boolean ordered;

    private final StoredNetworks networks;
    private final StoredTables tables;
    private final Map<String, Supplier<Trained<?>>> trainings = new LinkedHashMap<>();

    private StoredTrainings(StoredNetworks networks, StoredTables tables, boolean ordered) {
        this.ordered = ordered;
        this.networks = networks;
        this.tables = tables;
    }

    /** Every kind of version 0.1.0. */
    static Map<String, Supplier<Trained<?>>> first(StoredNetworks networks, StoredTables tables) {
        StoredTrainings trainings = new StoredTrainings(networks, tables, false);
        trainings.solvers();
        trainings.structures();
        trainings.features();
        trainings.selections();
        trainings.data();
        trainings.inferences();
        trainings.classes();
        trainings.fineTuning();
        trainings.compositions();
        return trainings.trainings;
    }

    /** Those whose defaults changed until version 0.4.0, and every kind that it stores and 0.1.0 did not. */
    static Map<String, Supplier<Trained<?>>> later(StoredNetworks networks, StoredTables tables) {
        StoredTrainings all = new StoredTrainings(networks, tables, true);
        all.compositions();
        all.trainings.remove("transformed-regression");
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
        for (Inference inference : Inference.values()) {
            add(
                    "one-logit-" + name(inference),
                    () -> new FiniteNTKClassificationTrainer(
                            backbone("outputs1.onnx"), CLASSIFICATION.with(inference), List.of("yes")),
                    () -> tables.classification("people", "side"));
            add(
                    "multi-label-" + name(inference),
                    () -> new FiniteNTKMultiLabelTrainer(
                            backbone("outputs3.onnx"), CLASSIFICATION.with(inference), List.of("red", "green", "blue")),
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
        OnnxBackbone.Builder builder = OnnxBackbone.builder(networks.file(name));
        return ordered ? builder.sortedFeatures() : builder;
    }

    /** Later versions refuse orders that nothing speaks for. */
    private List<String> kinds() {
        return ordered ? List.of("red", "green", "blue") : List.of();
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

    private void solvers() {
        regression("default", "outputs1.onnx", REGRESSION, VarianceKind.OBSERVATION);
        regression("dense-fixed", "outputs1.onnx", FIXED.withSolver(Solver.DENSE, ITERATIVE), VarianceKind.OBSERVATION);
        regression(
                "dense-learned", "outputs1.onnx", REGRESSION.withSolver(Solver.DENSE, ITERATIVE), VarianceKind.LATENT);
        regression(
                "dense-double",
                "double.onnx",
                REGRESSION.withLearning(HyperparameterLearning.NOISE),
                VarianceKind.LATENT);
        regression(
                "parameter-space-fixed",
                "outputs1.onnx",
                FIXED.withSolver(Solver.PARAMETER_SPACE, ITERATIVE),
                VarianceKind.OBSERVATION);
        regression(
                "parameter-space-learned",
                "outputs1.onnx",
                REGRESSION.withSolver(Solver.PARAMETER_SPACE, ITERATIVE),
                VarianceKind.OBSERVATION);
        regression(
                "iterative-exact",
                "outputs1.onnx",
                FIXED.withSolver(Solver.ITERATIVE, ITERATIVE),
                VarianceKind.OBSERVATION);
        regression(
                "iterative-cached",
                "outputs1.onnx",
                FIXED.withSolver(Solver.ITERATIVE, ITERATIVE.withVariances(VarianceMethod.CACHED, 8)),
                VarianceKind.OBSERVATION);
        regression(
                "iterative-pivoted",
                "outputs1.onnx",
                FIXED.withSolver(Solver.ITERATIVE, ITERATIVE.withPreconditioner(PreconditionerMethod.PIVOTED_CHOLESKY)),
                VarianceKind.LATENT);
        regression(
                "iterative-learned",
                "outputs1.onnx",
                REGRESSION.withSolver(Solver.ITERATIVE, ITERATIVE),
                VarianceKind.OBSERVATION);
        regression("mean-zero", "outputs1.onnx", REGRESSION.withMean(MeanFunction.ZERO), VarianceKind.NONE);
        regression("mean-constant", "outputs1.onnx", FIXED.withMean(MeanFunction.CONSTANT), VarianceKind.LATENT);
        regression("mean-network", "outputs1.onnx", FIXED.withMean(MeanFunction.NETWORK), VarianceKind.OBSERVATION);
    }

    private void structures() {
        for (OutputStructure structure : List.of(OutputStructure.MATCHED, OutputStructure.INDEPENDENT)) {
            add(
                    "regression-" + name(structure),
                    () -> new FiniteNTKRegressionTrainer(
                            backbone("outputs2.onnx"), FIXED.withOutputs(structure, RegressionSettings.SUM)),
                    () -> tables.regression("people", "y", "z"));
        }
        add(
                "regression-shared-sum",
                () -> new FiniteNTKRegressionTrainer(
                        backbone("outputs3.onnx"),
                        REGRESSION.withOutputs(OutputStructure.SHARED, RegressionSettings.SUM)),
                () -> tables.regression("people", "y", "z"));
        add(
                "regression-shared-one",
                () -> new FiniteNTKRegressionTrainer(
                        backbone("outputs3.onnx"), FIXED.withOutputs(OutputStructure.SHARED, 1)),
                () -> tables.regression("people", "y", "z"));
        add(
                "regression-named-outputs",
                () -> new FiniteNTKRegressionTrainer(
                        backbone("outputs2.onnx"), FIXED, VarianceKind.OBSERVATION, List.of("z", "y")),
                () -> tables.regression("people", "y", "z"));
        add(
                "regression-automatic-structure",
                () -> new FiniteNTKRegressionTrainer(backbone("outputs3.onnx"), FIXED),
                () -> tables.regression("people", "y", "z"));
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    private void features() {
        regression("listed", backboneBuilder("outputs1.onnx").features(List.of("width", "age")), "people");
        regression("numbered", backboneBuilder("numbers.onnx").numberedFeatures(1), "numbers");
        regression("dense-transformer", backboneBuilder("numbers.onnx").transformer(new DenseTransformer()), "numbers");
        regression(
                "image-transformer",
                backboneBuilder("image.onnx").numberedFeatures(0).transformer(new ImageTransformer(1, 3, 3)),
                "pixels");
        regression(
                "named-inputs",
                backboneBuilder("inputs.onnx").inputTransformer(new NamedInputTransformer(Map.of("ids", "2"))),
                "inputs");
        regression("bundle", backboneBuilder("outputs1.zip"), "people");
    }

    private void selections() {
        regression("include", backboneBuilder("outputs1.onnx").include("weight"), "people");
        regression("exclude", backboneBuilder("outputs1.onnx").exclude("bias"), "people");
        regression("layer", backboneBuilder("scaled1.onnx").outputLayer("hidden"), "people");
        regression("scaled", backboneBuilder("scaled1.onnx"), "people");
        regression("scaled-include", backboneBuilder("scaled1.onnx").include("first|temperature|offset"), "people");
        regression("scaled-exclude", backboneBuilder("scaled1.onnx").exclude("deviation"), "people");
        regression("scaled-bundle", backboneBuilder("scaled1.zip"), "people");
        add(
                "classification-scaled",
                () -> new FiniteNTKClassificationTrainer(backbone("scaled3.onnx")),
                () -> tables.classification("people", "kind"));
        add(
                "fine-tuned-regression-scaled",
                () -> new FineTuningRegressionTrainer(backbone("scaled1.onnx"), new Adam(1e-2), 2, 8),
                () -> tables.regression("people", "y"));
        add(
                "fine-tuned-regression-scaled-last-layer",
                () -> new FineTuningRegressionTrainer(
                        backbone("scaled1.onnx"),
                        new FineTuningSettings(new Adam(1e-2), 2, 8, TrainedParameters.LAST_LAYER, List.of(), 4),
                        false,
                        0),
                () -> tables.regression("people", "y"));
    }

    private void data() {
        add(
                "regression-weighted-fixed",
                () -> new FiniteNTKRegressionTrainer(backbone("outputs1.onnx"), FIXED),
                () -> tables.weighted("people", "y"));
        add(
                "regression-weighted-learned",
                () -> new FiniteNTKRegressionTrainer(backbone("outputs1.onnx")),
                () -> tables.weighted("people", "y"));
        add(
                "regression-repeats",
                () -> new FiniteNTKRegressionTrainer(backbone("outputs1.onnx")),
                () -> tables.regression("repeats", "y"));
        add(
                "regression-split-table",
                () -> new FiniteNTKRegressionTrainer(backbone("outputs1.onnx")),
                () -> new SplitCsvDataSource(tables.file("plain"), SplitCsvDataSource.Part.ADAPTATION, 0.2, 0, 3));
        add(
                "regression-sinusoid",
                () -> new FiniteNTKRegressionTrainer(backbone("input1.onnx")),
                () -> new SinusoidDataSource(new SinusoidDataSource.Curve(1.5, 0.8, 0.3), 0.1, -2, 2, 12, 4));
        add(
                "regression-tribuo-split",
                () -> new FiniteNTKRegressionTrainer(backbone("outputs1.onnx"), FIXED),
                () -> new TrainTestSplitter<>(tables.regression("people", "y"), 0.6, 8).getTrain());
    }

    private void classification(String name, ClassificationSettings settings) {
        add(
                "classification-" + name,
                () -> new FiniteNTKClassificationTrainer(backbone("outputs3.onnx"), settings, kinds()),
                () -> tables.classification("people", "kind"));
    }

    private void inferences() {
        classification("default", CLASSIFICATION);
        for (CovarianceSolver solver :
                List.of(CovarianceSolver.DENSE, CovarianceSolver.ITERATIVE, CovarianceSolver.LOW_RANK)) {
            classification(
                    "laplace-" + name(solver),
                    CLASSIFICATION.withCovariance(ClassificationSettings.Covariance.DEFAULT.with(solver)));
        }
        for (CovarianceSolver solver : List.of(CovarianceSolver.DENSE, CovarianceSolver.ITERATIVE)) {
            classification(
                    "full-covariance-" + name(solver),
                    CLASSIFICATION
                            .with(Inference.FULL_COVARIANCE)
                            .withCovariance(
                                    new ClassificationSettings.Covariance(solver, 64, 8, 4, 1e-4, 8, 1e-4, 8000)));
        }
        for (MapOptimizer optimizer : List.of(MapOptimizer.NEWTON, MapOptimizer.ADAM)) {
            classification(
                    "map-" + name(optimizer),
                    CLASSIFICATION.with(Inference.MAP).withOptimization(optimizer, STOCHASTIC));
        }
        for (GradientEstimator estimator : GradientEstimator.values()) {
            classification(
                    "mean-field-" + name(estimator),
                    CLASSIFICATION
                            .with(Inference.MEAN_FIELD)
                            .withOptimization(
                                    MapOptimizer.AUTO,
                                    new ClassificationSettings.Stochastic(
                                            4, 8, 0.1, 2, estimator, MeanFieldOptimizer.ADAM)));
        }
        for (ClassProbabilities rule :
                List.of(ClassProbabilities.MONTE_CARLO, ClassProbabilities.PROBIT, ClassProbabilities.PLUG_IN)) {
            classification("laplace-" + name(rule), CLASSIFICATION.withProbabilities(rule, 6));
        }
        classification("fixed-prior", CLASSIFICATION.withPriorVariance(0.3, false));
    }

    private void classes() {
        for (PriorLogits prior : List.of(PriorLogits.ZERO, PriorLogits.FREQUENCIES, PriorLogits.NETWORK)) {
            classification(
                    "matched-" + name(prior),
                    CLASSIFICATION.withStructure(ClassStructure.MATCHED, ClassificationSettings.SUM, prior));
        }
        classification(
                "shared-sum",
                CLASSIFICATION.withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.AUTO));
        classification("shared-one", CLASSIFICATION.withStructure(ClassStructure.SHARED, 2, PriorLogits.FREQUENCIES));
        add(
                "classification-one-logit",
                () -> new FiniteNTKClassificationTrainer(backbone("outputs1.onnx")),
                () -> tables.classification("people", "side"));
        add(
                "classification-absent-class",
                () -> new FiniteNTKClassificationTrainer(backbone("outputs3.onnx")),
                () -> tables.classification("people", "side"));
        add(
                "classification-named-outputs",
                () -> new FiniteNTKClassificationTrainer(
                        backbone("outputs3.onnx"), CLASSIFICATION, List.of("red", "green", "blue")),
                () -> tables.classification("people", "kind"));
        add(
                "classification-example-weights",
                () -> new FiniteNTKClassificationTrainer(backbone("outputs3.onnx")),
                () -> tables.weightedClassification("people", "kind"));
        add(
                "classification-label-weights",
                () -> {
                    FiniteNTKClassificationTrainer trainer =
                            new FiniteNTKClassificationTrainer(backbone("outputs3.onnx"));
                    trainer.setLabelWeights(Map.of(new Label("red"), 2f));
                    return trainer;
                },
                () -> tables.classification("people", "kind"));
    }

    private void fineTuning() {
        add(
                "fine-tuned-regression-all",
                () -> new FineTuningRegressionTrainer(backbone("outputs1.onnx"), new Adam(1e-2), 2, 8),
                () -> tables.regression("people", "y"));
        add(
                "fine-tuned-regression-last-layer",
                () -> new FineTuningRegressionTrainer(
                        backbone("outputs2.onnx"),
                        new FineTuningSettings(
                                new StochasticGradientDescent(1e-2, 0.9),
                                2,
                                8,
                                TrainedParameters.LAST_LAYER,
                                List.of("z", "y"),
                                5),
                        true,
                        0),
                () -> tables.regression("people", "y", "z"));
        add(
                "fine-tuned-regression-held-out",
                () -> new FineTuningRegressionTrainer(
                        backbone("outputs1.onnx"),
                        new FineTuningSettings(new Adam(1e-2), 2, 8, TrainedParameters.ALL, List.of(), 5),
                        true,
                        0.25),
                () -> tables.weighted("people", "y"));
        add(
                "fine-tuned-regression-none",
                () -> new FineTuningRegressionTrainer(
                        backbone("outputs1.onnx"),
                        new FineTuningSettings(new Adam(1e-2), 1, 8, TrainedParameters.NONE, List.of(), 5),
                        true,
                        0),
                () -> tables.regression("people", "y"));
        for (TrainedParameters parameters : List.of(
                TrainedParameters.ALL,
                TrainedParameters.LAST_LAYER,
                TrainedParameters.NONE,
                TrainedParameters.TEMPERATURE)) {
            add(
                    "fine-tuned-classification-" + name(parameters),
                    () -> new FineTuningClassificationTrainer(
                            backbone("outputs3.onnx"),
                            new FineTuningSettings(new Adam(1e-2), 2, 8, parameters, List.of(), 5)),
                    () -> tables.classification("people", "kind"));
        }
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
                        new FiniteNTKClassificationTrainer(backbone("outputs3.onnx"), CLASSIFICATION, kinds()),
                        new VotingCombiner(),
                        2,
                        6),
                () -> tables.classification("people", "kind"));
        add(
                "transformed-regression",
                () -> new TransformTrainer<>(
                        new FiniteNTKRegressionTrainer(backbone("outputs1.onnx"), FIXED),
                        new TransformationMap(List.of(new MeanStdDevTransformation(0, 1)))),
                () -> tables.regression("people", "y"));
    }
}
