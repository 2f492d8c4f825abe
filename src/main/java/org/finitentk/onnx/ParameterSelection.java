package org.finitentk.onnx;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which float constants of a network are tangent parameters: initializers or Constant nodes, or either behind Identity,
 * Transpose, Reshape and their like.
 *
 * <p>Unless {@code include} names them, these are the learned weights. By {@link WeightRule#ROLE} that is: operands of
 * Conv, ConvTranspose, Gemm, MatMul, Einsum and recurrent operators; scales and biases of normalizations; slopes of
 * PRelu; tables of Gather; biases, of one element too, that are added to what one of these makes; scales and gains (a
 * factor of one element if it is an initializer and no Constant node, is used once, and does not follow Softmax, Erf or
 * Pow); token and position embeddings, which Add, Concat or Expand bring to the activations. Not weights are constants
 * that standardize the raw input or the last output, running means and variances, masks, epsilons and other scalars of
 * formulas, and the ones and zeros of an InstanceNormalization that stands for a GroupNormalization. The command
 * {@code inspect} tells the reason for each.
 *
 * @param include if given, every float initializer that some node uses and in whose name the expression is found (never
 *     a running mean or variance); if null, those that the rule takes for learned weights
 * @param exclude if given, initializers in whose name the expression is found are left out
 * @param rule what a learned weight is; a stored model or a provenance that does not say means
 *     {@link WeightRule#POSITION}, the rule of version 0.1.0
 * @param names if not empty, exactly these initializers in this order, whatever the expressions and the rule say: what
 *     a stored model was trained with
 */
public record ParameterSelection(
        @Nullable Pattern include, @Nullable Pattern exclude, WeightRule rule, List<String> names) {
    /** The weights, nothing narrowed. */
    public static final ParameterSelection DEFAULT = new ParameterSelection(null, null);

    /**
     * A selection.
     *
     * @param include expression of names to take, or null
     * @param exclude expression of names to leave out, or null
     * @param rule what a learned weight is
     * @param names if not empty, exactly these
     */
    public ParameterSelection {
        names = List.copyOf(names);
    }

    /**
     * By expressions and the present rule.
     *
     * @param include expression of names to take, or null
     * @param exclude expression of names to leave out, or null
     */
    public ParameterSelection(@Nullable Pattern include, @Nullable Pattern exclude) {
        this(include, exclude, WeightRule.DEFAULT, List.of());
    }

    /**
     * Exactly some initializers.
     *
     * @param names in the order of the parameters
     * @return the selection
     */
    public static ParameterSelection exactly(List<String> names) {
        return DEFAULT.withNames(names);
    }

    /**
     * The same selection settled: the parameters that it once gave.
     *
     * @param settled their names in their order
     * @return a selection that gives these, and keeps the rest for those who ask how they were chosen
     */
    public ParameterSelection withNames(List<String> settled) {
        return new ParameterSelection(include, exclude, rule, settled);
    }
}
