package org.finitentk.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.finitentk.check.Finding;
import org.finitentk.check.Finding.Outcome;
import org.finitentk.check.LinearizationCheck;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.SmallNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that another program made, against our own linearization of the same network. */
@NullUnmarked
final class ForeignBundleTest {
    private static final int P = 50;

    @TempDir
    private Path folder;

    private final Examples x = SmallNetworks.examples(ElementType.FLOAT, 5, 3, 2);
    private final double[] v = SmallNetworks.gaussian(new Random(3), P, 1);
    private final double[] u = SmallNetworks.gaussian(new Random(4), 10, 1);

    private static LinearizedNetwork ours() {
        return RunningNetwork.of(ForeignBundle.network(), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    private LinearizedNetwork foreign(boolean namesParameters) throws IOException {
        return NetworkFile.open(
                ForeignBundle.write(folder, namesParameters), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    @Test
    void productsAreThoseOfTheSameNetwork() throws IOException {
        for (boolean namesParameters : List.of(true, false)) {
            try (LinearizedNetwork ours = ours();
                    LinearizedNetwork foreign = foreign(namesParameters)) {
                assertEquals(
                        ours.parameters().stream().map(Parameter::shape).toList(),
                        foreign.parameters().stream().map(Parameter::shape).toList());
                assertEquals(64, RunningNetwork.of(foreign).graphs().sha256().length());
                assertArrayEquals(ours.forward(x), foreign.forward(x), 1e-6);
                assertArrayEquals(ours.jvp(x, v), foreign.jvp(x, v), 1e-5);
                assertArrayEquals(ours.vjp(x, u), foreign.vjp(x, u), 1e-5);
                assertTrue(
                        LinearizationCheck.of(foreign, x, 1).passed(),
                        LinearizationCheck.of(foreign, x, 1).toString());
            }
        }
    }

    /** Whatever wrote the two graphs, what both compute is computed once. */
    @Test
    void productsAreKeptToo() throws IOException {
        for (boolean namesParameters : List.of(true, false)) {
            try (LinearizedNetwork foreign = foreign(namesParameters);
                    LinearizedExamples kept = foreign.keeping(x)) {
                assertTrue(kept.isKept());
                assertArrayEquals(foreign.jvp(x, v), kept.jvp(v), 1e-5);
                assertArrayEquals(foreign.vjp(x, u), kept.vjp(u), 1e-5);
            }
        }
    }

    @Test
    void parametersThatTheGraphNamesCanBeMoved() throws IOException {
        try (LinearizedNetwork ours = ours();
                LinearizedNetwork foreign = foreign(true);
                LinearizedNetwork moved = ours.at(v);
                LinearizedNetwork movedToo = foreign.at(v)) {
            assertNotNull(RunningNetwork.of(foreign).graphs().linearization());
            assertArrayEquals(ours.parameterVector(), foreign.parameterVector(), 0);
            assertArrayEquals(moved.forward(x), movedToo.forward(x), 1e-5);
            assertArrayEquals(moved.jvp(x, v), movedToo.jvp(x, v), 1e-4);
            assertArrayEquals(moved.vjp(x, u), movedToo.vjp(x, u), 1e-4);
        }
    }

    @Test
    void parametersThatItDoesNotNameCannot() throws IOException {
        try (LinearizedNetwork foreign = foreign(false);
                LinearizedNetwork moved = foreign.at(v)) {
            assertNull(RunningNetwork.of(foreign).graphs().linearization());
            for (IllegalStateException e : List.of(
                    assertThrows(IllegalStateException.class, () -> moved.forward(x)),
                    assertThrows(IllegalStateException.class, () -> moved.jvp(x, v)),
                    assertThrows(IllegalStateException.class, () -> moved.vjp(x, u)),
                    assertThrows(IllegalStateException.class, foreign::parameterVector))) {
                assertTrue(
                        e.getMessage().contains("made elsewhere")
                                && e.getMessage().contains("open the ONNX model instead"),
                        e.getMessage());
            }
            Finding differences = LinearizationCheck.of(foreign, x, 1).findings().stream()
                    .filter(finding -> finding.name().equals("finite differences"))
                    .findFirst()
                    .orElseThrow();
            assertEquals(Outcome.SKIPPED, differences.outcome());
            assertTrue(differences.sentence().contains("made elsewhere"), differences.sentence());
        }
    }

    @Test
    void itIsTheSameNetworkAfterItIsWrittenAnew() throws IOException {
        for (boolean namesParameters : List.of(true, false)) {
            Path again = folder.resolve("again" + namesParameters + ".zip");
            LinearizationBundle.read(ForeignBundle.write(folder, namesParameters))
                    .write(again);
            try (LinearizedNetwork foreign = foreign(namesParameters);
                    LinearizedNetwork rewritten =
                            NetworkFile.open(again, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
                assertEquals(
                        RunningNetwork.of(foreign).graphs().sha256(),
                        RunningNetwork.of(rewritten).graphs().sha256());
                assertArrayEquals(foreign.jvp(x, v), rewritten.jvp(x, v), 0);
                assertArrayEquals(foreign.vjp(x, u), rewritten.vjp(x, u), 0);
            }
        }
    }
}
