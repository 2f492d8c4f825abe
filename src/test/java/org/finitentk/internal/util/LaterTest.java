package org.finitentk.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LaterTest {
    @Test
    void isComputedOnceHoweverManyAsk() {
        AtomicInteger computed = new AtomicInteger();
        Later<Integer> later = Later.of(computed::incrementAndGet);
        assertEquals(0, computed.get());
        int[] seen = IntStream.range(0, 100)
                .parallel()
                .map(i -> later.get())
                .distinct()
                .toArray();
        assertEquals(1, seen.length);
        assertEquals(1, computed.get());
    }

    @Test
    void failsAgainOrSucceedsWhenAskedAgain() {
        AtomicInteger asked = new AtomicInteger();
        Later<Integer> later = Later.of(() -> {
            if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("closed");
            }
            return asked.get();
        });
        assertThrows(IllegalStateException.class, later::get);
        assertEquals(2, later.get());
        assertEquals(2, later.get());
    }

    @Test
    void isKnownAtOnce() {
        assertEquals("a", Later.known("a").get());
    }
}
