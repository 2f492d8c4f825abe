package org.finitentk.internal.onnx;

import java.util.HashSet;
import java.util.List;
import org.finitentk.onnx.ValueInfo;

/**
 * Networks with an input for each column, as Keras and scikit-learn export tables of several kinds of numbers: the
 * inputs' names say which column each is.
 */
public final class ColumnInputs {
    private static final String SIGNATURE = "serving_default_";

    private ColumnInputs() {}

    /**
     * The names of several inputs that have one number an example each.
     *
     * @param inputs a network's inputs
     * @return in the inputs' order; empty if there is one input, or one with more numbers than one
     */
    public static List<String> names(List<ValueInfo> inputs) {
        boolean areColumns = inputs.size() > 1 && inputs.stream().allMatch(ColumnInputs::isNumber);
        return areColumns ? inputs.stream().map(ValueInfo::name).toList() : List.of();
    }

    /**
     * The same names as those who made a network know them: without what TensorFlow adds ("serving_default_" before
     * them, ":0" after them), if these are all different.
     *
     * @param names names of inputs
     * @return as many, in their order
     */
    public static List<String> bare(List<String> names) {
        List<String> bare = names.stream().map(ColumnInputs::bare).toList();
        return new HashSet<>(bare).size() == names.size() ? bare : names;
    }

    private static String bare(String name) {
        String end = name.replaceFirst(":\\d+$", "");
        String start = end.startsWith(SIGNATURE) ? end.substring(SIGNATURE.length()) : end;
        return start.isEmpty() ? name : start;
    }

    private static boolean isNumber(ValueInfo input) {
        for (int i = 1; i < input.dims().size(); i++) {
            if (!input.isFixed(i) || input.dim(i) != 1) {
                return false;
            }
        }
        return true;
    }
}
