package org.finitentk.internal.runtime;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/** Declared shapes against those of the tensors given. */
public final class InputShapes {
    private InputShapes() {}

    /**
     * Checks names, types and shapes, and gives every symbolic dimension its size.
     *
     * @throws IllegalArgumentException with both shapes if something does not fit
     */
    public static Map<String, Long> bind(List<ValueInfo> declared, Map<String, Tensor> given) {
        Map<String, Long> sizes = new HashMap<>();
        for (ValueInfo input : declared) {
            Tensor tensor = given.get(input.name());
            if (tensor == null) {
                throw new IllegalArgumentException("network input " + describe(input) + " is missing; found " + given);
            }
            bind(input, tensor, sizes);
        }
        if (given.size() > declared.size()) {
            Set<String> unknown = new HashSet<>(given.keySet());
            declared.forEach(input -> unknown.remove(input.name()));
            throw new IllegalArgumentException("the network has no input " + unknown + "; it has "
                    + declared.stream().map(InputShapes::describe).toList());
        }
        return sizes;
    }

    private static void bind(ValueInfo input, Tensor tensor, Map<String, Long> sizes) {
        long[] shape = tensor.shape();
        boolean fits =
                tensor.type() == input.type() && shape.length == input.dims().size();
        for (int i = 0; fits && i < shape.length; i++) {
            long expected = input.isFixed(i)
                    ? input.dim(i)
                    : sizes.computeIfAbsent(input.dims().get(i), unseen -> -1L);
            if (expected < 0) {
                sizes.put(input.dims().get(i), shape[i]);
            } else {
                fits = expected == shape[i];
            }
        }
        if (!fits) {
            throw new IllegalArgumentException("network input " + describe(input) + " does not take a tensor "
                    + tensor.type() + Arrays.toString(shape)
                    + (sizes.isEmpty() ? "" : " (with " + sizes + " from the inputs before)"));
        }
    }

    /** The output's shape, or null if it has a dimension whose size is not among those given. */
    public static long @Nullable [] resolve(ValueInfo output, Map<String, Long> sizes) {
        long[] shape = new long[output.dims().size()];
        for (int i = 0; i < shape.length; i++) {
            Long size = output.isFixed(i)
                    ? Long.valueOf(output.dim(i))
                    : sizes.get(output.dims().get(i));
            if (size == null) {
                return null;
            }
            shape[i] = size;
        }
        return shape;
    }

    public static String describe(ValueInfo value) {
        return "'" + value.name() + "' " + value.type() + value.dims();
    }
}
