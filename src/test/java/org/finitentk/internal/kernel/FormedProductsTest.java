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

/** Gradients that are multiplied out a few columns at a time have the products of gradients. */
class FormedProductsTest {
    private static final int INPUT = 4;
    private static final int WIDTH = 5;

    private static Block block(int examples, int positions, double[] input, float[] delta) {
        NativeFloats single = new NativeFloats(delta.length);
        single.put(0, delta, 0, delta.length);
        return new Block(examples, 1, positions, INPUT, WIDTH, NativeDoubles.of(input), null, single);
    }

    private static double[] numbers(int count, long seed) {
        return new SplittableRandom(seed).doubles(count, -1, 1).toArray();
    }

    private static float[] narrow(double[] numbers) {
        float[] narrow = new float[numbers.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) numbers[i];
        }
        return narrow;
    }

    private static double[] gradient(double[] input, float[] delta, int positions, int example) {
        double[] g = new double[INPUT * WIDTH];
        for (int t = example * positions; t < (example + 1) * positions; t++) {
            for (int i = 0; i < g.length; i++) {
                g[i] += input[t * INPUT + i / WIDTH] * delta[t * WIDTH + i % WIDTH];
            }
        }
        return g;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    @Test
    void pieceByPieceIsTheWhole() {
        double[] a = numbers(3 * 6 * INPUT, 1);
        double[] b = numbers(4 * 6 * INPUT, 2);
        float[] da = narrow(numbers(3 * 6 * WIDTH, 3));
        float[] db = narrow(numbers(4 * 6 * WIDTH, 4));
        for (long elements : new long[] {1, 2 * 7 * INPUT, 1 << 20}) {
            try (Block left = block(3, 6, a, da);
                    Block right = block(4, 6, b, db);
                    NativeDoubles sum = NativeDoubles.of(new double[2 * 3]);
                    FormedProducts products = new FormedProducts(left, right, elements)) {
                products.add(1, 2, 1, sum);
                products.add(1, 2, 1, sum); // adds to what is there
                double[] found = new double[6];
                sum.get(0, found, 0, 6);
                for (int i = 0; i < 2; i++) {
                    for (int j = 0; j < 3; j++) {
                        double expected = 2 * dot(gradient(a, da, 6, 1 + i), gradient(b, db, 6, 1 + j));
                        assertEquals(expected, found[i * 3 + j], 1e-12);
                    }
                }
            }
        }
    }

    @Test
    void theCheaperWayIsTaken() {
        int positions = 6; // 6² (4 + 5) + 6 · 5 operations from factors, 4 · 5 (1 + 6 · 2 / n) multiplied out
        double[] a = numbers(30 * positions * INPUT, 5);
        float[] delta = narrow(numbers(30 * positions * WIDTH, 6));
        try (Block block = block(30, positions, a, delta);
                Block one = block(1, 1, numbers(INPUT, 7), narrow(numbers(WIDTH, 8)));
                GramProducts products = new GramProducts(List.of(block), List.of(block))) {
            assertTrue(FormedProducts.isCheaper(block, block, 30, 30));
            assertFalse(FormedProducts.isCheaper(one, one, 30, 30));
            double[] k = new double[30 * 30];
            products.accumulate(new Corner(k, 0, 0, 30));
            for (int i = 0; i < 30; i++) {
                for (int j = i; j < 30; j++) {
                    double expected = dot(gradient(a, delta, positions, i), gradient(a, delta, positions, j));
                    assertEquals(expected, k[i * 30 + j], 1e-12);
                }
            }
        }
    }
}
