package org.finitentk.stored;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.CovarianceSolver;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.Inference;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/** In weight space a model's file has no training example, and is as long whatever their number. */
final class RowsInFilesTest {
    /** A value that one example has, between those of others; a float and a double alike. */
    private static final double SECRET = 0.337890625;

    @TempDir
    Path folder = Path.of("");

    private OnnxBackbone backbone(int outputs) {
        Path file = folder.resolve("network" + outputs + ".onnx");
        ModelWriter.write(NetworkBuilder.mlp(2, List.of(4), outputs, Activation.TANH, 3), file);
        return OnnxBackbone.builder(file).features(List.of("x0", "x1")).build();
    }

    private static <T extends Output<T>> MutableDataset<T> data(
            int n, OutputFactory<T> factory, Function<Double, T> output) {
        MutableDataset<T> data = new MutableDataset<>(new SimpleDataSourceProvenance("made here", factory), factory);
        Random random = new Random(4);
        for (int i = 0; i < n; i++) {
            double x0 = i == 57 ? SECRET : random.nextGaussian();
            double x1 = random.nextGaussian();
            data.add(new ArrayExample<>(output.apply(x0 + x1 * x1), new String[] {"x0", "x1"}, new double[] {x0, x1}));
        }
        return data;
    }

    private static MutableDataset<Label> labels(int n) {
        return data(n, new LabelFactory(), score -> new Label(score < 0 ? "0" : score < 1 ? "1" : "2"));
    }

    private static MutableDataset<Regressor> values(int n) {
        return data(n, new RegressionFactory(), score -> new Regressor("y", score));
    }

    private static <T extends Output<T>> byte[] file(Trainer<T> trainer, MutableDataset<T> data) {
        return trainer.train(data).serialize().toByteArray();
    }

    private static boolean hasSecret(byte[] file) {
        byte[] single = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat((float) SECRET)
                .array();
        byte[] twice = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(SECRET)
                .array();
        return contains(file, single) || contains(file, twice);
    }

    private static boolean contains(byte[] file, byte[] part) {
        for (int at = 0; at + part.length <= file.length; at++) {
            int i = 0;
            while (i < part.length && file[at + i] == part[i]) {
                i++;
            }
            if (i == part.length) {
                return true;
            }
        }
        return false;
    }

    private FiniteNTKClassificationTrainer classifier(CovarianceSolver solver, Inference inference) {
        return new FiniteNTKClassificationTrainer(
                backbone(3),
                ClassificationSettings.DEFAULT
                        .with(inference)
                        .withPriorVariance(1, false)
                        .withCovariance(new ClassificationSettings.Covariance(solver, 64, 8, 2, 1e-9, 8, 1e-4, 8000)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Inference.class,
            names = {"LAPLACE", "FULL_COVARIANCE"})
    void classifiers(Inference inference) {
        assertTrue(hasSecret(file(classifier(CovarianceSolver.DENSE, inference), labels(150))));
        byte[] own = file(classifier(CovarianceSolver.AUTO, inference), labels(150));
        assertFalse(hasSecret(own));
        assertEquals(own.length, file(classifier(CovarianceSolver.AUTO, inference), labels(300)).length, 300);
    }

    @Test
    void regressions() {
        assertTrue(hasSecret(file(regression(Solver.DENSE), values(150))));
        byte[] own = file(regression(Solver.PARAMETER_SPACE), values(150));
        assertFalse(hasSecret(own));
        assertEquals(own.length, file(regression(Solver.PARAMETER_SPACE), values(300)).length, 300);
    }

    private FiniteNTKRegressionTrainer regression(Solver solver) {
        return new FiniteNTKRegressionTrainer(
                backbone(1), RegressionSettings.DEFAULT.withSolver(solver, RegressionSettings.Iterative.DEFAULT));
    }
}
