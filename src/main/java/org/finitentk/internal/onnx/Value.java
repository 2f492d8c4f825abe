package org.finitentk.internal.onnx;

import java.util.Arrays;
import org.finitentk.onnx.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a value before running: its name, element type, shape and, for small shape arithmetic, its elements.
 *
 * @param name value name
 * @param type element type
 * @param shape shape with a dynamic batch
 * @param known elements under both samples of the symbolic sizes, if they could be computed; else null
 */
public record Value(String name, ElementType type, Shape shape, double @Nullable [] @Nullable [] known) {
    /**
     * A value of which only type and shape are known.
     *
     * @param name value name
     * @param type element type
     * @param shape shape
     */
    public Value(String name, ElementType type, Shape shape) {
        this(name, type, shape, null);
    }

    /**
     * The number of axes.
     *
     * @return the shape's rank
     */
    public int rank() {
        return shape.rank();
    }

    /**
     * The elements, if they are known and do not depend on a dynamic size.
     *
     * @return a copy, or null
     */
    public double @Nullable [] constant() {
        double[][] both = known;
        return both != null && Arrays.equals(both[0], both[1]) ? both[0].clone() : null;
    }
}
