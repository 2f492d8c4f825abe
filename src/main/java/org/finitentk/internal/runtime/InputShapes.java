package org.finitentk.internal.runtime;

import java.util.ArrayList;
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
        bind(declared, given, sizes);
        return sizes;
    }

    /**
     * Checks names, types, numbers of axes and fixed sizes, and gives every open axis but the first the size of the
     * tensor's: equal names are hints, for exporters give one name to axes of different sizes.
     *
     * @return the inputs, open along the examples only
     * @throws IllegalArgumentException with both shapes if something does not fit, or a size is 0
     */
    public static List<ValueInfo> sized(List<ValueInfo> declared, Map<String, Tensor> given) {
        bind(declared, given, null);
        return declared.stream()
                .map(input -> sized(input, given.get(input.name())))
                .toList();
    }

    private static ValueInfo sized(ValueInfo input, @Nullable Tensor tensor) {
        List<String> dims = new ArrayList<>(input.dims());
        for (int axis = 1; tensor != null && axis < dims.size(); axis++) {
            long size = tensor.shape()[axis];
            if (size == 0) {
                throw new IllegalArgumentException("network input " + describe(input) + " does not take a tensor "
                        + tensor.type() + Arrays.toString(tensor.shape()) + ", which is empty along axis " + axis
                        + "; expected at least one element there");
            }
            dims.set(axis, Long.toString(size));
        }
        return new ValueInfo(input.name(), input.type(), dims);
    }

    private static void bind(List<ValueInfo> declared, Map<String, Tensor> given, @Nullable Map<String, Long> sizes) {
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
    }

    /** Open sizes are any, unless there is a map that has them by name. */
    private static void bind(ValueInfo input, Tensor tensor, @Nullable Map<String, Long> sizes) {
        long[] shape = tensor.shape();
        boolean fits =
                tensor.type() == input.type() && shape.length == input.dims().size();
        for (int i = 0; fits && i < shape.length; i++) {
            if (input.isFixed(i)) {
                fits = input.dim(i) == shape[i];
            } else if (sizes != null) {
                Long known = sizes.putIfAbsent(input.dims().get(i), shape[i]);
                fits = known == null || known == shape[i];
            }
        }
        if (!fits) {
            throw new IllegalArgumentException("network input " + describe(input) + " does not take a tensor "
                    + tensor.type() + Arrays.toString(shape)
                    + (sizes == null || sizes.isEmpty() ? "" : " (with " + sizes + " from the inputs before)"));
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
