package org.finitentk.regression;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.testing.TrainerBattery;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.evaluation.Evaluator;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluator;
import org.tribuo.regression.example.RegressionDataGenerator;

final class FiniteNTKRegressionTrainerTest extends TrainerBattery<Regressor> {
    @Override
    protected Class<Regressor> outputClass() {
        return Regressor.class;
    }

    @Override
    protected Trainer<Regressor> trainer(OnnxBackbone backbone) {
        return new FiniteNTKRegressionTrainer(backbone);
    }

    @Override
    protected List<String> findings() {
        return List.of("solver", "solver-reason", "mean-function", "output-structure", "log-marginal-likelihood", "jitter", "dimension-0");
    }

    @Override
    protected Data<Regressor> dense() {
        return new Data<>("dense", RegressionDataGenerator.denseTrainTest());
    }

    @Override
    protected Data<Regressor> sparse() {
        return new Data<>("sparse", RegressionDataGenerator.sparseTrainTest());
    }

    @Override
    protected Stream<Data<Regressor>> dataSets() {
        return Stream.of(dense(), sparse(), new Data<>("three dimensions", RegressionDataGenerator.threeDimDenseTrainTest(1, false)));
    }

    @Override
    protected Example<Regressor> emptyExample() {
        return RegressionDataGenerator.emptyExample();
    }

    @Override
    protected Example<Regressor> invalidExample() {
        return RegressionDataGenerator.invalidSparseExample();
    }

    @Override
    protected int outputs(Dataset<Regressor> data) {
        return data.getOutputInfo().getDomain().size();
    }

    @Override
    protected Evaluator<Regressor, ?> evaluator() {
        return new RegressionEvaluator();
    }

    @Override
    protected double[] numbers(Prediction<Regressor> prediction) {
        Regressor output = prediction.getOutput();
        return DoubleStream.concat(Arrays.stream(output.getValues()), Arrays.stream(output.getVariances())).toArray();
    }
}
