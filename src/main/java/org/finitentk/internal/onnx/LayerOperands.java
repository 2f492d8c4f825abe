package org.finitentk.internal.onnx;

import java.util.List;
import java.util.Set;
import org.finitentk.internal.onnx.ConstantValues.Form;
import org.finitentk.internal.onnx.ConstantValues.Source;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** Operators that have weights: which of their inputs these are, whatever is computed elsewhere in the graph. */
final class LayerOperands {
    private final ConstantValues values;
    private final GraphLinks links;
    private final boolean any;

    LayerOperands(Graph graph, ConstantValues values, GraphLinks links) {
        this.values = values;
        this.links = links;
        any = graph.nodes().stream().anyMatch(this::isLayer);
    }

    /** What kind of weight an input of a node is if it is a constant; null if it is none. */
    @Nullable
    String operand(Node node, int position) {
        OperatorTraits traits = OperatorTraits.of(node);
        boolean formula = node.name().startsWith(Rewritten.FORMULA);
        return formula || traits.has(Trait.LOOKS_UP) && picks(node) ? null : traits.operand(position);
    }

    /** One row of a constant, by a constant position: taken out as a slice would be, not looked up. */
    private boolean picks(Node node) {
        Tensor index = values.initializer(node.input(1));
        return index != null && index.shape().length == 0;
    }

    /** Whether a node has a constant for a weight, be it one of 16-bit or quantized numbers. */
    boolean isLayer(Node node) {
        boolean moving = !OperatorTraits.of(node).has(Trait.LOOKS_UP)
                && node.inputs().stream().anyMatch(values::isActivation);
        for (int i = 0; i < node.inputs().size(); i++) {
            boolean constant = node.hasInput(i) && !values.isActivation(node.input(i));
            if (constant
                    && operand(node, i) != null
                    && (moving || !values.sources(node.input(i)).isEmpty())) {
                return true;
            }
        }
        return false;
    }

    /** Whether some node has a constant for a weight. */
    boolean any() {
        return any;
    }

    boolean hasBias(Node node) {
        return OperatorTraits.of(node).hasBias(node);
    }

    /**
     * Whether scale and bias of a normalization are ones and zeros since it stands for another that has its own after
     * it: an InstanceNormalization between two Reshapes for the GroupNormalization of older opsets, a
     * BatchNormalization by computed statistics for a LayerNormalization.
     */
    boolean standsForAnother(Node node) {
        // Keras writes LayerNormalization so
        boolean given =
                node.op().equals("BatchNormalization") && node.hasInput(3) && values.isActivation(node.input(3));
        return (given || standsForGroupNormalization(node)) && isAll(node.input(1), 1) && isAll(node.input(2), 0);
    }

    private boolean standsForGroupNormalization(Node node) {
        Node before = links.producer(node.input(0));
        return node.op().equals("InstanceNormalization")
                && before != null
                && before.op().equals("Reshape")
                && links.readers(node.output()).stream()
                        .allMatch(after -> after.op().equals("Reshape"))
                && !before.name().startsWith(OpsetNormalizer.GROUPS);
    }

    private boolean isAll(String value, double expected) {
        return values.sources(value).size() == 1
                && values.sources(value).stream()
                        .allMatch(source -> source.form().compareTo(Form.FUNCTION) < 0
                                && ConstantNumbers.isAll(values.constant(source), expected));
    }

    /**
     * Whether a node divides activations by their own size: a normalization whose scale and bias, if it has any, come
     * after it.
     */
    boolean normalizes(Node node) {
        OperatorTraits traits = OperatorTraits.of(node);
        return traits.has(Trait.NORMALIZES)
                || traits.has(Trait.SCALES)
                        && node.inputs().stream().allMatch(values::isActivation)
                        && node.inputs().stream().anyMatch(this::isSize);
    }

    /** A root of squares, or its inverse, perhaps with a number added and bounded. */
    private boolean isSize(String value) {
        String at = value;
        for (Node node = links.producer(at); node != null; node = links.producer(at)) {
            if (Set.of("Sqrt", "ReduceL2").contains(node.op()) || isRoot(node)) {
                return true;
            }
            boolean passes = ConstantValues.arranges(node)
                    || Set.of("Reciprocal", "Expand", "Clip", "Max", "Add").contains(node.op())
                    || node.op().equals("Div") && !values.isActivation(node.input(0));
            List<String> moving =
                    node.inputs().stream().filter(values::isActivation).toList();
            if (!passes || moving.size() != 1) {
                return false;
            }
            at = moving.get(0);
        }
        return false;
    }

    private boolean isRoot(Node node) {
        Tensor exponent = node.op().equals("Pow") ? values.initializer(node.input(1)) : null;
        return exponent != null && exponent.size() == 1 && Math.abs(exponent.toDoubles()[0]) == 0.5;
    }

    /** Whether a value is the deviation that a standardization of constants divides by. */
    boolean isDeviation(String value) {
        return values.sources(value).stream().map(Source::form).anyMatch(form -> form == Form.DEVIATION);
    }
}
