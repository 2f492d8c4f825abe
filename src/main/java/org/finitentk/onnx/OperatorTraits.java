package org.finitentk.onnx;

import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a standard operator beside its shapes and its derivative: which of its inputs are weights, what it does
 * with the elements that go in, what it costs. Whoever has to know asks here, so that an operator has one line for all of
 * them. The table is in this package, the lowest of those that ask.
 */
public final class OperatorTraits {
    /** A property that an operator has or has not. */
    public enum Trait {
        /** The output has all elements of input 0 and no others. */
        ARRANGES,
        /** The output is input 0 in another shape: elements keep their flat order. */
        KEEPS_ORDER,
        /** The axes of input 0 change places. */
        PERMUTES,
        /** The output has some of the inputs' elements, or several copies of them. */
        PARTS,
        /** The output has several copies of all elements of input 0. */
        REPEATS,
        /** The output is made to a size; filling it is no work. */
        FILLS,
        /** The output tells sizes of the input and nothing of its elements. */
        TELLS_SIZES,
        /** A sum of the inputs. */
        ADDS,
        /** A difference of the inputs. */
        SUBTRACTS,
        /** A product or quotient of two inputs, element by element. */
        SCALES,
        /** Divides by the size of what it divides. */
        NORMALIZES,
        /** A function that formulas are made of, with numbers that are no weights. */
        FORMULA,
        /** Sums products of activations and weights, or looks weights up: what makes a layer. */
        CONTRACTS,
        /** Takes rows of a table by their positions. */
        LOOKS_UP,
        /** Has nodes of its own in attributes. */
        HAS_BODY,
        /** Takes its cotangent to a parameter in a form that can be scaled for each example afterwards. */
        SCALED_LATER,
        /** Gradients of each example can be carried back through it to a parameter. */
        CARRIES_EXAMPLES
    }

    /** By what the arithmetic of an operator is counted. */
    enum Work {
        /** One operation an output element. */
        OUTPUTS,
        /** The columns of the left matrix. */
        INNER_SIZE,
        /** The filter, at every output. */
        FILTER,
        /** The filter, at every input. */
        TRANSPOSED_FILTER,
        /** The labels of an equation. */
        LABELS,
        /** The weights, at every step of a sequence. */
        SEQUENCE
    }

    /** Every position. */
    private static final int ANY = -1;

    static final String INITIAL_STATE = "initial state";
    private static final String BIAS = "bias";
    private static final Map<Integer, String> CONVOLUTION = Map.of(1, "weight", 2, BIAS);
    private static final Map<Integer, String> NORMALIZATION = Map.of(1, "scale", 2, BIAS);
    private static final Map<Integer, String> RECURRENT =
            Map.of(1, "weight", 2, "recurrent weight", 3, BIAS, 5, INITIAL_STATE);
    private static final Map<Integer, String> LONG_SHORT_TERM = Map.of(
            1, "weight", 2, "recurrent weight", 3, BIAS, 5, INITIAL_STATE, 6, INITIAL_STATE, 7, "peephole weight");

