package org.finitentk.onnx;

import java.util.List;
import java.util.Map;

/**
 * A graph input or output as declared.
 *
 * @param name value name
 * @param type element type
 * @param dims one entry a dimension: a decimal number for a fixed one, any other text for a symbolic one; a nameless
 *     dynamic dimension is given a unique name on reading
 */
public record ValueInfo(String name, ElementType type, List<String> dims) {
    /**
     * Copies the list.
     *
     * @param name value name
     * @param type element type
     * @param dims dimensions
     */
    public ValueInfo {
        dims = List.copyOf(dims);
    }

    /**
     * Whether dimension i is fixed.
     *
     * @param i axis, from 0
     * @return true if it is a number
     */
    public boolean isFixed(int i) {
        String d = dims.get(i);
        return !d.isEmpty() && d.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /**
     * A fixed dimension's size.
     *
     * @param i axis, from 0
     * @return the size, or -1 if it is symbolic
     */
    public long dim(int i) {
        return isFixed(i) ? Long.parseLong(dims.get(i)) : -1;
    }

    /** The same with other texts in the place of some dimensions'. */
    ValueInfo withDims(Map<String, String> others) {
        return new ValueInfo(
                name, type, dims.stream().map(d -> others.getOrDefault(d, d)).toList());
    }
}
