package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.ReopeningBattery;
import org.junit.jupiter.api.TestInstance;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RegressionReopeningTest extends ReopeningBattery<Regressor> {
    private static final ExecutionSettings LITTLE = ExecutionSettings.DEFAULT.withMemoryBudget(2000);

    @Override
    protected Class<Regressor> outputClass() {
        return Regressor.class;
    }

    @Override
    protected int outputs() {
        return 1;
    }

    @Override
    protected Dataset<Regressor> data() {
        RegressionFactory factory = new RegressionFactory();
        MutableDataset<Regressor> data =
                new MutableDataset<>(new SimpleDataSourceProvenance("made here", factory), factory);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 30; i++) {
            double x = random.nextDouble(-2, 2);
            data.add(new ArrayExample<>(
                    new Regressor("y", Math.sin(x) + 0.1 * random.nextGaussian()),
                    new String[] {"x0", "x1"},
                    new double[] {x, random.nextDouble()}));
        }
        return data;
    }

    private static RegressionSettings settings(Solver solver, VarianceMethod method) {
        RegressionSettings.Iterative iterative = new RegressionSettings.Iterative(1e-4, 1000, 10, 2, 1)
                .withVariances(method, method == VarianceMethod.CACHED ? 25 : 0);
        return RegressionSettings.DEFAULT.withFixedVariances(1, 0.1).withSolver(solver, iterative);
    }

    private static Case<Regressor> of(int hidden, Solver solver, VarianceMethod method, ExecutionSettings execution) {
        String name = String.join(
                " ",
                solver.name(),
                hidden + " hidden units",
                execution.equals(LITTLE) ? "nothing kept" : "kept",
                method.name());
        return new Case<>(
                name,
                hidden,
                execution,
                backbone -> new FiniteNTKRegressionTrainer(
                        backbone, settings(solver, method), VarianceKind.LATENT, List.of()));
    }

    @Override
    protected Stream<Case<Regressor>> cases() {
        List<Case<Regressor>> cases = new ArrayList<>();
        for (int hidden : new int[] {4, 20}) {
            for (Solver solver : List.of(Solver.DENSE, Solver.ITERATIVE, Solver.PARAMETER_SPACE)) {
                cases.add(of(hidden, solver, VarianceMethod.EXACT, ExecutionSettings.DEFAULT));
                cases.add(of(hidden, solver, VarianceMethod.EXACT, LITTLE));
            }
            cases.add(of(hidden, Solver.ITERATIVE, VarianceMethod.CACHED, ExecutionSettings.DEFAULT));
        }
        return cases.stream();
    }

    @Override
    protected List<Double> said(List<Prediction<Regressor>> predictions) {
        return predictions.stream()
                .flatMapToDouble(p -> DoubleStream.concat(
                        Arrays.stream(p.getOutput().getValues()),
                        Arrays.stream(p.getOutput().getVariances())))
                .boxed()
                .toList();
    }

    @Override
    protected List<Double> said(Model<Regressor> model, Dataset<Regressor> data) {
        List<Double> all = new ArrayList<>(said(model.predict(data)));
        Examples z = Examples.of("input", Tensor.ofFloats(new float[] {0.5f, 0.1f, -1, 0.7f}, 2, 2));
        RegressionPosterior posterior = ((FiniteNTKRegressionModel) model).posterior();
        Arrays.stream(posterior.sample(1, 5).get(0).at(z)).forEach(all::add);
        Arrays.stream(posterior.mean(z)).forEach(all::add);
        return all;
    }
}
