package org.finitentk.internal.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a standard operator beside its shapes and its derivative: which of its inputs are weights, what it
 * does with the elements that go in, what it costs. Whoever has to know asks here, so that an operator has one line for
 * all of them. The table is in this package, the lowest of those that ask.
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
        /** The output's elements are some of input 0's, or between them. */
        STAYS_WITHIN,
        /** The output is between 0 and 1. */
        GIVES_SHARES,
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

    /** Operators of sequences and optional values, written in others where the structure is known. */
    static final Set<String> SEQUENCES = Set.of(
            "SequenceAt",
            "SequenceConstruct",
            "SequenceEmpty",
            "SequenceErase",
            "SequenceInsert",
            "SequenceLength",
            "SplitToSequence",
            "ConcatFromSequence",
            "Optional",
            "OptionalGetElement",
            "OptionalHasElement");

    static final String INITIAL_STATE = "initial state";
    private static final String BIAS = "bias";
    private static final Map<Integer, String> CONVOLUTION = Map.of(1, "weight", 2, BIAS);
    private static final Map<Integer, String> NORMALIZATION = Map.of(1, "scale", 2, BIAS);
    private static final Map<Integer, String> RECURRENT =
            Map.of(1, "weight", 2, "recurrent weight", 3, BIAS, 5, INITIAL_STATE);
    private static final Map<Integer, String> LONG_SHORT_TERM = Map.of(
            1, "weight", 2, "recurrent weight", 3, BIAS, 5, INITIAL_STATE, 6, INITIAL_STATE, 7, "peephole weight");

    private static final OperatorTraits NONE = is();
    private static final Map<String, OperatorTraits> TABLE = new HashMap<>();

    static {
        put(is(Trait.ADDS, Trait.SCALED_LATER), "Add");
        put(is(Trait.ADDS), "Sum");
        put(is(Trait.SUBTRACTS, Trait.SCALED_LATER), "Sub");
        put(is(Trait.CARRIES_EXAMPLES), "Neg");
        put(is(Trait.SCALES, Trait.SCALED_LATER, Trait.CARRIES_EXAMPLES), "Mul");
        put(is(Trait.SCALES, Trait.CARRIES_EXAMPLES), "Div");
        put(is(Trait.FORMULA), "Pow", "Erf");
        put(is(Trait.FORMULA, Trait.GIVES_SHARES), "Softmax");
        put(is(Trait.GIVES_SHARES), "Sigmoid", "HardSigmoid", "Hardmax", "IsNaN", "IsInf");
        put(is(Trait.GIVES_SHARES), "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual");
        put(is(Trait.GIVES_SHARES), "And", "Or", "Not", "Xor");
        put(is().weights(Map.of(1, "slope")), "PRelu");
        OperatorTraits matrix = is(Trait.CONTRACTS, Trait.SCALED_LATER).work(Work.INNER_SIZE);
        put(matrix.weights(Map.of(0, "operand", 1, "operand")), "MatMul");
        put(matrix.weights(Map.of(0, "operand", 1, "weight", 2, BIAS)), "Gemm");
        put(is(Trait.CONTRACTS).weights(Map.of(ANY, "operand")).work(Work.LABELS), "Einsum");
        put(is(Trait.CONTRACTS).weights(CONVOLUTION).work(Work.FILTER), "Conv");
        put(is(Trait.CONTRACTS).weights(CONVOLUTION).work(Work.TRANSPOSED_FILTER), "ConvTranspose");
        put(is(Trait.CONTRACTS).weights(RECURRENT).work(Work.SEQUENCE), "RNN", "GRU");
        put(is(Trait.CONTRACTS).weights(LONG_SHORT_TERM).work(Work.SEQUENCE), "LSTM");
        put(is().weights(NORMALIZATION), "BatchNormalization", "LayerNormalization");
        put(is().weights(NORMALIZATION), "InstanceNormalization", "GroupNormalization");
        put(is().weights(Map.of(1, "scale")), "RMSNormalization");
        put(is(Trait.NORMALIZES), "LpNormalization", "MeanVarianceNormalization");
        put(is(Trait.ARRANGES), "Identity");
        put(is(Trait.ARRANGES, Trait.CARRIES_EXAMPLES), "Cast");
        put(is(Trait.ARRANGES, Trait.KEEPS_ORDER, Trait.FILLS, Trait.CARRIES_EXAMPLES), "Reshape");
        put(is(Trait.ARRANGES, Trait.KEEPS_ORDER), "Flatten", "Squeeze", "Unsqueeze");
        put(is(Trait.ARRANGES, Trait.PERMUTES, Trait.CARRIES_EXAMPLES), "Transpose");
        put(is(Trait.PARTS, Trait.REPEATS, Trait.FILLS), "Expand");
        put(is(Trait.PARTS, Trait.REPEATS), "Tile");
        put(is(Trait.PARTS), "Concat", "Pad", "Trilu");
        put(is(Trait.PARTS, Trait.STAYS_WITHIN), "Slice", "Split", "GatherElements", "GatherND");
        OperatorTraits table = is(Trait.PARTS, Trait.STAYS_WITHIN, Trait.LOOKS_UP, Trait.CONTRACTS);
        put(table.weights(Map.of(0, "table")), "Gather");
        put(is(Trait.STAYS_WITHIN), "Dropout", "DepthToSpace", "SpaceToDepth", "ReduceMean", "ReduceMax", "ReduceMin");
        put(is(Trait.STAYS_WITHIN), "MaxPool", "GlobalMaxPool", "GlobalAveragePool");
        put(is(Trait.TELLS_SIZES), "Shape", "Size");
        put(is(Trait.FILLS), "ConstantOfShape");
        put(is(Trait.HAS_BODY), "If", "Loop", "Scan");
    }

    private final Set<Trait> traits;
    private final Map<Integer, String> operands;
    private final Work work;

    private OperatorTraits(Set<Trait> traits, Map<Integer, String> operands, Work work) {
        this.traits = traits;
        this.operands = operands;
        this.work = work;
    }

    private static OperatorTraits is(Trait... traits) {
        return new OperatorTraits(Set.of(traits), Map.of(), Work.OUTPUTS);
    }

    private static void put(OperatorTraits traits, String... operators) {
        for (String op : operators) {
            TABLE.put(op, traits);
        }
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

    /** Whether a node of the operator has a bias. */
    boolean hasBias(Node node) {
        return operands.entrySet().stream().anyMatch(e -> e.getValue().equals(BIAS) && node.hasInput(e.getKey()));
    }

    Work work() {
        return work;
    }
}
