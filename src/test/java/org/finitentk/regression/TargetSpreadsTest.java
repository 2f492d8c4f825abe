package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.logging.Level;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.tribuo.RegressionTargets;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.testing.LogLines;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.MutableDataset;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/** One noise variance for dimensions of different units is nothing that happens without a word. */
@NullUnmarked
class TargetSpreadsTest {
    @TempDir
    private Path folder;

    private static MutableDataset<Regressor> data(double unit) {
        RegressionFactory factory = new RegressionFactory();
        MutableDataset<Regressor> data =
                new MutableDataset<>(new SimpleDataSourceProvenance("two dimensions", factory), factory);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20; i++) {
            double x = random.nextDouble(-1, 1);
            Regressor y = new Regressor(new String[] {"DIM-0", "DIM-1"}, new double[] {x, unit * Math.sin(3 * x)});
            data.add(new ArrayExample<>(y, new String[] {"x"}, new double[] {x}));
        }
        return data;
    }

    @Test
    void deviationsAndWhatIsApart() {
        assertArrayEquals(new double[] {1, 10}, RegressionTargets.deviations(new double[] {1, 5, 3, 25}, 2), 1e-12);
        assertTrue(RegressionTargets.areApart(new double[] {1, 10}));
        assertFalse(RegressionTargets.areApart(new double[] {1, 2}));
        assertFalse(RegressionTargets.areApart(new double[] {0, 10}));
    }

    @Test
    void dimensionsOfDifferentUnitsAreWarnedOf() throws IOException {
        Path file = folder.resolve("net.onnx");
        ModelWriter.write(NetworkBuilder.mlp(1, List.of(8), 2, Activation.TANH, 1), file);
        OnnxBackbone backbone =
                OnnxBackbone.builder(file).features(List.of("x")).build();
        FiniteNTKRegressionTrainer automatic = new FiniteNTKRegressionTrainer(backbone);
        FiniteNTKRegressionTrainer asked = new FiniteNTKRegressionTrainer(
                backbone, RegressionSettings.DEFAULT.withOutputs(OutputStructure.MATCHED, RegressionSettings.SUM));
        try (LogLines log = new LogLines(FiniteNTKRegressionTrainer.class.getName())) {
            automatic.train(data(1)).close();
            asked.train(data(1000)).close();
            assertEquals(List.of(), log.of(Level.WARNING));
            automatic.train(data(1000)).close();
            assertTrue(
                    log.of(Level.WARNING).toString().contains("INDEPENDENT"),
                    () -> log.of(Level.WARNING).toString());
        }
    }
}
