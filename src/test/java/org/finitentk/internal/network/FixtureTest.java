package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.OutputStructure;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.VarianceKind;
import org.finitentk.testing.NpyArrays;
import org.finitentk.testing.SharedFiles;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real networks against values computed elsewhere in float64. */
@NullUnmarked
@EnabledIf("present")
final class FixtureTest {

    private static Path root() {
        return SharedFiles.of("fixtures");
    }

    static boolean present() {
        return Files.isDirectory(root());
    }

    static List<String> networks() throws IOException {
        try (Stream<Path> folders = Files.list(root())) {
            return folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private static double[] read(Path folder, String name) throws IOException {
        return NpyArrays.read(folder.resolve(name + ".npy")).toDoubles();
    }

    /** Relative to the largest value. */
    private static void assertClose(double[] expected, double[] found) {
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(1);
        assertArrayEquals(expected, found, 2e-6 * scale);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void outputsAndProducts(String name) throws IOException {
        Path folder = root().resolve(name);
        JsonNode meta = new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("meta.json")));
        double[] v = read(folder, "v");
        double[] u = read(folder, "u");
        for (long budget : new long[] {0, 1}) {
            try (LinearizedNetwork network = NetworkFile.open(
                            folder.resolve("model.onnx"),
                            ParameterSelection.DEFAULT,
                            ExecutionSettings.DEFAULT.withMemoryBudget(budget));
                    LinearizedNetwork moved = network.at(network.parameterVector())) {
                assertEquals(meta.get("P").longValue(), network.parameterCount());
                assertEquals(meta.get("k").intValue(), network.outputSize());
                Examples x = Examples.of(network.inputs().get(0).name(), NpyArrays.read(folder.resolve("x.npy")));
                for (LinearizedNetwork each : List.of(network, moved)) {
                    assertClose(read(folder, "f"), each.forward(x));
                    assertClose(read(folder, "jv"), each.jvp(x, v));
                    assertClose(read(folder, "vju"), each.vjp(x, u));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void kernelsAndPosteriors(String name) throws IOException {
        Path folder = root().resolve(name);
        Assumptions.assumeTrue(Files.exists(folder.resolve("ntk.npy")), "the largest network has no kernel");
        try (LinearizedNetwork network =
                NetworkFile.open(folder.resolve("model.onnx"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples x = Examples.of(network.inputs().get(0).name(), NpyArrays.read(folder.resolve("x.npy")));
            assertClose(read(folder, "ntk"), new TangentKernel(network).gram(x, Outputs.all()));
            JsonNode gp = new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("gp.json")));
            int output = gp.path("output_index").asInt(0);
            RegressionSettings settings = RegressionSettings.DEFAULT
                    .withFixedVariances(
                            gp.get("prior_variance").doubleValue(),
                            gp.get("noise_variance").doubleValue())
                    .withMean(MeanFunction.NETWORK)
                    .withOutputs(OutputStructure.SHARED, output);
            RegressionPosterior posterior =
                    RegressionPosterior.fit(network, x, read(folder, "y"), null, settings, ProgressListener.NONE);
            Examples test = Examples.of(network.inputs().get(0).name(), NpyArrays.read(folder.resolve("xtest.npy")));
            RegressionPosterior.Predictive predictive = posterior.predict(test, VarianceKind.LATENT);
            assertClose(read(folder, "gp_mean"), predictive.mean());
            assertClose(read(folder, "gp_var"), predictive.variance());
            double[] exact = read(folder, "gp_mean");
            assertArrayEquals(
                    exact,
                    posterior.mean(test),
                    1e-5 * Arrays.stream(exact).map(Math::abs).max().orElse(1));
        }
    }
}
