package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

final class TemperatureScalingTest {
    @Test
    void temperatureIsTheBestOfAGrid() {
        Random random = new Random(3);
        double[] logits =
                random.doubles(300).map(u -> 6 * random.nextGaussian()).toArray();
        int[] labels = new int[100];
        for (int i = 0; i < 100; i++) {
            int best = 0;
            for (int c = 1; c < 3; c++) {
                best = logits[3 * i + c] > logits[3 * i + best] ? c : best;
            }
            labels[i] = random.nextDouble() < 0.7 ? best : random.nextInt(3);
        }
        double[] ones = DoubleStream.generate(() -> 1).limit(100).toArray();
        TemperatureScaling fitted = TemperatureScaling.fit(logits, labels, ones, 3);
        double best = nll(logits, labels, fitted.temperature());
        for (double t = 0.05; t < 50; t *= 1.01) {
            assertTrue(nll(logits, labels, t) >= best - 1e-12);
        }
        assertTrue(TemperatureScaling.fit(new double[] {1, 0, 0, 1}, new int[] {0, 1}, new double[] {1, 1}, 2)
                        .temperature()
                < 0.05);
        assertThrows(IllegalArgumentException.class, () -> TemperatureScaling.fit(logits, labels, ones, 2));
    }

    private static double nll(double[] logits, int[] labels, double t) {
        double[] p = new TemperatureScaling(t).probabilities(logits, 3);
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            sum -= Math.log(p[3 * i + labels[i]]);
        }
        return sum / labels.length;
    }
}