    private static final OperatorTraits NONE = is();
    private static final Map<String, OperatorTraits> TABLE = Map.ofEntries(
            entry("Add", is(Trait.ADDS, Trait.SCALED_LATER)),
            entry("Sum", is(Trait.ADDS)),
            entry("Sub", is(Trait.SUBTRACTS, Trait.SCALED_LATER)),
            entry("Neg", is(Trait.CARRIES_EXAMPLES)),
            entry("Mul", is(Trait.SCALES, Trait.SCALED_LATER, Trait.CARRIES_EXAMPLES)),
            entry("Div", is(Trait.SCALES, Trait.CARRIES_EXAMPLES)),
            entry("Pow", is(Trait.FORMULA)),
            entry("Erf", is(Trait.FORMULA)),
            entry("Softmax", is(Trait.FORMULA)),
            entry("PRelu", is().weights(Map.of(1, "slope"))),
            entry("MatMul", matrix(Map.of(0, "operand", 1, "operand"))),
            entry("Gemm", matrix(Map.of(0, "operand", 1, "weight", 2, BIAS))),
            entry("Einsum", is(Trait.CONTRACTS).weights(Map.of(ANY, "operand")).work(Work.LABELS)),
            entry("Conv", is(Trait.CONTRACTS).weights(CONVOLUTION).work(Work.FILTER)),
            entry("ConvTranspose", is(Trait.CONTRACTS).weights(CONVOLUTION).work(Work.TRANSPOSED_FILTER)),
            entry("RNN", is(Trait.CONTRACTS).weights(RECURRENT).work(Work.SEQUENCE)),
            entry("GRU", is(Trait.CONTRACTS).weights(RECURRENT).work(Work.SEQUENCE)),
            entry("LSTM", is(Trait.CONTRACTS).weights(LONG_SHORT_TERM).work(Work.SEQUENCE)),
            entry("BatchNormalization", is().weights(NORMALIZATION)),
            entry("InstanceNormalization", is().weights(NORMALIZATION)),
            entry("GroupNormalization", is().weights(NORMALIZATION)),
            entry("LayerNormalization", is().weights(NORMALIZATION)),
            entry("RMSNormalization", is().weights(Map.of(1, "scale"))),
            entry("LpNormalization", is(Trait.NORMALIZES)),
            entry("MeanVarianceNormalization", is(Trait.NORMALIZES)),
            entry("Identity", is(Trait.ARRANGES)),
            entry("Cast", is(Trait.ARRANGES, Trait.CARRIES_EXAMPLES)),
            entry("Reshape", is(Trait.ARRANGES, Trait.KEEPS_ORDER, Trait.FILLS, Trait.CARRIES_EXAMPLES)),
            entry("Flatten", is(Trait.ARRANGES, Trait.KEEPS_ORDER)),
            entry("Squeeze", is(Trait.ARRANGES, Trait.KEEPS_ORDER)),
            entry("Unsqueeze", is(Trait.ARRANGES, Trait.KEEPS_ORDER)),
            entry("Transpose", is(Trait.ARRANGES, Trait.PERMUTES, Trait.CARRIES_EXAMPLES)),
            entry("Expand", is(Trait.PARTS, Trait.REPEATS, Trait.FILLS)),
            entry("Tile", is(Trait.PARTS, Trait.REPEATS)),
            entry("Slice", is(Trait.PARTS)),
            entry("Split", is(Trait.PARTS)),
            entry("Concat", is(Trait.PARTS)),
            entry("Pad", is(Trait.PARTS)),
            entry("Trilu", is(Trait.PARTS)),
            entry("Gather", is(Trait.PARTS, Trait.LOOKS_UP, Trait.CONTRACTS).weights(Map.of(0, "table"))),
            entry("GatherElements", is(Trait.PARTS)),
            entry("GatherND", is(Trait.PARTS)),
            entry("Shape", is(Trait.TELLS_SIZES)),
            entry("Size", is(Trait.TELLS_SIZES)),
            entry("ConstantOfShape", is(Trait.FILLS)),
            entry("If", is(Trait.HAS_BODY)),
            entry("Loop", is(Trait.HAS_BODY)),
            entry("Scan", is(Trait.HAS_BODY)));

    private final Set<Trait> traits;
    private final Map<Integer, String> operands;
    private final Work work;

    private OperatorTraits(Set<Trait> traits, Map<Integer, String> operands, Work work) {
        this.traits = traits;
        this.operands = operands;
        this.work = work;
    }

    private static OperatorTraits is(Trait... traits) {
        return new OperatorTraits(Arrays.stream(traits).collect(Collectors.toUnmodifiableSet()), Map.of(), Work.OUTPUTS);
    }

    private static OperatorTraits matrix(Map<Integer, String> operands) {
        return is(Trait.CONTRACTS, Trait.SCALED_LATER).weights(operands).work(Work.INNER_SIZE);
    }

    private OperatorTraits weights(Map<Integer, String> by) {
        return new OperatorTraits(traits, by, work);
    }

    private OperatorTraits work(Work by) {
        return new OperatorTraits(traits, operands, by);
    }

    /**
     * What is known of a node's operator.
     *
     * @param node any node
     * @return its traits; none for operators of other domains
     */
    public static OperatorTraits of(Node node) {
        return node.domain().isEmpty() ? TABLE.getOrDefault(node.op(), NONE) : NONE;
    }

    /**
     * Whether the operator has a property.
     *
     * @param trait the property
     * @return whether it has it
     */
    public boolean has(Trait trait) {
        return traits.contains(trait);
    }

    /**
     * Whether a constant may be a weight at every input.
     *
     * @return true for Einsum
     */
    public boolean hasAnyOperand() {
        return operands.containsKey(ANY);
    }

    /** What kind of weight a constant is at an input; null if it is none there. */
    @Nullable
    String operand(int position) {
        return operands.getOrDefault(position, operands.get(ANY));
    }

    /** The position of the bias, -1 if the operator has none. */
    int bias() {
        return operands.entrySet().stream()
                .filter(operand -> operand.getValue().equals(BIAS))
                .mapToInt(Map.Entry::getKey)
                .findFirst()
                .orElse(-1);
    }

    Work work() {
        return work;
    }
}
