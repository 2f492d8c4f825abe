package org.finitentk.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.ModelWriter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.Trainer;

/**
 * A closed model opens its network again and predicts the same. Every model here is alone on its network, which is no
 * other test's: networks are shared by their bytes, and another open model would keep the closed one's open.
 */
public abstract class ReopeningBattery<T extends Output<T>> {
    private static final AtomicLong SEED = new AtomicLong(1_000_000);

    @TempDir
    protected Path folder = Path.of("");

    /**
     * A way of fitting and predicting.
     *
     * @param name of it
     * @param hidden width of the network's hidden layer
     * @param execution settings of the network
     * @param trainer of a network
     */
    public record Case<T extends Output<T>>(
            String name, int hidden, ExecutionSettings execution, Function<OnnxBackbone, Trainer<T>> trainer) {
        @Override
        public String toString() {
            return name;
        }
    }

    protected abstract Stream<Case<T>> cases();

    protected abstract Dataset<T> data();

    protected abstract int outputs();

    /** All that predictions of the model, and draws from its posterior, say. */
    protected abstract List<Double> said(Model<T> model, Dataset<T> data);

    protected abstract List<Double> said(List<Prediction<T>> predictions);

    private Model<T> trained(Case<T> of) {
        Path file = folder.resolve("network" + SEED.incrementAndGet() + ".onnx");
        ModelWriter.write(
                NetworkBuilder.mlp(
                        data().getFeatureMap().size(), List.of(of.hidden()), outputs(), Activation.TANH, SEED.get()),
                file);
        return of.trainer()
                .apply(OnnxBackbone.builder(file)
                        .executionSettings(of.execution())
                        .build())
                .train(data());
    }

    private static void close(Model<?> model) throws Exception {
        ((AutoCloseable) model).close();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void closedModelsOpenAgain(Case<T> of) throws Exception {
        Model<T> model = trained(of);
        List<Double> expected = said(model, data());
        assertTrue(expected.stream().allMatch(Double::isFinite));
        close(model);
        assertEquals(expected, said(model, data()));
        close(model);
        close(model);
        Model<T> copy = model.copy();
        close(model);
        assertEquals(expected, said(copy, data()));
        close(copy);
        Model<?> loaded = Model.deserialize(model.serialize());
        close(model);
        assertEquals(expected, said(loaded.castModel(outputClass()), data()));
        close(loaded);
        assertEquals(expected, said(loaded.castModel(outputClass()), data()));
    }

    protected abstract Class<T> outputClass();

    @ParameterizedTest
    @MethodSource("cases")
    void threadsPredictWhileAnotherCloses(Case<T> of) throws Exception {
        Model<T> model = trained(of);
        List<Double> expected = said(model.predict(data()));
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Callable<Boolean> predict = () -> expected.equals(said(model.predict(data())));
                Callable<Boolean> close = () -> {
                    close(model);
                    return true;
                };
                results.add(pool.submit(i % 3 == 2 ? close : predict));
            }
            for (Future<Boolean> result : results) {
                assertTrue(result.get());
            }
        } finally {
            pool.shutdown();
        }
    }
}
