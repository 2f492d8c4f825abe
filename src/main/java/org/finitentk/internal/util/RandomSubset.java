package org.finitentk.internal.util;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Some of many, each set of so many being as likely as any other. */
public final class RandomSubset {
    private RandomSubset() {}

    /**
     * Draws without replacement.
     *
     * @param n how many there are
     * @param count how many are drawn, at most n
     * @param seed of the random numbers; the same seed gives the same ones
     * @return their numbers from 0 on, ascending
     */
    public static int[] of(int n, int count, long seed) {
        int[] all = IntStream.range(0, n).toArray();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i, n);
            int kept = all[i];
            all[i] = all[j];
            all[j] = kept;
        }
        int[] first = Arrays.copyOf(all, count);
        Arrays.sort(first);
        return first;
    }
}
