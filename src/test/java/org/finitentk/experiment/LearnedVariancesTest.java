package org.finitentk.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.experiment.SplitCsvDataSource.Part;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.internal.tribuo.RegressionTargets;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.regression.FiniteNTKRegressionModel;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.testing.SharedFiles;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.MutableDataset;
import org.tribuo.regression.Regressor;

/**
 * The learned λ and σ² are a maximum of the dense marginal likelihood, computed here by another route than the
 * trainer's: a Cholesky factor of λK + σ²I at every point. Around the learned point, a grid is looked at and Newton's
 * method takes it as far up as it goes; neither may find more than 1e-6 more.
 */
final class LearnedVariancesTest {
    private static final double TOLERANCE = 1e-6;

    @TempDir
    Path folder = Path.of("");

    @Test
    void onGeneratedData() throws IOException {
        check(GeneratedCsv.write(folder.resolve("data.csv"), 160, 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"concrete", "energy"})
    void onUciData(String name) {
        Path file = SharedFiles.of("data", "uci", name + ".csv.gz");
        Assumptions.assumeTrue(Files.isRegularFile(file), "no shared data here");
        check(file);
    }

    private void check(Path file) {
        // One thread: several on a busy machine wait for each other at every small step of training.
        OnnxBackbone backbone = OnnxBackbone.builder(folder.resolve("network.onnx"))
                .sortedFeatures()
                .executionSettings(ExecutionSettings.DEFAULT.withThreads(1))
                .build();
        SourceTraining source = (SourceTraining) new ConfigurationManager(
                        Path.of("tribuo-config", "uci-gp.xml").toAbsolutePath().toString())
                .lookup("source");
        source.train(
                new MutableDataset<>(new SplitCsvDataSource(file, Part.SOURCE, 0.1, 0, 11)),
                backbone,
                ProgressListener.NONE);
        MutableDataset<Regressor> data =
                new MutableDataset<>(new SplitCsvDataSource(file, Part.ADAPTATION, 0.1, 0, 11));
        try (LinearizedNetwork network = backbone.open();
                FiniteNTKRegressionModel model = new FiniteNTKRegressionTrainer(
                                backbone, RegressionSettings.DEFAULT.withMean(MeanFunction.NETWORK))
                        .train(data)) {
            Examples inputs = backbone.inputMapping(data, network).toExamples(data.getData());
            double[] residuals = RegressionTargets.of(data, OutputNames.of(data.getOutputInfo()));
            double[] outputs = network.forward(inputs);
            for (int i = 0; i < residuals.length; i++) {
                residuals[i] -= outputs[i];
            }
            check(new Dense(new TangentKernel(network).gram(inputs, Outputs.single(0)), residuals), model.posterior());
        }
    }

    private static void check(Dense dense, RegressionPosterior posterior) {
        double[] learned = {Math.log(posterior.priorVariance(0)), Math.log(posterior.noiseVariance(0))};
        double value = dense.at(learned[0], learned[1]);
        assertEquals(value, posterior.logMarginalLikelihood(), TOLERANCE);
        for (double width : new double[] {1e-3, 0.5}) {
            for (int i = -2; i <= 2; i++) {
                for (int j = -2; j <= 2; j++) {
                    double near = dense.at(learned[0] + width * i / 2, learned[1] + width * j / 2);
                    assertTrue(
                            near <= value + TOLERANCE,
                            "λ " + i + ", σ² " + j + " steps of " + width / 2 + " away is better by " + (near - value));
                }
            }
        }
        double[] polished = dense.newton(dense.newton(learned));
        assertTrue(dense.at(polished[0], polished[1]) <= value + TOLERANCE);
        assertEquals(polished[0], learned[0], 1e-5);
        assertEquals(polished[1], learned[1], 1e-5);
    }

    /**
     * The marginal likelihood by the textbook (Rasmussen and Williams 2006, equation 5.8).
     *
     * @param gram K
     * @param residuals targets less the prior mean
     */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
    private record Dense(double[] gram, double[] residuals) {
        private static final double STEP = 1e-3;

        double at(double logLambda, double logNoise) {
            int n = residuals.length;
            double[] covariance = gram.clone();
            for (int i = 0; i < n * n; i++) {
                covariance[i] = Math.exp(logLambda) * covariance[i] + (i % (n + 1) == 0 ? Math.exp(logNoise) : 0);
            }
            Cholesky factor = Cholesky.factor(covariance, n);
            double[] whitened = residuals.clone();
            factor.forwardInPlace(whitened, 1);
            double fit = 0;
            for (double w : whitened) {
                fit += w * w;
            }
            return -0.5 * (fit + factor.logDeterminant() + n * Math.log(2 * Math.PI));
        }

        /** One step from central differences of fourth and second order. */
        double[] newton(double[] x) {
            double centre = at(x[0], x[1]);
            double[] gradient = {slope(x, 1, 0), slope(x, 0, 1)};
            double h = 10 * STEP;
            double aa = (at(x[0] + h, x[1]) - 2 * centre + at(x[0] - h, x[1])) / (h * h);
            double bb = (at(x[0], x[1] + h) - 2 * centre + at(x[0], x[1] - h)) / (h * h);
            double ab =
                    (at(x[0] + h, x[1] + h) - at(x[0] + h, x[1] - h) - at(x[0] - h, x[1] + h) + at(x[0] - h, x[1] - h))
                            / (4 * h * h);
            double determinant = aa * bb - ab * ab;
            assertTrue(aa < 0 && determinant > 0, "the learned point is no maximum: " + aa + ", " + bb + ", " + ab);
            return new double[] {
                x[0] - (bb * gradient[0] - ab * gradient[1]) / determinant,
                x[1] - (aa * gradient[1] - ab * gradient[0]) / determinant
            };
        }

        private double slope(double[] x, int a, int b) {
            double h = STEP;
            double near = at(x[0] + a * h, x[1] + b * h) - at(x[0] - a * h, x[1] - b * h);
            double far = at(x[0] + 2 * a * h, x[1] + 2 * b * h) - at(x[0] - 2 * a * h, x[1] - 2 * b * h);
            return (8 * near - far) / (12 * h);
        }
    }
}
