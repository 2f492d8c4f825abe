package org.finitentk.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.internal.kernel.GramProducts.Corner;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NativeFloats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against gradients that are multiplied out by plain loops. */
final class CombinationProductsTest {
    private static final int INPUT = 4;
    private static final int WIDTH = 5;
    private static final int POSITIONS = 3;

    /** Factors of some examples, and their gradients. */
    private record Drawn(Block block, double[][] gradients) implements AutoCloseable {
        static Drawn of(int examples, int combinations, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            double[] input =
                    random.doubles((long) examples * POSITIONS * INPUT, -1, 1).toArray();
            float[] delta = new float[examples * combinations * POSITIONS * WIDTH];
            for (int i = 0; i < delta.length; i++) {
                delta[i] = (float) random.nextDouble(-1, 1);
            }
            NativeFloats single = new NativeFloats(delta.length);
            single.put(0, delta, 0, delta.length);
            double[][] gradients = new double[examples * combinations][INPUT * WIDTH];
            for (int row = 0; row < gradients.length; row++) {
                for (int t = 0; t < POSITIONS; t++) {
                    for (int g = 0; g < INPUT * WIDTH; g++) {
                        gradients[row][g] += input[(row / combinations * POSITIONS + t) * INPUT + g / WIDTH]
                                * delta[(row * POSITIONS + t) * WIDTH + g % WIDTH];
                    }
                }
            }
            return new Drawn(
                    new Block(examples, combinations, POSITIONS, INPUT, WIDTH, NativeDoubles.of(input), null, single),
                    gradients);
        }

        double product(int row, Drawn other, int otherRow) {
            double sum = 0;
            for (int g = 0; g < INPUT * WIDTH; g++) {
                sum += gradients[row][g] * other.gradients[otherRow][g];
            }
            return sum;
        }

        @Override
        public void close() {
            block.close();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2 * POSITIONS * 20, 1 << 20})
    void columnByColumnIsTheWhole(long elements) {
        try (Drawn left = Drawn.of(2, 18, 1);
                Drawn right = Drawn.of(3, 20, 2);
                NativeDoubles sum = NativeDoubles.of(new double[2 * 18 * 2 * 20]);
                CombinationProducts products = new CombinationProducts(left.block(), right.block(), elements)) {
            products.add(1, 1, sum, 18);
            products.add(1, 1, sum, 18); // adds to what is there
            double[] found = new double[18 * 40];
            sum.get(18 * 40, found, 0, found.length);
            for (int c = 0; c < 18; c++) {
                for (int row = 0; row < 40; row++) {
                    double expected = 2 * left.product(18 + c, right, 20 + row);
                    assertEquals(expected, found[c * 40 + row], 1e-12);
                }
            }
            sum.get(0, found, 0, found.length);
            for (double other : found) {
                assertEquals(0, other, "rows of the other example");
            }
        }
    }

    /** More combinations than a band has rows. */
    @Test
    void gramMatricesAreMadeOnAndRightOfTheDiagonal() {
        try (Drawn drawn = Drawn.of(2, 150, 3);
                GramProducts products = new GramProducts(List.of(drawn.block()), List.of(drawn.block()))) {
            assertTrue(CombinationProducts.isFor(drawn.block(), drawn.block()));
            double[] k = new double[300 * 300];
            products.accumulate(new Corner(k, 0, 0, 300));
            for (int i = 0; i < 300; i++) {
                for (int j = i; j < 300; j++) {
                    assertEquals(drawn.product(i, drawn, j), k[i * 300 + j], 1e-12);
                }
            }
        }
    }

    @Test
    void fewCombinationsGoAnotherWay() {
        try (Drawn few = Drawn.of(2, 3, 4);
                Drawn many = Drawn.of(2, 40, 5)) {
            assertFalse(CombinationProducts.isFor(few.block(), many.block()));
            assertFalse(CombinationProducts.isFor(many.block(), few.block()));
        }
    }
}
