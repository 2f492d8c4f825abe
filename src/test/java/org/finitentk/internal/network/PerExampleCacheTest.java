package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.Runs;
import org.finitentk.testing.SmallNetworks;
import org.junit.jupiter.api.Test;

/** Per-example graphs are derived once for all that is asked of them alike, and only some are kept. */
final class PerExampleCacheTest {
    private static LinearizedNetwork open(long... widths) {
        return RunningNetwork.of(
                SmallNetworks.mlp(ElementType.FLOAT, "batch", widths),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT);
    }

    private static PerExample structure(LinearizedNetwork network, PerExample.Choice choice, boolean several) {
        try (PerExampleGraph graph =
                Objects.requireNonNull(RunningNetwork.of(network).perExample(null, choice, several))) {
            return graph.structure();
        }
    }

    /** Keeps the factors of the weights whose bit is set, by their input width 2, 3, 4, 5. */
    private static PerExample.Choice bits(int mask) {
        return (positions, in, out) -> (mask >> (in - 2) & 1) == 1;
    }

    @Test
    void whatIsAskedAlikeIsDerivedOnce() {
        try (LinearizedNetwork network = open(2, 3, 4, 1);
                LinearizedNetwork other = network.share();
                LinearizedNetwork moved = network.at(network.parameterVector())) {
            PerExample all = structure(network, (positions, in, out) -> true, false);
            assertSame(all, structure(other, (positions, in, out) -> positions < 2, false));
            assertNotSame(all, structure(network, (positions, in, out) -> true, true));
            assertNotSame(all, structure(network, bits(1), false));
            PerExample withInputs = structure(moved, (positions, in, out) -> true, false);
            assertTrue(withInputs.graph().inputs().size() > all.graph().inputs().size());
            assertSame(all, structure(network, (positions, in, out) -> true, false));
        }
    }

    @Test
    void theOneUsedLongestAgoGoes() {
        try (LinearizedNetwork network = open(2, 3, 4, 5, 1)) {
            PerExample first = structure(network, bits(0), false);
            PerExample second = structure(network, bits(1), false);
            for (int mask = 2; mask < PerExampleCache.MOST; mask++) {
                structure(network, bits(mask), false);
            }
            assertSame(first, structure(network, bits(0), false));
            structure(network, bits(PerExampleCache.MOST), false);
            assertSame(first, structure(network, bits(0), false));
            assertNotSame(second, structure(network, bits(1), false));
        }
    }

    @Test
    void thoseInUseStayOpen() {
        Examples x = SmallNetworks.examples(ElementType.FLOAT, 3, 2, 1);
        try (LinearizedNetwork network = open(2, 3, 4, 5, 1)) {
            PerExampleCache cache = new PerExampleCache(Runs.CPU);
            List<PerExampleSessions> used = new ArrayList<>();
            for (int mask = 0; mask < PerExampleCache.MOST + 3; mask++) {
                used.add(cache.acquire(
                        Objects.requireNonNull(
                                RunningNetwork.of(network).graphs().linearization()),
                        bits(mask),
                        false,
                        false));
            }
            assertEquals(PerExampleCache.MOST + 3, cache.size());
            try (PerExampleGraph graph =
                    new PerExampleGraph(RunningNetwork.of(network).open(), cache, used.get(0), () -> {})) {
                graph.run(x, (chunk, from, runs) -> assertEquals(3, chunk.size()));
            }
            used.subList(1, used.size()).forEach(cache::release);
            assertEquals(PerExampleCache.MOST, cache.size());
            cache.close();
            assertEquals(0, cache.size());
        }
    }

    @Test
    void aClosedNetworkOrGraphIsRefused() {
        Examples x = SmallNetworks.examples(ElementType.FLOAT, 3, 2, 1);
        LinearizedNetwork network = open(2, 3, 1);
        PerExampleGraph closed =
                Objects.requireNonNull(RunningNetwork.of(network).perExample(null, bits(0), false));
        closed.close();
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.run(x, (chunk, from, runs) -> {}));
        PerExampleGraph graph =
                Objects.requireNonNull(RunningNetwork.of(network).perExample(null, bits(0), false));
        network.close();
        assertThrows(IllegalStateException.class, () -> graph.run(x, (chunk, from, runs) -> {}));
        assertThrows(
                IllegalStateException.class, () -> RunningNetwork.of(network).perExample(null, bits(0), false));
        graph.close();
    }
}
