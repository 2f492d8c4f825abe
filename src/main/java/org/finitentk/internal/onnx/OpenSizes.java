package org.finitentk.internal.onnx;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * What is known of values while a graph is read, and whether it holds for all sizes that the file leaves open.
 * {@link ShapeInference} tries two numbers for each such size: a comparison that has the same answer for both may have
 * another for a third.
 */
final class OpenSizes {
    /** So few examples as make no difference to a network, but do to a comparison with a number. */
    private static final long[] FEW_EXAMPLES = {2, 3};

    private final ShapeInference shapes = new ShapeInference();
    /** The same for few examples; of use where nothing but the number of examples is open. */
    private final ShapeInference few = new ShapeInference(FEW_EXAMPLES);

    private final Set<String> deciding = new HashSet<>();
    private boolean onlyExamples = true;

    /** Starts with nothing but what a file declares. */
    OpenSizes(java.util.Map<String, ValueInfo> declared) {
        shapes.declare(declared);
        few.declare(declared);
    }

    /** Starts from what is known in the graph around a body. */
    OpenSizes(OpenSizes around) {
        around.shapes.values().forEach(shapes::put);
        around.few.values().forEach(few::put);
        deciding.addAll(around.deciding);
        onlyExamples = around.onlyExamples;
    }

    void input(ValueInfo info) {
        for (int i = 1; i < info.dims().size(); i++) {
            onlyExamples &= info.isFixed(i);
        }
        shapes.input(info);
        few.input(info);
    }

    void constant(String name, Tensor value) {
        shapes.constant(name, value);
        few.constant(name, value);
    }

    /** Takes a node in; of one whose inputs do not fit it nothing is known, and whoever needs it will say so. */
    void infer(Node node) {
        if (!inferred(shapes, node)) {
            return;
        }
        if (onlyExamples) {
            inferred(few, node);
        }
        OperatorTraits traits = OperatorTraits.of(node);
        // taking some elements of a shape, open ones left out, loses nothing
        boolean takes = traits.has(Trait.PARTS) || traits.has(Trait.ARRANGES) || traits.has(Trait.TELLS_SIZES);
        boolean inherits = node.inputs().stream().anyMatch(deciding::contains);
        boolean open = !takes && node.inputs().stream().anyMatch(this::varies);
        node.outputs().stream()
                .filter(output -> inherits || open && constant(shapes, output) != null)
                .forEach(deciding::add);
    }

    private static boolean inferred(ShapeInference inference, Node node) {
        try {
            inference.infer(node);
            return true;
        } catch (InvalidModelException e) {
            return false;
        }
    }

    private boolean varies(String name) {
        Value value = shapes.find(name);
        double[][] known = value == null ? null : value.known();
        return known != null && !Arrays.equals(known[0], known[1]);
    }

    private static double @Nullable [] constant(ShapeInference inference, String name) {
        Value value = inference.find(name);
        return value == null ? null : value.constant();
    }

    /** What is known of a value; null if that is nothing. */
    @Nullable
    Value find(String name) {
        return shapes.find(name);
    }

    /** The elements of a value if they are the same whatever open sizes are, from two examples on; else null. */
    double @Nullable [] settled(String name) {
        double[] constant = constant(shapes, name);
        if (constant == null || !deciding.contains(name)) {
            return constant;
        }
        return onlyExamples && Arrays.equals(constant, constant(few, name)) ? constant : null;
    }

    /** Whether a settled value may be another for a single example. */
    boolean dependsOnExamples(String name) {
        return deciding.contains(name);
    }
}
