package org.finitentk.experiment;

import java.util.SplittableRandom;

/**
 * The curve A sin(ωx + φ).
 *
 * @param amplitude A
 * @param frequency ω
 * @param phase φ
 */
public record Sinusoid(double amplitude, double frequency, double phase) {
    /**
     * A curve of the paper's distribution of tasks (Maddox et al. 2021, after Kim et al. 2018): A uniform in [0.1, 5],
     * ω in [0.5, 2], φ in [0, 2π].
     *
     * @param random where it comes from
     * @return the curve
     */
    static Sinusoid draw(SplittableRandom random) {
        return new Sinusoid(random.nextDouble(0.1, 5), random.nextDouble(0.5, 2), random.nextDouble(0, 2 * Math.PI));
    }

    /**
     * Its value.
     *
     * @param x where
     * @return A sin(ωx + φ)
     */
    public double at(double x) {
        return amplitude * Math.sin(frequency * x + phase);
    }
}
