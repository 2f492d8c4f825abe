package org.finitentk.internal.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Native memory beyond the 2^31 bytes of a Java buffer: only the pages that are written to take memory, so that the
 * test needs some kilobytes.
 */
final class NativeNumbersTest {
    /** Bytes that a Java buffer cannot have. */
    private static final long BUFFER = 1L << 31;

    private static final int COUNT = 1000;

    private static LongStream places(int bytes) {
        return LongStream.of(BUFFER)
                .map(at -> at / bytes)
                .flatMap(at -> LongStream.of(at - COUNT, at - COUNT / 2, at, at + 7));
    }

    @Test
    void doublesAreWhereTheyWerePut() {
        try (NativeDoubles memory = new NativeDoubles(BUFFER / Double.BYTES + 2 * COUNT)) {
            places(Double.BYTES).forEach(at -> {
                double[] values = new double[COUNT + 2];
                for (int i = 0; i < values.length; i++) {
                    values[i] = at + i;
                }
                memory.put(at, values, 1, COUNT);
                double[] back = new double[COUNT + 3];
                memory.get(at, back, 2, COUNT);
                double[] expected = new double[COUNT + 3];
                System.arraycopy(values, 1, expected, 2, COUNT);
                assertArrayEquals(expected, back);
            });
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> memory.put(BUFFER / Double.BYTES + COUNT + 1, new double[COUNT], 0, COUNT));
        }
    }

    @Test
    void floatsAreWhereTheyWerePut() {
        try (NativeFloats memory = new NativeFloats(BUFFER / Float.BYTES + 2 * COUNT)) {
            places(Float.BYTES).forEach(at -> {
                float[] values = new float[COUNT + 2];
                for (int i = 0; i < values.length; i++) {
                    values[i] = at % 1000 + i;
                }
                memory.put(at, values, 1, COUNT);
                float[] back = new float[COUNT + 3];
                memory.get(at, back, 2, COUNT);
                float[] expected = new float[COUNT + 3];
                System.arraycopy(values, 1, expected, 2, COUNT);
                assertArrayEquals(expected, back);
            });
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> memory.put(BUFFER / Float.BYTES + COUNT + 1, new float[COUNT], 0, COUNT));
        }
    }
}
