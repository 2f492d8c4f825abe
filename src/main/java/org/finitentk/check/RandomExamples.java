package org.finitentk.check;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** Examples made up to time or to check a network when no real ones are at hand. */
public final class RandomExamples {
    private static final int MAX_ELEMENTS = 1 << 27;

    private RandomExamples() {}

    /**
     * Draws a batch: standard normal values for float inputs, 0 or 1 for all others (which are valid token ids, lengths
     * and masks of almost every network).
     *
     * @param inputs the network's inputs; the first dimension of each is the batch
     * @param n the number of examples, at least 1
     * @param seed of the random numbers; the same seed gives the same examples
     * @return the examples
     * @throws IllegalArgumentException if a dimension other than the batch is dynamic, or an input is a single number
     *     for all examples, naming the inputs, or an input holds half-precision floats
     */
    public static Examples draw(List<ValueInfo> inputs, int n, long seed) {
        if (InputSizes.areOpen(inputs)
                || inputs.stream().anyMatch(input -> input.dims().isEmpty())) {
            throw new InvalidModelException("no random examples can be drawn: " + InputSizes.advice(inputs));
        }
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (ValueInfo input : inputs) {
            tensors.put(input.name(), draw(input, n, random));
        }
        return new Examples(tensors);
    }

    private static Tensor draw(ValueInfo input, int n, SplittableRandom random) {
        long[] shape = new long[input.dims().size()];
        shape[0] = n;
        for (int i = 1; i < shape.length; i++) {
            shape[i] = input.dim(i);
        }
        int count = count(input, shape);
        return input.type().isDifferentiable()
                ? reals(input.type(), count, shape, random)
                : bits(input, count, shape, random);
    }

    private static int count(ValueInfo input, long[] shape) {
        double elements = 1;
        for (long dim : shape) {
            elements *= dim;
        }
        if (elements > MAX_ELEMENTS) {
            throw new IllegalArgumentException(
                    "input '" + input.name() + "' " + input.dims() + " would need " + elements + " random numbers for "
                            + shape[0] + " examples; expected at most " + MAX_ELEMENTS + ", so use fewer examples");
        }
        return (int) elements;
    }

    private static Tensor reals(ElementType type, int count, long[] shape, SplittableRandom random) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextGaussian();
        }
        return Tensor.ofReals(type, values, shape);
    }

    private static Tensor bits(ValueInfo input, int count, long[] shape, SplittableRandom random) {
        int width = input.type().bytes();
        if (input.type() == ElementType.FLOAT16 || input.type() == ElementType.BFLOAT16) {
            throw new IllegalArgumentException("input '" + input.name() + "' holds " + input.type()
                    + ", of which no random examples are drawn; give real ones");
        }
        ByteBuffer data = ByteBuffer.allocateDirect(Math.multiplyExact(count, width));
        for (int i = 0; i < count; i++) {
            data.put(i * width, (byte) random.nextInt(2));
        }
        return new Tensor(input.type(), shape, data);
    }
}
