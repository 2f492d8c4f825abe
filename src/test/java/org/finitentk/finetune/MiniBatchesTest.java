package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.network.ProgressListener;
import org.junit.jupiter.api.Test;

final class MiniBatchesTest {
    private static final int SIZE = 10;

    /** Fits a mean: loss (θ − i)² averaged over the rows i; records the rows it was asked for. */
    private static final class Mean implements Objective {
        final List<int[]> batches = new ArrayList<>();

        @Override
        public int size() {
            return SIZE;
        }

        @Override
        public double evaluate(double[] parameters, int[] rows, double[] gradient) {
            batches.add(rows);
            gradient[0] = Arrays.stream(rows)
                    .mapToDouble(i -> 2 * (parameters[0] - i))
                    .average()
                    .orElseThrow();
            return Arrays.stream(rows)
                    .mapToDouble(i -> (parameters[0] - i) * (parameters[0] - i))
                    .average()
                    .orElseThrow();
        }
    }

    @Test
    void everyEpochVisitsEveryExampleOnceInAnotherOrder() {
        Mean objective = new Mean();
        FineTuning.Result result = run(objective, new MiniBatches(new StochasticGradientDescent(1e-3, 0), 2, 4), 5);
        assertEquals(
                List.of(4, 4, 2, 4, 4, 2),
                objective.batches.stream().map(b -> b.length).toList());
        assertEquals(6, result.steps());
        int[] first = epoch(objective, 0);
        int[] second = epoch(objective, 3);
        assertFalse(Arrays.equals(first, second));
        for (int[] order : new int[][] {first, second}) {
            assertArrayEquals(
                    new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                    Arrays.stream(order).sorted().toArray());
        }
    }

    private static int[] epoch(Mean objective, int from) {
        return objective.batches.subList(from, from + 3).stream()
                .flatMapToInt(Arrays::stream)
                .toArray();
    }

    @Test
    void theSeedDecidesTheRun() {
        MiniBatches loop = new MiniBatches(new Adam(0.1), 5, 3);
        double[] a = run(new Mean(), loop, 1).parameters();
        assertArrayEquals(a, run(new Mean(), loop, 1).parameters());
        assertFalse(Arrays.equals(a, run(new Mean(), loop, 2).parameters()));
    }

    @Test
    void fullBatchesReachTheMinimumAndLossesAreThoseBeforeEachStep() {
        FineTuning.Result result = run(new Mean(), new MiniBatches(new StochasticGradientDescent(0.25, 0), 60, 100), 1);
        assertEquals(4.5, result.parameters()[0], 1e-12);
        assertEquals(28.5, result.losses()[0], 1e-12);
        assertEquals(8.25, result.finalLoss(), 1e-12);
        assertEquals(60, result.losses().length);
    }

    @Test
    void progressCountsSteps() {
        List<String> seen = new ArrayList<>();
        new MiniBatches(new Adam(0.1), 2, 5)
                .minimize(
                        new Mean(),
                        new double[1],
                        new SplittableRandom(1),
                        (stage, done, total) -> seen.add(stage + " " + done + "/" + total));
        assertEquals(List.of("training 1/4", "training 2/4", "training 3/4", "training 4/4"), seen);
    }

    @Test
    void divergenceIsNamed() {
        TrainingDivergedException e = assertThrows(
                TrainingDivergedException.class,
                () -> run(new Mean(), new MiniBatches(new StochasticGradientDescent(1e200, 0), 5, 10), 1));
        assertTrue(
                String.valueOf(e.getMessage())
                        .startsWith("training diverged in epoch 2 of 5, at step 2 of 5: the loss is Infinity; "
                                + "lower the learning rate of StochasticGradientDescent(learningRate=1.0E200"),
                e.getMessage());
        TrainingDivergedException last = assertThrows(
                TrainingDivergedException.class,
                () -> run(new Mean(), new MiniBatches(new StochasticGradientDescent(1e308, 0), 1, 10), 1));
        assertTrue(String.valueOf(last.getMessage()).contains("at its last step"), last.getMessage());
    }

    private static FineTuning.Result run(Objective objective, MiniBatches loop, long seed) {
        return loop.minimize(objective, new double[1], new SplittableRandom(seed), ProgressListener.NONE);
    }
}
