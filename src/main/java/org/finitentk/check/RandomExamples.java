package org.finitentk.check;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.Integers;
import org.finitentk.internal.onnx.RowNumbers;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
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
     * Draws a batch for a network: standard normal values for float inputs; for inputs that are numbers of rows in
     * tables (ids of tokens, categories) any of the rows; 0 or 1 for all others (which are valid lengths and masks of
     * almost every network).
     *
     * @param network the network
     * @param n the number of examples, at least 1
     * @param seed of the random numbers; the same seed gives the same examples
     * @return the examples
     * @throws IllegalArgumentException if a dimension other than the batch is dynamic, or an input is a single number
     *     for all examples, naming the inputs, or an input holds half-precision floats
     */
    public static Examples draw(LinearizedNetwork network, int n, long seed) {
        List<ValueInfo> inputs = network.inputs();
        requireSizes(inputs);
        RowNumbers tables = new RowNumbers(RunningNetwork.of(network).graphs().graph(Product.FORWARD));
        return draw(inputs, n, seed, tables::rows);
    }

    /**
     * Draws a batch: standard normal values for float inputs, 0 or 1 for all others.
     *
     * @param inputs the network's inputs; the first dimension of each is the batch
     * @param n the number of examples, at least 1
     * @param seed of the random numbers; the same seed gives the same examples
     * @return the examples
     * @throws IllegalArgumentException if a dimension other than the batch is dynamic, or an input is a single number
     *     for all examples, naming the inputs, or an input holds half-precision floats
     */
    public static Examples draw(List<ValueInfo> inputs, int n, long seed) {
        requireSizes(inputs);
        return draw(inputs, n, seed, input -> OptionalLong.empty());
    }

    private static void requireSizes(List<ValueInfo> inputs) {
        if (InputSizes.areOpen(inputs)
                || inputs.stream().anyMatch(input -> input.dims().isEmpty())) {
            throw new InvalidModelException("no random examples can be drawn: " + InputSizes.advice(inputs));
        }
    }

    private static Examples draw(List<ValueInfo> inputs, int n, long seed, Function<String, OptionalLong> rows) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (ValueInfo input : inputs) {
            tensors.put(input.name(), draw(input, n, random, rows.apply(input.name())));
        }
        return new Examples(tensors);
    }

    private static Tensor draw(ValueInfo input, int n, SplittableRandom random, OptionalLong rows) {
        long[] shape = new long[input.dims().size()];
        shape[0] = n;
        for (int i = 1; i < shape.length; i++) {
            shape[i] = input.dim(i);
        }
        int count = count(input, shape);
        if (input.type() == ElementType.FLOAT16 || input.type() == ElementType.BFLOAT16) {
            throw new IllegalArgumentException("input '" + input.name() + "' holds " + input.type()
                    + ", of which no random examples are drawn; give real ones");
        }
        if (input.type().isDifferentiable()) {
            double[] values = new double[count];
            Arrays.setAll(values, i -> rows.isPresent() ? random.nextLong(rows.getAsLong()) : random.nextGaussian());
            return Tensor.ofReals(input.type(), values, shape);
        }
        long below = Math.min(rows.orElse(2), mostNumbers(input.type()));
        return Integers.tensor(input.type(), random.longs(count, 0, below).toArray(), shape);
    }

    /** How many numbers from 0 on the type has, or more than any table has rows. */
    private static long mostNumbers(ElementType type) {
        return switch (type) {
            case BOOL -> 2;
            case INT8 -> 1 << 7;
            case UINT8 -> 1 << 8;
            case INT16 -> 1 << 15;
            case UINT16 -> 1 << 16;
            default -> Integer.MAX_VALUE;
        };
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
}
