package org.finitentk.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A batch of examples: one tensor for each network input, all with the same leading dimension. Parts of a batch know
 * which of its examples they have, so that messages can speak of the batch that the user made.
 */
public final class Examples {
    private final Map<String, Tensor> inputs;
    /** The place of each example in the batch that this one is a part of; null if it is the whole. */
    private final int @Nullable [] places;
    /** Of the first example among the places, or in the whole. */
    private final int first;

    /**
     * Checks that the tensors have one leading dimension; the map is copied in its order.
     *
     * @param inputs tensors by input name
     * @throws IllegalArgumentException if there is no tensor, a tensor is a scalar, or the leading dimensions differ
     */
    public Examples(Map<String, Tensor> inputs) {
        this(inputs, null, 0);
    }

    private Examples(Map<String, Tensor> given, int @Nullable [] places, int first) {
        this.inputs = Collections.unmodifiableMap(new LinkedHashMap<>(given));
        this.places = places;
        this.first = first;
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException(
                    "a batch of examples has no input tensor; expected one for each network input");
        }
        Map.Entry<String, Tensor> one = inputs.entrySet().iterator().next();
        inputs.forEach((name, tensor) -> requireSameSize(one.getKey(), one.getValue(), name, tensor));
    }

    /**
     * The tensors.
     *
     * @return one by each input's name
     */
    public Map<String, Tensor> inputs() {
        return inputs;
    }

    /**
     * Where an example lies in the batch that the user made, however often parts of it were taken since.
     *
     * @param example 0 to size - 1
     * @return its place there, from 0
     */
    public int position(int example) {
        return places == null ? first + example : places[first + example];
    }

    private static void requireSameSize(String firstName, Tensor first, String name, Tensor tensor) {
        if (tensor.shape().length == 0) {
            throw new IllegalArgumentException("input '" + name
                    + "' is a scalar; expected a tensor whose first dimension is the number of examples, or instead of it "
                    + "--input-value " + name + "=VALUE for what is the same for all (inputValues of OnnxBackbone)");
        }
        if (first.shape()[0] != tensor.shape()[0]) {
            throw new IllegalArgumentException("input '" + firstName + "' has shape " + Arrays.toString(first.shape())
                    + " but input '" + name + "' has shape " + Arrays.toString(tensor.shape())
                    + "; expected the same number of examples in the first dimension, or instead of what is the same for "
                    + "all examples, such as a state to start from, --input-value NAME=VALUE (inputValues of "
                    + "OnnxBackbone)");
        }
        if (first.shape()[0] > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("input '" + name + "' has " + first.shape()[0] + " examples; at most "
                    + Integer.MAX_VALUE + " fit in one batch");
        }
    }

    /**
     * Examples of a network with one input.
     *
     * @param name the input's name
     * @param tensor its values, examples along the first dimension
     * @return the batch
     */
    public static Examples of(String name, Tensor tensor) {
        return new Examples(Map.of(name, tensor));
    }

    /**
     * These examples as a part of more.
     *
     * @param place of the first among all, from 0
     * @return the same tensors
     */
    public Examples placedAt(int place) {
        return new Examples(inputs, null, place);
    }

    /**
     * The number of examples.
     *
     * @return the leading dimension
     */
    public int size() {
        return (int) inputs.values().iterator().next().shape()[0];
    }

    /**
     * Examples [from, to), sharing the tensors' bytes.
     *
     * @param from first example
     * @param to end, exclusive
     * @return a view
     * @throws IndexOutOfBoundsException unless 0 ≤ from ≤ to ≤ size
     */
    public Examples slice(int from, int to) {
        if (from < 0 || from > to || to > size()) {
            throw new IndexOutOfBoundsException("examples " + from + " to " + to + " of " + size());
        }
        return from == 0 && to == size() ? this : map(tensor -> tensor.rows(from, to), places, first + from);
    }

    /**
     * The examples at the given positions, copied, in the given order; a position may repeat.
     *
     * @param positions indices of examples
     * @return a new batch of positions.length examples
     * @throws IndexOutOfBoundsException if a position is not in [0, size)
     */
    public Examples select(int... positions) {
        for (int position : positions) {
            if (position < 0 || position >= size()) {
                throw new IndexOutOfBoundsException("example " + position + " of " + size());
            }
        }
        int[] own = new int[positions.length];
        Arrays.setAll(own, i -> position(positions[i]));
        return map(tensor -> selectRows(tensor, positions), own, 0);
    }

    /**
     * Refuses inputs that are not finite.
     *
     * @return these examples
     * @throws IllegalArgumentException if a float is NaN or infinite, naming its example, input and element
     */
    public Examples requireFinite() {
        return requireFinite(Set.of());
    }

    /**
     * Refuses inputs that are not finite, but for numbers that are missing where that is allowed.
     *
     * @param mayMiss inputs that may have NaN among their numbers
     * @return these examples
     * @throws IllegalArgumentException if a float is infinite, or NaN elsewhere, naming its example, input and element
     */
    public Examples requireFinite(Set<String> mayMiss) {
        inputs.forEach((name, tensor) -> {
            int at = firstUnfit(tensor, mayMiss.contains(name));
            if (at >= 0) {
                int width = Math.max(1, (int) (tensor.size() / size()));
                throw new IllegalArgumentException(
                        "example " + position(at / width) + " has a value that is not finite in input '" + name
                                + "', element " + at % width + "; correct the value or remove the example");
            }
        });
        return this;
    }

    /**
     * Whether some number of an input is missing.
     *
     * @return true if there is a NaN
     */
    public boolean missesNumbers() {
        return inputs.values().stream().anyMatch(tensor -> firstUnfit(tensor, true) != firstUnfit(tensor, false));
    }

    private static int firstUnfit(Tensor tensor, boolean mayMiss) {
        ByteBuffer data = tensor.data().order(ByteOrder.LITTLE_ENDIAN);
        int count = (int) tensor.size();
        for (int i = 0; i < count; i++) {
            boolean finite =
                    switch (tensor.type()) {
                        case FLOAT -> fits(data.getFloat(4 * i), mayMiss);
                        case DOUBLE -> fits(data.getDouble(8 * i), mayMiss);
                        default -> true;
                    };
            if (!finite) {
                return i;
            }
        }
        return -1;
    }

    private static boolean fits(double value, boolean mayMiss) {
        return Double.isFinite(value) || mayMiss && Double.isNaN(value);
    }

    private Examples map(UnaryOperator<Tensor> function, int @Nullable [] newPlaces, int newFirst) {
        Map<String, Tensor> mapped = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> mapped.put(name, function.apply(tensor)));
        return new Examples(mapped, newPlaces, newFirst);
    }

    private static Tensor selectRows(Tensor tensor, int[] positions) {
        ByteBuffer source = tensor.data();
        long[] shape = tensor.shape();
        int row = shape[0] == 0 ? 0 : source.limit() / (int) shape[0];
        ByteBuffer target = ByteBuffer.allocateDirect(Math.multiplyExact(row, positions.length));
        for (int i = 0; i < positions.length; i++) {
            target.put(i * row, source, positions[i] * row, row);
        }
        shape[0] = positions.length;
        return new Tensor(tensor.type(), shape, target);
    }
}
