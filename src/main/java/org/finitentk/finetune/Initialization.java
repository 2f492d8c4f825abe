package org.finitentk.finetune;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * How fresh weights and biases are drawn. For a dense layer fan-in and fan-out are its input and output sizes; for a
 * convolution they are input and output channels times the kernel's area.
 */
public enum Initialization {
    /** PyTorch's default for Linear and Conv2d: weight and bias uniform on ±1/√fan-in. */
    PYTORCH,
    /** Glorot and Bengio (2010): weight uniform on ±√(6 / (fan-in + fan-out)), bias zero; for tanh and sigmoid. */
    XAVIER,
    /** He et al. (2015): weight normal with variance 2 / fan-in, bias zero; for the ReLU family. */
    HE;

    /** One layer's weight elements in C order. */
    double[] weights(int count, double fanIn, double fanOut, SplittableRandom random) {
        return switch (this) {
            case PYTORCH -> uniform(count, 1 / Math.sqrt(fanIn), random);
            case XAVIER -> uniform(count, Math.sqrt(6.0 / (fanIn + fanOut)), random);
            case HE -> fill(count, () -> Math.sqrt(2.0 / fanIn) * random.nextGaussian());
        };
    }

    /** One layer's bias elements. */
    double[] biases(int count, double fanIn, SplittableRandom random) {
        return this == PYTORCH ? uniform(count, 1 / Math.sqrt(fanIn), random) : new double[count];
    }

    private static double[] uniform(int count, double bound, SplittableRandom random) {
        return fill(count, () -> bound * (2 * random.nextDouble() - 1));
    }

    private static double[] fill(int count, DoubleSupplier draw) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = draw.getAsDouble();
        }
        return values;
    }
}
