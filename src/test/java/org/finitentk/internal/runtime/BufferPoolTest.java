package org.finitentk.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Buffers are told apart by what was written into them: a new one has zeros. */
final class BufferPoolTest {
    private static final int BYTES = 100_000;

    private static List<ByteBuffer> take(BufferPool pool, int count) {
        return IntStream.range(0, count).mapToObj(i -> pool.take(BYTES)).toList();
    }

    private static Set<Integer> marksOfUsedBuffers(BufferPool pool, int count, int takenAgain) {
        List<ByteBuffer> buffers = take(pool, count);
        for (int i = 0; i < count; i++) {
            buffers.get(i).putInt(0, i + 1);
        }
        buffers.forEach(pool::give);
        Set<Integer> marks = new TreeSet<>();
        take(pool, takenAgain).forEach(buffer -> marks.add(buffer.getInt(0)));
        return marks;
    }

    @Test
    void manyBuffersAreAllUsedAgain() {
        assertEquals(
                new TreeSet<>(IntStream.rangeClosed(1, 60).boxed().toList()),
                marksOfUsedBuffers(new BufferPool(1L << 30), 60, 60));
    }

    @Test
    void theOldestGoWhenThereIsTooMuch() {
        assertEquals(Set.of(0, 9, 10), marksOfUsedBuffers(new BufferPool(2 * BYTES + 20_000), 10, 5));
    }

    @Test
    void aBufferMuchLargerThanAskedForStaysForOthers() {
        BufferPool pool = new BufferPool(1L << 30);
        ByteBuffer large = pool.take(10 * BYTES);
        large.putInt(0, 7);
        pool.give(large);
        assertEquals(0, pool.take(BYTES).getInt(0));
        assertEquals(7, pool.take(9 * BYTES).getInt(0));
    }
}
