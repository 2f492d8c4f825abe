package org.finitentk.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ValueInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChunkPlanTest {
    private static final long MIB = 1L << 20;

    private static Batching batching(String batch) {
        return new Batching("net", List.of(new ValueInfo("x", ElementType.FLOAT, List.of(batch, "3"))), 4096);
    }

    private static RunSettings threads(int threads) {
        return new RunSettings(false, 0, threads, 256 * MIB, true);
    }

    @ParameterizedTest
    @CsvSource({
        // examples, batch, bytes an example, bytes a worker, threads: chunk, workers
        "128, N, 2097152, 0, 2, 16, 2", // 32 MiB at a time, as many rounds for either worker
        "100, N, 2097152, 0, 2, 13, 2", // rounds are filled evenly
        "128, N, 2097152, 0, 1, 16, 1",
        "1000, N, 100, 0, 2, 1000, 1", // too little work to be worth a thread
        "128, N, 2097152, 1000000000, 2, 16, 1", // the workers' sums would not fit the budget
        "3, N, 2097152, 0, 16, 3, 1", // too few chunks for the cores: all cores work on one chunk
        "12, 4, 4194304, 0, 2, 4, 2", // the network's own batch size
        "1, N, 100000000000, 0, 2, 1, 1"
    })
    void plansFitMemoryAndThreads(
            int examples, String batch, long bytesPerExample, long bytesPerWorker, int threads, int size, int workers) {
        ChunkPlan plan =
                ChunkPlan.of(examples, batching(batch), 32 * MIB, bytesPerExample, bytesPerWorker, threads(threads));
        assertEquals(new ChunkPlan(examples, size, workers), plan);
    }

    @Test
    void everyExampleIsTakenOnce() {
        for (int workers = 1; workers <= 3; workers++) {
            AtomicIntegerArray taken = new AtomicIntegerArray(17);
            new ChunkPlan(17, 3, workers).run((from, to) -> {
                for (int i = from; i < to; i++) {
                    taken.incrementAndGet(i);
                }
            });
            for (int i = 0; i < 17; i++) {
                assertEquals(1, taken.get(i));
            }
        }
    }

    @Test
    void aFailureComesOutWhenAllWorkersHaveStopped() {
        AtomicInteger running = new AtomicInteger();
        IllegalArgumentException thrown = assertThrows(
                IllegalArgumentException.class,
                () -> new ChunkPlan(8, 1, 2).run((from, to) -> {
                    running.incrementAndGet();
                    try {
                        if (from == 1) {
                            throw new IllegalArgumentException("broken");
                        }
                        Thread.onSpinWait();
                    } finally {
                        running.decrementAndGet();
                    }
                }));
        assertEquals("broken", thrown.getMessage());
        assertEquals(0, running.get());
    }

    @Test
    void aPartOfTheChunks() {
        AtomicIntegerArray taken = new AtomicIntegerArray(17);
        new ChunkPlan(17, 3, 2).run(6, 14, (from, to) -> {
            assertTrue(from % 3 == 0 && to - from <= 3, from + " to " + to);
            for (int i = from; i < to; i++) {
                taken.incrementAndGet(i);
            }
        });
        for (int i = 0; i < 17; i++) {
            assertEquals(i >= 6 && i < 14 ? 1 : 0, taken.get(i));
        }
    }

    /** The budget in force is a number that provenance can record; 0 keeps the meaning that it was recorded with. */
    @Test
    void memoryBudgets() {
        ExecutionSettings now = ExecutionSettings.DEFAULT;
        assertEquals(
                Math.min(
                        MemoryEstimate.physicalMemory() / 4,
                        Runtime.getRuntime().maxMemory() / 4 * 3),
                now.memoryBudgetBytes());
        assertEquals(now.memoryBudgetBytes(), now.effectiveMemoryBudget());
        assertEquals(
                Math.min(2L << 30, MemoryEstimate.physicalMemory() / 4),
                now.withMemoryBudget(0).effectiveMemoryBudget());
    }
}
