package org.finitentk.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.onnx.Integers;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** Turns {@code x.npy} or {@code name=x.npy,name2=z.npy} into examples for a network's inputs. */
final class Inputs {
    private Inputs() {}

    /** The examples, whose numbers need not be finite yet. */
    static Examples read(String option, String value, List<ValueInfo> inputs) {
        Map<String, Path> files = files(option, value, inputs);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (ValueInfo input : inputs) {
            Path file = files.get(input.name());
            if (file == null) {
                throw new IllegalArgumentException(
                        option + " gives no file for input '" + input.name() + "'; expected " + usage(inputs)
                                + ", or --input-value " + input.name() + "=VALUE if it is the same for all examples");
            }
            tensors.put(input.name(), fit(file, NpyFile.read(file), input));
        }
        Examples examples = new Examples(tensors);
        if (examples.size() == 0) {
            throw new IllegalArgumentException(option + " '" + value + "' has no examples; expected at least one");
        }
        return examples;
    }

    private static Map<String, Path> files(String option, String value, List<ValueInfo> inputs) {
        Map<String, Path> files = new LinkedHashMap<>();
        if (inputs.size() == 1 && !value.startsWith(inputs.get(0).name() + "=")) {
            files.put(inputs.get(0).name(), Path.of(value));
            return files;
        }
        for (String part : value.split(",")) {
            int at = part.indexOf('=');
            String name = at < 0 ? part : part.substring(0, at);
            if (at < 0
                    || inputs.stream().noneMatch(i -> i.name().equals(name))
                    || files.put(name, Path.of(part.substring(at + 1))) != null) {
                throw new IllegalArgumentException(option + " has the part '" + part
                        + "', which names no input or one twice; expected " + usage(inputs));
            }
        }
        return files;
    }

    private static String usage(List<ValueInfo> inputs) {
        return String.join(",", inputs.stream().map(i -> i.name() + "=FILE.npy").toList());
    }

    /** The array in the input's element type; shapes are checked with both named. */
    private static Tensor fit(Path file, Tensor array, ValueInfo input) {
        long[] shape = array.shape();
        boolean fits = shape.length == input.dims().size();
        for (int i = 1; fits && i < shape.length; i++) {
            fits = !input.isFixed(i) || input.dim(i) == shape[i];
        }
        if (!fits) {
            throw new IllegalArgumentException("array file '" + file + "' has shape " + Arrays.toString(shape)
                    + "; input '" + input.name() + "' expects " + input.dims());
        }
        if (array.type() == input.type()) {
            return array;
        }
        if (input.type().isDifferentiable() && array.type().isDifferentiable()) {
            return reals(file, array, input.type());
        }
        if (array.type().isDifferentiable() || input.type().isDifferentiable()) {
            throw new IllegalArgumentException("array file '" + file + "' holds " + array.type() + "; input '"
                    + input.name() + "' expects " + input.type());
        }
        return integers(file, array, input);
    }

    private static Tensor integers(Path file, Tensor array, ValueInfo input) {
        Integers.Range range = Integers.range(input.type());
        long[] values = array.toLongs();
        for (long value : values) {
            if (!range.has(value)) {
                throw new IllegalArgumentException("array file '" + file + "' holds " + value
                        + ", which does not fit input '" + input.name() + "' of " + input.type());
            }
        }
        return Integers.tensor(input.type(), values, array.shape());
    }

    private static Tensor reals(Path file, Tensor array, ElementType type) {
        double[] values = array.toDoubles();
        for (int i = 0; type == ElementType.FLOAT && i < values.length; i++) {
            if (Double.isFinite(values[i]) && Float.isInfinite((float) values[i])) {
                throw new IllegalArgumentException("array file '" + file + "' holds " + values[i] + " at position " + i
                        + ", which does not fit the network's float32 input; scale the values");
            }
        }
        return Tensor.ofReals(type, values, array.shape());
    }

    /** Targets of shape (n) or (n, D); integers, which counts often are, become float64. */
    static Tensor targets(String option, Path file, int n) {
        Tensor read = NpyFile.read(file);
        Tensor array = read.type().isDifferentiable() ? read : wholeNumbers(file, read);
        long[] shape = array.shape();
        if (shape.length < 1 || shape.length > 2 || shape[0] != n || shape.length == 2 && shape[1] < 1) {
            throw new IllegalArgumentException(option + ": array file '" + file + "' is " + array
                    + "; expected numbers of shape [" + n + "] or [" + n + ", D]");
        }
        return array;
    }

    private static Tensor wholeNumbers(Path file, Tensor array) {
        long[] values = array.toLongs();
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
            if ((long) doubles[i] != values[i] || values[i] == Long.MAX_VALUE) {
                throw new IllegalArgumentException("array file '" + file + "' holds " + values[i] + " at position " + i
                        + ", which float64 cannot represent; scale the values");
            }
        }
        return Tensor.ofDoubles(doubles, array.shape());
    }

    /** An array of floats with exactly the given shape, as doubles. */
    static double[] reals(String option, Path file, long... shape) {
        Tensor array = NpyFile.read(file);
        if (!array.type().isDifferentiable() || !Arrays.equals(array.shape(), shape)) {
            throw new IllegalArgumentException(option + ": array file '" + file + "' is " + array
                    + "; expected floats of shape " + Arrays.toString(shape));
        }
        double[] values = array.toDoubles();
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException(option + ": array file '" + file + "' holds " + values[i]
                        + " at position " + i + "; expected finite numbers");
            }
        }
        return values;
    }
}
