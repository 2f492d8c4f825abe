package org.finitentk.classification;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.testing.ReopeningBattery;
import org.junit.jupiter.api.TestInstance;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClassificationReopeningTest extends ReopeningBattery<Label> {
    private static final ExecutionSettings LITTLE = ExecutionSettings.DEFAULT.withMemoryBudget(2000);

    @Override
    protected Class<Label> outputClass() {
        return Label.class;
    }

    @Override
    protected int outputs() {
        return 3;
    }

    @Override
    protected Dataset<Label> data() {
        LabelFactory factory = new LabelFactory();
        MutableDataset<Label> data =
                new MutableDataset<>(new SimpleDataSourceProvenance("made here", factory), factory);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 24; i++) {
            data.add(new ArrayExample<>(new Label(Integer.toString(i % 3)), new String[] {"x0", "x1"}, new double[] {
                i % 3 + random.nextGaussian(), random.nextGaussian()
            }));
        }
        return data;
    }

    private static ClassificationSettings settings(
            Inference inference, CovarianceSolver solver, ClassProbabilities rule) {
        ClassificationSettings.Covariance covariance =
                new ClassificationSettings.Covariance(solver, 32, 4, 20, 1e-4, 5, 1e-6, 8000);
        return ClassificationSettings.DEFAULT
                .with(inference)
                .withPriorVariance(1, false)
                .withCovariance(covariance)
                .withProbabilities(rule, 10)
                .withStructure(ClassStructure.MATCHED, ClassificationSettings.SUM, PriorLogits.NETWORK)
                .withOptimization(
                        MapOptimizer.AUTO,
                        new ClassificationSettings.Stochastic(
                                2, 8, 0.1, 2, GradientEstimator.REPARAMETERIZED, MeanFieldOptimizer.ADAM));
    }

    @Override
    protected Stream<Case<Label>> cases() {
        List<Case<Label>> cases = new ArrayList<>();
        for (Inference inference : Inference.values()) {
            boolean covariance = inference == Inference.LAPLACE || inference == Inference.FULL_COVARIANCE;
            for (CovarianceSolver solver : covariance
                    ? List.of(CovarianceSolver.DENSE, CovarianceSolver.ITERATIVE, CovarianceSolver.LOW_RANK)
                    : List.of(CovarianceSolver.AUTO)) {
                for (ClassProbabilities rule : List.of(ClassProbabilities.MONTE_CARLO, ClassProbabilities.PROBIT)) {
                    for (ExecutionSettings execution : List.of(ExecutionSettings.DEFAULT, LITTLE)) {
                        if (inference == Inference.LAPLACE || solver != CovarianceSolver.LOW_RANK) {
                            String name = String.join(
                                    " ",
                                    inference.name(),
                                    solver.name(),
                                    rule.name(),
                                    execution.equals(LITTLE) ? "nothing kept" : "kept");
                            cases.add(new Case<>(
                                    name,
                                    6,
                                    execution,
                                    backbone -> new FiniteNTKClassificationTrainer(
                                            backbone, settings(inference, solver, rule))));
                        }
                    }
                }
            }
        }
        return cases.stream();
    }

    @Override
    protected List<Double> said(List<Prediction<Label>> predictions) {
        return predictions.stream()
                .flatMap(p -> p.getOutputScores().values().stream().map(Label::getScore))
                .toList();
    }

    @Override
    protected List<Double> said(Model<Label> model, Dataset<Label> data) {
        List<Double> all = new ArrayList<>(said(model.predict(data)));
        for (double[] weights :
                ((FiniteNTKClassificationModel) model).posterior().sampleWeights(2)) {
            Arrays.stream(weights).forEach(all::add);
        }
        return all;
    }
}
