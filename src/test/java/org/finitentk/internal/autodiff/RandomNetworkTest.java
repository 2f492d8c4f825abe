package org.finitentk.internal.autodiff;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Random networks, each checked as a row of the rules' tests is. */
final class RandomNetworkTest {
    /** More by hand: {@code -Dfinitentk.random.networks=1000 -Dfinitentk.random.seed=7}. */
    private static final int NETWORKS = Integer.getInteger("finitentk.random.networks", 100);

    private static final long SEED = Long.getLong("finitentk.random.seed", 1);
    /**
     * Of networks that ONNX Runtime's optimizer once broke: a Transpose through a Pad of named axes, a Relu before a
     * Clip in float64; of two whose derivatives are mostly rounding, for a Tanh is saturated and a Reciprocal makes its
     * rounding large; and of one with a tie.
     */
    private static final long[] FOUND = {7_000_514, 7_000_208, 11_000_481, 12_000_359, 7_000_182};

    @TestFactory
    Stream<DynamicTest> networks() {
        return LongStream.concat(
                        LongStream.of(FOUND), LongStream.range(0, NETWORKS).map(i -> SEED * 1_000_000 + i))
                .mapToObj(seed -> DynamicTest.dynamicTest(
                        "seed " + seed, () -> DerivativeChecker.check(n -> RandomNetwork.of(n, seed), List.of())));
    }
}
